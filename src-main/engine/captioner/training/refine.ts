/**
 * Refining: a trained captioner comes to know other topics. Encoder and topic head f go on learning, with the
 * whole objective, for a few epochs; the decoder stays, so the captioner keeps its language, and its captions
 * pull the encoder back to what the decoder can read. Columns of the head that the old one has already start
 * from there.
 */
import type { EngineContext, EngineParams, EngineResult } from '../../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../../cancellation.ts'
import { initialState } from '../../graph/optimizers.ts'
import { resolveDevice } from '../../graph/session.ts'
import { releasing } from '../../releasing.ts'
import { encodeSplit } from '../encoded-clips.ts'
import { failures } from '../failures.ts'
import { FeatureReader } from '../features.ts'
import { withColumns as gatesWithColumns } from '../gates.ts'
import { loadModel, saveModel } from '../model-folder.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { initialParameters, isRefinable, parameterTensor, withJointHead } from '../parameters.ts'
import type { Architecture, Parameters } from '../parameters.ts'
import { randomStream } from '../random-streams.ts'
import { DataLoader } from './data-loader.ts'
import { MinibatchSampler } from './sampler.ts'
import { cosineDecay } from './schedule.ts'
import { compileTrainingStep, parametersOf } from './step.ts'
import type { StepLosses } from './step-graph.ts'
import type { TrainingStep } from './step.ts'
import { Validator } from './validator.ts'

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
  {
    modelDir,
    to,
    columns,
    train,
    validation,
    epochs,
    seed,
    device: setting,
  }: EngineParams<'captioner.refine'>,
  context: EngineContext,
): Promise<EngineResult<'captioner.refine'>> {
  const started = performance.now()
  const device = resolveDevice(setting)
  const model = withColumns(await loadModel(modelDir), columns, seed)
  const { architecture, vocabulary } = model
  const { settings } = architecture
  const clips = encodeSplit('training', train, vocabulary, settings)
  const sampler = new MinibatchSampler(architecture, clips, seed)
  const totalSteps = epochs * sampler.batchesPerEpoch
  context.progress({ phase: 'compiling', done: 0, total: totalSteps, unit: 'steps' })

  return releasing(async (use) => {
    const { lambda } = settings
    const reader = use(new FeatureReader(architecture.frames, model.transform))
    const validator = use(new Validator({ model, clips: validation, seed, lambda, reader, device }))
    const before = await validator.validate(model.parameters, context)
    const options = { ...sampler.shape, lambda, device, trainable: isRefinable }
    const step = use(await compileTrainingStep(withAdam(architecture), options))
    const loader = new DataLoader({
      architecture,
      sampler,
      reader,
      shapes: step.shapes,
      seed,
      totalSteps,
      endOfCall: (from) => from + STEPS_PER_CALL,
    })
    const parameters = await learn(model, { step, loader, totalSteps }, context)
    const after = await validator.validate(parameters, context)
    // Keys of corrected clips are v-bar of the encoder before.
    await saveModel(to, { ...model, parameters, gates: model.gates && { ...model.gates, exempt: [] } })
    return {
      steps: totalSteps,
      seconds: (performance.now() - started) / 1000,
      settings,
      topicMapBefore: before.topicMap ?? 0,
      topicMapAfter: after.topicMap ?? 0,
      ciderBefore: before.cider,
      ciderAfter: after.cider,
    }
  })
}

/** Takes all steps; returns the parameters after them. */
async function learn(
  { architecture, parameters }: CaptionerModel,
  { step, loader, totalSteps }: { step: TrainingStep; loader: DataLoader; totalSteps: number },
  { signal, progress, unpaused }: EngineContext,
): Promise<Parameters> {
  const { settings } = architecture
  const learningRate = settings.optimizer === 'adam' ? settings.learningRate : LEARNING_RATE
  const trained = [...parameters].filter(([name]) => isRefinable(name))
  const fixed = [...parameters].filter(([name]) => !isRefinable(name))
  step.loop.load(initialState(new Map(trained)))
  for (let taken = 0; taken < totalSteps;) {
    await unpaused()
    throwIfCancelled(signal)
    const { bucket, batches, feeds } = await loader.load(taken)
    const rates = batches.map((_, k) => cosineDecay(learningRate, taken + k, totalSteps))
    const losses = await step.run(bucket, taken, new Map([...fixed, ...feeds]), rates)
    taken += batches.length
    throwIfDiverged(losses, taken)
    progress({ phase: 'refining', done: taken, total: totalSteps, unit: 'steps' })
  }
  const names = trained.map(([name]) => name)
  return new Map([...parameters, ...parametersOf(await step.loop.state(), names)])
}

function throwIfDiverged(losses: readonly StepLosses[], taken: number): void {
  const broken = losses.find(({ loss }) => !Number.isFinite(loss))
  if (broken) {
    throw failures.refinementDiverged({ loss: String(broken.loss), step: taken })
  }
}

const withAdam = (architecture: Architecture): Architecture => ({
  ...architecture,
  settings: { ...architecture.settings, optimizer: 'adam' },
})

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
  const first = initialParameters(architecture, randomStream(seed, 'parameters'))
  const parameters: Parameters = new Map(model.parameters)
  for (const name of ['topics.output', 'topics.output_bias']) {
    const tensor = parameterTensor(first, name)
    const old = parameterTensor(model.parameters, name)
    copyColumns(tensor.data, old.data, model.architecture.topics, columns)
    parameters.set(name, tensor)
  }
  const gates = gatesWithColumns(model.gates, (column) => columns.indexOf(column))
  return { ...model, architecture, parameters, gates }
}

/** Copies columns of `source`, [rows, sourceColumns], to their places in `target`; null: none of them. */
function copyColumns(
  target: Float32Array,
  source: Float32Array,
  sourceColumns: number,
  columns: readonly (number | null)[],
): void {
  const K = columns.length
  columns.forEach((from, column) => {
    if (from === null) {
      return
    }
    for (let row = 0; row < target.length / K; row++) {
      target[row * K + column] = source[row * sourceColumns + from] ?? 0
    }
  })
}
