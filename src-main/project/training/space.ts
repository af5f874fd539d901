/** What a training writes, before it begins. */
import type * as z from 'zod'
import type { CaptionerSettings, trainRequest } from '#contract'
import { presetSettings } from '../../common/presets.ts'
import { tokenize } from '../../common/tokenize.ts'
import type { OpenProject } from '../../store/index.ts'
import { corpusSize } from './inputs.ts'

/** Bytes of a parameter. */
const PARAMETER_BYTES = 4
/**
 * Times that the parameters lie on the disk at most: the best ones, old and new while they are swapped; and two
 * checkpoints and the next one, each with two slots of the optimizer beside them.
 */
const COPIES = 2 + 3 * 3

type TrainingPlan = Pick<z.output<typeof trainRequest>, 'preset' | 'settings' | 'seeds'>

/** Bytes of a training, about and at most; zero before there are features. */
export function bytesOfTraining(project: OpenProject, { preset, settings, seeds }: TrainingPlan): number {
  const sizes = presetSettings(preset, settings, corpusSize(project))
  return bytesOfRuns(project, new Array<CaptionerSettings>(seeds).fill(sizes))
}

/** The same of one run after the other, each with its settings: the parameters of all and the checkpoints of one. */
export function bytesOfRuns(project: OpenProject, runs: readonly CaptionerSettings[]): number {
  const bytes = parameterCounts(project, runs).map((parameters) => PARAMETER_BYTES * parameters)
  const largest = bytes.reduce((most, ofRun) => Math.max(most, ofRun), 0)
  return bytes.reduce((sum, ofRun) => sum + ofRun, (COPIES - 1) * largest)
}

/** Parameters of captioners with these settings, about; zero before there are features. */
export function parameterCounts(project: OpenProject, runs: readonly CaptionerSettings[]): number[] {
  const { store } = project
  const key = store.settings.get('featureSet')
  if (key === null) {
    return runs.map(() => 0)
  }
  const { dimension } = store.featureSets.get(key)
  const corpus = { dimension, words: trainingWords(store), topics: store.topics.count() }
  return runs.map((sizes) => parameterCount(sizes, corpus))
}

function parameterCount(
  sizes: CaptionerSettings,
  { dimension, words, topics }: { dimension: number; words: number; topics: number },
): number {
  const input = (sizes.projection > 0 ? sizes.projection : dimension) * (sizes.deltas ? 3 : 1)
  const neurons = input + 2 * sizes.encoderSize
  const { hiddenSize, embeddingSize, attentionSize, topicHiddenSize } = sizes
  return (
    8 * sizes.encoderSize * (input + sizes.encoderSize + 1) +
    4 * hiddenSize * (hiddenSize + embeddingSize + neurons + 1) +
    attentionSize * (neurons + hiddenSize + 2) +
    hiddenSize * (3 * neurons + 3) +
    words * (embeddingSize + hiddenSize + 1) +
    embeddingSize * (neurons + hiddenSize) +
    topicHiddenSize * (neurons + topics + 2) +
    dimension * (sizes.projection + 2)
  )
}

/** How many words the training captions have: the vocabulary at most. */
function trainingWords(store: OpenProject['store']): number {
  const words = new Set<string>()
  for (const texts of store.captions.textsByClip('train').values()) {
    for (const text of texts) {
      tokenize(text).forEach((word) => words.add(word))
    }
  }
  return words.size
}
