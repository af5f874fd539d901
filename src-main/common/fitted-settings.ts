/** Settings that fit the size of a corpus, for who chooses none: of topics, and of training. */
import type { CaptionerSettings } from '#contract'
import { fittedToCorpus, PRESETS } from './presets.ts'
import type { CorpusSize } from './presets.ts'

/** The paper's number of topics, which suits a thousand clips and more. */
const MOST_TOPICS = 100
/** Topics grow with the root of the clips: 28 of the sample's 144, 100 of two thousand. */
const TOPICS_PER_ROOT = 2.3
/** Fewer clips than this a topic, and a topic is a clip. */
const CLIPS_PER_TOPIC = 3

/** How many topics are worth finding in the captions of `clips` clips: 2 at least, a third of the clips at most. */
export const fittedTopicCount = (clips: number): number =>
  Math.max(
    2,
    Math.min(
      MOST_TOPICS,
      Math.floor(clips / CLIPS_PER_TOPIC),
      Math.round(TOPICS_PER_ROOT * Math.sqrt(clips)),
    ),
  )

/** In fewer clips a word that occurs once is all that there is of its topic, and one in most of them still tells. */
const FEW_CLIPS = 30
const SOME_CLIPS = 100

/** What topics are found with in the captions of `clips` clips; what is not named is as usual. */
export function fittedTopics(clips: number): {
  k: number
  minDocumentFrequency: number
  maxDocumentShare: number
} {
  const k = fittedTopicCount(clips)
  if (clips < FEW_CLIPS) {
    return { k, minDocumentFrequency: 1, maxDocumentShare: 0.8 }
  }
  return { k, minDocumentFrequency: clips < SOME_CLIPS ? 2 : 3, maxDocumentShare: 0.5 }
}

/** From so many training captions on the preset `default` says how a corpus is learnt; below, `fast` does. */
const FAST_BELOW = 5000
/** A captioner that has taken fewer steps says hardly anything. */
const FEWEST_STEPS = 500
/** Validation checks of a run, about: each captions the split. */
const CHECKS = 20
/**
 * Fewer validation clips can't choose what is kept: CIDEr of them is 0 or chance, and by their likelihood a network is best
 * that has learnt next to nothing. What the last step leaves is kept: the rate has fallen to 0 by then.
 */
const FEW_VALIDATION_CLIPS = 10

export interface FittedTraining {
  preset: 'default' | 'fast'
  settings: Partial<CaptionerSettings>
  /** Minibatches of the whole run, about. */
  steps: number
  epochs: number
}

/**
 * What a captioner is trained with: `corpus` is of training clips, `validation` the clips that choose what is kept.
 * Of few clips an epoch has few steps, so there are more epochs.
 */
export function fittedTraining(corpus: CorpusSize, validation: number): FittedTraining {
  if (corpus.captions >= FAST_BELOW) {
    const { batchCaptions = 64, epochs = 30 } = fittedToCorpus(corpus)
    const steps = epochs * Math.ceil(corpus.captions / Math.max(1, batchCaptions))
    return { preset: 'default', settings: {}, steps, epochs }
  }
  const { batchClips, captionsPerClip, epochs: usual } = PRESETS.fast
  const ofClip = Math.max(1, Math.round(corpus.captions / Math.max(1, corpus.clips) / captionsPerClip))
  const perEpoch = Math.max(1, Math.ceil((corpus.clips / batchClips) * ofClip))
  const epochs = Math.max(usual, Math.ceil(FEWEST_STEPS / perEpoch))
  return {
    preset: 'fast',
    settings: {
      ...(epochs > usual && { epochs, checkEvery: Math.ceil(epochs / CHECKS) }),
      ...(validation < FEW_VALIDATION_CLIPS && { checkEvery: epochs }),
    },
    steps: epochs * perEpoch,
    epochs,
  }
}
