/**
 * Scripts without spaces, from import to scores: search, topics, captioner and metrics divide them into the same
 * words.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { tokenize } from '../../../src-main/common/tokenize.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const CHINESE = ['一个男人在骑马。', '女孩正在切洋葱', '小狗在公园里奔跑', '一个GoPro视频：有人骑自行车']

let bench: Workbench
beforeAll(async () => {
  bench = await createWorkbench()
  return bench.close
})

const write = async (name: string, captions: readonly object[]): Promise<string> => {
  const path = join(bench.folder, name)
  await writeFile(path, captions.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return path
}

test('search finds words, in whatever script, and no others', async () => {
  const { client } = bench
  await client.project.create({ path: join(bench.folder, 'search.vitrine') })
  const captions = await write('captions.jsonl', [
    { video: 'chinese', caption: '一个男人在骑马。' },
    { video: 'japanese', caption: '男の人が馬に乗っている' },
    { video: 'thai', caption: 'ผู้ชายคนหนึ่งกำลังขี่ม้า' },
    { video: 'thai water', caption: 'ผู้หญิงดื่มน้ำ' },
    { video: 'mixed', caption: 'A man骑马 with a GoPro' },
    { video: 'accents', caption: 'Un café' },
  ])
  await bench.finished(await client.corpus.import({ captions }))
  const found = async (search: string) => (await client.corpus.clips({ search })).rows.map(({ name }) => name)
  expect(await found('骑马')).toEqual(['chinese', 'mixed'])
  expect(await found('男人')).toEqual(['chinese'])
  expect(await found('男人 骑马')).toEqual(['chinese'])
  expect(await found('男人在骑马')).toEqual(['chinese'])
  expect(await found('馬')).toEqual(['japanese'])
  expect(await found('ม้า')).toEqual(['thai'])
  expect(await found('น้ำ')).toEqual(['thai water'])
  expect(await found('ผู้ชาย')).toEqual(['thai'])
  expect(await found('gopro')).toEqual(['mixed'])
  expect([await found('cafe\u0301'), await found('cafe')]).toEqual([['accents'], ['accents']])
  expect(await found('\u0301')).toEqual([])
})

test(
  'topics, captioner and scores of a project in Chinese are made of words',
  { timeout: 120_000 },
  async () => {
    const { client } = bench
    await bench.openPrepared('topics')
    const { rows } = await client.corpus.clips({})
    const captions = await write(
      'chinese.jsonl',
      rows.flatMap(({ name }, i) =>
        [0, 1].map((n) => ({ video: name, caption: CHINESE[(i + n) % CHINESE.length], language: 'zh' })),
      ),
    )
    await bench.finished(await client.corpus.import({ captions }))
    // The sample's own captions name no language, and would take part.
    const earlier = [...bench.app.project().store.captions.byClip().values()].flat()
    await client.corpus.removeCaptions({
      captionIds: earlier.filter(({ text }) => !CHINESE.includes(text)).map(({ id }) => id),
    })
    const words = new Set(CHINESE.flatMap(tokenize))

    await bench.finished(await client.topics.extract({ k: 2, iterations: 20 }))
    const { topics } = await client.topics.list()
    const topicWords = topics.flatMap((topic) => topic.words.map(({ word }) => word))
    expect(topicWords).toContain('骑马')
    expect(topicWords.filter((word) => !words.has(word))).toEqual([])

    const trained = await bench.finished(
      await client.training.train({ settings: { ...TINY, epochs: 30, minWordCount: 1 } }),
    )
    const [modelId = 0] = trained.result?.kind === 'train' ? trained.result.modelIds : []
    const { notices } = await bench.finished(await client.review.generate({ modelId, split: 'test' }))
    expect(notices).toEqual([expect.stringContaining('in a script without spaces')])
    const { rows: captioned } = await client.review.list({ modelId, split: 'test' })
    const saidWords = captioned.flatMap(({ caption }) => caption.match(/\S+/g) ?? [])
    expect(saidWords).not.toEqual([])
    expect(saidWords.filter((word) => !words.has(word))).toEqual([])
  },
)
