/**
 * Transfer to action recognition: a linear classifier on v-bar of frozen encoders, beside one on the frame
 * features alone.
 */
import { VitrineError } from '#contract'
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { readFeatures } from '../captioner/features.ts'
import { GREEDY } from '../captioner/decoder.ts'
import { withModel } from '../captioner/ready.ts'
import { resolveDevice } from '../graph/session.ts'
import { activations } from '../neurons/activations.ts'
import { createRandom } from '../../common/random.ts'
import { crossValidate } from './classifier.ts'

/** Frames of a clip when no model says how many. */
const MOST_FRAMES = 128

export async function transfer(
  params: EngineParams<'actions.transfer'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'actions.transfer'>> {
  const { models, clips, classes, folds, seed } = params
  const device = resolveDevice(params.device)
  const labels = clips.map((clip) => clip.class)
  const sizes = Array.from({ length: classes }, (_, k) => labels.filter((label) => label === k).length)
  const smallest = Math.min(...sizes)
  if (smallest < folds) {
    throw new VitrineError(
      'BAD_INPUT',
      `The smallest class has ${smallest} clips, fewer than the ${folds} folds.`,
      'Use fewer folds, or more clips for each class.',
    )
  }
  const fold = dealFolds(labels, classes, folds, seed)
  const run = async (name: string, vectors: Float32Array[]) => {
    progress({ phase: `classifying on ${name} features`, done: 0, total: null, unit: 'folds' })
    const predicted = await crossValidate(vectors, labels, fold, classes, device, signal)
    const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
    predicted.forEach((guess, i) => {
      const row = confusion[labels[i] ?? 0]
      if (row) {
        row[guess] = (row[guess] ?? 0) + 1
      }
    })
    return { accuracy: predicted.filter((guess, i) => guess === labels[i]).length / labels.length, confusion }
  }
  const encoded = async (modelDir: string | null, name: string) => {
    if (modelDir === null) {
      return null
    }
    const report = (done: number) => {
      progress({ phase: `encoding with ${name}`, done, total: clips.length, unit: 'clips' })
    }
    const found = await withModel(modelDir, { decoding: GREEDY, device }, (ready) =>
      activations(ready, clips, signal, { report }),
    )
    return run(
      name,
      found.map(({ mean }) => mean),
    )
  }
  const interpretive = await encoded(models.interpretive, 'interpretive')
  const baseline = await encoded(models.baseline, 'baseline')
  const cnn = await run('frame', await meanFeatures(clips))
  return {
    accuracy: {
      interpretive: interpretive?.accuracy ?? null,
      baseline: baseline?.accuracy ?? null,
      cnn: cnn.accuracy,
    },
    confusion: {
      interpretive: interpretive?.confusion ?? null,
      baseline: baseline?.confusion ?? null,
      cnn: cnn.confusion,
    },
  }
}

/** A fold for every clip: each class is dealt over the folds in turn, in an order drawn from the seed. */
export function dealFolds(labels: readonly number[], classes: number, folds: number, seed: number): number[] {
  const random = createRandom(seed)
  const fold = new Array<number>(labels.length).fill(0)
  for (let k = 0; k < classes; k++) {
    const own = random.shuffle(labels.flatMap((label, i) => (label === k ? [i] : [])))
    own.forEach((clip, position) => {
      fold[clip] = position % folds
    })
  }
  return fold
}

/** The mean frame feature of each clip, [F]. */
async function meanFeatures(clips: readonly ClipFeatures[]): Promise<Float32Array[]> {
  const means: Float32Array[] = []
  for (const clip of clips) {
    const { rows, size, data } = await readFeatures(clip, MOST_FRAMES)
    means.push(
      Float32Array.from({ length: size }, (_, j) => {
        let sum = 0
        for (let t = 0; t < rows; t++) {
          sum += data[t * size + j] ?? 0
        }
        return sum / rows
      }),
    )
  }
  return means
}
