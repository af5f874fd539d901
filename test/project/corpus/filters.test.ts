/** Filters of clips that combine, in SQL, against the same said plainly of each clip; counts of their choices; and tags. */
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type { Client, ClipFilter } from '#contract'
import { tokenize } from '../../../src-main/common/tokenize.ts'
import { ownWords } from '../../../src-main/project/review/topic-verdicts.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let client: Client
let models: number[]
let topicIds: number[]

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  await bench.openPrepared('series')
  models = (await client.training.models()).map(({ id }) => id).sort((a, b) => a - b)
  topicIds = (await client.topics.list()).topics.map(({ id }) => id)
  const { rows } = await client.review.list({ modelId: models[0]!, split: 'train', order: 'clip' })
  const ids = rows.map(({ clipId }) => clipId)
  await client.review.judge({ modelId: models[0]!, clipIds: ids.slice(0, 3), verdict: 'wrong' })
  await client.review.judge({ modelId: models[0]!, clipIds: ids.slice(3, 5), verdict: 'right' })
  await client.corpus.tagClips({ clipIds: ids.slice(2, 6), tag: 'odd', tagged: true })
  const { store } = bench.app.project()
  store.clips.setProblem(store.clips.get(ids[1]!).contentHash!, 'It is damaged.')
  return bench.close
})

/** What a filter says, one clip after the other. */
function plainly(filter: ClipFilter): number[] {
  const { store } = bench.app.project()
  const [modelId = 0] = models
  const model = store.models.get(modelId)
  const words = ownWords(store.topics.getAll(model.topics))
  const verdicts = store.verdicts.ofModel(modelId)
  const { topic = null, tag = null, duration, score, differ = false, problem = false } = filter.where ?? {}
  const within = (value: number | null | undefined, bounds: typeof duration): boolean =>
    ((bounds?.least ?? null) === null && (bounds?.most ?? null) === null) ||
    (value != null && value >= (bounds?.least ?? -Infinity) && value <= (bounds?.most ?? Infinity))
  return store.clips
    .all(filter.split ?? null)
    .filter(({ id, duration: seconds, problem: what }) => {
      const generated = store.generated.get(modelId, id)
      const other = store.generated.get(models[1] ?? 0, id)
      const verdict = verdicts.get(id)?.[0]?.verdict
      const ofTopic = {
        people: () =>
          store.topics.ofClip(id).some(({ topicId, active }) => topicId === topic?.topicId && active),
        model: () =>
          (generated?.topics[model.topics.indexOf(topic?.topicId ?? 0)] ?? -1) >
          (model.settings.topicLoss === 'squared' ? 0.5 : 0),
        caption: () =>
          tokenize(generated?.caption ?? '').some((word) =>
            words[model.topics.indexOf(topic?.topicId ?? 0)]?.includes(word),
          ),
      }
      return (
        (topic === null || ofTopic[topic.by]()) &&
        (tag === null || store.tags.of('odd').has(id)) &&
        within(seconds, duration) &&
        within(generated?.cider, score) &&
        (!differ || (generated !== null && other !== null && generated.caption !== other.caption)) &&
        (!problem || what !== null) &&
        (filter.verdict === undefined ||
          filter.verdict === 'any' ||
          (filter.verdict === 'none'
            ? generated !== null && verdict === undefined
            : verdict === filter.verdict))
      )
    })
    .map(({ id }) => id)
    .sort((a, b) => a - b)
}

const bounds = (most: number) =>
  fc.record({
    least: fc.option(fc.double({ min: 0, max: most, noNaN: true })),
    most: fc.option(fc.double({ min: 0, max: most, noNaN: true })),
  })

it('hold of the clips of which each of their conditions holds', { timeout: 120_000 }, async () => {
  const filter = fc.record({
    split: fc.constantFrom(null, 'train' as const, 'val' as const),
    verdict: fc.constantFrom('any' as const, 'none' as const, 'wrong' as const, 'right' as const),
    where: fc.record({
      topic: fc.option(
        fc.record({
          topicId: fc.constantFrom(...topicIds),
          by: fc.constantFrom('people' as const, 'model' as const, 'caption' as const),
        }),
      ),
      tag: fc.constantFrom(null, null, 'odd', 'ODD'),
      duration: bounds(4),
      score: bounds(2),
      differ: fc.boolean(),
      problem: fc.constantFrom(false, false, true),
    }),
  })
  await fc.assert(
    fc.asyncProperty(filter, async (choice) => {
      const full = { ...choice, modelId: models[0]!, otherModel: models[1]! }
      const ids = await client.corpus.clipIds(full)
      expect([...ids].sort((a, b) => a - b)).toEqual(plainly(choice))
      const { total, rows } = await client.corpus.clips(full)
      expect([total, rows.map(({ id }) => id)]).toEqual([ids.length, ids])
      // In Review the same conditions leave the same clips of a split.
      const inReview = await client.review.clipIds({
        modelId: full.modelId,
        otherModel: full.otherModel,
        split: 'train',
        verdict: choice.verdict,
        where: choice.where,
      })
      const captioned = new Set(await client.review.clipIds({ modelId: full.modelId, split: 'train' }))
      expect(new Set(inReview)).toEqual(
        new Set(plainly({ ...choice, split: 'train' }).filter((id) => captioned.has(id))),
      )
      // Each choice leaves as many clips as are counted beside it.
      const counts = await client.corpus.clipCounts(full)
      const count = async (change: Partial<ClipFilter>) =>
        (await client.corpus.clipIds({ ...full, ...change })).length
      expect(counts).toMatchObject({
        splits: { train: await count({ split: 'train' }), val: await count({ split: 'val' }) },
        verdicts: { none: await count({ verdict: 'none' }), wrong: await count({ verdict: 'wrong' }) },
        problem: await count({ where: { ...choice.where, problem: true } }),
        differ: await count({ where: { ...choice.where, differ: true } }),
      })
      const odd = await count({ where: { ...choice.where, tag: 'odd' } })
      expect(counts.tags).toEqual(odd === 0 ? [] : [{ tag: 'odd', clips: odd }])
    }),
    { numRuns: 60 },
  )
})

it('leave the order to what was asked for', async () => {
  const rows = async (filter: ClipFilter) => (await client.corpus.clips(filter)).rows
  const lengths = (await rows({ order: 'duration', descending: true })).map(({ duration }) => duration ?? 0)
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a))
  const ids = (await rows({ order: 'added' })).map(({ id }) => id)
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  const modelId = models[0]!
  const { store } = bench.app.project()
  const scores = (await rows({ order: 'score', modelId, split: 'train' })).map(
    ({ id }) => store.generated.get(modelId, id)?.cider ?? Infinity,
  )
  expect(scores).toEqual([...scores].sort((a, b) => a - b))
})

it('of tags follow them: put on, renamed, merged, taken off, and back', async () => {
  const [a = 0, b = 0, c = 0] = await client.corpus.clipIds({})
  const tagged = async () =>
    Object.fromEntries((await client.corpus.tags()).map(({ tag, clips }) => [tag, clips]))
  await client.corpus.tagClips({ clipIds: [a, b], tag: ' blurred  video ', tagged: true })
  await client.corpus.tagClips({ clipIds: [b, c], tag: 'Dark', tagged: true })
  // In whichever case, it is the tag that there is.
  await client.corpus.tagClips({ clipIds: [a], tag: 'DARK', tagged: true })
  expect(await tagged()).toMatchObject({ 'blurred video': 2, Dark: 3 })
  await client.corpus.renameTag({ tag: 'dark', name: 'Blurred video' })
  expect(await tagged()).toMatchObject({ 'blurred video': 3 })
  expect((await client.corpus.clip({ clipId: c })).tags).toEqual(['blurred video'])
  await client.project.undo()
  expect(await tagged()).toMatchObject({ 'blurred video': 2, Dark: 3 })
  await client.corpus.renameTag({ tag: 'dark', name: 'dark' })
  await client.corpus.tagClips({ clipIds: [a, b, c], tag: 'dark', tagged: false })
  expect(await tagged()).not.toHaveProperty('dark')
  await expect(client.corpus.renameTag({ tag: 'dark', name: 'x' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await expect(client.corpus.tagClips({ clipIds: [99_999], tag: 'x', tagged: true })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})
