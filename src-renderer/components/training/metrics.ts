import type { CaptionMetrics } from '#contract'

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
    note: 'share of words that people also used, with a penalty for short captions',
  },
  { key: 'BLEU_2', name: 'BLEU-2', note: 'geometric mean of the precisions of 1 and 2 words in a row' },
  { key: 'BLEU_3', name: 'BLEU-3', note: 'geometric mean of the precisions of 1 to 3 words in a row' },
  { key: 'BLEU_4', name: 'BLEU-4', note: 'geometric mean of the precisions of 1 to 4 words in a row' },
  { key: 'ROUGE_L', name: 'ROUGE-L', note: 'longest common subsequence, F with beta 1.2' },
  {
    key: 'METEOR',
    name: 'METEOR',
    note: 'words matched exactly, by stem or as synonyms, with a penalty for each break in their order',
  },
  {
    key: 'CIDEr',
    name: 'CIDEr',
    note: 'CIDEr-D: agreement in words weighted by how telling they are, 0 to 10',
  },
]

/** Figures that stand beside the metrics in tables whose rows main chooses. */
const OTHERS: Record<string, { name: string; note: string }> = {
  mAP: { name: 'topic mAP', note: 'mean average precision of the topic head' },
  nll: { name: 'NLL', note: 'of the best check of the run: −ln p of what people said, a caption' },
  bleu4: { name: 'BLEU-4, greedy', note: 'of the best check of the run' },
  cider: { name: 'CIDEr, greedy', note: 'of the best check of the run' },
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
