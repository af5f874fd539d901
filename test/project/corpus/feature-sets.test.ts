/** Several encoders in a project: each has its set of features, one set is current, and a model keeps its own. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { tinyNetwork } from '../../engine/encoders/tiny-network.ts'
import { CLIPS } from '../../prepared.ts'
import { story } from '../../story.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let network: string
beforeAll(async () => {
  bench = await createWorkbench()
  await bench.openPrepared('trained')
  network = join(bench.folder, 'tiny.onnx')
  await writeFile(network, tinyNetwork())
})
afterAll(() => bench.close())
const step = story('an encoder of a person’s own, beside the built-in one', { timeout: 300_000 })

const add = () =>
  bench.client.encoders.add({
    path: network,
    id: 'tiny',
    licence: 'MIT',
    choices: { preset: 'raw', width: 16 },
  })
const compute = async (request: Parameters<Workbench['client']['corpus']['computeFeatures']>[0]) =>
  bench.client.corpus.computeFeatures({ device: 'cpu', ...request })
const sets = async () =>
  (await bench.client.corpus.featureSets()).sets.map(({ origin, current, clips, models, dimension }) => ({
    by: origin.kind === 'encoder' ? origin.encoder : origin.kind,
    current,
    clips,
    models,
    dimension,
  }))
const BUILT_IN = { by: 'objectron-mobilenetv2', clips: CLIPS, models: 1, dimension: 2080 }
const TINY_SET = { by: 'tiny', clips: CLIPS, models: 0, dimension: 16 }

step('what it computes is a set of its own, and the current one', async () => {
  await add()
  const { summary } = await bench.finished(await compute({ encoder: 'tiny', frames: 3 }))
  expect(summary).toMatch(/16 new: up to 3 frames of 16 values each, by tiny on cpu\.$/)
  expect(await sets()).toEqual([
    { ...TINY_SET, current: true },
    { ...BUILT_IN, current: false },
  ])
})

step('a model that was trained on the other set goes on with that', async () => {
  const { rows } = await bench.client.corpus.clips({ split: 'test' })
  const clipId = rows[0]?.id ?? 0
  expect((await bench.client.corpus.clip({ clipId })).frameTimes).toHaveLength(3)
  expect((await bench.client.corpus.clip({ clipId, modelId: 1 })).frameTimes).toHaveLength(4)
  await bench.finished(await bench.client.review.generate({ modelId: 1, split: 'test', method: 'greedy' }))
})

step('a model that is trained now remembers the new one', async () => {
  await bench.finished(await bench.client.training.train({ settings: { ...TINY, epochs: 1 } }))
  expect(await sets()).toMatchObject([{ by: 'tiny', models: 1 }, { models: 1 }])
})

step('the current set is chosen and taken away by edits', async () => {
  const { client } = bench
  const [tiny, builtIn] = (await client.corpus.featureSets()).sets
  await client.corpus.useFeatures({ key: builtIn?.key ?? '' })
  expect((await sets()).map(({ current }) => current)).toEqual([false, true])
  await client.corpus.removeFeatures({ key: builtIn?.key ?? '' })
  expect(await sets()).toMatchObject([{ by: 'tiny', current: true }])
  await client.project.undo()
  await client.project.undo()
  expect((await sets()).map(({ current }) => current)).toEqual([true, false])
  await expect(client.corpus.useFeatures({ key: `${tiny?.key ?? ''}x` })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

step('an encoder that went leaves its set, and goes on with it when it comes back', async () => {
  const { client } = bench
  await client.encoders.remove({ id: 'tiny' })
  expect(await bench.failure(await compute({}))).toBe('There is no frame encoder called tiny.')
  expect(await sets()).toHaveLength(2)
  await add()
  const { result } = await bench.finished(await compute({}))
  expect(result).toEqual({ kind: 'features', clips: CLIPS, computed: 0 })
  expect(await bench.failure(await compute({ grid: 2 }))).toMatch(/tiny has no grid 2/)
})

step('the built-in one is run again as it was', async () => {
  const { result } = await bench.finished(await compute({ encoder: 'objectron-mobilenetv2' }))
  expect(result).toEqual({ kind: 'features', clips: CLIPS, computed: 0 })
})
