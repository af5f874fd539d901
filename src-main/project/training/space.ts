/** What a training writes, before it begins. */
import type * as z from 'zod'
import type { trainRequest } from '#contract'
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

/**
 * Bytes of a training, about and at most; zero before there are features. Of a series, the parameters of all and
 * the checkpoints of one.
 */
export function bytesOfTraining(project: OpenProject, { preset, settings, seeds }: TrainingPlan): number {
  const { store } = project
  const key = store.settings.get('featureSet')
  if (key === null) {
    return 0
  }
  const features = store.featureSets.get(key)
  const sizes = presetSettings(preset, settings, corpusSize(project))
  const input = (sizes.projection > 0 ? sizes.projection : features.dimension) * (sizes.deltas ? 3 : 1)
  const neurons = input + 2 * sizes.encoderSize
  const words = trainingWords(store)
  const { hiddenSize, embeddingSize, attentionSize, topicHiddenSize } = sizes
  const parameters =
    8 * sizes.encoderSize * (input + sizes.encoderSize + 1) +
    4 * hiddenSize * (hiddenSize + embeddingSize + neurons + 1) +
    attentionSize * (neurons + hiddenSize + 2) +
    hiddenSize * (3 * neurons + 3) +
    words * (embeddingSize + hiddenSize + 1) +
    embeddingSize * (neurons + hiddenSize) +
    topicHiddenSize * (neurons + store.topics.count() + 2) +
    features.dimension * (sizes.projection + 2)
  return PARAMETER_BYTES * parameters * (COPIES + seeds - 1)
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
