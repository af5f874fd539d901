/**
 * Held-out alignment of the interpretive captioner beside controls, all read by one and the same measure: average
 * precision of sparse probes of 1, 4 and 16 neurons, and the share of neurons that answer to some topic. No head of any
 * captioner takes part. The controls say what an alignment comes from:
 *
 * - `baseline`, `baseline, non-negative`: what captions alone make of neurons, with signs and without;
 * - `random-topics`: what carrying any signal does;
 * - `untrained`: what the frame features, and the form of the encoder, bring along;
 * - `rotated`: v-bar of the interpretive captioner in other axes. It knows the same, but no neuron stands for anything: what is
 *   lost is owed to neurons.
 */
import { join } from 'node:path'
import { cached } from './corpora/corpus.ts'
import type { Corpus } from './corpora/corpus.ts'
import { intervalOfMean, mean } from './student.ts'
import type { TrialSetup } from './trial.ts'
import { figure, printTable } from '../table.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import type { Random } from '../../../src-main/common/random.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { GREEDY } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { withModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { initialParameters } from '../../../src-main/engine/captioner/parameters.ts'
import type { CaptionedClip, EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { activations } from '../../../src-main/engine/neurons/activations.ts'
import { measureAlignment } from '../../../src-main/engine/neurons/alignment/measure.ts'
import { bearingOf } from '../../../src-main/engine/neurons/alignment/ranking.ts'
import { PROBE_SIZES } from '../../../src-main/engine/neurons/alignment/sparse-probe.ts'

export const READERS = [
  'interpretive',
  'baseline',
  'baseline, non-negative',
  'random-topics',
  'untrained',
  'rotated',
] as const

/** Of one encoder on the test clips. */
export interface Reading {
  /** Mean average precision over the topics, of probes of 1, 4 and 16 neurons. */
  probes: number[]
  /** The same of a random ranking: the mean share of clips that bear a topic. */
  chance: number
  /** Share of the neurons that answer to some topic (q at most 0.05, corrected for all pairs). */
  aligned: number
}
export type Readings = Record<(typeof READERS)[number], Reading>

const SIGNIFICANT = 0.05

/** v-bar of the training and of the test clips, [N][D]. */
type Means = Record<'train' | 'test', Float32Array[]>

/** Reads what the trials of a seed have left in the folder, and trains and makes the controls that they have not. */
export function readControls({ corpus, folder, context, log }: TrialSetup, seed: number): Promise<Readings> {
  return cached(join(folder, `controls-${seed}.json`), async () => {
    log(`${corpus.name}, seed ${seed}: held-out alignment of controls`)
    const trained = (kind: string): string => join(folder, `${kind}-${seed}`, 'trained')
    const nonNegative = join(folder, `baseline-non-negative-${seed}`)
    await cached(join(nonNegative, 'training.json'), () =>
      trainNonNegativeBaseline(corpus, nonNegative, seed, context),
    )
    const untrained = join(folder, `untrained-${seed}`)
    await saveUntrained({ from: trained('interpretive'), to: untrained }, seed)
    const folders = {
      interpretive: trained('interpretive'),
      baseline: trained('baseline'),
      'baseline, non-negative': join(nonNegative, 'trained'),
      'random-topics': trained('random-topics'),
      untrained,
    }
    const read = async (modelDir: string): Promise<Reading> =>
      readAlignment(await meansOf(modelDir, corpus, context), corpus, context)
    const means = await meansOf(folders.interpretive, corpus, context)
    return {
      interpretive: await readAlignment(means, corpus, context),
      baseline: await read(folders.baseline),
      'baseline, non-negative': await read(folders['baseline, non-negative']),
      'random-topics': await read(folders['random-topics']),
      untrained: await read(folders.untrained),
      rotated: await readAlignment(rotated(means, createRandom(seed)), corpus, context),
    }
  })
}

function trainNonNegativeBaseline(
  { clips, settings, frames, topics }: Corpus,
  folder: string,
  seed: number,
  context: EngineContext,
) {
  return captionerHandlers['captioner.train'](
    {
      kind: 'baseline',
      settings: { ...settings, neurons: 'non-negative' },
      frames,
      topicCount: topics.length,
      train: clips.train,
      validation: clips.val,
      modelDir: join(folder, 'trained'),
      runDir: join(folder, 'run'),
      resume: false,
      device: 'cpu',
      seed,
    },
    context,
  )
}

/** The model of `from` as it was before it learnt anything. */
async function saveUntrained({ from, to }: { from: string; to: string }, seed: number): Promise<void> {
  const model = await loadModel(from)
  await saveModel(to, { ...model, parameters: initialParameters(model.architecture, createRandom(seed)) })
}

/** v-bar by the encoder of a model. */
function meansOf(modelDir: string, { clips }: Corpus, context: EngineContext): Promise<Means> {
  return withModel(modelDir, { decoding: GREEDY, device: 'cpu' }, async (loaded) => {
    const encode = async (chosen: readonly CaptionedClip[]): Promise<Float32Array[]> =>
      (await activations(loaded, chosen, context.signal)).map(({ mean }) => mean)
    return { train: await encode(clips.train), test: await encode(clips.test) }
  })
}

/** Held-out alignment of neurons on the test clips, by their v-bar. */
export async function readAlignment(
  means: Means,
  { clips, topics }: Pick<Corpus, 'clips' | 'topics'>,
  context: EngineContext,
): Promise<Reading> {
  const K = topics.length
  const activationsOf = (split: 'train' | 'test') => ({
    neurons: transposed(means[split]),
    bearing: bearingOf(
      clips[split].map((clip) => clip.topics),
      K,
    ),
  })
  const heldOut = activationsOf('test')
  const { probes, bearing, q } = await measureAlignment(
    { train: activationsOf('train'), heldOut },
    1,
    context,
  )
  const distinguishing = Array.from(probes.keys()).filter((k) => probes[k]!.length > 0)
  const mean = (valueOf: (topic: number) => number): number =>
    distinguishing.reduce((sum, topic) => sum + valueOf(topic), 0) / distinguishing.length
  const answers = heldOut.neurons.filter((_, j) =>
    q.subarray(j * K, (j + 1) * K).some((value) => value <= SIGNIFICANT),
  )
  return {
    probes: PROBE_SIZES.map((_, size) => mean((topic) => probes[topic]![size]!.precision)),
    chance: mean((topic) => bearing[topic]! / clips.test.length),
    aligned: answers.length / heldOut.neurons.length,
  }
}

/** By neuron, [D][N]. */
const transposed = (rows: readonly Float32Array[]): Float32Array[] =>
  Array.from({ length: rows[0]?.length ?? 0 }, (_, j) => Float32Array.from(rows, (row) => row[j]!))

/** v-bar in axes that are drawn at random: each is as long as before. */
export function rotated(means: Means, random: Random): Means {
  const axes = randomAxes(means.train[0]?.length ?? 0, random)
  const rotate = (row: Float32Array): Float32Array =>
    Float32Array.from(axes, (axis) => row.reduce((sum, x, j) => sum + x * axis[j]!, 0))
  return { train: means.train.map(rotate), test: means.test.map(rotate) }
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

/** Prints the readings of the seeds, and what the interpretive captioner has more than each control, seed by seed. */
export function reportControls({ clips }: Corpus, seeds: readonly Readings[]): void {
  console.log(
    `\nHeld-out alignment on the ${clips.test.length} test clips, all encoders read by one measure: mean average precision over the topics of logistic regressions on 1, 4`,
  )
  console.log(
    `and 16 neurons that were chosen and weighed on training clips (a random ranking has ${figure(mean(seeds.map(({ interpretive }) => interpretive.chance)), 3)}), and the share of neurons that answer to some topic`,
  )
  console.log(
    '(q at most 0.05). Means over the seeds; in brackets the 95% interval of the paired difference, interpretive less the control.',
  )
  const MEASURES: ((reading: Reading) => number)[] = [
    ...PROBE_SIZES.map((_, size) => (reading: Reading) => reading.probes[size]!),
    ({ aligned }) => aligned,
  ]
  printTable(
    ['', ...PROBE_SIZES.map((size) => `AP of ${size}`), 'aligned'],
    READERS.map((reader) => [
      reader,
      ...MEASURES.map((measure) => {
        const middle = figure(mean(seeds.map((readings) => measure(readings[reader]))), 3)
        const differences = seeds.map(
          (readings) => measure(readings.interpretive) - measure(readings[reader]),
        )
        return reader === 'interpretive' ? middle : `${middle} ${bracketed(differences)}`
      }),
    ]),
  )
}

/** In brackets; nothing of numbers of values that have none. */
function bracketed(values: readonly number[]): string {
  const interval = intervalOfMean(values)
  return interval === null ? '' : `[${figure(interval.low, 3)}, ${figure(interval.high, 3)}]`
}
