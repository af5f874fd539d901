/** Files to score, in whatever formats they are: what a system says is matched with what people say. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  matchReferences,
  noticesOf,
  readCaptionFile,
  referencesOf,
} from '../../../src-main/project/training/caption-files.ts'

const reading = { worker: '', signal: new AbortController().signal }

async function fileOf(name: string, text: string) {
  const path = join(await mkdtemp(join(tmpdir(), 'score-')), name)
  await writeFile(path, text)
  return readCaptionFile(path, reading)
}

test.each([
  [
    'COCO, by the ids of its images',
    JSON.stringify({
      images: [{ id: 7, file_name: 'COCO_000007.jpg' }],
      annotations: [{ image_id: 7, id: 1, caption: 'a dog' }],
    }),
    JSON.stringify([{ image_id: 7, caption: 'a cat' }]),
  ],
  ['tokens of pictures, by their names', '7.jpg#0\ta dog\n7.jpg#1\tone dog\n', 'image,caption\n./7,a cat\n'],
  [
    'parts of videos, by their times',
    JSON.stringify({ '7': { timestamps: [[0, 4.5]], sentences: ['a dog'] } }),
    JSON.stringify({ version: '1', results: { '7': [{ sentence: 'a cat', timestamp: [0, 4.5] }] } }),
  ],
])('%s', async (_, references, system) => {
  const human = await fileOf('references', references)
  const [id] = human.captions.keys()
  expect(matchReferences(await fileOf('system', system), human)).toEqual([{ id, caption: 'a cat' }])
  expect(referencesOf(human)[0]!.captions[0]).toBe('a dog')
})

test.each(['v1\ta dog\nv2\t\n', '{"v1": "a dog", "v2": ""}', 'id,caption\nv1,a dog\nv2,\n'])(
  'a system may say nothing: %j',
  async (text) => {
    const human = await fileOf('r.tsv', 'v1\ta dog\nv2\ta cat\n')
    expect(matchReferences(await fileOf('s', text), human)).toEqual([
      { id: 'v1', caption: 'a dog' },
      { id: 'v2', caption: '' },
    ])
  },
)

test('two captions of a clip under two spellings of its name are one too many', async () => {
  const human = await fileOf('r.tsv', 'v1\ta dog\n')
  const system = await fileOf('s.tsv', 'v1\ta dog\nv1.mp4\ta cat\n')
  expect(() => matchReferences(system, human)).toThrow(
    's.tsv line 2: v1.mp4 has more than one caption to score.',
  )
})

test('scripts without spaces are told of, where they are divided', async () => {
  const human = await fileOf('r.tsv', '1\t一个男人在骑马\n')
  expect(noticesOf([human], 'words')).toEqual([expect.stringContaining('script without spaces')])
  expect(noticesOf([human], 'whitespace')).toEqual([])
})
