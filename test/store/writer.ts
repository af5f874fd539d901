// Makes edits and imports in an endless row, and says each one once it is made. Killed by the test.
import { openProject } from '../../src-main/store/index.ts'

const { store } = openProject(process.argv[2]!)
const topicId = store.topics.current()[0]!.id
for (let i = 0; ; i++) {
  store.edits.make(`edit ${i}`, { kind: 'topic.label', topicId, label: `label ${i}` })
  process.stdout.write(`${i}\n`)
}
