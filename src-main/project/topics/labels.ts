import { proposeLabels } from '../../common/topic-labels.ts'
import type { OpenProject } from '../../store/index.ts'

/** As many top words are looked at for a label. */
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
  const p = topics.probability()
  const vocabulary = topics.vocabulary()
  const all = [...vocabulary.values()].reduce((sum, { tokens }) => sum + tokens, 0)
  const words = topics.topWords(topicId, CONSIDERED).map(({ word, count }) => {
    const own = p(count, total)
    return { word, p: own, corpusP: (vocabulary.get(word)?.tokens ?? 0) / all || own }
  })
  const propose = (without: readonly string[]): string =>
    proposeLabels(
      [words.filter(({ word }) => !without.includes(word)), ...taken.map(() => [])],
      [null, ...taken],
    )[0]!
  const [first, second] = propose([]).split(', ')
  const left = [[], [second], [first], [first, second]].map((without) =>
    without.filter((word) => word !== undefined),
  )
  return [...new Set(left.filter((without) => without.length < words.length).map(propose))]
}

/** The proposal after the label that a topic has, the first after the last. */
export function nextLabel(store: OpenProject['store'], topicId: number): string {
  const { label } = store.topics.record(topicId)
  const proposals = labelProposals(store, topicId)
  return proposals[(proposals.indexOf(label) + 1) % Math.max(1, proposals.length)] ?? label
}
