/** Longest n-gram that BLEU and CIDEr count. */
export const MAX_N = 4

/** Times each n-gram occurs, by its id. */
export type NGramCounts = Map<number, number>

/**
 * Gives every n-gram of 1 to 4 words an integer id, so that counting needs no string per n-gram. An id holds
 * its length: `orderOf(id)` is n - 1.
 */
export class NGramTable {
  readonly #words = new Map<string, number>()
  /** (id of the first n - 1 words, last word) to id, both packed into one exact integer. */
  readonly #ids = new Map<number, number>()

  /** Counts the n-grams of all lengths of a sentence. */
  count(words: readonly string[]): NGramCounts {
    const counts: NGramCounts = new Map()
    const numbers = words.map((word) => this.#numberOf(word))
    for (let start = 0; start < numbers.length; start++) {
      let id = -1
      for (let n = 0; n < MAX_N && start + n < numbers.length; n++) {
        id = this.#extend(id, numbers[start + n]!, n)
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
    }
    return counts
  }

  #numberOf(word: string): number {
    let number = this.#words.get(word)
    if (number === undefined) {
      number = this.#words.size
      this.#words.set(word, number)
    }
    return number
  }

  #extend(prefix: number, word: number, order: number): number {
    const key = (prefix + 1) * 2 ** 22 + word
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.#ids.size * MAX_N + order
      this.#ids.set(key, id)
    }
    return id
  }
}

/** An n-gram's length less one: 0 to 3. */
export const orderOf = (id: number): number => id % MAX_N
