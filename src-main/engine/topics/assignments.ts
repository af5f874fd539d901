import type { TopicAssignment } from '../../engine-host/contract/index.ts'
import type { Corpus } from './corpus.ts'

/**
 * A document's mean count below this is none: it lies between what rounding leaves and one token in one
 * sample.
 */
const MIN_COUNT = 1e-6

/**
 * What documents get of topics by their mean counts of tokens, [D, K]: shares of their tokens, and the binary
 * rule's columns.
 */
export function assignmentsOf(
  documents: readonly { id: number }[],
  { starts }: Pick<Corpus, 'starts'>,
  documentTopic: Float32Array,
  { topicsPerClip, minShare }: { topicsPerClip: number; minShare: number },
): TopicAssignment[] {
  const k = documentTopic.length / Math.max(1, documents.length)
  return documents.map(({ id }, d) => {
    const counts = Array.from(documentTopic.subarray(d * k, (d + 1) * k), (count) =>
      count > MIN_COUNT ? count : 0,
    )
    const total = counts.reduce((sum, count) => sum + count, 0)
    const shares = counts.map((count) => (total > 0 ? count / total : 0))
    return {
      id,
      tokens: starts[d + 1]! - starts[d]!,
      shares,
      active: activeTopics(shares, topicsPerClip, minShare),
    }
  })
}

/**
 * The rule that makes a clip's topic vector binary: the columns of its largest shares, at most
 * `topicsPerClip` of them, each at least `minShare`; the largest one always, so that every clip with tokens
 * bears a topic. Of equal shares the lower column comes first. The columns are returned in rising order; none
 * when every share is 0.
 */
export function activeTopics(shares: readonly number[], topicsPerClip: number, minShare: number): number[] {
  return shares
    .map((share, column) => ({ share, column }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || a.column - b.column)
    .filter(({ share }, rank) => rank === 0 || (rank < topicsPerClip && share >= minShare))
    .map(({ column }) => column)
    .sort((a, b) => a - b)
}
