/** Named settings of the captioner, and what each kind of captioner makes of them. */
import type * as z from 'zod'
import { captionerSettings } from '#contract'
import type { CaptionerSettings, CaptionerKind, Preset, someSettings } from '#contract'

/**
 * Every neuron there or not, and tied to one topic: what makes neurons selective (docs/evidence.md). Not
 * defaults of the schema: models of older versions are without.
 */
const SELECTIVE = { neurons: 'non-negative', topicHead: 'tied', lambda: 0.3 } as const

/**
 * Named settings, each relative to the schema's defaults. `paper`: the paper's form, as far as the code of its
 * authors shows it (github.com/dongyp13/video-caption, config.py and model_attention.py; docs/method.md lists
 * what still differs). `fast`: a small captioner for a few hundred clips, which the demo trains.
 */
export const PRESETS = {
  // The decoder reads neurons alone, and is told what they say (docs/training.md has what was measured).
  default: {
    ...SELECTIVE,
    topicHead: 'tied-learnt',
    keepFeatures: false,
    neuronGain: 5,
    inputDropout: 0.2,
  },
  paper: {
    projection: 0,
    standardise: false,
    deltas: false,
    inputDropout: 0,
    keepFeatures: true,
    neurons: 'signed',
    encoderSize: 256,
    hiddenSize: 3518,
    attentionSize: 1536,
    embeddingSize: 468,
    topicHiddenSize: 1536,
    topicHead: 'joint',
    dropout: 0.5,
    gateDropout: 0.5,
    lambda: 0.1,
    topicLoss: 'squared',
    weightDecay: 1e-4,
    attentionPenalty: 0.70602,
    attentionPenaltyForm: 'batch-sum',
    optimizer: 'adadelta',
    learningRate: 1,
    schedule: 'constant',
    clipNorm: 10,
    // 64 captions of any clips and lengths.
    batchClips: 64,
    captionsPerClip: 1,
    lengthBuckets: 1,
    epochs: 30,
    // A thousand minibatches of the corpus that the authors used (48,774 captions of MSVD).
    checkEvery: 1.31,
    selectBy: 'cost',
    // They stop at the check after the twentieth that is not better.
    patience: 21,
    // With their end and unknown words, 20,000.
    maxVocabulary: 19_998,
    // Captions of 30 words and more are not learnt from, but may be said.
    maxLearntWords: 29,
    maxWords: 50,
    lengthNormalisation: 0,
  },
  fast: {
    ...SELECTIVE,
    projection: 128,
    encoderSize: 96,
    keepFeatures: false,
    hiddenSize: 192,
    attentionSize: 96,
    embeddingSize: 96,
    topicHiddenSize: 384,
    weightDecay: 3e-4,
    learningRate: 3e-3,
    batchClips: 8,
    captionsPerClip: 5,
    epochs: 20,
    patience: 20,
  },
} as const satisfies Record<string, Partial<CaptionerSettings>>
/** What of a corpus the preset `default` goes by, of its training clips. */
export interface CorpusSize {
  /** Clips that have captions, and those captions. */
  clips: number
  captions: number
  /** Of the longest clip, as the current features have it; null: there are none. */
  frames: number | null
}

/** Few single pictures: one step of an LSTM says little of them, so that features are read as well. */
const FEW_PICTURES = { deltas: false, keepFeatures: true, neuronGain: 1, inputDropout: 0.5 } as const
/** Many of them: the decoder reads neurons alone, as of videos, and little is learnt by heart (docs/training.md). */
const MANY_PICTURES = {
  deltas: false,
  inputDropout: 0.3,
  lambda: 2,
  embeddingDropout: 0.3,
  labelSmoothing: 0.1,
} as const
/** From so many captions on the language is a real one: half its words are rare, and there is much to learn. */
const REAL_LANGUAGE = 5000
/** Principal axes of the features, by the clips that they are learnt on. */
const AXES = [
  { below: 1000, axes: 128 },
  { below: 4000, axes: 256 },
  { below: Infinity, axes: 512 },
]
/** Captions that a run on such a corpus passes by, about, all epochs together, and the fewest and most epochs. */
const PASSES = { captions: 250_000, fewest: 5, most: 30 }

/**
 * What the preset `default` is on a corpus. Up to some thousand captions, the preset as it stands, but for single pictures. Beyond:
 * minibatches that are dealt full, rare words left out, sizes with which an epoch takes a minute and not ten, more
 * principal axes the more clips there are to learn them on, and the fewer epochs the longer they are
 * (docs/training.md has what was measured).
 */
export function fittedToCorpus({ clips, captions, frames }: CorpusSize): Partial<CaptionerSettings> {
  if (captions < REAL_LANGUAGE) {
    return frames === 1 ? FEW_PICTURES : {}
  }
  const epochs = Math.round(PASSES.captions / captions)
  return {
    projection: AXES.find(({ below }) => clips < below)!.axes,
    ...(frames === 1 && MANY_PICTURES),
    hiddenSize: 256,
    attentionSize: 256,
    embeddingSize: 256,
    batchCaptions: 64,
    minWordCount: 0,
    epochs: Math.min(PASSES.most, Math.max(PASSES.fewest, epochs)),
  }
}

/**
 * The settings of a preset with some changed; of `default`, as the corpus asks for (null: it is not known). Who says
 * how many clips a minibatch has, or captions of each, doesn't want it dealt.
 */
export const presetSettings = (
  preset: Preset,
  changes: z.output<typeof someSettings> = {},
  corpus: CorpusSize | null = null,
): CaptionerSettings =>
  captionerSettings.parse({
    ...PRESETS[preset],
    ...(preset === 'default' && corpus !== null && fittedToCorpus(corpus)),
    ...((changes.batchClips ?? changes.captionsPerClip) !== undefined && { batchCaptions: 0 }),
    ...changes,
  })

/**
 * Settings as a kind of captioner takes them. A baseline is an ordinary one: it learns no topics, and its
 * neurons are signed unless `chosen`, the settings that somebody asked for, says otherwise.
 */
export const settingsOfKind = (
  kind: CaptionerKind,
  settings: CaptionerSettings,
  chosen: Partial<Pick<CaptionerSettings, 'neurons'>>,
): CaptionerSettings =>
  kind === 'baseline'
    ? { ...settings, lambda: 0, neurons: chosen.neurons ?? 'signed', topicHead: 'joint' }
    : settings
