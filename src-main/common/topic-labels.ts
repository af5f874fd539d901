/**
 * Weight of a word's probability against its lift in its relevance; the value that its authors found people
 * to prefer.
 */
const RELEVANCE_WEIGHT = 0.6

export interface LabelWord {
  word: string
  /** p(word | topic). */
  p: number
  /** p(word) in the corpus. */
  corpusP: number
}

/**
 * A name for each topic from its own words: the two most relevant ones, `relevance = w ln p(word|topic) + (1
 * - w) ln(p(word|topic) / p(word))` (Sievert and Shirley, "LDAvis", 2014). A second form of a word already in
 * the name is passed over. Topics that would share a name take more words, and a number when none is left. A
 * topic without words is called `empty`. `given` are names that topics have already, by place.
 */
export function proposeLabels(
  topics: readonly (readonly LabelWord[])[],
  given: readonly (string | null)[] = [],
): string[] {
  const taken = new Set(given.filter((label) => label !== null))
  return topics.map((words, topic) => {
    const name = given[topic]
    if (name) {
      return name
    }
    const label = freeLabel(distinctByRelevance(words), taken)
    taken.add(label)
    return label
  })
}

/** The most relevant words first, without second forms of one. */
function distinctByRelevance(words: readonly LabelWord[]): string[] {
  const ranked = words
    .map(({ word, p, corpusP }) => ({
      word,
      relevance: Math.log(p) - (1 - RELEVANCE_WEIGHT) * Math.log(corpusP),
    }))
    .sort((a, b) => b.relevance - a.relevance)
  const distinct: string[] = []
  for (const { word } of ranked) {
    if (!distinct.some((other) => sameWord(word, other))) {
      distinct.push(word)
    }
  }
  return distinct
}

/** The first two of the words, or as many more, and then a number, as it takes for a label of its own. */
function freeLabel(words: readonly string[], taken: ReadonlySet<string>): string {
  let length = 2
  while (length < words.length && taken.has(words.slice(0, length).join(', '))) {
    length += 1
  }
  const proposed = words.slice(0, length).join(', ') || 'empty'
  let label = proposed
  for (let n = 2; taken.has(label); n++) {
    label = `${proposed} ${n}`
  }
  return label
}

/**
 * Whether two words look like forms of one (ride, riding): they begin alike for two thirds of the shorter
 * one.
 */
function sameWord(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  let common = 0
  while (common < shorter && a[common] === b[common]) {
    common += 1
  }
  return common >= Math.max(3, Math.floor((shorter * 2) / 3))
}
