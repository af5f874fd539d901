/** The topics as they are now, words edited by hand included, in the form that the engine works with. */
import { VitrineError } from '#contract'
import type { TopicModel } from '../../engine-host/contract/index.ts'
import type { OpenProject, TopicRecord, TopicRun } from '../../store/index.ts'

type Store = OpenProject['store']

/** The run whose shares clips have. Throws NOT_READY before topics were found. */
export function currentRun(store: Store): TopicRun {
  const run = store.topics.run()
  if (run === null) {
    throw new VitrineError(
      'NOT_READY',
      'This project has no topics yet.',
      'Find topics first, or import topic vectors.',
    )
  }
  return run
}

/** How a run's captions become words. */
export function reading({
  request: { builtInStopWords, stopWords, lemmas },
  phrases,
}: TopicRun): Pick<TopicModel, 'rule' | 'phrases'> {
  return { rule: { builtInStopWords, stopWords, lemmas }, phrases }
}

/** The mean of the priors that topics have, for one that has none yet. */
export function typicalAlpha(topics: readonly Pick<TopicRecord, 'alpha'>[]): number {
  const known = topics.map(({ alpha }) => alpha).filter((alpha) => alpha !== null)
  return known.length === 0 ? 0.1 : known.reduce((sum, alpha) => sum + alpha, 0) / known.length
}

/**
 * The current topics by id, as columns. A forbidden word counts for nothing; a word that is pinned somewhere
 * has all its tokens there. Throws NOT_READY when no topic has words, as imported ones have none.
 */
export function topicModel(store: Store): { topicIds: number[]; model: TopicModel } {
  const run = currentRun(store)
  const topics = store.topics.inStates(['active', 'hidden'])
  const known = store.topics.vocabulary()
  const counts = topics.map(() => new Map<string, number>())
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
    let loose = 0
    counts.forEach((own, column) => {
      if (columns.includes(column)) {
        return
      }
      loose += own.get(word) ?? 0
      own.delete(word)
    })
    if (loose === 0 && columns.every((column) => !counts[column]!.has(word))) {
      loose = known.get(word)?.tokens ?? 1
    }
    for (const column of columns) {
      counts[column]!.set(word, (counts[column]!.get(word) ?? 0) + loose / columns.length)
    }
  }

  const numbers = new Map([...known.keys()].map((word, number) => [word, number]))
  const vocabulary = [...known.values()]
  for (const own of counts) {
    for (const word of own.keys()) {
      if (numbers.has(word)) {
        continue
      }
      numbers.set(word, vocabulary.length)
      vocabulary.push({ word, tokens: 0, documents: 0 })
    }
  }
  if (counts.every((own) => own.size === 0)) {
    throw new VitrineError(
      'NOT_READY',
      'No topic has any words.',
      'Give topics words first: imported vectors come without.',
    )
  }
  const alpha = typicalAlpha(topics)
  return {
    topicIds: topics.map(({ id }) => id),
    model: {
      ...reading(run),
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
