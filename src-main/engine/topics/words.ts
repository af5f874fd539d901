import { placeTokens, tokenize } from '../../common/tokenize.ts'
import { loadLemmas } from './lemmas.ts'
import { STOP_WORDS } from './stop-words.ts'

/** What decides which words captions are made of. */
export interface WordRule {
  builtInStopWords: boolean
  stopWords: readonly string[]
  lemmas: boolean
}

/** What is longer is no word, in characters. */
const MAX_LENGTH = 100

/**
 * Numbers the words of captions in the order of their first occurrence: tokens in lower case (`tokenize`),
 * taken back to their lemmas if the rule says so. Stop words, and what is too long for a word, are numbered like others, and never
 * lemmatised; the rule's own stop words are such in any form.
 */
export class WordReader {
  /** Number to word. */
  readonly words: string[] = []
  /** Number to whether it is a stop word. */
  readonly stops: boolean[] = []
  readonly #numbers = new Map<string, number>()
  /** Words as they are written to numbers; so that each is lemmatised once. */
  readonly #known = new Map<string, number>()
  readonly #lemma: (word: string) => string
  readonly #stopWords: ReadonlySet<string>

  private constructor(rule: WordRule, lemma: (word: string) => string) {
    this.#lemma = lemma
    this.#stopWords = new Set([
      ...(rule.builtInStopWords ? STOP_WORDS : []),
      ...rule.stopWords.flatMap(tokenize),
    ])
  }

  /** Throws NOT_FOUND when lemmas are asked for and WordNet's package is not installed. */
  static async create(rule: WordRule): Promise<WordReader> {
    return new WordReader(rule, rule.lemmas ? await loadLemmas() : (word) => word)
  }

  /** The words of a text, by number. */
  read(text: string): number[] {
    return tokenize(text).map((token) => this.#known.get(token) ?? this.#learn(token))
  }

  /** The same words as `read`, with where they stand in the text: [from, to) in UTF-16 units. */
  place(text: string): { word: number; from: number; to: number }[] {
    return placeTokens(text).map(({ token, from, to }) => ({
      word: this.#known.get(token) ?? this.#learn(token),
      from,
      to,
    }))
  }

  /** The number of a word as it is, learnt if it is new: of a phrase, say. */
  number(word: string, stop = false): number {
    const known = this.#numbers.get(word)
    if (known !== undefined) {
      return known
    }
    const number = this.words.push(word) - 1
    this.stops.push(stop)
    this.#numbers.set(word, number)
    return number
  }

  #learn(token: string): number {
    const isStop = (word: string): boolean => word.length > MAX_LENGTH || this.#stopWords.has(word)
    const lemma = isStop(token) ? token : this.#lemma(token)
    const number = this.number(lemma, isStop(lemma))
    this.#known.set(token, number)
    return number
  }
}
