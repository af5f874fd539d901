/**
 * METEOR (Lavie and Agarwal, WMT 2007) as nltk's `meteor_score` computes it: words are aligned one to one,
 * first equal words, then equal stems, then synonyms; the harmonic mean of precision and recall, weighted
 * towards recall, is lowered by how scattered the aligned words are. Not the Java tool METEOR 1.5 that
 * pycocoevalcap calls, which has other weights, paraphrases and function words.
 *
 * nltk's quirks are kept: both sentences are walked from their ends and the first match is taken, so the
 * alignment is not the one with the fewest crossings, and a perfect caption scores below 1 (a sentence that
 * matches is one chunk of it); synonyms are looked up for stems, so that words whose stem is no word have
 * none.
 */
import { stem } from './stemmer.ts'

/** Weight of precision against recall, and shape and weight of the penalty: nltk's defaults. */
const ALPHA = 0.9
const BETA = 3
const GAMMA = 0.5

/** A word that is not aligned yet: its place in the sentence, and the form that is compared at present. */
interface Unaligned {
  place: number
  form: string
}

/** Aligned places: in the caption, and in the reference. */
type Pair = [number, number]

export class Meteor {
  readonly #synonyms: ((stem: string) => ReadonlySet<string>) | null
  readonly #stems = new Map<string, string>()

  /** `synonyms` of a stem; null: exact words and stems alone are matched. */
  constructor(synonyms: ((stem: string) => ReadonlySet<string>) | null) {
    this.#synonyms = synonyms
  }

  /** METEOR of one caption, 0 to 1: the highest over its references. Sentences are words, of any case. */
  score(hypothesis: readonly string[], references: readonly string[][]): number {
    return Math.max(...references.map((reference) => this.#scoreAgainst(hypothesis, reference)))
  }

  #scoreAgainst(hypothesis: readonly string[], reference: readonly string[]): number {
    const pairs = this.#align(hypothesis, reference)
    if (pairs.length === 0) {
      return 0
    }
    const precision = pairs.length / hypothesis.length
    const recall = pairs.length / reference.length
    const mean = (precision * recall) / (ALPHA * precision + (1 - ALPHA) * recall)
    return (1 - GAMMA * (chunks(pairs) / pairs.length) ** BETA) * mean
  }

  #align(hypothesis: readonly string[], reference: readonly string[]): Pair[] {
    const pairs: Pair[] = []
    let caption = hypothesis.map((word, place): Unaligned => ({ place, form: word.toLowerCase() }))
    let target = reference.map((word, place): Unaligned => ({ place, form: word.toLowerCase() }))
    const match = (agree: (form: string, other: string) => boolean): void => {
      caption = caption
        .toReversed()
        .filter(({ place, form }) => {
          const at = target.findLastIndex((other) => agree(form, other.form))
          const [partner] = at === -1 ? [] : target.splice(at, 1)
          if (partner) {
            pairs.push([place, partner.place])
          }
          return !partner
        })
        .toReversed()
    }
    const equal = (form: string, other: string): boolean => form === other
    const stemmed = ({ place, form }: Unaligned): Unaligned => ({ place, form: this.#stem(form) })

    match(equal)
    caption = caption.map(stemmed)
    target = target.map(stemmed)
    match(equal)
    const synonyms = this.#synonyms
    if (synonyms !== null) {
      match((form, other) => synonyms(form).has(other))
    }
    return pairs.sort(([a], [b]) => a - b)
  }

  #stem(word: string): string {
    let found = this.#stems.get(word)
    if (found === undefined) {
      found = stem(word)
      this.#stems.set(word, found)
    }
    return found
  }
}

/** Runs of words that follow each other in both sentences; `pairs` in the caption's order. */
function chunks(pairs: readonly Pair[]): number {
  return pairs.filter(
    ([caption, reference], i) =>
      i === 0 || caption !== pairs[i - 1]![0] + 1 || reference !== pairs[i - 1]![1] + 1,
  ).length
}
