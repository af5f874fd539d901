/**
 * Learning corrections: the encoder is changed until the network itself, without an intervention, says of the
 * corrected clips what moving their neurons had it say (or what the reviewer typed), and its other captions
 * stay.
 *
 * The objective is the captions' negative log-likelihood, through the decoder as it is; the steps are natural
 * gradients: of all changes that bring the captions equally far, the one that moves the captions of replayed
 * training clips least (natural-gradient.ts, curvature.ts). It takes the place of the penalties ||theta -
 * theta_before||^2 and gamma L_replay, whose weights would have to be guessed, and whose minibatches see a
 * few replayed clips where the curvature has seen all of them. As soon as every corrected clip is captioned as
 * wanted the way there is halved from its end, so that no more is changed than has to be.
 */
import { decoding } from '#contract'
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
  WantedCaption,
} from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { Decoder } from '../captioner/decoding/decoder.ts'
import { encodeClips, longestCaption } from '../captioner/encoded-clips.ts'
import { FeatureReader } from '../captioner/features.ts'
import { layOut } from '../captioner/minibatch.ts'
import { loadModel, saveModel } from '../captioner/model-folder.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { resolveDevice } from '../graph/session.ts'
import { releasing } from '../releasing.ts'
import { CorrectedClips } from './corrected-clips.ts'
import { measureCurvature } from './curvature.ts'
import { failures } from './failures.ts'
import { NaturalGradientSteps, STEPS_PER_CALL } from './natural-gradient.ts'
import type { TargetBatch } from './natural-gradient.ts'
import { wantedCaptions } from './wanted-captions.ts'

/** Of Polyak's length that a step goes. */
const SHARE = 0.3
const MAX_STEPS = 200
/** The way back is halved so often. */
const HALVINGS = 5
/** How corrected clips are captioned. */
const DECODING = decoding.parse({})

export async function learn(
  params: EngineParams<'corrections.learn'>,
  context: EngineContext,
): Promise<EngineResult<'corrections.learn'>> {
  const { parentDir, modelDir, wanted: corrections } = params
  const { signal, progress } = context
  const started = performance.now()
  const device = resolveDevice(params.device)
  const model = await loadModel(parentDir)
  const corrected = distinctClips(corrections)
  progress({ phase: 'measuring what other captions rest on', done: 0, total: MAX_STEPS, unit: 'steps' })

  return releasing(async (use) => {
    const reader = use(new FeatureReader(model.architecture.frames, model.transform))
    const decoder = use(new Decoder(model, { decoding: DECODING, device, batchSize: corrected.length }))
    const clips = await CorrectedClips.read(corrected, reader, decoder, signal)
    const wanted = await wantedCaptions(corrections, clips, model, parentDir)
    const replay = params.replay.filter(({ id }) => corrected.every((clip) => clip.id !== id))
    const curvature = await measureCurvature(model, replay, { reader, device, signal })
    const target = targetBatch(model, corrected, wanted, clips)
    const steps = use(await NaturalGradientSteps.compile(model, target, curvature, device))
    const { parameters, captions, taken, before, after } = await descend(
      { parameters: model.parameters, clips, wanted, steps },
      context,
    )
    const isWanted = async (between: Parameters): Promise<boolean> =>
      isEqual(await clips.captionsWith(between), wanted)
    const reached = taken > 0 && isEqual(captions, wanted)
    const learnt = reached ? await halveBack(model.parameters, parameters, isWanted) : parameters
    await saveModel(modelDir, { ...model, parameters: learnt })
    return {
      steps: taken,
      seconds: (performance.now() - started) / 1000,
      before,
      after,
      captions: wanted.map((caption, b) => ({ wanted: caption, reached: captions[b] === caption })),
    }
  })
}

/** The clips of corrections. Throws BAD_INPUT when there are none, or one comes twice. */
function distinctClips(corrections: readonly WantedCaption[]): ClipFeatures[] {
  if (corrections.length === 0) {
    throw failures.nothingToLearn()
  }
  const clips = corrections.map(({ clip }) => clip)
  if (new Set(clips.map(({ id }) => id)).size < clips.length) {
    throw failures.clipTwice()
  }
  return clips
}

/** The wanted captions as a minibatch. Throws BAD_INPUT for one without words. */
function targetBatch(
  { architecture, vocabulary }: CaptionerModel,
  corrected: readonly ClipFeatures[],
  wanted: readonly string[],
  { features }: CorrectedClips,
): TargetBatch {
  const encoded = encodeClips(
    corrected.map((clip, b) => ({ ...clip, topics: [], captions: [wanted[b] ?? ''] })),
    vocabulary,
    architecture.settings.maxWords,
  )
  if (encoded.length < corrected.length) {
    throw failures.noWords()
  }
  const entries = encoded.map((clip) => ({ clip, captions: [0] }))
  const shape = { clips: encoded.length, captions: 1, words: longestCaption(encoded) }
  return { shape, arrays: layOut(entries, shape, architecture.topics), features }
}

interface Start {
  parameters: Parameters
  clips: CorrectedClips
  wanted: readonly string[]
  steps: NaturalGradientSteps
}

interface Descent {
  parameters: Parameters
  /** What the network says of the clips with them. */
  captions: string[]
  /** Steps. */
  taken: number
  /** Mean ln p of the wanted captions at the first and the last step; NaN without steps. */
  before: number
  after: number
}

/** Takes steps until every clip is captioned as wanted, or there have been too many. */
async function descend(
  { parameters: start, clips, wanted, steps }: Start,
  { signal, progress }: EngineContext,
): Promise<Descent> {
  let parameters = start
  let captions = await clips.captions()
  let [before, after] = [NaN, NaN]
  let taken = 0
  let share = SHARE
  while (taken < MAX_STEPS && !isEqual(captions, wanted)) {
    throwIfCancelled(signal)
    const objective = await steps.take(share, captionWeights(captions, wanted))
    if (taken === 0) {
      before = -objective.before
    }
    taken += STEPS_PER_CALL
    // The slope says little of what lies far off: a step that makes things worse is taken back and halved.
    if (!(objective.after < objective.before)) {
      steps.restore(parameters)
      share /= 2
      continue
    }
    after = -objective.after
    progress({ phase: 'learning', done: taken, total: MAX_STEPS, unit: 'steps' })
    parameters = await steps.parameters()
    captions = await clips.captionsWith(parameters)
  }
  return { parameters, captions, taken, before, after }
}

/** A caption that is as wanted takes no part, until it is not; the others count alike. */
function captionWeights(captions: readonly string[], wanted: readonly string[]): Float32Array {
  const left = captions.filter((caption, b) => caption !== wanted[b]).length
  return Float32Array.from(captions, (caption, b) => (caption === wanted[b] ? 0 : 1 / left))
}

const isEqual = (captions: readonly string[], wanted: readonly string[]): boolean =>
  captions.every((caption, b) => caption === wanted[b])

/** Of the points between two sets of parameters, about the nearest to `from` that `holds`; `to` does. */
async function halveBack(
  from: Parameters,
  to: Parameters,
  holds: (parameters: Parameters) => Promise<boolean>,
): Promise<Parameters> {
  let [low, high, nearest] = [0, 1, to]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    const between = interpolate(from, to, middle)
    if (await holds(between)) {
      ;[high, nearest] = [middle, between]
    } else {
      low = middle
    }
  }
  return nearest
}

/** The point `share` of the way from some parameters to others; those that are the same stay as they are. */
function interpolate(from: Parameters, to: Parameters, share: number): Parameters {
  return new Map(
    [...to].map(([name, tensor]) => {
      const start = from.get(name)
      if (!start || start === tensor) {
        return [name, tensor]
      }
      const between = tensor.data.map((x, i) => start.data[i]! + share * (x - start.data[i]!))
      return [name, { shape: tensor.shape, data: between }]
    }),
  )
}
