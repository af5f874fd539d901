import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect } from 'vitest'
import { PAIRS_FILE } from '../../src-main/common/action-titles.ts'
import { CLIPS } from '../prepared.ts'
import { story } from '../story.ts'
import { createWorkbench, TINY } from './workbench.ts'
import type { Workbench } from './workbench.ts'

const SETTINGS = { ...TINY, epochs: 3, learningRate: 0.01 }

describe('the main job, through the contract', () => {
  let bench: Workbench
  let sample: string
  let project: string
  beforeAll(async () => {
    bench = await createWorkbench()
    ;({ project, sample } = await bench.openPrepared('imported'))
    return bench.close
  })
  const step = story('from clips to an export, each stage after the one before')

  step('each stage asks for the one before it', async () => {
    expect(await bench.failure(await bench.client.training.train({ settings: SETTINGS }))).toBe(
      'The clips have no features yet.',
    )
    await expect(bench.client.review.generate({})).rejects.toMatchObject({
      code: 'NOT_READY',
      message: 'No model is trained yet.',
      data: { remedy: expect.any(String) },
    })
    await expect(bench.client.corpus.clip({ clipId: 999 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  step('features are computed once, and again only for what is missing', async () => {
    expect(
      (await bench.finished(await bench.client.corpus.computeFeatures({ frames: 4, grid: 1 }))).summary,
    ).toContain(`${CLIPS} new`)
    expect(
      (await bench.finished(await bench.client.corpus.computeFeatures({ frames: 4, grid: 1 }))).summary,
    ).toContain('0 new')
    expect(await bench.client.project.summary()).toMatchObject({ clips: CLIPS, withFeatures: CLIPS })
    expect((await bench.client.corpus.clip({ clipId: 1 })).frameTimes).toHaveLength(4)
  })

  step('topics', async () => {
    expect(await bench.failure(await bench.client.training.train({ settings: SETTINGS }))).toBe(
      'This project has no topics yet.',
    )
    const words = { minDocumentFrequency: 2, maxDocumentShare: 0.9 }
    await bench.finished(await bench.client.topics.extract({ ...words, k: 6, iterations: 30, seed: 1 }))
    const { run, topics } = await bench.client.topics.list()
    const { train } = (await bench.client.project.summary())!.splits
    expect(run).toMatchObject({ k: 6, documents: train, seed: 1, from: 'train' })
    const [first] = topics
    await bench.client.topics.edit({ edit: 'rename', topicId: first?.id ?? 0, label: 'renamed' })
    expect((await bench.client.topics.list()).topics[0]?.label).toBe('renamed')
    await bench.client.project.undo()
    expect((await bench.client.topics.list()).topics[0]?.label).toBe(first?.label)
  })

  step('training, captions and scores', async () => {
    const points: number[] = []
    const stop = bench.onPoint((_, step) => points.push(step))
    await bench.finished(await bench.client.training.train({ kind: 'baseline', settings: SETTINGS }))
    await bench.finished(await bench.client.training.train({ kind: 'interpretive', settings: SETTINGS }))
    stop()
    const models = await bench.client.training.models()
    expect(models.map(({ kind, state, current }) => [kind, state, current])).toEqual([
      ['interpretive', 'ready', true],
      ['baseline', 'ready', false],
    ])
    const curve = await bench.client.training.curve({ modelId: models[0]?.id ?? 0 })
    expect(curve.length).toBeGreaterThan(0)
    expect(points).toHaveLength(2 * curve.length)

    await bench.finished(await bench.client.review.generate({ beam: 3, nBest: 3 }))
    await bench.finished(await bench.client.review.generate({ beam: 2, modelId: models[1]?.id ?? 0 }))
    await expect(bench.client.review.generate({ beam: 3, nBest: 4 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    const [interpretive, baseline] = await bench.client.training.models()
    expect(interpretive?.evaluations[0]?.topics?.mAP).toBeGreaterThan(0)
    expect(baseline?.evaluations[0]?.topics).toBeNull()
    const { rows } = await bench.client.review.list({ modelId: interpretive?.id ?? 0 })
    expect(rows.length).toBe(interpretive?.evaluations[0]?.captions)
    const mean = rows.reduce((sum, { cider }) => sum + (cider ?? 0), 0) / rows.length
    expect(mean).toBeCloseTo(interpretive?.evaluations[0]?.metrics.CIDEr ?? -1, 6)

    const [risky] = rows
    const review = await bench.client.review.clip({
      modelId: interpretive?.id ?? 0,
      clipId: risky?.clipId ?? 0,
    })
    expect(review).toMatchObject({ caption: risky?.caption, modelKind: 'interpretive' })
    expect(new Set([review, ...review.alternatives].map(({ caption }) => caption)).size).toBe(3)
    const { modelId, clipId } = review
    expect((await bench.client.review.metrics({ modelId, clipId }))?.CIDEr).toBeCloseTo(risky?.cider ?? -1, 6)
    expect(
      (
        await bench.client.review.ciders({
          modelId: review.modelId,
          split: 'val',
          hypotheses: [{ clipId: review.clipId, caption: review.caption }],
        })
      )[0],
    ).toBeCloseTo(risky?.cider ?? -1, 6)
  })

  step('a cancelled training leaves a stopped model, and the current model as it was', async () => {
    const { jobId } = await bench.client.training.train({ settings: { ...SETTINGS, epochs: 5000 } })
    const stop = bench.onPoint(() => {
      bench.app.jobs.cancel(jobId)
    })
    expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
    stop()
    const [cancelled, current] = await bench.client.training.models()
    expect(cancelled).toMatchObject({ state: 'stopped', resumable: true, note: 'Cancelled.' })
    expect(current?.current).toBe(true)
  })

  step(
    'an engine that is killed in mid-training fails the job with what to do, and the next job works',
    async () => {
      const { jobId } = await bench.client.training.train({ settings: { ...SETTINGS, epochs: 5000 } })
      const stop = bench.onPoint(() => {
        stop()
        bench.killEngine()
      })
      const job = await bench.app.jobs.finished(jobId)
      expect(job).toMatchObject({
        state: 'failed',
        failure: { code: 'ENGINE_DIED', remedy: expect.any(String) },
      })
      expect((await bench.client.training.models())[0]).toMatchObject({ state: 'failed' })
      const retried = await bench.client.training.train({ kind: 'random-topics', settings: SETTINGS })
      expect((await bench.app.jobs.finished(retried.jobId)).state).toBe('done')
    },
  )

  step('neurons, a correction and its undo', async () => {
    const modelId = (await bench.client.project.summary())?.currentModel ?? 0
    expect(await bench.client.neurons.map({ modelId })).toBeNull()
    const [clip] = (await bench.client.review.list({ modelId })).rows
    const { topics } = await bench.client.topics.list()
    const request = { clipId: clip?.clipId ?? 0, topics: [{ topicId: topics[0]?.id ?? 0, strength: 1 }] }
    await expect(bench.client.corrections.preview(request)).rejects.toMatchObject({ code: 'NOT_READY' })
    await bench.finished(await bench.client.neurons.interpret({}))
    const map = await bench.client.neurons.map({ modelId })
    const [neuron] = map?.neurons ?? []
    const detail = await bench.client.neurons.neuron({ modelId, neuron: neuron?.neuron ?? 0 })
    expect(Math.max(...detail.deltas)).toBeCloseTo(neuron?.delta ?? NaN, 5)
    expect(map?.topics[detail.deltas.indexOf(Math.max(...detail.deltas))]?.id).toBe(neuron?.topicId)

    const preview = await bench.client.corrections.preview(request)
    expect(preview.before).toBeTypeOf('string')
    // What its own topics do to it depends on chance; any caption of the training clips can be learnt.
    const [learnt] = (await bench.client.corpus.clips({ split: 'train' })).rows
    const typed = (await bench.client.corpus.clip({ clipId: learnt?.id ?? 0 })).captions[0]?.text ?? ''
    const judgement = { verdict: 'disagree' as const, label: 'edges', note: 'of the parent' }
    await bench.client.neurons.judge({ modelId, neuron: neuron?.neuron ?? 0, judgement })
    await bench.client.corrections.enqueue({ clipId: request.clipId, typed })
    await bench.finished(await bench.client.corrections.learn({}))
    const [proposed] = await bench.client.corrections.list()
    const version = proposed?.model ?? 0
    expect(proposed).toMatchObject({ state: 'proposed', parent: modelId, clipId: clip?.clipId, typed })
    expect((await bench.client.project.summary())?.currentModel).toBe(modelId)

    await bench.client.corrections.accept({ modelId: version })
    expect((await bench.client.project.summary())?.currentModel).toBe(version)
    // Its neurons are its parent's, with all that is known and said of them.
    const parentMap = await bench.client.neurons.map({ modelId })
    expect(parentMap?.neurons[0]?.judged).toEqual(judgement)
    expect(await bench.client.neurons.map({ modelId: version })).toEqual({
      ...parentMap,
      modelId: version,
      request: { ...parentMap?.request, modelId: version },
    })
    await expect(bench.client.corrections.discard({ modelId: version })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await bench.client.project.undo()
    expect((await bench.client.project.summary())?.currentModel).toBe(modelId)
    await bench.client.project.redo()
    expect((await bench.client.project.summary())?.currentModel).toBe(version)
  })

  step('actions: a second run computes no features', async () => {
    const request = { clips: join(sample, 'actions'), folds: 2 }
    await bench.finished(await bench.client.actions.transfer(request))
    await bench.finished(await bench.client.actions.transfer(request))
    const [second, first] = await bench.client.actions.results()
    expect(second).toMatchObject({
      classes: (await readdir(request.clips)).filter((name) => name !== PAIRS_FILE).sort(),
      sources: first?.sources,
    })
    expect(second?.sources.map(({ of, kind }) => `${of} ${kind ?? ''}`)).toEqual([
      'neurons interpretive',
      'neurons baseline',
      'neurons random-topics',
      'topics interpretive',
      'untrained interpretive',
      'frames ',
    ])
    const clips = await bench.client.actions.clips({ id: second?.id ?? 0 })
    expect(clips).toHaveLength(second?.clips ?? 0)
    // Every clip is held out once, and what it was taken for is in the counts.
    expect(clips.every(({ answers }) => answers.every((answer) => answer !== null))).toBe(true)
    const [taken] = clips
    expect(
      second?.sources[0]?.confusion[taken?.class ?? 0]?.[taken?.answers[0]?.predicted ?? 0],
    ).toBeGreaterThan(0)
    expect(await bench.client.project.summary()).toMatchObject({ clips: CLIPS, withFeatures: CLIPS })
  })

  step('exports appear whole, and never in the place of other files', async () => {
    const to = join(bench.folder, 'export')
    for (const what of ['model', 'captions', 'topics', 'neurons'] as const) {
      await bench.finished(await bench.client.exports.run({ what, to: join(to, what) }))
      const last = await bench.client.exports.last()
      expect(last?.files.length).toBeGreaterThan(1)
      // A second export takes the first one's place.
      const again = { what, to: join(to, what) }
      await expect(bench.client.exports.run(again)).rejects.toThrow(/exists already/)
      await bench.finished(await bench.client.exports.run({ ...again, overwrite: true }))
    }
    const rows = parse(await readFile(join(to, 'neurons', 'neurons.csv')), { columns: true }) as Record<
      string,
      string
    >[]
    expect(Object.keys(rows[0] ?? {})).toEqual([
      ...['layer', 'unit', 'description', 'similarity'],
      ...['held_out_precision', 'held_out_auc', 'held_out_p', 'held_out_q'],
    ])
    await writeFile(join(to, 'topics', 'notes.txt'), 'mine')
    expect(
      await bench.failure(
        await bench.client.exports.run({ what: 'topics', to: join(to, 'topics'), overwrite: true }),
      ),
    ).toContain('holds notes.txt')
    expect(await readFile(join(to, 'topics', 'notes.txt'), 'utf8')).toBe('mine')
    expect((await readdir(to)).sort()).toEqual(['captions', 'model', 'neurons', 'topics'])
  })

  step('the project is the same when it is opened again', async () => {
    const before = [
      await bench.client.project.summary(),
      await bench.client.training.models(),
      await bench.client.corrections.list(),
    ]
    await bench.client.project.close()
    await expect(bench.client.topics.list()).rejects.toMatchObject({ code: 'NO_PROJECT' })
    await bench.client.project.open({ path: project })
    expect([
      await bench.client.project.summary(),
      await bench.client.training.models(),
      await bench.client.corrections.list(),
    ]).toEqual(before)
    expect((await bench.client.project.recent())[0]).toMatchObject({ name: 'p', path: project, exists: true })
  })
})
