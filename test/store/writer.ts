// Makes edits and says each one once it is made. `writer.ts FOLDER FROM TO`: those of the script (killed by
// the test); `writer.ts FOLDER TOPIC`: a hundred edits of one topic, beside another process.
import { openProject } from '../../src-main/store/index.ts'
import { scriptedEdit } from './script.ts'

const [folder, first, last] = process.argv.slice(2)
const { store } = openProject(folder!)
if (last !== undefined) {
  for (let i = Number(first); i < Number(last); i++) {
    scriptedEdit(store, i)
    process.stdout.write(`${i}\n`)
  }
} else {
  const topicId = Number(first)
  for (let i = 0; i < 100; i++) {
    store.edits.make(`${topicId}/${i}`, {
      kind: 'all',
      changes: [
        { kind: 'topic', topicId, set: { description: `${i}` } },
        { kind: 'topic.words', topicId, words: [{ word: `word ${i}`, value: { count: i, mark: null } }] },
        { kind: 'clip.verdicts', topicId, set: [1 + (i % 10)], cleared: [], none: [] },
      ],
    })
  }
}
