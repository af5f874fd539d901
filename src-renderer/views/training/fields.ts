/**
 * Every setting of the captioner as the form shows it: its name, one line of what it does, and when it
 * matters. Numbers (presets, ranges) stay with the contract.
 */
import * as z from 'zod'
import { captionerSettings } from '#contract'
import type { CaptionerSettings, CaptionerKind } from '#contract'

export type SettingName = keyof CaptionerSettings

export interface Field {
  key: SettingName
  label: string
  hint: string
  /** What the choices of a setting are called, where it has some. */
  choices?: Record<string, string>
  /** Whether the setting does anything beside the others; missing: always. */
  matters?: (settings: CaptionerSettings, kind: CaptionerKind) => boolean
}

export interface Group {
  title: string
  note: string
  fields: readonly Field[]
}

const withTopics = (_: CaptionerSettings, kind: CaptionerKind): boolean => kind !== 'baseline'
const byClips = ({ batchCaptions }: CaptionerSettings) => batchCaptions === 0
const onPlateaus = (settings: CaptionerSettings): boolean => settings.schedule === 'plateau'

export const GROUPS: readonly Group[] = [
  {
    title: 'Run',
    note: 'how long, and what is kept',
    fields: [
      { key: 'epochs', label: 'Epochs', hint: 'passes over the training clips, at most' },
      {
        key: 'checkEvery',
        label: 'Check every',
        hint: 'epochs between validation checks; 0.5 checks twice an epoch',
      },
      {
        key: 'selectBy',
        label: 'Select by',
        hint: 'the validation figure that chooses what is kept',
        choices: { cider: 'CIDEr', bleu4: 'BLEU-4', nll: 'NLL', cost: 'NLL and topics' } satisfies Record<
          CaptionerSettings['selectBy'],
          string
        >,
      },
      { key: 'patience', label: 'Patience', hint: 'checks without progress before it stops' },
    ],
  },
  {
    title: 'Objective',
    note: 'what is minimised',
    fields: [
      { key: 'lambda', label: 'Lambda', hint: 'weight of the topics beside the words', matters: withTopics },
      {
        key: 'topicLoss',
        label: 'Interpretive loss',
        hint: 'how far the topic head is from the clip’s topics',
        matters: withTopics,
        choices: { squared: 'squared error', 'cross-entropy': 'cross-entropy' } satisfies Record<
          CaptionerSettings['topicLoss'],
          string
        >,
      },
      {
        key: 'labelSmoothing',
        label: 'Label smoothing',
        hint: 'share of a word’s probability spread over the vocabulary',
      },
      { key: 'attentionPenalty', label: 'Attention penalty', hint: 'asks attention to visit every frame' },
      {
        key: 'attentionPenaltyForm',
        label: 'Penalty counts',
        hint: 'a caption’s frames, averaged over captions, or the other way round, as the authors',
        matters: ({ attentionPenalty }) => attentionPenalty > 0,
        choices: { 'caption-mean': 'by caption', 'batch-sum': 'by batch' } satisfies Record<
          CaptionerSettings['attentionPenaltyForm'],
          string
        >,
      },
      { key: 'weightDecay', label: 'Weight decay', hint: 'L2: keeps the weights small' },
      { key: 'dropout', label: 'Dropout', hint: 'share of units silenced while it learns' },
      { key: 'inputDropout', label: 'Input dropout', hint: 'the same, of what the encoder reads' },
      { key: 'featureDropout', label: 'Feature dropout', hint: 'the same, of the features that v keeps' },
      {
        key: 'embeddingDropout',
        label: 'Word dropout',
        hint: 'the same, of what the decoder reads of words',
      },
      {
        key: 'gateDropout',
        label: 'Gate dropout',
        hint: 'the same, of the decoder’s gates; the authors’ code has it',
      },
    ],
  },
  {
    title: 'Optimizer',
    note: 'how it gets there',
    fields: [
      {
        key: 'optimizer',
        label: 'Optimizer',
        hint: 'Adadelta is the paper’s',
        choices: { adam: 'Adam', adadelta: 'Adadelta' } satisfies Record<
          CaptionerSettings['optimizer'],
          string
        >,
      },
      {
        key: 'learningRate',
        label: 'Learning rate',
        hint: 'at the start; for Adadelta a plain factor, 1 in the paper',
      },
      {
        key: 'schedule',
        label: 'Schedule',
        hint: 'what the learning rate does over the run',
        choices: {
          constant: 'constant',
          cosine: 'cosine, to zero',
          plateau: 'falls on plateaus',
        } satisfies Record<CaptionerSettings['schedule'], string>,
      },
      {
        key: 'plateauFactor',
        label: 'Plateau factor',
        hint: 'the rate is multiplied by it on a plateau',
        matters: onPlateaus,
      },
      {
        key: 'plateauPatience',
        label: 'Plateau patience',
        hint: 'checks without progress that make a plateau',
        matters: onPlateaus,
      },
      { key: 'clipNorm', label: 'Gradient norm', hint: 'larger gradients are cut to it' },
    ],
  },
  {
    title: 'Network',
    note: 'sizes, and what the encoder reads',
    fields: [
      { key: 'projection', label: 'Projection', hint: 'principal components of the features; 0 reads all' },
      {
        key: 'standardise',
        label: 'Standardise',
        hint: 'all features: mean 0 and deviation 1, or as they come',
        matters: ({ projection }) => projection === 0,
      },
      { key: 'deltas', label: 'Motion', hint: 'how the features change around each frame is read too' },
      {
        key: 'keepFeatures',
        label: 'Frame feature',
        hint: 'beside the LSTM states, as neurons of their own',
      },
      {
        key: 'neurons',
        label: 'Neurons',
        hint: 'what the LSTM says, or only what is above zero: then a neuron is there, or it is not',
        choices: { signed: 'signed', 'non-negative': 'non-negative' } satisfies Record<
          CaptionerSettings['neurons'],
          string
        >,
      },
      {
        key: 'neuronGain',
        label: 'Neuron gain',
        hint: 'what neurons are multiplied by for who reads them: beside features they are small',
      },
      { key: 'encoderSize', label: 'Encoder', hint: 'LSTM units a direction: the learnt neurons' },
      { key: 'hiddenSize', label: 'Decoder', hint: 'LSTM units' },
      { key: 'attentionSize', label: 'Attention', hint: 'hidden units that weigh the frames' },
      { key: 'embeddingSize', label: 'Word embedding', hint: 'numbers that stand for a word' },
      { key: 'topicHiddenSize', label: 'Topic head', hint: 'hidden units of f', matters: withTopics },
      {
        key: 'topicHead',
        label: 'Topics read',
        hint: 'all neurons, as in the paper, or each topic neurons of its own, which is another model',
        choices: {
          joint: 'all neurons',
          tied: 'their own',
          'tied-learnt': 'their own LSTM neurons',
        } satisfies Record<CaptionerSettings['topicHead'], string>,
        matters: withTopics,
      },
    ],
  },
  {
    title: 'Batches and words',
    note: 'minibatches, vocabulary, lengths',
    fields: [
      {
        key: 'batchCaptions',
        label: 'Captions a batch',
        hint: 'dealt so that an epoch costs least; 0: by clips and captions of each',
      },
      {
        key: 'batchClips',
        label: 'Clips a batch',
        hint: 'their encoder runs once for all their captions',
        matters: byClips,
      },
      { key: 'captionsPerClip', label: 'Captions a clip', hint: 'in a batch', matters: byClips },
      {
        key: 'lengthBuckets',
        label: 'Length buckets',
        hint: 'caption lengths compiled for; short ones don’t pay for long ones',
      },
      {
        key: 'minWordCount',
        label: 'Rarest word',
        hint: 'words that occur less often are unknown to the model; 0: as fits the corpus',
      },
      { key: 'maxVocabulary', label: 'Vocabulary', hint: 'most frequent words that are kept; 0 keeps all' },
      { key: 'maxWords', label: 'Longest caption', hint: 'words' },
      {
        key: 'maxLearntWords',
        label: 'Longest learnt',
        hint: 'captions of more words are not learnt from; 0 cuts them',
      },
      {
        key: 'lengthNormalisation',
        label: 'Normalisation',
        hint: 'of a beam’s captions by length: 1 by the word, 0 none, as the authors’ code',
      },
    ],
  },
]
export const FIELDS: readonly Field[] = GROUPS.flatMap((group) => group.fields)

/** The value of a setting as a person reads it. */
export const valueOf = ({ key, choices }: Field, settings: CaptionerSettings): string =>
  choices?.[String(settings[key])] ?? String(settings[key])

/** Whether a value is one that the contract takes. */
export const isValid = (key: SettingName, value: unknown): boolean =>
  captionerSettings.shape[key].safeParse(value ?? null).success

const bounds = z.object({
  type: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
})
/** The values that a number takes, in words: "a whole number, 1 to 6". */
export function rangeOf(key: SettingName): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds.parse(
    z.toJSONSchema(captionerSettings.shape[key]),
  )
  const high = exclusiveMaximum ?? (maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum)
  const number = type === 'integer' ? 'a whole number' : 'a number'
  if (exclusiveMinimum !== undefined) {
    return `${number}, above ${exclusiveMinimum}${high === undefined ? '' : `, below ${high}`}`
  }
  return `${number}, ${high === undefined ? `at least ${minimum ?? 0}` : `${minimum ?? 0} to ${high}`}`
}
