import type { CaptionMetrics } from '#contract'
import { worded } from '../../language/index.ts'
import type { PlainKey, Wording } from '../../language/index.ts'

export interface Metric {
  key: keyof CaptionMetrics
  name: string
  note: PlainKey
}

/** The caption metrics in the order of every table, and what each of them measures. */
export const METRICS: readonly Metric[] = [
  { key: 'BLEU_1', name: 'BLEU-1', note: 'training.shareOfWordsThatPeople' },
  { key: 'BLEU_2', name: 'BLEU-2', note: 'training.geometricMeanOfThePrecisions' },
  { key: 'BLEU_3', name: 'BLEU-3', note: 'training.geometricMeanOfThePrecisionsOf' },
  { key: 'BLEU_4', name: 'BLEU-4', note: 'training.geometricMeanOfThePrecisionsOf1' },
  { key: 'ROUGE_L', name: 'ROUGE-L', note: 'training.longestCommonSubsequenceFWith' },
  { key: 'METEOR', name: 'METEOR', note: 'training.wordsMatchedExactlyByStem' },
  { key: 'CIDEr', name: 'CIDEr', note: 'training.cIDErDAgreementInWords' },
]

/** Figures that stand beside the metrics in tables whose rows main chooses. */
const OTHERS: Record<string, { name: Wording; note: PlainKey }> = {
  mAP: {
    name: 'training.topicMAP',
    note: 'training.meanAveragePrecisionOfTheTopicHead',
  },
  nll: {
    name: () => 'NLL',
    note: 'training.ofTheBestCheckOf',
  },
  bleu4: {
    name: 'training.bleu4Greedy',
    note: 'training.ofTheBestCheckOfThe',
  },
  cider: {
    name: 'training.cIDErGreedy',
    note: 'training.ofTheBestCheckOfThe',
  },
}

/** A figure by its name in the contract, in words; an unknown one keeps that name. */
export function metricOf(key: string): { name: string; note: string } {
  const metric = METRICS.find((one) => one.key === key)
  if (metric !== undefined) {
    return { name: metric.name, note: worded(metric.note) }
  }
  const other = OTHERS[key]
  return other === undefined
    ? { name: key, note: '' }
    : { name: worded(other.name), note: worded(other.note) }
}

/** Rows in the order of every table; figures that stand beside the metrics come last. */
export function inOrder<T extends { metric: string }>(rows: readonly T[]): T[] {
  const rank = ({ metric }: T): number =>
    (METRICS.findIndex(({ key }) => key === metric) + METRICS.length + 1) % (METRICS.length + 1)
  return rows.toSorted((a, b) => rank(a) - rank(b))
}
