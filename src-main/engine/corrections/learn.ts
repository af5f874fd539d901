/**
 * Learning corrections: the network is changed until it says by itself, without an intervention, of the corrected
 * clips what moving their neurons had it say, or what the reviewer typed, and its other captions stay. What was
 * corrected by topics is learnt by the encoder, what was typed by the read-out (layers.ts): another wording is
 * nothing that neurons know, and an encoder that has to bring it about goes a long way, to everybody's cost.
 *
 * The objective is the captions' negative log-likelihood; the steps are natural gradients: of all changes that
 * bring the captions equally far, the one that moves the captions of replayed training clips least
 * (natural-gradient.ts, curvature.ts). It takes the place of the penalties ||theta - theta_before||^2 and
 * gamma L_replay, whose weights would have to be guessed, and whose minibatches see a few replayed clips where
 * the curvature has seen all of them. As soon as every corrected clip is captioned as wanted, with some slack
 * (lessons.ts), the way there is halved from its end, so that no more is changed than has to be.
 */
import { VitrineError } from '../../common/failures.ts'
import { tokenize } from '../../common/tokenize.ts'
import type {
  CaptionedClip,
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
  ShownClip,
  WantedCaption,
} from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { Decoder } from '../captioner/decoding/decoder.ts'
import { captionWithGates } from '../captioner/decoding/second-look.ts'
import { encodeClips, longestCaption } from '../captioner/encoded-clips.ts'
import { FeatureReader } from '../captioner/features.ts'
import type { Gate, Gates } from '../captioner/gates.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import { layOut } from '../captioner/minibatch.ts'
import { loadModel, saveModel } from '../captioner/model-folder.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { wordsOutside } from '../captioner/vocabulary.ts'
import type { DeviceName } from '../graph/runtime.ts'
import { resolveDevice } from '../graph/session.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import { releasing } from '../releasing.ts'
import type { Use } from '../releasing.ts'
import { exemptions, joinedGates, makeGates } from './carrying.ts'
import type { Probed } from './carrying.ts'
import { CorrectedClips } from './corrected-clips.ts'
import { measureCurvature } from './curvature.ts'
import { failures } from './failures.ts'
import { ENCODER, READ_OUT } from './layers.ts'
import type { Layer } from './layers.ts'
import { DECODING, Lessons } from './lessons.ts'
import type { Lesson, Look } from './lessons.ts'
import { NaturalGradientSteps, STEPS_PER_CALL } from './natural-gradient.ts'
import type { TargetBatch } from './natural-gradient.ts'
import { outcomesOf, shownClips } from './shown-clips.ts'
import type { Shown } from './shown-clips.ts'
import { wantedCaptions } from './wanted-captions.ts'

/** Of Polyak's length that a step goes. */
const SHARE = 0.3
/** What a share that was halved grows by with every step that makes things better. */
const REGROWTH = 1.5
const MAX_STEPS = 200
/** For what was shown of other clips: it is worth less than what was corrected. */
const STEPS_FOR_SHOWN = 100
/** The way back is halved so often. */
const HALVINGS = 5
/** Earlier corrections that are held step by step, and clips that were left out: the last ones. All are among what is replayed. */
const MOST_HELD = 64

export async function learn(
  params: EngineParams<'corrections.learn'>,
  context: EngineContext,
): Promise<EngineResult<'corrections.learn'>> {
  const { parentDir, modelDir, wanted: corrections } = params
  const { signal, progress } = context
  const started = performance.now()
  const device = resolveDevice(params.device)
  const model = await loadModel(parentDir)
  const clips = distinctClips(corrections)
  progress({ phase: 'measuring what other captions rest on', done: 0, total: MAX_STEPS, unit: 'steps' })

  return releasing(async (use) => {
    const reader = use(new FeatureReader(model.architecture.frames, model.transform))
    const source = { reader, device, signal }
    const wholeClips = use(await CorrectedClips.read(clips, DECODING, { ...source, model }))
    const wanted = await wantedCaptions(corrections, wholeClips, model, parentDir)
    const corrected = clips.map((clip, i): Lesson => ({ clip, caption: wanted[i] ?? '' }))
    const kept = params.kept.filter((lesson) => isKept(lesson, clips, model))
    const known = new Set([...clips, ...kept.map(({ clip }) => clip)].map(({ id }) => id))
    const parent = loadedFor(model, source, use)
    const staying = await asTheyAre(
      params.leftOut.filter(({ id }) => !known.has(id)),
      parent,
      signal,
    )
    const probed = await probedTopics(model, params, signal)
    const carries = probed.some(({ gate }) => gate !== null)
    const shown = await shownClips(parent, joinedGates(model.gates, probed), {
      clips: carries ? params.shown.filter(({ id }) => !known.has(id)) : [],
      exempt: kept.map(({ clip }) => clip),
      leftOut: params.leftOut,
      signal,
    })
    const [keptHere, stayingHere] = [kept.slice(-MOST_HELD), staying.slice(-MOST_HELD)]
    const held = [...keptHere, ...stayingHere]
    const lesson = { corrected, held, replay: replayed(params, clips, [...kept, ...staying]), source }
    const byTopics = corrected.filter((_, i) => corrections[i]!.typed === null)
    const taught = await teachInStages(model, stagesOf(corrected, byTopics), lesson, context)
    const gates = await gatesOf(loadedFor({ ...model, parameters: taught.parameters }, source, use), {
      gates: joinedGates(model.gates, probed),
      exempt: [...clips, ...kept.map(({ clip }) => clip), ...params.leftOut],
      others: [...params.carry.validation, ...params.shown],
      signal,
    })
    const version = { ...model, parameters: taught.parameters, gates }
    const final = await keepWhatWasShown({ version, taught, shown, lesson }, context, use)
    await saveModel(modelDir, { ...version, parameters: final.taught.parameters })
    const { look, lessons, taken, before, after } = final.taught
    return {
      steps: taken,
      seconds: (performance.now() - started) / 1000,
      before,
      after,
      captions: wanted.map((wantedCaption, i) => ({
        wanted: wantedCaption,
        caption: look.captions[i] ?? '',
        lasts: lessons.isLearnt(look, i),
      })),
      kept: heldIn(look, lessons, { first: clips.length, count: keptHere.length }),
      leftOut: heldIn(look, lessons, { first: clips.length + keptHere.length, count: stayingHere.length }),
      carried: probed.map(({ gate: _, ...topic }) => topic),
      shown: final.outcomes,
    }
  })
}

/** A model that captions as versions are compared. */
function loadedFor(model: CaptionerModel, { reader, device }: Stage['source'], use: Use): LoadedModel {
  return { model, reader, decoder: use(new Decoder(model, { decoding: DECODING, device })) }
}

/** Clips that people left out, with what is said of them now: that is a lesson, for the network's change would touch them, too. */
async function asTheyAre(
  clips: readonly ClipFeatures[],
  loaded: LoadedModel,
  signal: AbortSignal,
): Promise<Lesson[]> {
  const captions = await captionWithGates(loaded, clips, { signal })
  return clips.map((clip, i): Lesson => ({ clip, caption: captions[i]?.caption ?? '' }))
}

/** The topics that are carried, with their gates. */
async function probedTopics(
  model: CaptionerModel,
  { parentDir, carry }: EngineParams<'corrections.learn'>,
  signal: AbortSignal,
): Promise<Probed[]> {
  const map = carry.topics.length === 0 ? null : await readNeuronMap(parentDir).catch(withoutMap)
  return makeGates(model, map, carry, signal)
}

/** Where neurons were not interpreted a typed caption is learnt all the same; it carries to nothing. */
function withoutMap(error: unknown): null {
  if (error instanceof VitrineError && error.code === 'NOT_READY') {
    return null
  }
  throw error
}

/** What is learnt one after the other: topics by the encoder, then what was typed, too, by the read-out. */
function stagesOf(
  corrected: readonly Lesson[],
  byTopics: readonly Lesson[],
): { layers: readonly Layer[]; lessons: readonly Lesson[] }[] {
  const topics = byTopics.length > 0 ? [{ layers: ENCODER, lessons: byTopics }] : []
  const typed = byTopics.length < corrected.length ? [{ layers: READ_OUT, lessons: corrected }] : []
  return [...topics, ...typed]
}

interface Stage {
  /** To be learnt. */
  corrected: readonly Lesson[]
  /** What was learnt before, and is to be said on. */
  held: readonly Lesson[]
  /** Clips whose captions are to stay. */
  replay: readonly CaptionedClip[]
  source: { reader: FeatureReader; device: DeviceName; signal: AbortSignal }
}

interface Taught extends Descent {
  lessons: Lessons
}

/** Learns in one stage after the other; what it came to, with the steps of all. */
async function teachInStages(
  model: CaptionerModel,
  stages: ReturnType<typeof stagesOf>,
  lesson: Stage,
  context: EngineContext,
): Promise<Taught> {
  let taught: Taught | null = null
  for (const { layers, lessons } of stages) {
    const from = { ...model, parameters: taught?.parameters ?? model.parameters }
    const further = await teach(from, layers, { ...lesson, corrected: lessons }, context)
    taught = taught === null ? further : joined(taught, further)
  }
  return taught!
}

/** What was taught further, with the steps of both. */
const joined = (first: Taught, further: Taught): Taught => ({
  ...further,
  taken: first.taken + further.taken,
  before: first.taken > 0 ? first.before : further.before,
  after: further.taken > 0 ? further.after : first.after,
})

/** Learns lessons by some layers, in so many steps at most. */
function teach(
  model: CaptionerModel,
  layers: readonly Layer[],
  { corrected, held, replay, source }: Stage,
  context: EngineContext,
  mostSteps = MAX_STEPS,
): Promise<Taught> {
  return releasing(async (use) => {
    const lessons = await Lessons.read({ ...source, model, corrected, kept: held }, use)
    const curvature = await measureCurvature(model, replay, layers, source)
    const steps = use(
      await NaturalGradientSteps.compile(model, targetBatch(model, lessons), curvature, source.device),
    )
    const descent = await descend({ parameters: model.parameters, lessons, steps, mostSteps }, context)
    return { ...descent, ...(await backToNearest(model.parameters, descent, lessons)), lessons }
  })
}

/** The gates of a version, and the clips that they leave alone by its v-bar; null: it has none. */
async function gatesOf(
  loaded: LoadedModel,
  {
    gates,
    exempt,
    others,
    signal,
  }: { gates: Gate[]; exempt: readonly ClipFeatures[]; others: readonly ClipFeatures[]; signal: AbortSignal },
): Promise<Gates | null> {
  return gates.length === 0 ? null : { gates, exempt: await exemptions(loaded, exempt, others, signal) }
}

/**
 * Learning moves neurons, also those that gates move, so that a clip which was shown may stay unmended. What is
 * said by moving neurons is then learnt of it as what was typed is, by the read-out: neurons and gates stay. That is
 * taken back where it would cost a correction.
 */
async function keepWhatWasShown(
  {
    version,
    taught,
    shown,
    lesson,
  }: { version: CaptionerModel; taught: Taught; shown: Shown[]; lesson: Stage },
  context: EngineContext,
  use: Use,
): Promise<{ taught: Taught; outcomes: ShownClip[] }> {
  if (shown.length === 0) {
    return { taught, outcomes: [] }
  }
  const { source } = lesson
  const outcomesWith = (parameters: Parameters): Promise<ShownClip[]> =>
    outcomesOf(loadedFor({ ...version, parameters }, source, use), shown, source.signal)
  const outcomes = await outcomesWith(taught.parameters)
  const unmended = shown.filter((_, i) => !outcomes[i]!.isMended).slice(0, MOST_HELD)
  if (unmended.length === 0) {
    return { taught, outcomes }
  }
  const held = [...lesson.held, ...unmended.map(({ clip, touched }) => ({ clip, caption: touched.after }))]
  const isUnmended = new Set(unmended.map(({ clip }) => clip.id))
  const replay = lesson.replay.filter(({ id }) => !isUnmended.has(id))
  const further = await teach(version, READ_OUT, { ...lesson, held, replay }, context, STEPS_FOR_SHOWN)
  const costsNothing = taught.look.missed.every((wasMissed, row) => wasMissed || !further.look.missed[row])
  return costsNothing
    ? { taught: joined(taught, further), outcomes: await outcomesWith(further.parameters) }
    : { taught, outcomes }
}

/** Of `count` lessons from `first` on, how many are said. */
function heldIn(
  { captions }: Look,
  { rows }: Lessons,
  { first, count }: { first: number; count: number },
): { held: number; of: number } {
  const later = rows.filter(({ lesson }) => lesson >= first && lesson < first + count)
  return {
    held: later.filter(({ lesson, caption }) => captions[lesson] === caption).length,
    of: later.length,
  }
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

/** Whether an earlier correction is still one: of another clip, and in words that the model knows. */
const isKept = (
  { clip, caption }: Lesson,
  corrected: readonly ClipFeatures[],
  { vocabulary }: CaptionerModel,
) => corrected.every(({ id }) => id !== clip.id) && wordsOutside(vocabulary, tokenize(caption)).length === 0

/** The clips whose captions are to stay: those of earlier lessons, and what is replayed beside them. */
function replayed(
  { replay }: EngineParams<'corrections.learn'>,
  corrected: readonly ClipFeatures[],
  kept: readonly Lesson[],
): EngineParams<'corrections.learn'>['replay'] {
  const known = new Set([...corrected, ...kept.map(({ clip }) => clip)].map(({ id }) => id))
  return [
    ...kept.map(({ clip, caption }) => ({ ...clip, topics: [], captions: [caption] })),
    ...replay.filter(({ id }) => !known.has(id)),
  ]
}

/** The rows of lessons as a minibatch. Throws BAD_INPUT for a caption without words. */
function targetBatch({ architecture, vocabulary }: CaptionerModel, { rows, features }: Lessons): TargetBatch {
  const encoded = encodeClips(
    rows.map(({ clip, caption }) => ({ ...clip, topics: [], captions: [caption] })),
    vocabulary,
    architecture.settings.maxWords,
  )
  if (encoded.length < rows.length) {
    throw failures.noWords()
  }
  const entries = encoded.map((clip) => ({ clip, captions: [0] }))
  const shape = { clips: encoded.length, captions: 1, words: longestCaption(encoded) }
  return { shape, arrays: layOut(entries, shape, architecture.topics), features }
}

interface Start {
  parameters: Parameters
  lessons: Lessons
  steps: NaturalGradientSteps
  mostSteps: number
}

interface Descent {
  parameters: Parameters
  /** What the network says with them. */
  look: Look
  /** Steps. */
  taken: number
  /** Mean ln p of the captions that are not said yet, at the first and the last step; NaN without steps. */
  before: number
  after: number
}

/** Takes steps until every lesson is learnt, or there have been too many: then the best look stands. */
async function descend(
  { parameters: start, lessons, steps, mostSteps }: Start,
  { signal, progress }: EngineContext,
): Promise<Descent> {
  let parameters = start
  let look = await lessons.look(start)
  let best = { parameters, look }
  let [before, after] = [NaN, NaN]
  let taken = 0
  let share = SHARE
  while (taken < mostSteps && missedIn(look) > 0) {
    throwIfCancelled(signal)
    const objective = await steps.take(share, weightsOf(look))
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
    share = Math.min(SHARE, share * REGROWTH)
    progress({ phase: 'learning', done: taken, total: mostSteps, unit: 'steps' })
    parameters = await steps.parameters()
    look = await lessons.look(parameters)
    if (isBetter(look, best.look, lessons)) {
      best = { parameters, look }
    }
  }
  return { ...best, taken, before, after }
}

const missedIn = ({ missed }: Look): number => missed.filter(Boolean).length

/** Rows that are as wanted take no part, until they are not; the others count alike. */
function weightsOf(look: Look): Float32Array {
  const left = missedIn(look)
  return Float32Array.from(look.missed, (isMissed) => (isMissed ? 1 / left : 0))
}

/** Fewer whole clips that are missed; of as many, fewer rows. */
function isBetter(look: Look, than: Look, { rows }: Lessons): boolean {
  const wholeIn = ({ missed }: Look): number =>
    missed.filter((isMissed, i) => isMissed && rows[i]!.isWhole).length
  return (
    wholeIn(look) - wholeIn(than) < 0 || (wholeIn(look) === wholeIn(than) && missedIn(look) < missedIn(than))
  )
}

/**
 * About the nearest point to `from`, on the way to where a descent led, at which all is learnt; where it did
 * not lead so far, its end.
 */
async function backToNearest(
  from: Parameters,
  { parameters: to, look, taken }: Descent,
  lessons: Lessons,
): Promise<{ parameters: Parameters; look: Look }> {
  let nearest = { parameters: to, look }
  if (taken === 0 || missedIn(look) > 0) {
    return nearest
  }
  let [low, high] = [0, 1]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    const parameters = interpolate(from, to, middle)
    const between = await lessons.look(parameters)
    if (missedIn(between) === 0) {
      high = middle
      nearest = { parameters, look: between }
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
