import { existsSync } from 'node:fs'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { presetSettings } from '../../../src-main/common/presets.ts'
import type { ModelDetail, TrainingPoint } from '#contract'
import { meanAndDeviation } from '../../../src-main/project/training/series.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const SETTINGS = { ...TINY, epochs: 8, learningRate: 0.01 }
/** The same for so long that it has to be stopped. */
const ENDLESS = { ...SETTINGS, epochs: 100_000, patience: 100_000, schedule: 'constant' as const }

let bench: Workbench
let project: string
let sample: string
beforeAll(async () => {
  bench = await createWorkbench()
  return bench.close
})
beforeEach(async () => {
  ;({ project, sample } = await bench.openPrepared('topics'))
})

const newest = async (): Promise<ModelDetail & { points: TrainingPoint[] }> => {
  const [model] = await bench.client.training.models()
  const modelId = model?.id ?? 0
  return {
    ...(await bench.client.training.model({ modelId })),
    points: await bench.client.training.curve({ modelId }),
  }
}
const runFolder = (modelId: number) => join(project, 'runs', String(modelId))

/** Starts a training, calls `act` at its n-th point of the curve and waits for its end. */
async function interrupt(
  start: () => Promise<{ jobId: number }>,
  points: number,
  act: (jobId: number) => void,
) {
  let seen = 0
  let jobId = 0
  const stop = bench.onPoint(() => {
    if (++seen === points) {
      act(jobId)
    }
  })
  ;({ jobId } = await start())
  const job = await bench.app.jobs.finished(jobId)
  stop()
  return job
}
const cancel = (jobId: number) => {
  bench.app.jobs.cancel(jobId)
}

describe('a run that ends early', () => {
  test(
    'goes on from its checkpoint to the very curve of one that did not, however it ended',
    { timeout: 180_000 },
    async () => {
      const request = { settings: { ...SETTINGS, selectBy: 'cost' as const }, seed: 5 }
      await bench.finished(await bench.client.training.train(request))
      const whole = await newest()
      expect(whole).toMatchObject({ state: 'ready', resumable: false, keepable: false, series: null })
      expect(whole.points.length).toBeGreaterThan(5)

      expect((await interrupt(() => bench.client.training.train(request), 3, cancel)).state).toBe('cancelled')
      const stopped = await newest()
      expect(stopped).toMatchObject({
        state: 'stopped',
        resumable: true,
        keepable: true,
        note: 'Cancelled.',
        current: false,
      })
      expect(stopped.steps).toBeGreaterThanOrEqual(stopped.points.at(-1)?.step ?? 0)
      await expect(bench.client.review.generate({ modelId: stopped.id })).rejects.toMatchObject({
        code: 'NOT_READY',
      })

      const died = await interrupt(
        () => bench.client.training.resume({ modelId: stopped.id }),
        2,
        () => {
          bench.killEngine()
        },
      )
      expect(died).toMatchObject({ state: 'failed', failure: { code: 'ENGINE_DIED' } })
      expect(await newest()).toMatchObject({ id: stopped.id, state: 'failed', resumable: true })

      await bench.finished(await bench.client.training.resume({ modelId: stopped.id }))
      const resumed = await newest()
      expect(resumed).toMatchObject({
        id: stopped.id,
        state: 'ready',
        resumable: false,
        note: '',
        steps: whole.steps,
      })
      expect(resumed.points).toEqual(whole.points)
      expect(resumed.best).toEqual(whole.best)
      expect((await readdir(runFolder(resumed.id))).filter((name) => name.startsWith('checkpoint'))).toEqual(
        [],
      )
      expect(await readFile(join(runFolder(resumed.id), 'log.jsonl'), 'utf8')).toBe(
        await readFile(join(runFolder(whole.id), 'log.jsonl'), 'utf8'),
      )
      await expect(bench.client.training.resume({ modelId: resumed.id })).rejects.toMatchObject({
        code: 'CONFLICT',
      })
    },
  )

  test('goes on only with what it began with, and says what has changed', { timeout: 180_000 }, async () => {
    await interrupt(() => bench.client.training.train({ settings: ENDLESS }), 2, cancel)
    const { id: modelId } = await newest()
    const more = join(sample, 'more.tsv')
    const trained =
      (await readFile(join(sample, 'split.tsv'), 'utf8'))
        .split('\n')
        .find((line) => line.endsWith('\ttrain'))
        ?.split('\t')[0] ?? ''
    await writeFile(more, `${trained}\tsomething else happens\n`)
    await bench.finished(await bench.client.corpus.import({ captions: more }))
    expect(await bench.failure(await bench.client.training.resume({ modelId }))).toBe(
      `Model ${modelId} can't train on: its clips' captions have changed since it began.`,
    )
    expect(await newest()).toMatchObject({ state: 'stopped', resumable: true, note: 'Cancelled.' })
    await bench.client.project.undo()
    // Another topic run has no part in it: the run keeps its own topics.
    await bench.finished(
      await bench.client.topics.extract({
        k: 5,
        iterations: 20,
        minDocumentFrequency: 2,
        maxDocumentShare: 0.9,
      }),
    )
    expect((await interrupt(() => bench.client.training.resume({ modelId }), 1, cancel)).state).toBe(
      'cancelled',
    )
  })

  test('is kept at its best, and the keeping can be undone', async () => {
    await interrupt(() => bench.client.training.train({ settings: ENDLESS }), 2, cancel)
    const { id: modelId, points } = await newest()
    const figures = ({ validation }: (typeof points)[number]) => [
      validation?.cider ?? 0,
      -(validation?.nll ?? Infinity),
    ]
    // By CIDEr; of equal ones by likelihood.
    const ofBest = points.reduce((best, point) => {
      const [[cider, likelihood], [bestCider, bestLikelihood]] = [figures(point), figures(best)] as const
      return cider! > bestCider! || (cider === bestCider && likelihood! > bestLikelihood!) ? point : best
    })
    await bench.client.training.keep({ modelId })
    expect(await newest()).toMatchObject({
      state: 'ready',
      resumable: false,
      keepable: false,
      note: `Kept at step ${ofBest.step}.`,
    })
    expect((await newest()).best).toMatchObject({
      step: ofBest.step,
      cider: ofBest.validation?.cider,
    })
    await bench.finished(await bench.client.review.generate({ modelId }))
    await expect(bench.client.training.keep({ modelId })).rejects.toMatchObject({ code: 'CONFLICT' })
    await bench.client.project.undo()
    expect(await newest()).toMatchObject({
      state: 'stopped',
      resumable: true,
      keepable: true,
      note: 'Cancelled.',
    })
  })

  test('before anything was written can be neither resumed nor kept', async () => {
    // The model is begun before the engine is called.
    const { models } = bench.app.project().store
    const { add } = models
    models.add = (model) => {
      bench.app.jobs.active().forEach(({ id }) => {
        cancel(id)
      })
      return add(model)
    }
    const { jobId } = await bench.client.training.train({ settings: ENDLESS })
    expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
    models.add = add
    const { id: modelId } = await newest()
    expect(existsSync(join(runFolder(modelId), 'log.jsonl'))).toBe(false)
    expect(await newest()).toMatchObject({ resumable: false, keepable: false })
    await expect(bench.client.training.resume({ modelId })).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

test('a paused training stands still, goes on, and can be cancelled while it stands', async () => {
  const { jobId } = await bench.client.training.train({ settings: ENDLESS })
  const points: number[] = []
  const stop = bench.onPoint((_, step) => points.push(step))
  const more = async () => {
    for (const before = points.length; points.length === before;) {
      await setTimeout(10)
    }
  }
  /** Resolves when the log has not grown for a while; a training that goes on never lets it. */
  const still = async () => {
    const { id } = await newest()
    const size = async () => (await stat(join(runFolder(id), 'log.jsonl'))).size
    for (let before = -1, now = await size(); now !== before;) {
      await setTimeout(400)
      ;[before, now] = [now, await size()]
    }
  }
  await more()
  await bench.client.jobs.pause({ jobId })
  await still()
  expect((await bench.client.jobs.list()).find(({ id }) => id === jobId)).toMatchObject({
    state: 'running',
    pausable: true,
    paused: true,
  })
  await bench.client.jobs.resume({ jobId })
  await more()
  await bench.client.jobs.pause({ jobId })
  await still()
  await bench.client.jobs.cancel({ jobId })
  expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
  stop()
  expect(await newest()).toMatchObject({ state: 'stopped', resumable: true })
  await expect(bench.client.jobs.pause({ jobId })).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('a training with a time to keep takes the epochs that fit, says so, and so do all of its series', async () => {
  const { notices } = await bench.finished(
    await bench.client.training.train({ settings: SETTINGS, minutes: 1e-6, seeds: 2 }),
  )
  expect(notices).toContainEqual(
    expect.stringMatching(/^Planned by the first step: 1 epoch of [0-9]+ steps?, about /),
  )
  const models = await bench.client.training.models()
  const epochs = await Promise.all(
    models.map(async ({ id: modelId }) => (await bench.client.training.model({ modelId })).settings.epochs),
  )
  expect(epochs).toEqual([1, 1])
})

describe('a series', () => {
  test('trains, captions and scores a model a seed, and summarises them', async () => {
    const phases = new Set<string>()
    const stop = bench.app.events.subscribe((event) => {
      if (event.type === 'job' && event.job.state === 'running') {
        phases.add(event.job.progress?.phase ?? '')
      }
    })
    const { summary } = await bench.finished(
      await bench.client.training.train({
        kind: 'baseline',
        preset: 'fast',
        settings: { ...SETTINGS, epochs: 3 },
        seed: 7,
        seeds: 2,
      }),
    )
    stop()
    const [second, first] = await bench.client.training.models()
    expect([first, second]).toMatchObject([
      { seed: 7, series: first?.id },
      { seed: 8, series: first?.id },
    ])
    expect((await newest()).settings).toEqual(
      presetSettings('fast', { ...SETTINGS, epochs: 3, lambda: 0, neurons: 'signed', topicHead: 'joint' }),
    )
    expect([...phases]).toEqual(expect.arrayContaining(['model 1 of 2: training', 'model 2 of 2: training']))
    const series = await bench.client.training.series({ series: first?.id ?? 0 })
    expect(series.models).toEqual(
      [first, second].map((model) => ({ id: model?.id, seed: model?.seed, state: 'ready' })),
    )
    // Test is not looked at unless it is asked for.
    expect([first, second].map((model) => model?.evaluations.map(({ split }) => split))).toEqual([
      ['val'],
      ['val'],
    ])
    const ciders = [first, second].map((model) => model?.evaluations[0]?.metrics.CIDEr ?? NaN)
    const figure = series.figures.find(({ split, metric }) => split === 'val' && metric === 'CIDEr')
    expect(figure).toMatchObject({ count: 2, ...meanAndDeviation(ciders) })
    expect(series.figures.find(({ split, metric }) => split === 'val' && metric === 'nll')?.count).toBe(2)
    expect(summary).toContain(
      `, validation CIDEr ${figure?.mean.toFixed(3)} ± ${figure?.deviation?.toFixed(3)}`,
    )
    await expect(bench.client.training.series({ series: 999 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('that is stopped keeps what is done; its last member is resumed alone', async () => {
    const points = 2
    let first: number | null = null
    let seen = 0
    const stop = bench.onPoint((modelId) => {
      first ??= modelId
      if (modelId !== first && ++seen === points) {
        bench.app.jobs
          .list()
          .filter(({ state }) => state === 'running')
          .forEach(({ id }) => {
            bench.app.jobs.cancel(id)
          })
      }
    })
    const { jobId } = await bench.client.training.train({ settings: SETTINGS, seeds: 3 })
    expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
    stop()
    const series = first ?? 0
    expect((await bench.client.training.series({ series })).models.map(({ state }) => state)).toEqual([
      'ready',
      'stopped',
    ])
    const { id: modelId } = await newest()
    await bench.finished(await bench.client.training.resume({ modelId }))
    const summary = await bench.client.training.series({ series })
    expect(summary.models.map(({ state }) => state)).toEqual(['ready', 'ready'])
    expect(summary.figures.find(({ split, metric }) => split === 'val' && metric === 'CIDEr')?.count).toBe(2)
  })

  test('that is stopped is started again with the models that it lacks', async () => {
    const { jobId } = await bench.client.training.train({
      settings: SETTINGS,
      seed: 3,
      seeds: 3,
      split: 'test',
    })
    const stop = bench.onPoint(() => {
      stop()
      bench.app.jobs.cancel(jobId)
    })
    expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
    const { id } = await newest()
    const again = await bench.finished(await bench.client.jobs.restart({ jobId }))
    expect(again.result).toMatchObject({ modelIds: [id, id + 1, id + 2] })
    expect((await bench.client.training.series({ series: id })).models).toEqual(
      [3, 4, 5].map((seed, i) => ({ id: id + i, seed, state: 'ready' })),
    )
    const evaluated = await bench.client.training.models()
    expect(evaluated.slice(0, 3).map(({ evaluations }) => evaluations.map(({ split }) => split))).toEqual(
      [0, 1, 2].map(() => ['test']),
    )
  })
})

test('mean and sample deviation do not depend on order, and move and stretch with the values', () => {
  expect(meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: Math.sqrt(32 / 7) })
  expect(meanAndDeviation([3])).toEqual({ mean: 3, deviation: null })
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (values, factor) => {
        const { mean, deviation } = meanAndDeviation(values)
        const moved = meanAndDeviation(values.map((value) => factor * value + 3).reverse())
        expect(moved.mean).toBeCloseTo(factor * mean + 3, 8)
        expect(moved.deviation).toBeCloseTo(factor * (deviation ?? NaN), 6)
      },
    ),
  )
})
