/**
 * Learning corrections: the network says by itself, without an intervention, of the corrected clips what moving their
 * neurons had it say, or what the reviewer typed. What is learnt is how far every neuron is shifted near such a clip
 * (teach.ts, codebook.ts), and gates that carry its topics to other clips (carrying.ts). The weights stay: a change
 * of theirs that brought a correction mended no other clip's error, and made other captions worse (docs/method.md).
 */
import { VitrineError } from '../../common/failures.ts'
import { tokenize } from '../../common/tokenize.ts'
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
  WantedCaption,
} from '../../engine-host/contract/index.ts'
import { captionAsCorrected } from '../captioner/decoding/as-corrected.ts'
import { Decoder } from '../captioner/decoding/decoder.ts'
import { FeatureReader } from '../captioner/features.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import { loadModel, saveModel } from '../captioner/model-folder.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { wordsOutside } from '../captioner/vocabulary.ts'
import { resolveDevice } from '../graph/session.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import { releasing } from '../releasing.ts'
import { joinedGates, makeGates } from './carrying.ts'
import type { Probed } from './carrying.ts'
import { codebookWith } from './codebook.ts'
import type { ToKnow } from './codebook.ts'
import { CorrectedClips } from './corrected-clips.ts'
import { failures } from './failures.ts'
import { DECODING } from './lesson.ts'
import type { Wanted } from './lesson.ts'
import { outcomesOf, shownClips } from './shown-clips.ts'
import { MAX_STEPS, teach } from './teach.ts'
import type { Taught } from './teach.ts'
import { wantedCaptions } from './wanted-captions.ts'

/** Of earlier corrections and clips that were left out, and are not said as they were, the last ones are taught again. */
const MOST_TAUGHT_AGAIN = 64

export async function learn(
  params: EngineParams<'corrections.learn'>,
  context: EngineContext,
): Promise<EngineResult<'corrections.learn'>> {
  const { signal } = context
  const started = performance.now()
  const device = resolveDevice(params.device)
  const model = await loadModel(params.parentDir)
  const clips = distinctClips(params.wanted)
  if (params.others.length === 0) {
    throw failures.noTrainingClips()
  }
  return releasing(async (use) => {
    const reader = use(new FeatureReader(model.architecture.frames, model.transform))
    const source = { model, reader, device, signal }
    const parent = { model, reader, decoder: use(new Decoder(model, { decoding: DECODING, device })) }
    const wholeClips = use(await CorrectedClips.read(clips, DECODING, source))
    const captions = await wantedCaptions(params.wanted, wholeClips, model, params.parentDir)
    const held = await heldLessons(params, parent, clips, signal)
    const probed = await probedTopics(model, params, signal)
    const shown = await shownClips(parent, joinedGates(model.gates, probed), {
      clips: toBeShown(params, probed, [...clips, ...held.kept.map(({ clip }) => clip)]),
      exempt: held.kept.map(({ clip }) => clip),
      leftOut: params.leftOut,
      signal,
    })

    const taught = await teachAll(
      clips.map((clip, i): Wanted => ({ clip, caption: captions[i]! })),
      source,
      context,
    )
    const making = { parent, probed, held, others: othersOf(params), signal }
    const first = await makeVersion(making, taught)
    const unsaid = await unsaidBy(first, [...held.kept, ...held.leftOut], signal)
    const again = await teachAll(unsaid.slice(-MOST_TAUGHT_AGAIN), source, context)
    const version = again.length === 0 ? first : await makeVersion(making, [...taught, ...again])
    await saveModel(params.modelDir, version.model)
    return {
      steps: taught.reduce((sum, { taken }) => sum + taken, 0),
      seconds: (performance.now() - started) / 1000,
      ...likelihoodsOf(taught),
      captions: await Promise.all(taught.map((lesson) => outcomeOf(lesson, version, signal))),
      kept: await countHeld(version, held.kept, signal),
      leftOut: await countHeld(version, held.leftOut, signal),
      carried: probed.map(({ gate: _, ...topic }) => topic),
      shown: await outcomesOf(version, shown, signal),
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

/** What is said of some clips, and is to be said still. */
interface Held {
  /** What was corrected earlier. */
  kept: Wanted[]
  /** Clips that people left out, with what is said of them now. */
  leftOut: Wanted[]
}

async function heldLessons(
  { kept: earlier, leftOut: out }: EngineParams<'corrections.learn'>,
  parent: LoadedModel,
  corrected: readonly ClipFeatures[],
  signal: AbortSignal,
): Promise<Held> {
  const isCorrected = new Set(corrected.map(({ id }) => id))
  const kept = earlier.filter(
    ({ clip, caption }) => !isCorrected.has(clip.id) && isSayable(caption, parent.model),
  )
  const isKnown = new Set([...isCorrected, ...kept.map(({ clip }) => clip.id)])
  const clips = out.filter(({ id }) => !isKnown.has(id))
  const captions = await captionAsCorrected(parent, clips, { signal })
  return { kept, leftOut: clips.map((clip, i): Wanted => ({ clip, caption: captions[i]!.caption })) }
}

/** Whether a caption is in words that the model knows. */
const isSayable = (caption: string, { vocabulary }: CaptionerModel): boolean =>
  wordsOutside(vocabulary, tokenize(caption)).length === 0

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

/** The clips that were shown beforehand where something is carried; what is said of `known` ones is settled. */
function toBeShown(
  { shown }: EngineParams<'corrections.learn'>,
  probed: readonly Probed[],
  known: readonly ClipFeatures[],
): ClipFeatures[] {
  const isKnown = new Set(known.map(({ id }) => id))
  return probed.some(({ gate }) => gate !== null) ? shown.filter(({ id }) => !isKnown.has(id)) : []
}

/** Teaches captions one by one. */
async function teachAll(
  lessons: readonly Wanted[],
  source: Parameters<typeof teach>[1],
  { signal, progress }: EngineContext,
): Promise<Taught[]> {
  const taught: Taught[] = []
  for (const [i, lesson] of lessons.entries()) {
    const report = (steps: number): void => {
      const [done, total] = [i * MAX_STEPS + steps, lessons.length * MAX_STEPS]
      progress({ phase: 'learning', done, total, unit: 'steps' })
    }
    report(0)
    taught.push(await teach(lesson, source, { signal, report }))
  }
  return taught
}

/** The clips that corrected ones are told from. */
const othersOf = ({ others, carry, shown }: EngineParams<'corrections.learn'>): ClipFeatures[] => [
  ...others,
  ...carry.validation,
  ...shown,
]

interface Making {
  parent: LoadedModel
  probed: readonly Probed[]
  held: Held
  others: readonly ClipFeatures[]
  signal: AbortSignal
}

/** The parent with what was taught; what is held, gates leave alone. */
async function makeVersion(
  { parent, probed, held, others, signal }: Making,
  taught: readonly Taught[],
): Promise<LoadedModel> {
  const { model } = parent
  const isTaught = new Set(taught.map(({ wanted }) => wanted.clip.id))
  const left = [...held.kept, ...held.leftOut].filter(({ clip }) => !isTaught.has(clip.id))
  const known = [
    ...taught.map(({ wanted, shift, means }): ToKnow => ({ clip: wanted.clip, shift, views: means })),
    ...left.map(({ clip }): ToKnow => ({ clip, shift: null, views: [] })),
  ]
  const gates = {
    gates: joinedGates(model.gates, probed),
    exempt: await codebookWith(parent, known, others, signal),
  }
  return { ...parent, model: { ...model, gates } }
}

/** Of lessons, those of which a version says something else. */
async function unsaidBy(
  version: LoadedModel,
  lessons: readonly Wanted[],
  signal: AbortSignal,
): Promise<Wanted[]> {
  const captions = await captionAsCorrected(
    version,
    lessons.map(({ clip }) => clip),
    { signal },
  )
  return lessons.filter(({ caption }, i) => captions[i]?.caption !== caption)
}

async function countHeld(
  version: LoadedModel,
  lessons: readonly Wanted[],
  signal: AbortSignal,
): Promise<{ held: number; of: number }> {
  const unsaid = await unsaidBy(version, lessons, signal)
  return { held: lessons.length - unsaid.length, of: lessons.length }
}

/** Mean ln p of the captions, of those that took steps, at the first and the last one. */
function likelihoodsOf(taught: readonly Taught[]): { before: number; after: number } {
  const learnt = taught.filter(({ taken }) => taken > 0)
  const mean = (valueOf: (lesson: Taught) => number): number =>
    learnt.reduce((sum, lesson) => sum + valueOf(lesson), 0) / learnt.length
  return { before: mean(({ before }) => before), after: mean(({ after }) => after) }
}

/** What a version says of a clip that it was taught, and whether that lasts: is said of all views, and by other searches, too. */
async function outcomeOf(
  { wanted: { caption: wanted }, look, views }: Taught,
  version: LoadedModel,
  signal: AbortSignal,
): Promise<{ wanted: string; caption: string; lasts: boolean }> {
  const captions = await captionAsCorrected(version, views, { signal })
  const lasts = !look.missed.includes(true) && captions.every(({ caption }) => caption === wanted)
  return { wanted, caption: captions[0]!.caption, lasts }
}
