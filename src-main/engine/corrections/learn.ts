/**
 * Learning corrections: the network says by itself, without an intervention, of the corrected clips what moving their
 * neurons had it say, or what the reviewer typed. What is learnt is how far every neuron is shifted near such a clip
 * (teach.ts, codebook.ts), and gates that carry its topics to other clips (carrying.ts). The weights stay: a change
 * of theirs that brought a correction mended no other clip's error, and made other captions worse (docs/method.md).
 */
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
  WantedCaption,
} from '../../engine-host/contract/index.ts'
import { captionAsCorrected } from '../captioner/decoding/as-corrected.ts'
import { Decoder } from '../captioner/decoding/decoder.ts'
import { checkShapes, eachOnce } from '../captioner/feature-transform.ts'
import { FeatureReader } from '../captioner/features.ts'
import { forFrames } from '../captioner/loaded-models.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import { loadModel, saveModel } from '../captioner/model-folder.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { resolveDevice } from '../graph/session.ts'
import { copyNeuronMap, readNeuronMap } from '../neurons/neuron-map.ts'
import { releasing } from '../releasing.ts'
import { joinedGates, makeGates } from './carrying.ts'
import type { Probed } from './carrying.ts'
import { CorrectedClips } from './corrected-clips.ts'
import { failures, withoutMap } from './failures.ts'
import { DECODING } from './lesson.ts'
import { outcomesOf, shownClips } from './shown-clips.ts'
import type { Taught } from './teach.ts'
import { countHeld, heldLessons, makeHoldingVersion, teachAll } from './version.ts'
import { wantedCaptions } from './wanted-captions.ts'

export async function learn(
  params: EngineParams<'corrections.learn'>,
  context: EngineContext,
): Promise<EngineResult<'corrections.learn'>> {
  const { signal } = context
  const started = performance.now()
  const device = resolveDevice(params.device)
  const whole = await loadModel(params.parentDir)
  const clips = distinctClips(params.wanted)
  if (params.others.length === 0) {
    throw failures.noTrainingClips()
  }
  const { longest } = await checkShapes(eachOnce([...clips, ...clipsBeside(params)]), Infinity, signal)
  const model = forFrames(whole, longest)
  return releasing(async (use) => {
    const reader = use(new FeatureReader(model.architecture.frames, model.transform))
    const source = { model, reader, cells: params.cells, device, signal }
    const parent = { model, reader, decoder: use(new Decoder(model, { decoding: DECODING, device })) }
    const wholeClips = use(await CorrectedClips.read(clips, DECODING, source))
    const wanted = await wantedCaptions(params.wanted, wholeClips, model, params.parentDir)
    const held = await heldLessons(params, parent, clips, signal)
    const probed = await probedTopics(model, params, signal)
    const gates = joinedGates(model.gates, probed)
    const shown = await shownClips(parent, gates, {
      clips: toBeShown(params, probed, [...clips, ...held.kept.map(({ clip }) => clip)]),
      exempt: held.kept.map(({ clip }) => clip),
      leftOut: params.leftOut,
      signal,
    })

    const taught = await teachAll(wanted, source, context)
    const making = { base: parent, gates, held, others: othersOf(params), signal }
    const version = await makeHoldingVersion(making, taught, source, context)
    await saveModel(params.modelDir, { ...version.model, architecture: whole.architecture })
    await copyNeuronMap(params.parentDir, params.modelDir)
    return {
      steps: taught.reduce((sum, { taken }) => sum + taken, 0),
      seconds: (performance.now() - started) / 1000,
      ...likelihoodsOf(taught),
      captions: await outcomesOfTaught(taught, version, signal),
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

/** All clips that come into it beside the corrected ones. */
const clipsBeside = ({
  kept,
  others,
  carry,
  leftOut,
  shown,
}: EngineParams<'corrections.learn'>): ClipFeatures[] => [
  ...kept.map(({ clip }) => clip),
  ...others,
  ...carry.train,
  ...carry.validation,
  ...leftOut,
  ...shown,
]

/** The topics that are carried, with their gates. */
async function probedTopics(
  model: CaptionerModel,
  { parentDir, carry }: EngineParams<'corrections.learn'>,
  signal: AbortSignal,
): Promise<Probed[]> {
  const map = carry.topics.length === 0 ? null : await readNeuronMap(parentDir).catch(withoutMap)
  return makeGates(model, map, carry, signal)
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

/** The clips that corrected ones are told from. */
const othersOf = ({ others, carry, shown }: EngineParams<'corrections.learn'>): ClipFeatures[] => [
  ...others,
  ...carry.validation,
  ...shown,
]

/** Mean ln p of the captions that had to be learnt, before and after. */
function likelihoodsOf(taught: readonly Taught[]): { before: number; after: number } {
  const learnt = taught.filter((lesson) => !Number.isNaN(lesson.before))
  const mean = (valueOf: (lesson: Taught) => number): number =>
    learnt.reduce((sum, lesson) => sum + valueOf(lesson), 0) / learnt.length
  return { before: mean(({ before }) => before), after: mean(({ after }) => after) }
}

/** What a version says of clips that it was taught. */
async function outcomesOfTaught(
  taught: readonly Taught[],
  version: LoadedModel,
  signal: AbortSignal,
): Promise<EngineResult<'corrections.learn'>['captions']> {
  const outcomes: EngineResult<'corrections.learn'>['captions'] = []
  for (const lesson of taught) {
    outcomes.push(await outcomeOf(lesson, version, signal))
  }
  return outcomes
}

/** What is said of one of them, and whether that lasts: is said of all views, and by other searches, too. */
async function outcomeOf(
  { wanted: { caption: wanted }, look, topics, views }: Taught,
  version: LoadedModel,
  signal: AbortSignal,
): Promise<EngineResult<'corrections.learn'>['captions'][number]> {
  const captions = await captionAsCorrected(version, views, { signal })
  const lasts = !look.missed.includes(true) && captions.every(({ caption }) => caption === wanted)
  const whole = captions[0]!
  return { wanted, caption: whole.caption, lasts, topics: { before: [...topics], after: whole.topics } }
}
