/**
 * Training a captioner: deal minibatches, take K compiled steps a call while the next call's minibatches are prepared,
 * validate once an epoch, keep the parameters of the best validation.
 */
import { CancelledError, VitrineError } from '#contract'
import type { TrainingPoint } from '#contract'
import type { CaptionedClip, EngineContext, EngineParams, EngineResult, GeneratedCaption } from '../contract.ts'
import { initialState } from '../graph/optimize.ts'
import { resolveDevice } from '../graph/session.ts'
import type { Tensor } from '../graph/session.ts'
import { meanAveragePrecision, scoreCaptions, tokenize } from '../metrics/index.ts'
import { createRandom } from '../random.ts'
import type { Random } from '../random.ts'
import { BatchSampler, encodeClips, layOut, longestCaption } from './batches.ts'
import type { BatchShape, EncodedClip } from './batches.ts'
import { captionClips, createDecoder } from './decoder.ts'
import type { Decoder } from './decoder.ts'
import { FeatureReader, inputSizeOf, measureTransform } from './features.ts'
import { saveModel } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'
import { initialParameters, neuronCount, parameterTable } from './parameters.ts'
import type { Architecture } from './parameters.ts'
import { batchFeeds, compileLosses, compileTrainingStep, drawDropout, parametersOf, stack, stepOperations } from './step.ts'
import type { StepLosses, TrainingStep } from './step.ts'
import { buildVocabulary } from './vocabulary.ts'

/** A call of the step should take about this many operations (half a second on two cores), so that cancel is heard. */
const OPERATIONS_PER_CALL = 5e10
const MOST_STEPS_PER_CALL = 16
/** Validation looks at no more clips than this. */
const MOST_VALIDATION_CLIPS = 500
/** An unfinished run's best model is written this often, in milliseconds, when it has improved. */
const SAVE_EVERY = 60_000

type TrainParams = EngineParams<'captioner.train'>

export async function train(params: TrainParams, { signal, progress }: EngineContext): Promise<EngineResult<'captioner.train'>> {
  const { kind, settings, frames, topicCount, modelDir } = params
  const device = resolveDevice(params.device)
  const random = createRandom(params.seed)
  const [initRandom, sampleRandom, dropoutRandom, topicRandom] = [random.fork(), random.fork(), random.fork(), random.fork()]
  const lambda = kind === 'baseline' ? 0 : settings.lambda

  const vocabulary = buildVocabulary(params.train.flatMap((clip) => clip.captions), settings.minWordCount)
  const labelled = kind === 'random-topics' ? shuffleTopics(params.train, topicRandom) : params.train
  const clips = encodeClips(labelled, vocabulary, settings.maxWords)
  const validation = encodeClips(params.validation, vocabulary, settings.maxWords).slice(0, MOST_VALIDATION_CLIPS)
  if (clips.length === 0) throw new VitrineError('NOT_READY', 'No training clip has a caption.', 'Import captions for the training split.')
  if (validation.length === 0) throw new VitrineError('NOT_READY', 'No validation clip has a caption.', 'Import captions for the validation split.')

  progress({ phase: 'measuring features', done: 0, total: null, unit: 'clips' })
  const transform = await measureTransform(clips, frames, settings.projection, random.fork(), signal)
  const reader = new FeatureReader(frames, transform)
  const architecture: Architecture = { settings, frames, inputSize: inputSizeOf(transform), vocabularySize: vocabulary.words.length, topics: topicCount }
  const shape: BatchShape = { clips: Math.min(settings.batchClips, clips.length), captions: settings.captionsPerClip, words: longestCaption(clips) }
  const stepsPerCall = Math.max(1, Math.min(MOST_STEPS_PER_CALL, Math.floor(OPERATIONS_PER_CALL / stepOperations(architecture, shape))))

  progress({ phase: 'compiling', done: 0, total: null, unit: 'steps' })
  const step = await compileTrainingStep(architecture, shape, lambda, stepsPerCall, device)
  const state = initialState(initialParameters(architecture, initRandom))
  const names = [...parameterTable(architecture).keys()]
  const model: CaptionerModel = { kind, architecture, vocabulary, transform, parameters: parametersOf(state, names) }
  const validator = await createValidator(model, validation, lambda, reader)

  const sampler = new BatchSampler(clips, shape, topicCount, sampleRandom)
  const totalSteps = settings.epochs * sampler.batchesPerEpoch
  const prepare = () => nextFeeds(architecture, step, sampler, reader, dropoutRandom)

  const started = performance.now()
  let savedAt = started
  let trainingMs = 0
  let dealt = 0
  let best: (EngineResult<'captioner.train'>['best'] & { parameters: CaptionerModel['parameters'] }) | null = null
  let unsaved = false
  let checksSinceBest = 0
  let recent: StepLosses[] = []
  const saveBest = async () => {
    if (best && unsaved) await saveModel(modelDir, { ...model, parameters: best.parameters })
    unsaved = false
  }
  try {
    let upcoming = prepare()
    // A rejection must wait for the loop to come to it.
    upcoming.catch(() => undefined)
    while (state.step < totalSteps && checksSinceBest < settings.patience) {
      const feeds = await upcoming
      dealt = sampler.dealt
      const callStarted = performance.now()
      const running = step.run(state, feeds, Array.from({ length: stepsPerCall }, (_, k) => learningRateAt(settings, state.step + k, totalSteps)))
      upcoming = prepare()
      upcoming.catch(() => undefined)
      const losses = await running
      trainingMs += performance.now() - callStarted
      if (signal.aborted) throw new CancelledError()
      const broken = losses.findIndex(({ loss }) => !Number.isFinite(loss))
      if (broken >= 0) throw diverged(losses[broken]?.loss, state.step - stepsPerCall + broken + 1)
      recent.push(...losses)
      progress({ phase: 'training', done: Math.min(state.step, totalSteps), total: totalSteps, unit: 'steps' })

      const epochsBefore = Math.floor((state.step - stepsPerCall) / sampler.batchesPerEpoch)
      if (Math.floor(state.step / sampler.batchesPerEpoch) === epochsBefore && state.step < totalSteps) continue
      const parameters = parametersOf(state, names)
      const check = await validator.check(parameters, signal)
      // The last step of a call may break the parameters after its loss was taken.
      if (!Number.isFinite(check.nll)) throw diverged(check.nll, state.step)
      const point: TrainingPoint = { step: state.step, epoch: state.step / sampler.batchesPerEpoch, ...meanLosses(recent), validation: check }
      recent = []
      progress({ phase: 'training', done: Math.min(state.step, totalSteps), total: totalSteps, unit: 'steps', point })
      if (!best || check.cider > best.cider || (check.cider === best.cider && check.nll < best.nll)) {
        best = { step: state.step, nll: check.nll, bleu4: check.bleu4, cider: check.cider, parameters }
        unsaved = true
        checksSinceBest = 0
      } else checksSinceBest++
      if (performance.now() - savedAt > SAVE_EVERY) {
        await saveBest()
        savedAt = performance.now()
      }
    }
  } finally {
    await saveBest()
    await Promise.all([step.release(), validator.release()])
  }
  if (!best) throw new Error('training ended without a validation')
  return {
    device,
    steps: state.step,
    captionsPerSecond: (1000 * dealt) / trainingMs,
    seconds: (performance.now() - started) / 1000,
    neurons: neuronCount(architecture),
    vocabulary: vocabulary.words.length,
    best: { step: best.step, nll: best.nll, bleu4: best.bleu4, cider: best.cider },
  }
}

const diverged = (loss: number | undefined, step: number): VitrineError =>
  new VitrineError('DIVERGED', `The loss became ${String(loss)} at step ${step}.`, 'Lower the learning rate or the clip norm.')

/** The learning rate of a step, counted from 0. */
function learningRateAt({ learningRate, schedule }: TrainParams['settings'], step: number, total: number): number {
  return schedule === 'constant' ? learningRate : (learningRate / 2) * (1 + Math.cos((Math.PI * Math.min(step, total)) / total))
}

/** The control of the paper's ablation: the same topic vectors, dealt to other clips. */
function shuffleTopics(clips: readonly CaptionedClip[], random: Random): CaptionedClip[] {
  const vectors = random.shuffle(clips.map((clip) => clip.topics))
  return clips.map((clip, i) => ({ ...clip, topics: vectors[i] ?? [] }))
}

/** The arrays of the next K minibatches, stacked by leaf. */
async function nextFeeds(architecture: Architecture, step: TrainingStep, sampler: BatchSampler, reader: FeatureReader, random: Random): Promise<Map<string, Tensor>> {
  const parts = new Map<string, Tensor['data'][]>()
  const push = (name: string, data: Tensor['data']) => {
    const list = parts.get(name)
    if (list) list.push(data)
    else parts.set(name, [data])
  }
  for (let k = 0; k < step.steps; k++) {
    for (const [name, data] of await batchFeeds(step.batch, sampler.next(), reader)) push(name, data)
    for (const [name, data] of drawDropout(architecture, step.masks, random)) push(name, data)
  }
  const leaves = [...Object.values(step.batch), ...Object.values(step.masks)]
  return new Map(leaves.map((leaf) => [leaf.name ?? '', stack(leaf, parts.get(leaf.name ?? '') ?? [])]))
}

function meanLosses(losses: readonly StepLosses[]): StepLosses {
  const mean = (of: (losses: StepLosses) => number) => losses.reduce((total, each) => total + of(each), 0) / losses.length
  return { loss: mean((each) => each.loss), nll: mean((each) => each.nll), topicLoss: mean((each) => each.topicLoss) }
}

/** Validation: the objective without dropout over every caption, and greedy captions scored against the human ones. */
async function createValidator(model: CaptionerModel, clips: readonly EncodedClip[], lambda: number, reader: FeatureReader) {
  const { architecture } = model
  const captions = architecture.settings.captionsPerClip
  const shape: BatchShape = { clips: Math.min(architecture.settings.batchClips, clips.length), captions, words: longestCaption(clips) }
  const objective = await compileLosses(architecture, shape, lambda, 'cpu')
  const decoder: Decoder = await createDecoder(model, 1, 'cpu')
  const references = clips.map((clip) => clip.captions.map(tokenize))
  // Every caption once: clips with more than C captions take several places.
  const places = clips.flatMap((clip) => {
    const groups = Math.ceil(clip.words.length / captions)
    return Array.from({ length: groups }, (_, g) => ({ clip, captions: clip.words.slice(g * captions, (g + 1) * captions) }))
  })
  return {
    async check(parameters: CaptionerModel['parameters'], signal: AbortSignal): Promise<NonNullable<TrainingPoint['validation']>> {
      let nll = 0
      let count = 0
      for (let start = 0; start < places.length; start += shape.clips) {
        if (signal.aborted) throw new CancelledError()
        const chosen = places.slice(start, start + shape.clips)
        const size = chosen.reduce((total, place) => total + place.captions.length, 0)
        const feeds = await batchFeeds(objective.batch, layOut(chosen, shape, architecture.topics), reader)
        nll += size * (await objective.run(parameters, feeds)).nll
        count += size
      }
      decoder.use(parameters)
      const generated: GeneratedCaption[] = await captionClips(decoder, reader, clips, signal)
      const { metrics } = scoreCaptions(generated.map(({ caption }) => tokenize(caption)), references)
      const precision = lambda > 0 ? meanAveragePrecision(generated.map(({ topics }) => topics), clips.map((clip) => clip.topics)) : null
      return { nll: nll / count, bleu4: metrics.BLEU_4, cider: metrics.CIDEr, topicMap: precision?.mAP ?? null }
    },
    async release() {
      await Promise.all([objective.release(), decoder.release()])
    },
  }
}
