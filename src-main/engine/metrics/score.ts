/**
 * Every metric of a corpus is a function of sums over its captions: BLEU pools counts, the others are means.
 * So a caption is reduced to one row of numbers, and the metrics of any choice of captions (one, all, a
 * resample) come from added rows.
 */
import type { CaptionMetrics } from '#contract'
import { BLEU_COUNTS, bleuCounts, bleuOf } from './bleu.ts'
import { Cider } from './cider.ts'
import type { Meteor } from './meteor.ts'
import { NGramTable } from './ngrams.ts'
import { rougeL } from './rouge.ts'

/** Numbers in a caption's row: BLEU's counts, ROUGE-L, CIDEr and METEOR (NaN when it is not computed). */
export const ROW = BLEU_COUNTS + 3

/** The metrics of `count` captions whose rows are added up to `sums`. */
export function metricsOf(sums: ArrayLike<number>, count: number): CaptionMetrics {
  const [BLEU_1, BLEU_2, BLEU_3, BLEU_4] = bleuOf(sums)
  const mean = (column: number): number => sums[BLEU_COUNTS + column]! / count
  const METEOR = mean(2)
  return {
    BLEU_1,
    BLEU_2,
    BLEU_3,
    BLEU_4,
    ROUGE_L: mean(0),
    CIDEr: mean(1),
    METEOR: Number.isNaN(METEOR) ? null : METEOR,
  }
}

export interface Scores {
  /** Of the corpus. */
  metrics: CaptionMetrics
  /** Of each caption on its own. */
  captions: CaptionMetrics[]
  /** [captions, ROW]: the rows, one after the other. */
  rows: Float64Array
}

/**
 * Scores captions that are words already. `references[i]` are the sentences of caption i, at least one.
 * METEOR is null without `meteor`. Pass `cider` when it has been made from the same references.
 */
export function scoreCaptions(
  hypotheses: readonly string[][],
  references: readonly string[][][],
  { cider = new Cider(references), meteor }: { cider?: Cider | undefined; meteor?: Meteor | undefined } = {},
): Scores {
  const table = new NGramTable()
  const rows = new Float64Array(hypotheses.length * ROW)
  const sums = new Float64Array(ROW)
  const captions = hypotheses.map((hypothesis, i) => {
    const sentences = references[i]!
    const row = [
      ...bleuCounts(table, hypothesis, sentences),
      rougeL(hypothesis, sentences),
      cider.score(i, hypothesis),
      meteor?.score(hypothesis, sentences) ?? NaN,
    ]
    rows.set(row, i * ROW)
    row.forEach((value, column) => {
      sums[column]! += value
    })
    return metricsOf(row, 1)
  })
  return { metrics: metricsOf(sums, hypotheses.length), captions, rows }
}
