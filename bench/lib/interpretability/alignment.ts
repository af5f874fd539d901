/**
 * Held-out alignment of an encoder's learnt neurons, by one measure for all: no head of any captioner takes part, and
 * whatever is chosen (neurons, topics, signs, weights, thresholds) is chosen on training clips. Frame features that
 * v keeps are no neurons here: they are the same in all encoders.
 *
 * Beside trained captioners, two controls are made of the interpretive one:
 *
 * - `untrained`: what the frame features, and the form of the encoder, bring along;
 * - `rotated`: its v-bar in other axes. It knows the same, but no neuron stands for anything: what is lost is owed to
 *   neurons.
 */
import type { Corpus } from './corpora/corpus.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import type { Random } from '../../../src-main/common/random.ts'
import { GREEDY } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { withModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { initialParameters, neuronCount } from '../../../src-main/engine/captioner/parameters.ts'
import type { CaptionedClip, EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { activations, frameActivations } from '../../../src-main/engine/neurons/activations.ts'
import { falseDiscoveryRates } from '../../../src-main/engine/neurons/alignment/false-discovery.ts'
import { measureAlignment } from '../../../src-main/engine/neurons/alignment/measure.ts'
import { measureOverTime } from '../../../src-main/engine/neurons/alignment/over-time.ts'
import type { Frames } from '../../../src-main/engine/neurons/alignment/over-time.ts'
import {
  bearingOf,
  rankClips,
  scoreRanking,
  tellsApart,
} from '../../../src-main/engine/neurons/alignment/ranking.ts'
import { PROBE_SIZES } from '../../../src-main/engine/neurons/alignment/sparse-probe.ts'
import type { Activations } from '../../../src-main/engine/neurons/alignment/sparse-probe.ts'
import { averagePrecision, harmonicNumbers } from '../../../src-main/engine/metrics/mean-average-precision.ts'

/** Of one encoder on the test clips. */
export interface Reading {
  neurons: number
  /** Mean average precision over the topics, of probes of 1, 4 and 16 neurons. */
  probes: number[]
  /** The same of a random ranking. */
  chance: number
  /**
   * Every neuron with the topic, and the sign, by which it tells the training clips apart best: the mean area under the
   * curve on the test clips, and the share that answers to its topic there (q at most 0.05, corrected for the neurons).
   */
  area: number
  aligned: number
  /**
   * Where what clips show over time is known: over the concepts, mean intersection over union with the neuron that
   * is most like each, and that of a neuron which is always on.
   */
  overTime: { iou: number; always: number } | null
}

/** Activations of learnt neurons, [neurons] each: v-bar of clips, and v of the frames of clips. */
export interface Encoded {
  means: Record<'train' | 'test', Float32Array[]>
  /** By clip; null where nobody knows what they show. */
  frames: Record<'train' | 'test', Float32Array[][]> | null
}

const SIGNIFICANT = 0.05

/** What the encoder of a model makes of the training and test clips. */
export function encodeWith(
  modelDir: string,
  { clips, truth }: Corpus,
  { signal }: EngineContext,
): Promise<Encoded> {
  return withModel(modelDir, { decoding: GREEDY, device: 'cpu' }, async (loaded) => {
    const { architecture } = loaded.model
    const D = neuronCount(architecture)
    const first = D - 2 * architecture.settings.encoderSize
    const meansOf = async (chosen: readonly CaptionedClip[]): Promise<Float32Array[]> =>
      (await activations(loaded, chosen, signal)).map(({ mean }) => mean.slice(first))
    const framesOf = async (chosen: readonly CaptionedClip[]): Promise<Float32Array[][]> =>
      (await frameActivations(loaded, chosen, signal)).map((values) =>
        Array.from({ length: values.length / D }, (_, t) => values.slice(t * D + first, (t + 1) * D)),
      )
    return {
      means: { train: await meansOf(clips.train), test: await meansOf(clips.test) },
      frames: truth && { train: await framesOf(clips.train), test: await framesOf(clips.test) },
    }
  })
}

/** Held-out alignment on the test clips. */
export async function readAlignment(
  { means, frames }: Encoded,
  { clips, topics, truth }: Pick<Corpus, 'clips' | 'topics' | 'truth'>,
  context: EngineContext,
): Promise<Reading> {
  const K = topics.length
  const activationsOf = (split: 'train' | 'test'): Activations => ({
    neurons: transposed(means[split]),
    bearing: bearingOf(
      clips[split].map((clip) => clip.topics),
      K,
    ),
  })
  const [train, heldOut] = [activationsOf('train'), activationsOf('test')]
  const choices = choicesOf(train, heldOut)
  const signed = ({ neurons, bearing }: Activations): Activations => ({
    neurons: neurons.map((values, j) => values.map((x) => x * choices[j]!.sign)),
    bearing,
  })
  const { probes, bearing, auc, p } = await measureAlignment(
    { train: signed(train), heldOut: signed(heldOut) },
    1,
    context,
  )
  const tested = Array.from(probes.keys()).filter((k) => probes[k]!.length > 0)
  const meanOfTopics = (valueOf: (topic: number) => number): number =>
    tested.reduce((sum, topic) => sum + valueOf(topic), 0) / tested.length
  const pairs = choices.map(({ topic }, j) => j * K + topic)
  const q = falseDiscoveryRates(Float64Array.from(pairs, (pair) => p[pair]!))
  return {
    neurons: choices.length,
    // Fewer neurons than a probe would read are all that it has.
    probes: PROBE_SIZES.map((_, size) =>
      meanOfTopics((topic) => (probes[topic]![size] ?? probes[topic]!.at(-1)!).precision),
    ),
    chance: meanOfTopics((topic) => chanceOf(bearing[topic]!, clips.test.length)),
    area: pairs.reduce((sum, pair) => sum + auc[pair]!, 0) / pairs.length,
    aligned: q.filter((value) => value <= SIGNIFICANT).length / pairs.length,
    overTime: frames && truth && (await readOverTime(frames, { clips, truth }, context)),
  }
}

/** Average precision of a ranking in which all of `clips` are level, expected over its orders. */
const chanceOf = (bearing: number, clips: number): number =>
  averagePrecision(
    Array.from({ length: clips }, () => 0),
    Array.from({ length: clips }, (_, i) => i < bearing),
  )!

/** A neuron's topic, and -1 where it tells the topic by being low. */
interface Choice {
  topic: number
  sign: 1 | -1
}

/** By neuron: what tells the training clips apart best, of topics that tell the held-out ones apart as well. */
function choicesOf({ neurons, bearing }: Activations, heldOut: Activations): Choice[] {
  const places = Uint32Array.from(bearing.topicsOf.keys())
  const harmonics = harmonicNumbers(places.length)
  const topics = Array.from(bearing.counts.keys()).filter(
    (topic) => tellsApart(bearing, topic) && tellsApart(heldOut.bearing, topic),
  )
  return neurons.map((values) => {
    const { area } = scoreRanking(rankClips(values, places), bearing, harmonics)
    const distance = (topic: number): number => Math.abs(area[topic]! - 0.5)
    const topic = topics.reduce((best, other) => (distance(other) > distance(best) ? other : best))
    return { topic, sign: area[topic]! < 0.5 ? -1 : 1 }
  })
}

async function readOverTime(
  frames: NonNullable<Encoded['frames']>,
  { clips, truth }: { clips: Corpus['clips']; truth: NonNullable<Corpus['truth']> },
  context: EngineContext,
): Promise<NonNullable<Reading['overTime']>> {
  const shownBy = new Map(truth.clips.map(({ id, frames: shown }) => [id, shown]))
  const framesOf = (split: 'train' | 'test'): Frames => ({
    neurons: transposed(frames[split].flat()),
    conceptsOf: clips[split].flatMap(({ id }) => shownBy.get(id)!),
  })
  const { concepts } = await measureOverTime(
    { train: framesOf('train'), heldOut: framesOf('test'), concepts: truth.concepts },
    context,
  )
  const meanOf = (figure: 'iou' | 'always'): number =>
    concepts.reduce((sum, overlap) => sum + overlap[figure], 0) / concepts.length
  return { iou: meanOf('iou'), always: meanOf('always') }
}

/** By neuron, [D][N]. */
const transposed = (rows: readonly Float32Array[]): Float32Array[] =>
  Array.from({ length: rows[0]?.length ?? 0 }, (_, j) => Float32Array.from(rows, (row) => row[j]!))

/** The model of `from` as it was before it learnt anything; its features are standardised and projected alike. */
export async function saveUntrained({ from, to }: { from: string; to: string }, seed: number): Promise<void> {
  const model = await loadModel(from)
  await saveModel(to, { ...model, parameters: initialParameters(model.architecture, createRandom(seed)) })
}

/** Activations in axes that are drawn at random: each vector is as long as before. */
export function rotated({ means, frames }: Encoded, random: Random): Encoded {
  const axes = randomAxes(means.train[0]?.length ?? 0, random)
  const rotate = (row: Float32Array): Float32Array =>
    Float32Array.from(axes, (axis) => row.reduce((sum, x, j) => sum + x * axis[j]!, 0))
  const rotateClips = (ofClips: Float32Array[][]): Float32Array[][] =>
    ofClips.map((ofClip) => ofClip.map(rotate))
  return {
    means: { train: means.train.map(rotate), test: means.test.map(rotate) },
    frames: frames && { train: rotateClips(frames.train), test: rotateClips(frames.test) },
  }
}

/** Orthonormal vectors: normal ones, each freed of those before it (Gram and Schmidt, twice for the rounding). */
function randomAxes(size: number, random: Random): Float64Array[] {
  const axes: Float64Array[] = []
  while (axes.length < size) {
    const axis = Float64Array.from({ length: size }, () => random.normal())
    for (const other of [...axes, ...axes]) {
      const along = axis.reduce((sum, x, i) => sum + x * other[i]!, 0)
      axis.forEach((_, i) => {
        axis[i]! -= along * other[i]!
      })
    }
    const length = Math.sqrt(axis.reduce((sum, x) => sum + x * x, 0))
    axes.push(axis.map((x) => x / length))
  }
  return axes
}
