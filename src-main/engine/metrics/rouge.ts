/** Weight of recall against precision in pycocoevalcap's ROUGE-L. */
const BETA = 1.2

/**
 * ROUGE-L (Lin, 2004) of one caption, 0 to 1, as pycocoevalcap computes it: the F-measure of the best
 * precision and the best recall of the longest common subsequence, each taken over the references on its own.
 * A sentence without words counts as one empty word.
 */
export function rougeL(hypothesis: readonly string[], references: readonly string[][]): number {
  const candidate = hypothesis.length > 0 ? hypothesis : ['']
  let precision = 0
  let recall = 0
  for (const words of references) {
    const reference = words.length > 0 ? words : ['']
    const common = longestCommonSubsequence(candidate, reference)
    precision = Math.max(precision, common / candidate.length)
    recall = Math.max(recall, common / reference.length)
  }
  if (precision === 0 || recall === 0) {
    return 0
  }
  return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision)
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  // One row of the table: row[j] is the length for a's words so far and the first j words of b.
  const row = new Uint32Array(b.length + 1)
  for (const word of a) {
    let diagonal = 0
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!
      row[j] = word === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]!)
      diagonal = above
    }
  }
  return row[b.length]!
}
