/** What is read of clips that topics are not found in: nothing; and what becomes of it when clips are moved. */
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client, ExtractRequest, Split } from '#contract'
import { clip } from '../../store/folder.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const THEMES = [
  ['dog barks loud', 'puppy barks outside', 'dog puppy fetch', 'loud puppy fetch'],
  ['guitar plays tune', 'violin plays tune', 'guitar violin concert', 'concert tune'],
  ['soup boils pan', 'onion fries pan', 'soup onion kitchen', 'kitchen pan'],
]
/** By the clip's number; clip i speaks of theme i modulo 3. */
const splitOf = (i: number): Split => (['train', 'train', 'train', 'val', 'test'] as const)[i % 5]!
const CLIPS = 45

let bench: Workbench
let client: Client
let projects = 0

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})

const store = () => bench.app.project().store
const idsOf = (split: Split): number[] =>
  store()
    .clips.all(split)
    .map(({ id }) => id)

/** A new project, in which the clips of validation and test also say `extra`. */
async function createCorpus(extra: string[] = []): Promise<void> {
  await client.project.create({ path: join(bench.folder, `${++projects}.vitrine`) })
  store().clips.add(
    Array.from({ length: CLIPS }, (_, i) => {
      const split = splitOf(i)
      return clip(`clip ${i}`, [...THEMES[i % 3]!, ...(split === 'train' ? [] : extra)], { split })
    }),
  )
}

const extract = async (request: Partial<ExtractRequest> = {}) =>
  bench.finished(
    await client.topics.extract({
      k: 3,
      iterations: 60,
      maxDocumentShare: 1,
      minShare: 0.2,
      phraseScore: 5,
      ...request,
    }),
  )
const words = () =>
  store()
    .topics.inStates(['active'])
    .map(({ id }) => store().topics.words(id))
const vectors = (split: Split) => {
  const ids = store()
    .topics.inStates(['active'])
    .map(({ id }) => id)
  const all = store().topics.vectors(ids)
  return idsOf(split).map((id) => all.get(id) ?? [])
}

describe('topics', () => {
  it('do not depend on what is said of validation and test clips, which are given them', async () => {
    await createCorpus()
    const { summary } = await extract()
    expect(summary).toMatch(/^3 topics found in \d+ words of 27 training clips/)
    const [found, ofTraining] = [words(), vectors('train')]
    const themeOf = (split: Split) => idsOf(split).map((id) => (id - 1) % 3)
    const columns = [0, 1, 2].map((theme) => ofTraining[themeOf('train').indexOf(theme)])
    for (const split of ['train', 'val', 'test'] as const) {
      expect(vectors(split)).toEqual(themeOf(split).map((theme) => columns[theme]))
    }
    expect(await client.topics.list()).toMatchObject({ run: { documents: 27, from: 'train' }, stale: [] })

    await createCorpus(['violin concert tune', 'zebra crossing zebra crossing', 'violin plays tune'])
    await extract()
    expect([words(), vectors('train')]).toEqual([found, ofTraining])
    expect([...store().topics.vocabulary().keys()].filter((word) => /zebra|crossing/.test(word))).toEqual([])
    expect(vectors('test').some((topics) => topics.length > 1)).toBe(true)

    await extract({ from: 'all' })
    expect([...store().topics.vocabulary().keys()].some((word) => word.includes('zebra'))).toBe(true)
    expect(await client.topics.list()).toMatchObject({
      run: { documents: CLIPS, from: 'all' },
      stale: [
        '3 topics were found in the captions of all clips: topic scores on validation and test are flattered.',
      ],
    })
  })

  it('made by hand take their words from training clips, and are given to the others', async () => {
    await createCorpus(['zebra crossing', 'dog zebra'])
    await extract({ phraseScore: null, minShare: 0.1 })
    await expect(client.topics.create({ from: { by: 'words', words: ['zebra'] } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    await expect(
      client.topics.create({ from: { by: 'clips', clipIds: idsOf('test') } }),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
    const { topicId } = await client.topics.create({ from: { by: 'words', words: ['violin', 'tune'] } })
    const { rows } = await client.topics.clips({ topicId, limit: 200 })
    expect(new Set(rows.map(({ split }) => split))).toEqual(new Set(['train', 'val', 'test']))
    const dogs = (await client.topics.list()).topics.find((topic) =>
      topic.words.slice(0, 4).some(({ word }) => word === 'puppy'),
    )!
    const how = { by: 'words' as const, parts: [['dog', 'loud'], ['puppy']] }
    const { topicIds } = await client.topics.split({ topicId: dogs.id, how })
    expect(topicIds.flatMap((id) => store().topics.words(id)).map(({ word }) => word)).not.toContain('zebra')
    const parted = await Promise.all(
      topicIds.map(async (id) => (await client.topics.clips({ topicId: id, limit: 200 })).rows),
    )
    expect(new Set(parted.flat().map(({ split }) => split))).toEqual(new Set(['train', 'val', 'test']))
  })

  it('are tried on training clips, and measured on those of validation', async () => {
    await createCorpus(['zebra crossing'])
    const settings = { ks: [2, 3], iterations: 30, maxDocumentShare: 1 }
    await bench.finished(await client.topics.sweep(settings))
    const sweep = await client.topics.lastSweep()
    expect(sweep).toMatchObject({ documents: 27, heldOutDocuments: 9 })
    expect(sweep!.points[1]!.heldOut!).toBeGreaterThan(sweep!.points[0]!.heldOut!)
    await client.corpus.moveClips({ clipIds: idsOf('val'), split: 'test' })
    const { notices } = await bench.finished(await client.topics.sweep(settings))
    expect(notices.join()).toContain('Move some clips into that split.')
    expect((await client.topics.lastSweep())!.points.map(({ heldOut }) => heldOut)).toEqual([null, null])
    await client.corpus.moveClips({ clipIds: idsOf('train'), split: 'test' })
    const refusal = {
      code: 'NOT_READY',
      message: 'No clip of the training split has a caption to find topics in.',
    }
    await expect(client.topics.sweep(settings)).rejects.toMatchObject(refusal)
    await expect(client.topics.extract({ k: 2 })).rejects.toMatchObject(refusal)
    await extract({ from: 'all' })
  })
})

describe('topics whose clips were moved', () => {
  beforeEach(() => createCorpus())

  it('say so, each of its own clips, until that is undone or they are found anew', async () => {
    await extract()
    const [first, second, other] = idsOf('train') as [number, number, number]
    await client.corpus.moveClips({ clipIds: [first], split: 'test' })
    await client.corpus.moveClips({ clipIds: [second], split: 'val' })
    await client.corpus.removeClips({ clipIds: [other] })
    const [joining] = idsOf('val').filter((id) => id !== second) as [number]
    await client.corpus.moveClips({ clipIds: [joining], split: 'train' })
    const { stale, topics } = await client.topics.list()
    expect(stale).toEqual([
      '1 clip is removed that topics were found in.',
      '1 clip is in test now that topics were found in.',
      '1 clip is in val now that topics were found in.',
      '1 clip is in train now that topics were not found in.',
    ])
    // The first two speak of different themes, so two topics rest on one such clip each.
    expect(topics.map(({ movedClips }) => movedClips).sort()).toEqual([0, 1, 1])
    for (let i = 0; i < 4; i++) {
      await client.project.undo()
    }
    expect((await client.topics.list()).stale).toEqual([])
    await client.corpus.moveClips({ clipIds: [first], split: 'test' })
    await bench.finished(await client.topics.reassign())
    expect((await client.topics.list()).stale).toHaveLength(1)
    await extract()
    const again = await client.topics.list()
    expect([again.stale, again.topics.map(({ movedClips }) => movedClips)]).toEqual([[], [0, 0, 0]])
  })

  it('of projects from before there was a choice were found in all clips; those that are kept stay so', async () => {
    await extract({ from: 'all' })
    const { path } = (await client.project.summary())!
    await client.project.close()
    const db = new Sqlite(join(path, 'project.sqlite'))
    db.exec(
      `UPDATE topic_run SET request = json_remove(request, '$.from'), last_clip = NULL, last_clip_change = 0`,
    )
    db.close()
    await client.project.open({ path })
    const sentences = async () => (await client.topics.list()).stale
    expect(await sentences()).toEqual([
      '3 topics were found in the captions of all clips: topic scores on validation and test are flattered.',
    ])
    const [kept] = (await client.topics.list()).topics
    await extract({ keep: [{ topicId: kept!.id }] })
    expect(await sentences()).toEqual([
      '1 topic was found in the captions of all clips: topic scores on validation and test are flattered.',
    ])
    await bench.finished(await client.exports.run({ what: 'topics', to: join(bench.folder, 'out') }))
  })
})
