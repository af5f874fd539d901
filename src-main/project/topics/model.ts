/** The topics as they are now, words edited by hand included, in the form that the engine works with. */
import { VitrineError } from '../../common/failures.ts'
import type { TopicModel } from '../../engine-host/contract/index.ts'
import type { OpenProject, TopicRecord, TopicRun, VocabularyWord } from '../../store/index.ts'
import { failures } from './failures.ts'

type Store = OpenProject['store']
/** A topic's tokens by word. */
type WordCounts = Map<string, number>

/** The prior of a topic in a document where no topic has one, in tokens. */
const DEFAULT_ALPHA = 0.1

/** The run whose shares clips have. Throws NOT_READY before topics were found. */
export function currentRun(store: Store): TopicRun {
  const run = store.topics.run()
  if (run === null) {
    throw failures.noTopics()
  }
  return run
}

/** How a run's captions become words. */
export function tokenization({
  request: { builtInStopWords, stopWords, lemmas },
  phrases,
}: TopicRun): Pick<TopicModel, 'rule' | 'phrases'> {
  return { rule: { builtInStopWords, stopWords, lemmas }, phrases }
}

/** The mean of the priors that topics have, for one that has none yet. */
export function typicalAlpha(topics: readonly Pick<TopicRecord, 'alpha'>[]): number {
  const known = topics.map(({ alpha }) => alpha).filter((alpha) => alpha !== null)
  return known.length === 0 ? DEFAULT_ALPHA : known.reduce((sum, alpha) => sum + alpha, 0) / known.length
}

/**
 * The current topics by id, as columns. A forbidden word counts for nothing; a word that is pinned somewhere
 * has all its tokens there. Throws NOT_READY when no topic has words, as imported ones have none.
 */
export function topicModel(store: Store): { topicIds: number[]; model: TopicModel } {
  const run = currentRun(store)
  const topics = store.topics.inStates(['active', 'hidden'])
  const known = store.topics.vocabulary()
  const counts = countWords(store, topics, known)
  if (counts.every((words) => words.size === 0)) {
    throw failures.noWords()
  }
  const { vocabulary, numbers } = vocabularyOf(known, counts)
  const alpha = typicalAlpha(topics)
  return {
    topicIds: topics.map(({ id }) => id),
    model: {
      ...tokenization(run),
      vocabulary,
      beta: run.beta,
      topics: topics.map((topic, column) => ({
        alpha: topic.alpha ?? alpha,
        counts: [...counts[column]!]
          .map(([word, count]) => ({ word: numbers.get(word)!, count }))
          .sort((a, b) => b.count - a.count || a.word - b.word),
      })),
    },
  }
}

/** What each topic holds, by column: without forbidden words, and pinned ones where they are pinned. */
function countWords(
  store: Store,
  topics: readonly TopicRecord[],
  vocabulary: ReadonlyMap<string, VocabularyWord>,
): WordCounts[] {
  const counts = topics.map((): WordCounts => new Map())
  const pins = new Map<string, number[]>()
  topics.forEach(({ id }, column) => {
    for (const { word, count, mark } of store.topics.words(id)) {
      if (mark !== 'forbidden' && count > 0) {
        counts[column]!.set(word, count)
      }
      if (mark === 'pinned') {
        pins.set(word, [...(pins.get(word) ?? []), column])
      }
    }
  })
  for (const [word, columns] of pins) {
    gatherPinned(counts, { word, columns, tokens: vocabulary.get(word)?.tokens ?? 1 })
  }
  return counts
}

/**
 * Moves the tokens of a pinned word out of all other topics into those where it is pinned, in equal parts. A
 * word that no topic holds comes with its `tokens` in the corpus.
 */
function gatherPinned(
  counts: readonly WordCounts[],
  { word, columns, tokens }: { word: string; columns: readonly number[]; tokens: number },
): void {
  let loose = 0
  counts.forEach((words, column) => {
    if (!columns.includes(column)) {
      loose += words.get(word) ?? 0
      words.delete(word)
    }
  })
  if (loose === 0 && columns.every((column) => !counts[column]!.has(word))) {
    loose = tokens
  }
  for (const column of columns) {
    const words = counts[column]!
    words.set(word, (words.get(word) ?? 0) + loose / columns.length)
  }
}

/** The words of the run and those that only topics hold, and the number of each. */
function vocabularyOf(
  known: ReadonlyMap<string, VocabularyWord>,
  counts: readonly WordCounts[],
): { vocabulary: VocabularyWord[]; numbers: ReadonlyMap<string, number> } {
  const vocabulary = [...known.values()]
  const numbers = new Map([...known.keys()].map((word, number) => [word, number]))
  for (const words of counts) {
    for (const word of words.keys()) {
      if (!numbers.has(word)) {
        numbers.set(word, vocabulary.length)
        vocabulary.push({ word, tokens: 0, documents: 0 })
      }
    }
  }
  return { vocabulary, numbers }
}

/** The same model; null where topics have no words, or there are none. */
export function topicModelIfAny(store: Store): TopicModel | null {
  try {
    return topicModel(store).model
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'NOT_READY') {
      return null
    }
    throw error
  }
}
