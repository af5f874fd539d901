/**
 * BLEU-1 to BLEU-4 (Papineni et al., ACL 2002) as pycocoevalcap computes it: closest reference length (the
 * shorter of two equally close), and its constants in every ratio, so that a perfect caption scores
 * 0.9999999996.
 */
import { MAX_N, orderOf } from './ngrams.ts'
import type { NGramTable } from './ngrams.ts'

const TINY = 1e-15
const SMALL = 1e-9

/** BLEU-1 to BLEU-4, 0 to 1. */
export type Bleu = [number, number, number, number]

/** How many numbers BLEU is computed from. */
export const BLEU_COUNTS = 2 + 2 * MAX_N

/**
 * What BLEU counts in one caption: its length, the closest reference's, and for n = 1 to 4 its n-grams and
 * how many of them a reference holds (clipped). The counts of a corpus are the sums over its captions.
 * `references`: at least one.
 */
export function bleuCounts(
  table: NGramTable,
  hypothesis: readonly string[],
  references: readonly string[][],
): number[] {
  const largest = new Map<number, number>()
  let referenceLength = Infinity
  for (const reference of references) {
    for (const [id, count] of table.count(reference)) {
      if (count > (largest.get(id) ?? 0)) {
        largest.set(id, count)
      }
    }
    const nearer =
      Math.abs(reference.length - hypothesis.length) - Math.abs(referenceLength - hypothesis.length)
    if (nearer < 0 || (nearer === 0 && reference.length < referenceLength)) {
      referenceLength = reference.length
    }
  }
  const correct = [0, 0, 0, 0]
  for (const [id, count] of table.count(hypothesis)) {
    correct[orderOf(id)]! += Math.min(count, largest.get(id) ?? 0)
  }
  const guessed = correct.map((_, n) => Math.max(0, hypothesis.length - n))
  return [hypothesis.length, referenceLength, ...guessed, ...correct]
}

/**
 * BLEU of counts as `bleuCounts` gives them, of one caption or added up over a corpus; numbers that follow
 * them don't matter.
 */
export function bleuOf(counts: ArrayLike<number>): Bleu {
  const ratio = (counts[0]! + TINY) / (counts[1]! + SMALL)
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1
  let product = 1
  const score = (n: number): number => {
    product *= (counts[2 + MAX_N + n]! + TINY) / (counts[2 + n]! + SMALL)
    return product ** (1 / (n + 1)) * brevity
  }
  return [score(0), score(1), score(2), score(3)]
}
