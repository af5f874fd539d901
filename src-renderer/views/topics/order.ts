/** Which topics the list shows, in which order, and which of their words stand first. */
import type { TopicRow, TopicWord } from '#contract'
import type { PlainKey } from '../../language/index.ts'

export type TopicOrder = 'clips' | 'npmi' | 'size' | 'averagePrecision' | 'label'
export const ORDERS: readonly { value: TopicOrder; label: PlainKey }[] = [
  {
    value: 'clips',
    label: 'common.clips',
  },
  {
    value: 'npmi',
    label: 'topics.coherenceInside',
  },
  {
    value: 'size',
    label: 'common.size',
  },
  {
    value: 'averagePrecision',
    label: 'topics.precision',
  },
  {
    value: 'label',
    label: 'topics.name',
  },
]

/** Largest first, names by the alphabet; topics without the figure last. */
export function ordered(topics: readonly TopicRow[], by: TopicOrder): TopicRow[] {
  if (by === 'label') {
    return [...topics].sort((a, b) => a.label.localeCompare(b.label))
  }
  return [...topics].sort((a, b) => (b[by] ?? -Infinity) - (a[by] ?? -Infinity) || a.id - b.id)
}

/**
 * Relevance of a word for a topic (Sievert and Shirley, "LDAvis", 2014): λ ln p + (1 − λ) ln lift. Where the
 * corpus' counts are not known the probability alone decides.
 */
function relevance({ p, lift }: TopicWord, lambda: number): number {
  if (p === 0) {
    return -Infinity
  }
  return lift === null || lambda === 1 ? Math.log(p) : lambda * Math.log(p) + (1 - lambda) * Math.log(lift)
}

/** Words by falling relevance. */
export function byRelevance<W extends TopicWord>(words: readonly W[], lambda: number): W[] {
  return words
    .map((word) => ({ word, rank: relevance(word, lambda) }))
    .sort((a, b) => (b.rank === a.rank ? 0 : b.rank - a.rank))
    .map(({ word }) => word)
}

/** The parts of a search, each of which a topic has to have. */
export const searchParts = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((part) => part !== '')

/** Words of phrases are parted by underscores in the data, by spaces on the screen. */
export const asRead = (word: string): string => word.replaceAll('_', ' ')

/** Whether a word, or one of a phrase, begins with a part of a search. */
export const begins = (word: string, part: string): boolean =>
  word.startsWith(part) || word.includes(`_${part}`)

/**
 * Topics whose label holds every part of the search, or whose words begin with it; `found` are topics that
 * main knows to have such words.
 */
export function matching(topics: readonly TopicRow[], text: string, found: ReadonlySet<number>): TopicRow[] {
  const parts = searchParts(text)
  if (parts.length === 0) {
    return [...topics]
  }
  return topics.filter(
    ({ id, label, words }) =>
      found.has(id) ||
      parts.every(
        (part) => label.toLowerCase().includes(part) || words.some(({ word }) => begins(word, part)),
      ),
  )
}
