/**
 * Every setting of the captioner as the form shows it: its name, one line of what it does, and when it
 * matters. Numbers (presets, ranges) stay with the contract.
 */
import * as z from 'zod'
import { captionerSettings } from '#contract'
import type { CaptionerSettings, CaptionerKind } from '#contract'
import { t } from '../../language/index.ts'

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
    get title() {
      return t('training.run')
    },
    get note() {
      return t('training.howLongAndWhatIs')
    },
    fields: [
      {
        key: 'epochs',
        get label() {
          return t('training.epochs')
        },
        get hint() {
          return t('training.passesOverTheTrainingClips')
        },
      },
      {
        key: 'checkEvery',
        get label() {
          return t('training.checkEvery')
        },
        get hint() {
          return t('training.epochsBetweenValidationChecks0')
        },
      },
      {
        key: 'selectBy',
        get label() {
          return t('training.selectBy')
        },
        get hint() {
          return t('training.theValidationFigureThatChooses')
        },
        choices: {
          cider: 'CIDEr',
          bleu4: 'BLEU-4',
          nll: 'NLL',
          get cost() {
            return t('training.nllAndTopics')
          },
        } satisfies Record<CaptionerSettings['selectBy'], string>,
      },
      {
        key: 'patience',
        get label() {
          return t('training.patience')
        },
        get hint() {
          return t('training.checksWithoutProgressBeforeIt')
        },
      },
    ],
  },
  {
    get title() {
      return t('training.objective')
    },
    get note() {
      return t('training.whatIsMinimised')
    },
    fields: [
      {
        key: 'lambda',
        get label() {
          return t('training.lambda')
        },
        get hint() {
          return t('training.weightOfTheTopicsBeside')
        },
        matters: withTopics,
      },
      {
        key: 'topicLoss',
        get label() {
          return t('training.interpretiveLoss')
        },
        get hint() {
          return t('training.howFarTheTopicHeadIs')
        },
        matters: withTopics,
        choices: {
          get squared() {
            return t('training.squaredError')
          },
          get 'cross-entropy'() {
            return t('training.crossEntropy')
          },
        } satisfies Record<CaptionerSettings['topicLoss'], string>,
      },
      {
        key: 'labelSmoothing',
        get label() {
          return t('training.labelSmoothing')
        },
        get hint() {
          return t('training.shareOfAWordsProbability')
        },
      },
      {
        key: 'attentionPenalty',
        get label() {
          return t('training.attentionPenalty')
        },
        get hint() {
          return t('training.asksAttentionToVisitEvery')
        },
      },
      {
        key: 'attentionPenaltyForm',
        get label() {
          return t('training.penaltyCounts')
        },
        get hint() {
          return t('training.aCaptionsFramesAveragedOver')
        },
        matters: ({ attentionPenalty }) => attentionPenalty > 0,
        choices: {
          get 'caption-mean'() {
            return t('training.byCaption')
          },
          get 'batch-sum'() {
            return t('training.byBatch')
          },
        } satisfies Record<CaptionerSettings['attentionPenaltyForm'], string>,
      },
      {
        key: 'weightDecay',
        get label() {
          return t('training.weightDecay')
        },
        get hint() {
          return t('training.l2KeepsTheWeightsSmall')
        },
      },
      {
        key: 'dropout',
        get label() {
          return t('training.dropout')
        },
        get hint() {
          return t('training.shareOfUnitsSilencedWhile')
        },
      },
      {
        key: 'inputDropout',
        get label() {
          return t('training.inputDropout')
        },
        get hint() {
          return t('training.theSameOfWhatThe')
        },
      },
      {
        key: 'featureDropout',
        get label() {
          return t('training.featureDropout')
        },
        get hint() {
          return t('training.theSameOfTheFeatures')
        },
      },
      {
        key: 'embeddingDropout',
        get label() {
          return t('training.wordDropout')
        },
        get hint() {
          return t('training.theSameOfWhatTheDecoder')
        },
      },
      {
        key: 'gateDropout',
        get label() {
          return t('training.gateDropout')
        },
        get hint() {
          return t('training.theSameOfTheDecoders')
        },
      },
    ],
  },
  {
    get title() {
      return t('training.optimizer')
    },
    get note() {
      return t('training.howItGetsThere')
    },
    fields: [
      {
        key: 'optimizer',
        get label() {
          return t('training.optimizer')
        },
        get hint() {
          return t('training.adadeltaIsThePapers')
        },
        choices: { adam: 'Adam', adadelta: 'Adadelta' } satisfies Record<
          CaptionerSettings['optimizer'],
          string
        >,
      },
      {
        key: 'learningRate',
        get label() {
          return t('training.learningRate')
        },
        get hint() {
          return t('training.atTheStartForAdadelta')
        },
      },
      {
        key: 'schedule',
        get label() {
          return t('training.schedule')
        },
        get hint() {
          return t('training.whatTheLearningRateDoes')
        },
        choices: {
          get constant() {
            return t('training.constant')
          },
          get cosine() {
            return t('training.cosineToZero')
          },
          get plateau() {
            return t('training.fallsOnPlateaus')
          },
        } satisfies Record<CaptionerSettings['schedule'], string>,
      },
      {
        key: 'plateauFactor',
        get label() {
          return t('training.plateauFactor')
        },
        get hint() {
          return t('training.theRateIsMultipliedBy')
        },
        matters: onPlateaus,
      },
      {
        key: 'plateauPatience',
        get label() {
          return t('training.plateauPatience')
        },
        get hint() {
          return t('training.checksWithoutProgressThatMake')
        },
        matters: onPlateaus,
      },
      {
        key: 'clipNorm',
        get label() {
          return t('training.gradientNorm')
        },
        get hint() {
          return t('training.largerGradientsAreCutTo')
        },
      },
    ],
  },
  {
    get title() {
      return t('training.network')
    },
    get note() {
      return t('training.sizesAndWhatTheEncoder')
    },
    fields: [
      {
        key: 'projection',
        get label() {
          return t('training.projection')
        },
        get hint() {
          return t('training.principalComponentsOfTheFeatures')
        },
      },
      {
        key: 'standardise',
        get label() {
          return t('training.standardise')
        },
        get hint() {
          return t('training.allFeaturesMean0And')
        },
        matters: ({ projection }) => projection === 0,
      },
      {
        key: 'deltas',
        get label() {
          return t('training.motion')
        },
        get hint() {
          return t('training.howTheFeaturesChangeAround')
        },
      },
      {
        key: 'keepFeatures',
        get label() {
          return t('training.frameFeature')
        },
        get hint() {
          return t('training.besideTheLstmStatesAs')
        },
      },
      {
        key: 'neurons',
        get label() {
          return t('common.neurons')
        },
        get hint() {
          return t('training.whatTheLstmSaysOr')
        },
        choices: {
          get signed() {
            return t('training.signed')
          },
          get 'non-negative'() {
            return t('training.nonNegative')
          },
        } satisfies Record<CaptionerSettings['neurons'], string>,
      },
      {
        key: 'neuronGain',
        get label() {
          return t('training.neuronGain')
        },
        get hint() {
          return t('training.whatNeuronsAreMultipliedBy')
        },
      },
      {
        key: 'encoderSize',
        get label() {
          return t('common.encoder')
        },
        get hint() {
          return t('training.lstmUnitsADirectionThe')
        },
      },
      {
        key: 'hiddenSize',
        get label() {
          return t('training.decoder')
        },
        get hint() {
          return t('training.lstmUnits')
        },
      },
      {
        key: 'attentionSize',
        get label() {
          return t('training.attention')
        },
        get hint() {
          return t('training.hiddenUnitsThatWeighThe')
        },
      },
      {
        key: 'embeddingSize',
        get label() {
          return t('training.wordEmbedding')
        },
        get hint() {
          return t('training.numbersThatStandForA')
        },
      },
      {
        key: 'topicHiddenSize',
        get label() {
          return t('training.topicHead')
        },
        get hint() {
          return t('training.hiddenUnitsOfF')
        },
        matters: withTopics,
      },
      {
        key: 'topicHead',
        get label() {
          return t('training.topicsRead')
        },
        get hint() {
          return t('training.allNeuronsAsInThe')
        },
        choices: {
          get joint() {
            return t('training.allNeurons')
          },
          get tied() {
            return t('training.theirOwn')
          },
          get 'tied-learnt'() {
            return t('training.theirOwnLstmNeurons')
          },
        } satisfies Record<CaptionerSettings['topicHead'], string>,
        matters: withTopics,
      },
    ],
  },
  {
    get title() {
      return t('training.batchesAndWords')
    },
    get note() {
      return t('training.minibatchesVocabularyLengths')
    },
    fields: [
      {
        key: 'batchCaptions',
        get label() {
          return t('training.captionsABatch')
        },
        get hint() {
          return t('training.dealtSoThatAnEpoch')
        },
      },
      {
        key: 'batchClips',
        get label() {
          return t('training.clipsABatch')
        },
        get hint() {
          return t('training.theirEncoderRunsOnceFor')
        },
        matters: byClips,
      },
      {
        key: 'captionsPerClip',
        get label() {
          return t('training.captionsAClip')
        },
        get hint() {
          return t('training.inABatch')
        },
        matters: byClips,
      },
      {
        key: 'lengthBuckets',
        get label() {
          return t('training.lengthBuckets')
        },
        get hint() {
          return t('training.captionLengthsCompiledForShort')
        },
      },
      {
        key: 'minWordCount',
        get label() {
          return t('common.rarestWord')
        },
        get hint() {
          return t('training.wordsThatOccurLessOften')
        },
      },
      {
        key: 'maxVocabulary',
        get label() {
          return t('training.vocabulary')
        },
        get hint() {
          return t('training.mostFrequentWordsThatAre')
        },
      },
      {
        key: 'maxWords',
        get label() {
          return t('training.longestCaption')
        },
        get hint() {
          return t('training.words')
        },
      },
      {
        key: 'maxLearntWords',
        get label() {
          return t('training.longestLearnt')
        },
        get hint() {
          return t('training.captionsOfMoreWordsAre')
        },
      },
      {
        key: 'lengthNormalisation',
        get label() {
          return t('common.normalisation')
        },
        get hint() {
          return t('training.ofABeamsCaptionsBy')
        },
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
