import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client, Sweep, SweepRequest } from '#contract'
import { presetSettings } from '../../../src-main/common/presets.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let client: Client
let project: string
let sample: string
beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})
beforeEach(async () => {
  ;({ project, sample } = await bench.openPrepared('topics'))
})

const REQUEST = {
  preset: 'fast',
  settings: { ...TINY, epochs: 4, learningRate: 0.01 },
  values: { lambda: [0.1, 1], topicHead: ['joint'] },
  seed: 3,
} satisfies SweepRequest

const sweepOf = (sweepId: number): Promise<Sweep> => client.sweeps.get({ sweepId })

/** Does a whole sweep. */
async function swept(request: SweepRequest): Promise<Sweep> {
  const { jobId, sweepId } = await client.sweeps.start(request)
  await bench.finished({ jobId })
  return sweepOf(sweepId)
}

/** Points of a curve after which there is a checkpoint. */
const CHECKS = 3

/** Waits for a job, and calls `act` while it trains its n-th model. */
async function interrupted(started: { jobId: number }, run: number, act: () => void) {
  const points = new Map<number, number>()
  const stop = bench.onPoint((modelId) => {
    points.set(modelId, (points.get(modelId) ?? 0) + 1)
    if (points.size === run && points.get(modelId) === CHECKS) {
      act()
    }
  })
  const job = await bench.app.jobs.finished(started.jobId)
  stop()
  return job
}

/** What has to be the same of two sweeps, to the last bit. */
async function bits({ runs }: Sweep) {
  const parameters = runs.map(({ modelId }) =>
    readFile(join(project, 'models', String(modelId), 'parameters.safetensors'), 'base64'),
  )
  return {
    runs: runs.map(({ kind, settings, seed, state, figures }) => ({ kind, settings, seed, state, figures })),
    parameters: await Promise.all(parameters),
  }
}

describe('a sweep', () => {
  it(
    'goes on where it ended, however it ended, to the very figures of one that did not',
    { timeout: 300_000 },
    async () => {
      const long = { ...REQUEST, settings: { ...REQUEST.settings, epochs: 40 } }
      const whole = await swept(long)
      expect(whole).toMatchObject({ ended: true, varied: ['lambda'] })
      expect(whole.runs.map(({ kind, settings, state }) => [kind, settings.lambda, state])).toEqual([
        ['baseline', 0, 'done'],
        ['interpretive', 0.1, 'done'],
        ['interpretive', 1, 'done'],
      ])

      const { jobId, sweepId } = await client.sweeps.start(long)
      const died = await interrupted({ jobId }, 2, () => {
        bench.killEngine()
      })
      expect(died).toMatchObject({ state: 'failed', failure: { code: 'ENGINE_DIED' } })
      expect((await sweepOf(sweepId)).runs.map(({ state }) => state)).toEqual(['done', 'begun', 'waiting'])
      const [measured, halfTrained] = (await sweepOf(sweepId)).runs
      expect(await client.training.model({ modelId: halfTrained?.modelId ?? 0 })).toMatchObject({
        state: 'failed',
        resumable: true,
      })

      const again = await client.sweeps.resume({ sweepId })
      await expect(client.sweeps.resume({ sweepId })).rejects.toMatchObject({ code: 'CONFLICT' })
      const cancelled = await interrupted(again, 2, () => {
        bench.app.jobs.cancel(again.jobId)
      })
      expect(cancelled.state).toBe('cancelled')
      expect((await sweepOf(sweepId)).runs.map(({ state }) => state)).toEqual(['done', 'done', 'begun'])

      await bench.finished(await client.jobs.restart({ jobId: again.jobId }))
      const resumed = await sweepOf(sweepId)
      expect(resumed.ended).toBe(true)
      expect(resumed.runs[0]).toEqual(measured)
      expect(await bits(resumed)).toEqual(await bits(whole))
      await expect(client.sweeps.resume({ sweepId })).rejects.toMatchObject({ code: 'CONFLICT' })
    },
  )

  it('measures validation alone, and makes no model the current one', async () => {
    const { runs, combinations } = await swept(REQUEST)
    const models = await client.training.models()
    expect(models.map(({ current, sweep }) => [current, sweep])).toEqual(runs.map(() => [false, 1]))
    for (const { evaluations, id: modelId } of models) {
      expect(evaluations.map(({ split }) => split)).toEqual(['val'])
      const run = runs.find((candidate) => candidate.modelId === modelId)
      expect(run?.figures).toMatchObject({
        CIDEr: { value: evaluations[0]?.metrics.CIDEr, ...evaluations[0]?.intervals?.['CIDEr'] },
        BLEU_4: { value: evaluations[0]?.metrics.BLEU_4 },
      })
      const map = await client.neurons.map({ modelId })
      const probes = map?.alignment?.topics.flatMap(({ probes: [ofOne] }) => ofOne?.precision ?? []) ?? []
      expect(map?.alignment?.split).toBe('val')
      expect(run?.figures?.alignment?.precision).toBeCloseTo(
        probes.reduce((sum, precision) => sum + precision, 0) / probes.length,
        6,
      )
    }
    expect(combinations.some(({ undominated }) => undominated.CIDEr)).toBe(true)
  })

  it('is refused to go on with other captions than it began with', async () => {
    const { jobId, sweepId } = await client.sweeps.start(REQUEST)
    await interrupted({ jobId }, 1, () => {
      bench.app.jobs.cancel(jobId)
    })
    const trained = /^(.*)\ttrain$/m.exec(await readFile(join(sample, 'split.tsv'), 'utf8'))?.[1] ?? ''
    const more = join(sample, 'more.tsv')
    await writeFile(more, `${trained}\tsomething else happens\n`)
    await bench.finished(await client.corpus.import({ captions: more }))
    expect(await bench.failure(await client.sweeps.resume({ sweepId }))).toBe(
      `Sweep ${sweepId} can't go on: its clips' captions have changed since it began, and its runs would not compare.`,
    )
  })

  it('leaves a run that diverges behind and goes on with the others', async () => {
    const { runs, ended } = await swept({
      ...REQUEST,
      // So large that the interpretive loss is no number any more, where it counts that much.
      settings: { ...TINY, epochs: 2, learningRate: 1e6, neuronGain: 100 },
      values: { lambda: [1e6, 1e-6], topicHead: ['joint'] },
    })
    expect(ended).toBe(true)
    expect(runs.map(({ settings, state }) => [settings.lambda, state])).toEqual([
      [0, 'done'],
      [1e6, 'failed'],
      [1e-6, 'done'],
    ])
    expect(runs.find(({ state }) => state === 'failed')?.failure).toMatch(/^The loss became .* at step /)
  })

  it('goes to the trash with its models as one edit, and comes back with the first that is restored', async () => {
    const before = await swept(REQUEST)
    const sweepId = before.id
    const ids = before.runs.map(({ modelId }) => modelId ?? 0)
    await client.training.setCurrent({ modelId: ids[1] ?? 0 })
    await expect(client.sweeps.remove({ sweepId })).rejects.toMatchObject({ code: 'CONFLICT' })
    await client.project.undo()
    await client.sweeps.remove({ sweepId })
    expect(await client.training.models()).toEqual([])
    expect(await client.sweeps.list()).toEqual([])
    await expect(client.sweeps.resume({ sweepId })).rejects.toMatchObject({ code: 'CONFLICT' })
    await client.project.undo()
    expect(await client.sweeps.list()).toEqual([before])
    await client.project.redo()
    await client.training.restore({ modelId: ids[2] ?? 0 })
    const [back] = await client.sweeps.list()
    expect(back?.runs.map(({ deleted, figures }) => [deleted, figures !== null])).toEqual([
      [true, true],
      [true, true],
      [false, true],
    ])
  })
})

describe('what a sweep shows', () => {
  it('is the mean of the seeds of each combination, and which of these no other dominates', async () => {
    const { sweeps, settings } = bench.app.project().store
    const digests = { clips: '', features: '', captions: '', topics: '' }
    const captioner = presetSettings('fast')
    /** By lambda: CIDEr and AP of the seeds 1 and 2; BLEU-4 the other way round. */
    const measured: [lambda: number, cider: [number, number], precision: [number, number]][] = [
      [0.1, [0.5, 0.7], [0.2, 0.2]],
      [0.2, [0.4, 0.4], [0.3, 0.5]],
      // As good as the one before in captions, and worse in the other: dominated.
      [0.3, [0.3, 0.5], [0.3, 0.3]],
      [0.4, [0.1, 0.1], [0.6, 0.6]],
    ]
    const runs = measured.flatMap(([lambda]) =>
      [1, 2].map((seed) => ({
        kind: 'interpretive' as const,
        settings: { ...captioner, lambda },
        seed,
      })),
    )
    const sweepId = sweeps.add(
      { inputs: digests, featureKey: settings.get('featureSet') ?? '', topics: [], device: 'cpu' },
      runs,
    )
    const exact = (value: number) => ({ value, low: value, high: value })
    measured.forEach(([, cider, precision], i) => {
      for (const seed of [0, 1]) {
        const [ap = 0, value = 0] = [precision[seed], cider[seed]]
        sweeps.setFigures(sweepId, 2 * i + seed, {
          clips: 9,
          CIDEr: exact(value),
          BLEU_4: exact(1 - value),
          alignment: { precision: ap, low: ap, high: ap, chance: 0.1, topics: 3 },
        })
      }
    })
    const { combinations, varied, ended } = await sweepOf(sweepId)
    expect([varied, ended]).toEqual([['lambda'], true])
    expect(combinations.map(({ runs: places }) => places)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ])
    expect(combinations[0]?.CIDEr.mean).toBeCloseTo(0.6, 12)
    expect(combinations[0]?.CIDEr.deviation).toBeCloseTo(Math.SQRT2 * 0.1, 12)
    expect(combinations.map(({ undominated }) => undominated.CIDEr)).toEqual([true, true, false, true])
    expect(combinations.map(({ undominated }) => undominated.BLEU_4)).toEqual([false, false, false, true])
  })
})

describe('the plan of a sweep', () => {
  const planned = async (request: SweepRequest) =>
    (await client.sweeps.plan(request)).runs.map(({ kind, seed, settings }) => [
      kind,
      seed,
      settings.lambda,
      settings.neurons,
      settings.topicHead,
    ])

  it('has all combinations for each seed, and the baseline of each kind of neurons once', async () => {
    const values: SweepRequest['values'] = {
      lambda: [0, 0.5, 0.5],
      neurons: ['signed', 'non-negative'],
      topicHead: ['joint', 'tied'],
    }
    const ofSeed = (seed: number) => [
      ['baseline', seed, 0, 'signed', 'joint'],
      ['baseline', seed, 0, 'non-negative', 'joint'],
      ['interpretive', seed, 0.5, 'signed', 'joint'],
      ['interpretive', seed, 0.5, 'signed', 'tied'],
      ['interpretive', seed, 0.5, 'non-negative', 'joint'],
      ['interpretive', seed, 0.5, 'non-negative', 'tied'],
    ]
    expect(await planned({ ...REQUEST, values, seeds: 2 })).toEqual([...ofSeed(3), ...ofSeed(4)])
    const plan = await client.sweeps.plan({ ...REQUEST, values })
    expect(plan.seconds).toBeGreaterThan(0)
    expect(plan.needed).toBeGreaterThan(0)
  })

  it.each<[string, Partial<SweepRequest>, RegExp]>([
    ['heads that are the same', { values: { topicHead: ['tied', 'tied-learnt'] } }, /same topic head/],
    [
      'a head that would be joint',
      { settings: { ...TINY, topicHiddenSize: 4 }, values: { topicHead: ['tied'] } },
      /needs as many hidden units/,
    ],
    ['a setting that is given twice', { values: { epochs: [1, 2] } }, /^epochs is given as one value/],
    ['nothing but baselines', { values: { lambda: [0] } }, /there are only baselines/],
    [
      'too many runs',
      { seeds: 20, values: { lambda: Array.from({ length: 30 }, (_, i) => i + 1) } },
      /has 500 at most/,
    ],
  ])('refuses %s', async (_, change, sentence) => {
    const request = { ...REQUEST, ...change }
    await expect(client.sweeps.plan(request)).rejects.toThrow(sentence)
    await expect(client.sweeps.start(request)).rejects.toThrow(sentence)
    expect(await client.sweeps.list()).toEqual([])
  })

  it('refuses a project that has no clip to validate on', async () => {
    const { rows } = await client.corpus.clips({ split: 'val' })
    await client.corpus.moveClips({ clipIds: rows.map(({ id }) => id), split: 'train' })
    await expect(client.sweeps.start(REQUEST)).rejects.toMatchObject({ code: 'NOT_READY' })
  })
})
