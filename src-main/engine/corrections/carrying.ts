/**
 * How a correction carries to clips that were not corrected: each topic that it adds gets a gate
 * (captioner/gates.ts), if its probe is right about validation clips. Why a gate, and why it reads features too,
 * docs/method.md tells.
 */
import { decoding } from '#contract'
import type {
  CarriedTopic,
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { clipsGatesKnow, firstLook, lookAgain, wordsOf } from '../captioner/decoding/as-corrected.ts'
import { readFeatures } from '../captioner/feature-files.ts'
import { eachOnce } from '../captioner/feature-transform.ts'
import { clipSummary, namesTopic, probeScore } from '../captioner/gates.ts'
import type { Gate, Gates } from '../captioner/gates.ts'
import { optionsFor, withModel } from '../captioner/loaded-models.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { harmonicNumbers } from '../metrics/mean-average-precision.ts'
import { bearingOf, rankClips, scoreRanking } from '../neurons/alignment/ranking.ts'
import { planMoves } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import type { NeuronMapFile } from '../neurons/neuron-map.ts'
import { codebookWith } from './codebook.ts'
import { fitProbes } from './ridge-probe.ts'

/** A probe is believed when on validation clips its area under the curve is at least this. */
const LEAST_AREA = 0.75
/**
 * A gate is sure where its probe and f come to more than this together, half of it each. Chosen on validation
 * clips, as docs/method.md tells: of training clips f is too sure, so they tell no threshold.
 */
const SURE = 0.9
/** How far neurons are moved. Chosen with it: a caption that was wrong by itself needs more than one that is asked. */
const STRENGTH = 2

export type CarryRequest = EngineParams<'corrections.learn'>['carry']

/** A topic with what its probe came to; without a gate, it does not carry. */
export interface Probed extends CarriedTopic {
  gate: Gate | null
}

/** Makes gates of topics for a model, whose neurons `map` tells (null: nobody has looked, and nothing carries). */
export async function makeGates(
  { architecture: { frames } }: CaptionerModel,
  map: NeuronMapFile | null,
  { topics, train, validation }: CarryRequest,
  signal: AbortSignal,
): Promise<Probed[]> {
  if (topics.length === 0 || map === null) {
    return []
  }
  const trainSummaries = await summariesOf(train, frames, signal)
  const bearing = topics.map(({ topic }) => train.map((clip) => clip.topics.includes(topic)))
  const probes = await fitProbes(trainSummaries, bearing)
  const summaries = await summariesOf(validation, frames, signal)
  return topics.map(({ topic, words }, i): Probed => {
    const moves = gateMoves(map, topic)
    const probe = probes[i]!
    const area = areaOf(
      summaries.map((summary) => probeScore(probe, summary)),
      validation.map((clip) => clip.topics.includes(topic)),
    )
    const isBelieved = moves.length > 0 && area !== null && area >= LEAST_AREA
    const gate: Gate = { topic, words, ...probe, topicShare: 1, threshold: SURE, moves }
    return { topic, area, threshold: isBelieved ? SURE : null, gate: isBelieved ? gate : null }
  })
}

/** How a gate of a topic moves neurons. */
export const gateMoves = (map: NeuronMapFile, topic: number): Gate['moves'] =>
  planMoves(map, { topics: [{ topic, strength: STRENGTH }], neurons: [] }).map(
    ({ neuron, target, strength }) => ({ neuron, target, strength }),
  )

/** How well scores of clips tell those that bear a topic from the others; null: all bear it, or none. */
function areaOf(scores: readonly number[], bears: readonly boolean[]): number | null {
  const bearing = bearingOf(
    bears.map((bearsIt) => (bearsIt ? [0] : [])),
    1,
  )
  const ranking = rankClips(Float32Array.from(scores), Uint32Array.from(scores.keys()))
  const area = scoreRanking(ranking, bearing, harmonicNumbers(scores.length)).area[0]!
  return Number.isNaN(area) ? null : area
}

async function summariesOf(
  clips: readonly ClipFeatures[],
  frames: number,
  signal: AbortSignal,
): Promise<Float64Array[]> {
  const summaries: Float64Array[] = []
  for (const clip of clips) {
    throwIfCancelled(signal)
    summaries.push(clipSummary(await readFeatures(clip, frames)))
  }
  return summaries
}

/** The gates of a model with new ones, which take the place of those of the same topics. */
export const joinedGates = (known: Gates | null, probed: readonly Probed[]): Gate[] => [
  ...(known?.gates ?? []).filter((old) => probed.every(({ topic }) => topic !== old.topic)),
  ...probed.flatMap(({ gate }) => gate ?? []),
]

/** A clip whose caption gates change. */
export interface TouchedClip {
  id: number
  /** Columns of the topics that come into it. */
  topics: number[]
  before: string
  after: string
}

/** The clips that a model captions otherwise with `gates` than with its own. */
export async function touchedClips(
  loaded: LoadedModel,
  gates: Gates,
  clips: readonly ClipFeatures[],
  signal: AbortSignal,
): Promise<TouchedClip[]> {
  const all = [...(loaded.model.gates?.gates ?? []), ...gates.gates]
  const sure = await clipsGatesKnow(loaded, all, clips, { signal })
  const first = await firstLook(loaded, sure, { signal })
  const before = await lookAgain(loaded, loaded.model.gates, { clips: sure, first }, { signal })
  const after = await lookAgain(loaded, gates, { clips: sure, first }, { signal })
  return sure.flatMap(({ id }, i) => {
    const [known, changed] = [before[i]!, after[i]!]
    const topics = gates.gates
      .filter((gate) => namesTopic(gate, wordsOf(changed)) && !namesTopic(gate, wordsOf(known)))
      .map(({ topic }) => topic)
    return known.caption === changed.caption
      ? []
      : [{ id, topics, before: known.caption, after: changed.caption }]
  })
}

/** See the contract. */
export async function carry(
  { modelDir, carry: request, clips, exempt, device }: EngineParams<'corrections.carry'>,
  { signal }: EngineContext,
): Promise<EngineResult<'corrections.carry'>> {
  const all = eachOnce([...clips, ...exempt, ...request.train, ...request.validation])
  const options = await optionsFor(all, { decoding: decoding.parse({}), device }, signal)
  return withModel(modelDir, options, async (loaded) => {
    const probed = await makeGates(loaded.model, await readNeuronMap(modelDir), request, signal)
    const gates: Gates = {
      gates: joinedGates(loaded.model.gates, probed),
      exempt: await codebookWith(
        loaded,
        exempt.map((clip) => ({ clip, shift: null })),
        [...request.validation, ...clips],
        signal,
      ),
    }
    return {
      topics: probed.map(({ gate: _, ...topic }) => topic),
      touched: await touchedClips(loaded, gates, clips, signal),
    }
  })
}
