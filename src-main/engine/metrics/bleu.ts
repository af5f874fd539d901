/**
 * BLEU-1 to BLEU-4 (Papineni et al., ACL 2002) as pycocoevalcap computes it: closest reference length (the shorter of
 * two equally close), and its constants in every ratio, so that a perfect caption scores 0.9999999996.
 */
import { MAX_N, NGramTable, orderOf } from './ngrams.ts'

const TINY = 1e-15
const SMALL = 1e-9

/** BLEU-1 to BLEU-4, 0 to 1. */
export type Bleu = [number, number, number, number]

interface Statistics {
  length: number
  referenceLength: number
  guessed: number[]
  correct: number[]
}

/**
 * Scores the hypotheses (words) against their references: `references[i]` belongs to `hypotheses[i]` and holds at least
 * one sentence. `corpus` pools the counts of all captions; `captions` holds each one's own score.
 */
export function bleu(
  hypotheses: readonly string[][],
  references: readonly string[][][],
): { corpus: Bleu; captions: Bleu[] } {
  const total: Statistics = { length: 0, referenceLength: 0, guessed: [0, 0, 0, 0], correct: [0, 0, 0, 0] }
  const table = new NGramTable()
  const captions = hypotheses.map((hypothesis, i) => {
    const own = statistics(table, hypothesis, references[i]!)
    total.length += own.length
    total.referenceLength += own.referenceLength
    for (let n = 0; n < MAX_N; n++) {
      total.guessed[n]! += own.guessed[n]!
      total.correct[n]! += own.correct[n]!
    }
    return combine(own)
  })
  return { corpus: combine(total), captions }
}

function statistics(table: NGramTable, hypothesis: readonly string[], references: readonly string[][]): Statistics {
  const most = new Map<number, number>()
  let referenceLength = Infinity
  for (const reference of references) {
    for (const [id, count] of table.count(reference)) if (count > (most.get(id) ?? 0)) most.set(id, count)
    const nearer = Math.abs(reference.length - hypothesis.length) - Math.abs(referenceLength - hypothesis.length)
    if (nearer < 0 || (nearer === 0 && reference.length < referenceLength)) referenceLength = reference.length
  }
  const correct = [0, 0, 0, 0]
  for (const [id, count] of table.count(hypothesis)) correct[orderOf(id)]! += Math.min(count, most.get(id) ?? 0)
  const guessed = correct.map((_, n) => Math.max(0, hypothesis.length - n))
  return { length: hypothesis.length, referenceLength, guessed, correct }
}

function combine({ length, referenceLength, guessed, correct }: Statistics): Bleu {
  const ratio = (length + TINY) / (referenceLength + SMALL)
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1
  let product = 1
  const score = (n: number): number => {
    product *= (correct[n]! + TINY) / (guessed[n]! + SMALL)
    return product ** (1 / (n + 1)) * brevity
  }
  return [score(0), score(1), score(2), score(3)]
}
