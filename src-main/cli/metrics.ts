/** Metrics of captions, as tables show them. */
import type { CaptionMetrics, Evaluation } from '#contract'
import { fixed } from './table.ts'
import type { Cell } from './table.ts'

export const METRICS = [
  'BLEU_1',
  'BLEU_2',
  'BLEU_3',
  'BLEU_4',
  'ROUGE_L',
  'CIDEr',
  'METEOR',
] as const satisfies readonly (keyof CaptionMetrics)[]

export const metricCells = (metrics: CaptionMetrics): Cell[] => METRICS.map((name) => fixed(metrics[name]))

/** Rows for under a row of metrics: the ends of their intervals; none without intervals. */
export function intervalRows(intervals: Evaluation['intervals']): Cell[][] {
  if (intervals === null) {
    return []
  }
  return [
    ['95% from', ...METRICS.map((name) => fixed(intervals[name]?.low))],
    ['to', ...METRICS.map((name) => fixed(intervals[name]?.high))],
  ]
}
