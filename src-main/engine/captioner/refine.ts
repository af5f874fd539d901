/**
 * Refining: a trained captioner comes to know other topics. Encoder and topic head f go on learning, with the
 * whole objective, for a few epochs; the decoder stays, so the captioner keeps its language, and its captions
 * pull the encoder back to what the decoder can read. Columns of the head that the old one has already start
 * from there.
 */
import { CancelledError, VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { initialState } from '../graph/optimizers.ts'
import { resolveDevice } from '../graph/session.ts'
import { chance, chooseBuckets, encodeClips, planEpoch } from './batches.ts'
import { FeatureReader } from './features.ts'
import { loadModel, saveModel } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'
import { initialParameters, isCorrectable, withJointHead } from './parameters.ts'
import type { Parameters } from './parameters.ts'
import { compileTrainingStep, parametersOf, stepCost } from './step.ts'
import type { TrainingStep } from './step.ts'
import { createDealer, feedsOf } from './training.ts'
import { createValidator } from './validator.ts'

/**
 * Adam's learning rate, for models that were trained with another rule: a refinement is too short for them.
 */
const LEARNING_RATE = 1e-3
const STEPS_PER_CALL = 4

/**
 * Writes the refined model to `to`. Throws NOT_READY without captioned clips, DIVERGED. The same params give
 * the same model.
 */
export async function refine(
  params: EngineParams<'captioner.refine'>,
  { signal, progress, unpaused }: EngineContext,
): Promise<EngineResult<'captioner.refine'>> {
  const { columns, seed, epochs } = params
  const started = performance.now()
  const device = resolveDevice(params.device)
  const model = withColumns(await loadModel(params.modelDir), columns, seed)
  const { architecture, vocabulary } = model
  const settings = { ...architecture.settings, optimizer: 'adam' as const }
  const learningRate = architecture.settings.optimizer === 'adam' ? settings.learningRate : LEARNING_RATE
  const clips = encodeClips(params.train, vocabulary, settings.maxWords)
  if (clips.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      'No training clip has a caption.',
      'Import captions for the training split.',
    )
  }
  const size = { clips: Math.min(settings.batchClips, clips.length), captions: settings.captionsPerClip }
  const buckets = chooseBuckets(clips, size, settings.lengthBuckets, (words) =>
    stepCost(architecture, { ...size, words }),
  )
  const batchesPerEpoch = planEpoch(clips, buckets, size, 1, seed, 0).length
  const steps = epochs * batchesPerEpoch
  const deal = createDealer(clips, buckets, size, batchesPerEpoch, seed)

  progress({ phase: 'compiling', done: 0, total: steps, unit: 'steps' })
  const reader = new FeatureReader(architecture.frames, model.transform)
  const validator = await createValidator(model, params.validation, settings.lambda, reader, device)
  if (!validator) {
    throw new VitrineError(
      'NOT_READY',
      'No validation clip has a caption.',
      'Import captions for the validation split.',
    )
  }
  let step: TrainingStep | null = null
  try {
    const before = await validator.check(model.parameters, { signal, unpaused })
    const training = (step = await compileTrainingStep(
      { ...architecture, settings },
      size,
      buckets,
      settings.lambda,
      device,
      isCorrectable,
    ))
    const learnt = [...model.parameters].filter(([name]) => isCorrectable(name))
    const held = [...model.parameters].filter(([name]) => !isCorrectable(name))
    training.loop.load(initialState(new Map(learnt)))
    for (let taken = 0; taken < steps;) {
      await unpaused()
      if (signal.aborted) {
        throw new CancelledError()
      }
      const end = Math.min(
        taken + STEPS_PER_CALL,
        (Math.floor(taken / batchesPerEpoch) + 1) * batchesPerEpoch,
      )
      const { bucket, batches } = deal(taken, end)
      const feeds = new Map([
        ...held,
        ...(await feedsOf(model, training, batches, bucket, reader, seed, taken)),
      ])
      // It falls to 0 along half a cosine.
      const rates = batches.map(
        (_, i) => (learningRate / 2) * (1 + Math.cos((Math.PI * (taken + i)) / steps)),
      )
      const losses = await training.run(bucket, taken, feeds, rates)
      taken += batches.length
      const bad = losses.find(({ loss }) => !Number.isFinite(loss))
      if (bad) {
        throw new VitrineError(
          'DIVERGED',
          `The loss became ${bad.loss} by step ${taken} of the refinement.`,
          'The model is as it was. Train a new one on these topics.',
        )
      }
      progress({ phase: 'refining', done: taken, total: steps, unit: 'steps' })
    }
    const parameters: Parameters = new Map([
      ...model.parameters,
      ...parametersOf(
        await training.loop.state(),
        learnt.map(([name]) => name),
      ),
    ])
    const after = await validator.check(parameters, { signal, unpaused })
    await saveModel(params.to, { ...model, parameters })
    return {
      steps,
      seconds: (performance.now() - started) / 1000,
      settings: architecture.settings,
      topicMapBefore: before.topicMap ?? 0,
      topicMapAfter: after.topicMap ?? 0,
      ciderBefore: before.cider,
      ciderAfter: after.cider,
    }
  } finally {
    await Promise.all([step?.release(), validator.release(), reader.release()])
  }
}

/**
 * The model with a topic head of other columns: each that of an old column, or as a new one starts. A tied
 * head becomes a joint one then: the neurons are dealt out to the topics that it was trained with.
 */
function withColumns(
  model: CaptionerModel,
  columns: readonly (number | null)[],
  seed: number,
): CaptionerModel {
  if (columns.length === model.architecture.topics && columns.every((from, column) => from === column)) {
    return model
  }
  const architecture = withJointHead({ ...model.architecture, topics: columns.length })
  const fresh = initialParameters(architecture, chance(seed, 'parameters'))
  const parameters: Parameters = new Map(model.parameters)
  for (const name of ['topics.output', 'topics.output_bias']) {
    const [tensor, old] = [fresh.get(name), model.parameters.get(name)]
    if (!tensor || !old) {
      throw new Error(`the model has no parameter ${name}`)
    }
    const K = columns.length
    columns.forEach((from, column) => {
      if (from === null) {
        return
      }
      for (let row = 0; row < tensor.data.length / K; row++) {
        tensor.data[row * K + column] = old.data[row * model.architecture.topics + from] ?? 0
      }
    })
    parameters.set(name, tensor)
  }
  return { ...model, architecture, parameters }
}
