import type { Corpus } from './corpus.ts'

/** Words of a topic whose coherence is measured. */
export const COHERENCE_WORDS = 10

/**
 * Coherence of each topic: the mean over pairs of its top words of their normalised pointwise mutual
 * information
 *
 *     ln(p(a, b) / (p(a) p(b))) / -ln p(a, b)
 *
 * (Bouma, GSCL 2009), where p is the share of the documents with tokens that hold the word, or both. A pair
 * that never meets counts -1; one that is in every document counts 1. `topics`: word numbers, best first; at
 * most the first ten are used. Null for a topic with fewer than two words.
 */
export function coherence(
  corpus: Pick<Corpus, 'words' | 'starts'>,
  topics: readonly number[][],
): (number | null)[] {
  const topWords = topics.map((words) => words.slice(0, COHERENCE_WORDS))
  const documentsWith = new Map<number, number[]>(topWords.flat().map((word) => [word, []]))
  let documents = 0
  for (let d = 0; d + 1 < corpus.starts.length; d++) {
    const words = new Set(corpus.words.subarray(corpus.starts[d], corpus.starts[d + 1]))
    if (words.size > 0) {
      documents += 1
    }
    for (const word of words) {
      documentsWith.get(word)?.push(d)
    }
  }
  return topWords.map((words) => {
    let sum = 0
    let pairs = 0
    for (let i = 0; i < words.length; i++) {
      for (let j = 0; j < i; j++) {
        sum += npmi(documentsWith.get(words[i]!)!, documentsWith.get(words[j]!)!, documents)
        pairs += 1
      }
    }
    return pairs === 0 ? null : sum / pairs
  })
}

/** The mean of what is defined; null when nothing is. */
export function meanOfDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null)
  return defined.length > 0 ? defined.reduce((sum, value) => sum + value, 0) / defined.length : null
}

/** NPMI of two words from the ascending lists of documents that hold them. */
function npmi(a: readonly number[], b: readonly number[], documents: number): number {
  let both = 0
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      both += 1
    }
    if (a[i]! <= b[j]!) {
      i += 1
    } else {
      j += 1
    }
  }
  if (both === 0) {
    return -1
  }
  if (both === documents) {
    return 1
  }
  return Math.log((both * documents) / (a.length * b.length)) / -Math.log(both / documents)
}
