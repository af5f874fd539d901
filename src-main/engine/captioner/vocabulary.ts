/**
 * Words to ids and back. Ids 0 to 3 are the pad, start, end and unknown words; the rest are ordered by
 * falling count.
 */
import { tokenize } from '../../common/tokenize.ts'

export const PAD = 0
export const START = 1
export const END = 2
export const UNKNOWN = 3
export const SPECIAL_WORDS = ['<pad>', '<start>', '<end>', '<unknown>'] as const

/** Words that no generated caption has. */
export const SUPPRESSED_WORDS: ReadonlySet<number> = new Set([PAD, START, UNKNOWN])

export interface Vocabulary {
  /** id -> word, [V]. */
  readonly words: readonly string[]
  readonly idOf: ReadonlyMap<string, number>
}

/** A vocabulary from its words in id order, as `words` of a model file holds them. */
export function vocabularyOf(words: readonly string[]): Vocabulary {
  return { words, idOf: new Map(words.map((word, id) => [word, id])) }
}

/**
 * A corpus' own least count: the largest of at most this with which at most this share of all running words
 * becomes unknown. Half the words of a corpus occur once or twice: nobody learns what they look like from that,
 * and each costs a row of the embedding and a column of the output.
 */
const LEAST_COUNT = { most: 5, lost: 0.05 }

/**
 * The words that occur at least `minCount` times in the captions (0: as often as `leastCount` says), the
 * `maxWords` most frequent of them (0: all); equal counts in alphabetical order.
 */
export function buildVocabulary(captions: Iterable<string>, minCount: number, maxWords = 0): Vocabulary {
  const counts = new Map<string, number>()
  for (const caption of captions) {
    for (const word of tokenize(caption)) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  const least = minCount > 0 ? minCount : leastCount([...counts.values()])
  const frequent = [...counts]
    .filter(([, count]) => count >= least)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([word]) => word)
  return vocabularyOf([...SPECIAL_WORDS, ...(maxWords > 0 ? frequent.slice(0, maxWords) : frequent)])
}

/** How often a word has to occur, by how often each does: 1 to 5, see LEAST_COUNT. */
export function leastCount(counts: readonly number[]): number {
  const runningWords = counts.reduce((sum, count) => sum + count, 0)
  const lost = (least: number): number =>
    counts.reduce((sum, count) => (count < least ? sum + count : sum), 0)
  let least = 1
  while (least < LEAST_COUNT.most && lost(least + 1) <= LEAST_COUNT.lost * runningWords) {
    least++
  }
  return least
}

/** A caption's word ids, without start and end, at most `maxWords`. */
export function wordIds(vocabulary: Vocabulary, caption: string, maxWords: number): number[] {
  return tokenize(caption)
    .slice(0, maxWords)
    .map((word) => vocabulary.idOf.get(word) ?? UNKNOWN)
}

/** Those of `words` that a vocabulary does not have, each once. */
export const wordsOutside = ({ idOf }: Pick<Vocabulary, 'idOf'>, words: readonly string[]): string[] => [
  ...new Set(words.filter((word) => !idOf.has(word))),
]
