/**
 * Every setting of the captioner as the form shows it: its name, one line of what it does, and when it
 * matters. Numbers (presets, ranges) stay with the contract.
 */
import * as z from 'zod'
import { captionerSettings } from '#contract'
import type { CaptionerSettings, CaptionerKind } from '#contract'
import { t, worded } from '../../language/index.ts'
import type { PlainKey, Wording } from '../../language/index.ts'

export type SettingName = keyof CaptionerSettings

export interface Field {
  key: SettingName
  label: PlainKey
  hint: PlainKey
  /** What the choices of a setting are called, where it has some. */
  choices?: Record<string, Wording>
  /** Whether the setting does anything beside the others; missing: always. */
  matters?: (settings: CaptionerSettings, kind: CaptionerKind) => boolean
}

export interface Group {
  title: PlainKey
  note: PlainKey
  fields: readonly Field[]
}

const withTopics = (_: CaptionerSettings, kind: CaptionerKind): boolean => kind !== 'baseline'
const byClips = ({ batchCaptions }: CaptionerSettings) => batchCaptions === 0
const onPlateaus = (settings: CaptionerSettings): boolean => settings.schedule === 'plateau'

export const GROUPS: readonly Group[] = [
  {
    title: 'training.run',
    note: 'training.howLongAndWhatIs',
    fields: [
      {
        key: 'epochs',
        label: 'training.epochs',
        hint: 'training.passesOverTheTrainingClips',
      },
      {
        key: 'checkEvery',
        label: 'training.checkEvery',
        hint: 'training.epochsBetweenValidationChecks0',
      },
      {
        key: 'selectBy',
        label: 'training.selectBy',
        hint: 'training.theValidationFigureThatChooses',
        choices: {
          cider: () => 'CIDEr',
          bleu4: () => 'BLEU-4',
          nll: () => 'NLL',
          cost: 'training.nllAndTopics',
        } satisfies Record<CaptionerSettings['selectBy'], Wording>,
      },
      {
        key: 'patience',
        label: 'training.patience',
        hint: 'training.checksWithoutProgressBeforeIt',
      },
    ],
  },
  {
    title: 'training.objective',
    note: 'training.whatIsMinimised',
    fields: [
      {
        key: 'lambda',
        label: 'training.lambda',
        hint: 'training.weightOfTheTopicsBeside',
        matters: withTopics,
      },
      {
        key: 'topicLoss',
        label: 'training.interpretiveLoss',
        hint: 'training.howFarTheTopicHeadIs',
        matters: withTopics,
        choices: {
          squared: 'training.squaredError',
          'cross-entropy': 'training.crossEntropy',
        } satisfies Record<CaptionerSettings['topicLoss'], Wording>,
      },
      {
        key: 'labelSmoothing',
        label: 'training.labelSmoothing',
        hint: 'training.shareOfAWordsProbability',
      },
      {
        key: 'attentionPenalty',
        label: 'training.attentionPenalty',
        hint: 'training.asksAttentionToVisitEvery',
      },
      {
        key: 'attentionPenaltyForm',
        label: 'training.penaltyCounts',
        hint: 'training.aCaptionsFramesAveragedOver',
        matters: ({ attentionPenalty }) => attentionPenalty > 0,
        choices: {
          'caption-mean': 'training.byCaption',
          'batch-sum': 'training.byBatch',
        } satisfies Record<CaptionerSettings['attentionPenaltyForm'], Wording>,
      },
      {
        key: 'weightDecay',
        label: 'training.weightDecay',
        hint: 'training.l2KeepsTheWeightsSmall',
      },
      {
        key: 'dropout',
        label: 'training.dropout',
        hint: 'training.shareOfUnitsSilencedWhile',
      },
      {
        key: 'inputDropout',
        label: 'training.inputDropout',
        hint: 'training.theSameOfWhatThe',
      },
      {
        key: 'featureDropout',
        label: 'training.featureDropout',
        hint: 'training.theSameOfTheFeatures',
      },
      {
        key: 'embeddingDropout',
        label: 'training.wordDropout',
        hint: 'training.theSameOfWhatTheDecoder',
      },
      {
        key: 'gateDropout',
        label: 'training.gateDropout',
        hint: 'training.theSameOfTheDecoders',
      },
    ],
  },
  {
    title: 'training.optimizer',
    note: 'training.howItGetsThere',
    fields: [
      {
        key: 'optimizer',
        label: 'training.optimizer',
        hint: 'training.adadeltaIsThePapers',
        choices: { adam: () => 'Adam', adadelta: () => 'Adadelta' } satisfies Record<
          CaptionerSettings['optimizer'],
          Wording
        >,
      },
      {
        key: 'learningRate',
        label: 'training.learningRate',
        hint: 'training.atTheStartForAdadelta',
      },
      {
        key: 'schedule',
        label: 'training.schedule',
        hint: 'training.whatTheLearningRateDoes',
        choices: {
          constant: 'training.constant',
          cosine: 'training.cosineToZero',
          plateau: 'training.fallsOnPlateaus',
        } satisfies Record<CaptionerSettings['schedule'], Wording>,
      },
      {
        key: 'plateauFactor',
        label: 'training.plateauFactor',
        hint: 'training.theRateIsMultipliedBy',
        matters: onPlateaus,
      },
      {
        key: 'plateauPatience',
        label: 'training.plateauPatience',
        hint: 'training.checksWithoutProgressThatMake',
        matters: onPlateaus,
      },
      {
        key: 'clipNorm',
        label: 'training.gradientNorm',
        hint: 'training.largerGradientsAreCutTo',
      },
    ],
  },
  {
    title: 'training.network',
    note: 'training.sizesAndWhatTheEncoder',
    fields: [
      {
        key: 'projection',
        label: 'training.projection',
        hint: 'training.principalComponentsOfTheFeatures',
      },
      {
        key: 'standardise',
        label: 'training.standardise',
        hint: 'training.allFeaturesMean0And',
        matters: ({ projection }) => projection === 0,
      },
      {
        key: 'deltas',
        label: 'training.motion',
        hint: 'training.howTheFeaturesChangeAround',
      },
      {
        key: 'keepFeatures',
        label: 'training.frameFeature',
        hint: 'training.besideTheLstmStatesAs',
      },
      {
        key: 'neurons',
        label: 'common.neurons',
        hint: 'training.whatTheLstmSaysOr',
        choices: {
          signed: 'training.signed',
          'non-negative': 'training.nonNegative',
        } satisfies Record<CaptionerSettings['neurons'], Wording>,
      },
      {
        key: 'neuronGain',
        label: 'training.neuronGain',
        hint: 'training.whatNeuronsAreMultipliedBy',
      },
      {
        key: 'encoderSize',
        label: 'common.encoder',
        hint: 'training.lstmUnitsADirectionThe',
      },
      {
        key: 'hiddenSize',
        label: 'training.decoder',
        hint: 'training.lstmUnits',
      },
      {
        key: 'attentionSize',
        label: 'training.attention',
        hint: 'training.hiddenUnitsThatWeighThe',
      },
      {
        key: 'embeddingSize',
        label: 'training.wordEmbedding',
        hint: 'training.numbersThatStandForA',
      },
      {
        key: 'topicHiddenSize',
        label: 'training.topicHead',
        hint: 'training.hiddenUnitsOfF',
        matters: withTopics,
      },
      {
        key: 'topicHead',
        label: 'training.topicsRead',
        hint: 'training.allNeuronsAsInThe',
        choices: {
          joint: 'training.allNeurons',
          tied: 'training.theirOwn',
          'tied-learnt': 'training.theirOwnLstmNeurons',
        } satisfies Record<CaptionerSettings['topicHead'], Wording>,
        matters: withTopics,
      },
    ],
  },
  {
    title: 'training.batchesAndWords',
    note: 'training.minibatchesVocabularyLengths',
    fields: [
      {
        key: 'batchCaptions',
        label: 'training.captionsABatch',
        hint: 'training.dealtSoThatAnEpoch',
      },
      {
        key: 'batchClips',
        label: 'training.clipsABatch',
        hint: 'training.theirEncoderRunsOnceFor',
        matters: byClips,
      },
      {
        key: 'captionsPerClip',
        label: 'training.captionsAClip',
        hint: 'training.inABatch',
        matters: byClips,
      },
      {
        key: 'lengthBuckets',
        label: 'training.lengthBuckets',
        hint: 'training.captionLengthsCompiledForShort',
      },
      {
        key: 'minWordCount',
        label: 'common.rarestWord',
        hint: 'training.wordsThatOccurLessOften',
      },
      {
        key: 'maxVocabulary',
        label: 'training.vocabulary',
        hint: 'training.mostFrequentWordsThatAre',
      },
      {
        key: 'maxWords',
        label: 'training.longestCaption',
        hint: 'training.words',
      },
      {
        key: 'maxLearntWords',
        label: 'training.longestLearnt',
        hint: 'training.captionsOfMoreWordsAre',
      },
      {
        key: 'lengthNormalisation',
        label: 'common.normalisation',
        hint: 'training.ofABeamsCaptionsBy',
      },
    ],
  },
]
export const FIELDS: readonly Field[] = GROUPS.flatMap((group) => group.fields)

/** The value of a setting as a person reads it. */
export const valueOf = (field: Field, settings: CaptionerSettings): string =>
  choiceOf(field, String(settings[field.key]))

/** What a choice of a setting is called; whatever is none keeps its own words. */
export function choiceOf({ choices }: Field, choice: string): string {
  const wording = choices?.[choice]
  return wording === undefined ? choice : worded(wording)
}

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
  const number = type === 'integer' ? t('training.aWholeNumber') : t('training.aNumber')
  if (exclusiveMinimum !== undefined) {
    return t('training.above', {
      number,
      exclusiveMinimum,
      high: high === undefined ? '' : t('training.below', { high }),
    })
  }
  return `${number}, ${high === undefined ? t('training.atLeast', { minimum: minimum ?? 0 }) : t('training.to', { minimum: minimum ?? 0, high })}`
}
