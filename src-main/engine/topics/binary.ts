/**
 * The rule that makes a clip's topic vector binary: the columns of its largest shares, at most `topicsPerClip` of them,
 * each at least `minShare`; the largest one always, so that every clip with tokens bears a topic. Of equal shares the
 * lower column comes first. The columns are returned in rising order; none when every share is 0.
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
