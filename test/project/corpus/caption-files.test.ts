/** Caption files as they are in circulation, imported: splits, languages, parts of videos, chosen columns. */
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportRequest } from '#contract'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let folder: string
beforeEach(async () => {
  bench = await createWorkbench()
  folder = await mkdtemp(join(bench.folder, 'files-'))
  await bench.client.project.create({ path: join(folder, 'p.vitrine') })
})
afterEach(() => bench.close())

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** Imports captions alone; what came of it, clip by clip. */
async function imported(request: ImportRequest) {
  const job = await bench.finished(await bench.client.corpus.import(request))
  const { rows } = await bench.client.corpus.clips({})
  return {
    notices: job.notices,
    clips: rows.map(({ name, split, captionCount }) => [name, split, captionCount]),
  }
}

test('splits come with the captions, and those without one are dealt', async () => {
  const captions = await write(
    'm.json',
    JSON.stringify({
      videos: [
        { video_id: 'v1', split: 'train' },
        { video_id: 'v2', split: 'validate' },
        { video_id: 'v3', split: 'test' },
      ],
      sentences: ['v1', 'v1', 'v2', 'v3'].map((video_id, n) => ({ video_id, caption: `number ${n}` })),
    }),
  )
  expect(await imported({ captions })).toEqual({
    notices: [],
    clips: [
      ['v1', 'train', 2],
      ['v2', 'val', 1],
      ['v3', 'test', 1],
    ],
  })
})

test('lists in a folder are splits', async () => {
  await mkdir(join(folder, 'lists'))
  await write('lists/Flickr_8k.trainImages.txt', 'a.jpg\nb.jpg\n')
  await write('lists/Flickr_8k.devImages.txt', 'c.jpg\n')
  const captions = await write('c.token', 'a.jpg#0\tone\na.jpg#1\ttwo\nb.jpg#0\tthree\nc.jpg#0\tfour\n')
  expect((await imported({ captions, split: join(folder, 'lists') })).clips).toEqual([
    ['a', 'train', 2],
    ['b', 'train', 1],
    ['c', 'val', 1],
  ])
})

test('clips of one video are dealt to one split', async () => {
  const names = [...'ABCDEFGH'].flatMap((letter) =>
    [1, 5, 9].map((start) => `${letter.repeat(11)}_${start}_${start + 4}`),
  )
  const captions = await write('c.tsv', names.map((name) => `${name}\ta caption\n`).join(''))
  const { clips } = await imported({ captions, split: [0.5, 0.25, 0.25] })
  const splits = Map.groupBy(clips, ([name]) => String(name).slice(0, 11))
  expect([...splits.values()].map((of) => new Set(of.map(([, split]) => split)).size)).toEqual(
    Array(8).fill(1),
  )
  expect(
    Object.fromEntries(
      [...Map.groupBy(clips, ([, split]) => split)].map(([split, of]) => [split, of.length]),
    ),
  ).toEqual({
    train: 12,
    val: 6,
    test: 6,
  })
})

test('parts of a video are not taken for the whole', async () => {
  const captions = await write('c.csv', 'video_id,start,end,sentence\nv1,0,10,he rides\nv1,10,20,he falls\n')
  expect((await imported({ captions })).clips).toEqual([
    ['v1_0_10', expect.any(String), 1],
    ['v1_10_20', expect.any(String), 1],
  ])
  // Several captions of one part are captions of that clip.
  const one = await write('d.csv', 'video_id,start,end,sentence\nv2,0,10,he rides\nv2,0,10,a man rides\n')
  expect((await imported({ captions: one })).clips[2]).toEqual(['v2', expect.any(String), 2])
})

test("parts that were cut out are found by their seconds, and MSVD's other languages are set aside", async () => {
  const first = await write('first.tsv', 'abcDEF_gh1x_33_46\tone\nabcDEF_gh1x_60_70\ttwo\n')
  await imported({ captions: first })
  const table = await write(
    'table.csv',
    `VideoID,Start,End,WorkerID,Source,AnnotationTime,Language,Description
abcDEF_gh1x,33,46,1,clean,5,English,A bird is bathing.
abcDEF_gh1x,33,46,1,clean,5,Slovene,Ptica se umiva.
abcDEF_gh1x,60,70,1,clean,5,English,A man pours water.
`,
  )
  const { notices, clips } = await imported({ captions: table })
  expect(clips.map(([name, , count]) => [name, count])).toEqual([
    ['abcDEF_gh1x_33_46', 2],
    ['abcDEF_gh1x_60_70', 2],
  ])
  expect(notices).toEqual([expect.stringContaining('captions in other languages (1 in Slovenian) are kept')])
  const parts = await write(
    'parts.csv',
    'id,start,end,text\nabcDEF_gh1x,33,46,a third\nabcDEF_gh1x,60,70,a third\n',
  )
  expect((await imported({ captions: parts })).clips.map(([, , count]) => count)).toEqual([3, 3])
})

test('captions may use the second name of a clip', async () => {
  const first = await write('first.tsv', 'vid1\tone\nvid2\ttwo\n')
  await imported({ captions: first })
  const names = await write('youtube_mapping.txt', 'abcDEF_gh1x_33_46 vid1\nabcDEF_gh1x_60_70 vid2\n')
  const captions = await write('second.tsv', 'abcDEF_gh1x_33_46.avi\tthree\nvid2\tfour\n')
  expect((await imported({ captions, names })).clips.map(([name, , count]) => [name, count])).toEqual([
    ['vid1', 2],
    ['vid2', 2],
  ])
})

test('columns can be chosen, and are checked at once', async () => {
  const captions = await write('c.tsv', '0\tv1\ta man\n1\tv2\ta cat\n')
  await expect(imported({ captions })).rejects.toThrow('there are 3 columns')
  await expect(bench.client.corpus.import({ captions, columns: 'video=1' })).rejects.toThrow(
    'video=1 chooses no column.',
  )
  const { clips } = await imported({ captions, columns: 'clip=2,caption=3' })
  expect(clips.map(([name]) => name)).toEqual(['v1', 'v2'])
})

test('words of scripts without spaces are found by search', async () => {
  const captions = await write('c.tsv', 'v1\t一个男人在骑马\nv2\t一只猫在睡觉\n')
  await imported({ captions })
  const { rows } = await bench.client.corpus.clips({ search: '骑马' })
  expect(rows.map(({ name }) => name)).toEqual(['v1'])
})
