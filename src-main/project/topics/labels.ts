import { proposeLabels } from '../../common/topic-labels.ts'
import type { OpenProject } from '../../store/index.ts'

/** Top words that a label is made of. */
const CONSIDERED = 20

/**
 * Labels for a topic from its words, the best first: its two most relevant words, and pairs that leave one or
 * both of them out. None is the label of another current topic.
 */
export function labelProposals({ topics }: OpenProject['store'], topicId: number): string[] {
  const taken = topics
    .inStates(['active', 'hidden'])
    .filter(({ id }) => id !== topicId)
    .map(({ label }) => label)
  const total = topics.totals([topicId]).get(topicId)
  if (total === undefined) {
    return []
  }
  const probability = topics.probability()
  const vocabulary = topics.vocabulary()
  const corpusTokens = [...vocabulary.values()].reduce((sum, { tokens }) => sum + tokens, 0)
  const words = topics.topWords(topicId, CONSIDERED).map(({ word, count }) => {
    const p = probability(count, total)
    return { word, p, corpusP: (vocabulary.get(word)?.tokens ?? 0) / corpusTokens || p }
  })
  const propose = (omitted: readonly string[]): string => {
    const [label] = proposeLabels(
      [words.filter(({ word }) => !omitted.includes(word)), ...taken.map(() => [])],
      [null, ...taken],
    )
    return label!
  }
  const [first, second] = propose([]).split(', ')
  const omissions = [[], [second], [first], [first, second]].map((omitted) =>
    omitted.filter((word) => word !== undefined),
  )
  return [...new Set(omissions.filter((omitted) => omitted.length < words.length).map(propose))]
}

/** The proposal after the label that a topic has, the first after the last. */
export function nextLabel(store: OpenProject['store'], topicId: number): string {
  const { label } = store.topics.record(topicId)
  const proposals = labelProposals(store, topicId)
  return proposals[(proposals.indexOf(label) + 1) % Math.max(1, proposals.length)] ?? label
}
