/**
 * Transfer to action recognition: a linear classifier on v-bar of frozen encoders, beside one on the frame
 * features alone.
 */
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { GREEDY } from '../captioner/decoding/decoder.ts'
import { readFeatures } from '../captioner/feature-files.ts'
import { withModel } from '../captioner/loaded-models.ts'
import { resolveDevice } from '../graph/session.ts'
import { activations } from '../neurons/activations.ts'
import { crossValidate } from './classifier.ts'
import { dealFolds, requireFullFolds } from './folds.ts'

/** Frames of a clip when no model says how many. */
const MAX_FRAMES = 128

interface Recognition {
  accuracy: number
  /** [true class][predicted class]. */
  confusion: number[][]
}

export async function transfer(
  { models, clips, classes, folds, seed, device: setting }: EngineParams<'actions.transfer'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'actions.transfer'>> {
  const device = resolveDevice(setting)
  const labels = clips.map((clip) => clip.class)
  requireFullFolds(labels, classes, folds)
  const foldOf = dealFolds(labels, classes, folds, seed)

  const classify = async (name: string, features: Float32Array[]): Promise<Recognition> => {
    progress({ phase: `classifying on ${name} features`, done: 0, total: null, unit: 'folds' })
    const predicted = await crossValidate({ features, labels, foldOf, classes }, device, signal)
    return recognitionOf(labels, predicted, classes)
  }
  const encodeAndClassify = async (modelDir: string | null, name: string): Promise<Recognition | null> => {
    if (modelDir === null) {
      return null
    }
    const report = (done: number) => {
      progress({ phase: `encoding with ${name}`, done, total: clips.length, unit: 'clips' })
    }
    const encoded = await withModel(modelDir, { decoding: GREEDY, device }, (loaded) =>
      activations(loaded, clips, signal, { report }),
    )
    return classify(
      name,
      encoded.map(({ mean }) => mean),
    )
  }

  const interpretive = await encodeAndClassify(models.interpretive, 'interpretive')
  const baseline = await encodeAndClassify(models.baseline, 'baseline')
  const cnn = await classify('frame', await meanFeatures(clips))
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

function recognitionOf(
  labels: readonly number[],
  predicted: readonly number[],
  classes: number,
): Recognition {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  predicted.forEach((prediction, i) => {
    confusion[labels[i]!]![prediction]! += 1
  })
  const right = predicted.filter((prediction, i) => prediction === labels[i]).length
  return { accuracy: right / labels.length, confusion }
}

/** The mean frame feature of each clip, [F]. */
async function meanFeatures(clips: readonly ClipFeatures[]): Promise<Float32Array[]> {
  const means: Float32Array[] = []
  for (const clip of clips) {
    const { rows, size, data } = await readFeatures(clip, MAX_FRAMES)
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
