import type { CaptionMetrics } from '#contract'
import { t } from '../../language/index.ts'

export interface Metric {
  key: keyof CaptionMetrics
  name: string
  note: string
}

/** The caption metrics in the order of every table, and what each of them measures. */
export const METRICS: readonly Metric[] = [
  {
    key: 'BLEU_1',
    name: 'BLEU-1',
    get note() {
      return t('training.shareOfWordsThatPeople')
    },
  },
  {
    key: 'BLEU_2',
    name: 'BLEU-2',
    get note() {
      return t('training.geometricMeanOfThePrecisions')
    },
  },
  {
    key: 'BLEU_3',
    name: 'BLEU-3',
    get note() {
      return t('training.geometricMeanOfThePrecisionsOf')
    },
  },
  {
    key: 'BLEU_4',
    name: 'BLEU-4',
    get note() {
      return t('training.geometricMeanOfThePrecisionsOf1')
    },
  },
  {
    key: 'ROUGE_L',
    name: 'ROUGE-L',
    get note() {
      return t('training.longestCommonSubsequenceFWith')
    },
  },
  {
    key: 'METEOR',
    name: 'METEOR',
    get note() {
      return t('training.wordsMatchedExactlyByStem')
    },
  },
  {
    key: 'CIDEr',
    name: 'CIDEr',
    get note() {
      return t('training.cIDErDAgreementInWords')
    },
  },
]

/** Figures that stand beside the metrics in tables whose rows main chooses. */
const OTHERS: Record<string, { name: string; note: string }> = {
  mAP: {
    get name() {
      return t('training.topicMAP')
    },
    get note() {
      return t('training.meanAveragePrecisionOfTheTopicHead')
    },
  },
  nll: {
    name: 'NLL',
    get note() {
      return t('training.ofTheBestCheckOf')
    },
  },
  bleu4: {
    get name() {
      return t('training.bleu4Greedy')
    },
    get note() {
      return t('training.ofTheBestCheckOfThe')
    },
  },
  cider: {
    get name() {
      return t('training.cIDErGreedy')
    },
    get note() {
      return t('training.ofTheBestCheckOfThe')
    },
  },
}

/** A figure by its name in the contract; an unknown one keeps that name. */
export const metricOf = (key: string): { name: string; note: string } =>
  METRICS.find((metric) => metric.key === key) ?? OTHERS[key] ?? { name: key, note: '' }

/** Rows in the order of every table; figures that stand beside the metrics come last. */
export function inOrder<T extends { metric: string }>(rows: readonly T[]): T[] {
  const rank = ({ metric }: T): number =>
    (METRICS.findIndex(({ key }) => key === metric) + METRICS.length + 1) % (METRICS.length + 1)
  return rows.toSorted((a, b) => rank(a) - rank(b))
}
