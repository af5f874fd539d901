/**
 * Average precision of a ranking whose ties are in random order: the expectation over those orders, in closed
 * form (McSherry and Najork, "Computing information retrieval performance measures efficiently in the
 * presence of tied scores", ECIR 2008). So it depends on no input order, and a constant score has exactly the
 * expected average precision of a random ranking (Bestgen, "Exact expected average precision of the random
 * baseline for system evaluation", PBML 103, 2015), which is what `chance` is.
 */

/**
 * Expected average precision, 0 to 1, of a ranking by falling score; null without a positive.
 * `scores` are finite and as many as `positive`.
 */
export function averagePrecision(scores: readonly number[], positive: readonly boolean[]): number | null {
  const positives = positive.filter(Boolean).length
  if (positives === 0) {
    return null
  }
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  const harmonics = harmonicNumbers(scores.length)
  let sum = 0
  let above = 0
  for (let start = 0; start < order.length;) {
    let end = start
    let tied = 0
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      tied += positive[order[end++]!] ? 1 : 0
    }
    sum += precisionOfTie({ start, size: end - start, above, tied }, harmonics)
    above += tied
    start = end
  }
  return sum / positives
}

/** A tie of a ranking: where it begins, what is in it, and the positives above it and in it. */
export interface Tie {
  start: number
  size: number
  above: number
  tied: number
}

/**
 * The sum of the precisions at the ranks of a tie's positives, expected over the tie's orders. What is at a rank
 * is positive with probability tied / size; then every other place of the tie holds one of its remaining
 * positives with probability (tied - 1) / (size - 1). So precision falls from rank to rank by a constant over
 * the rank, and the sum is one of harmonic numbers. `harmonics` as `harmonicNumbers`, to the tie's end or more.
 */
export function precisionOfTie({ start, size, above, tied }: Tie, harmonics: Float64Array): number {
  if (size === 1) {
    return tied === 0 ? 0 : (above + 1) / (start + 1)
  }
  const others = (tied - 1) / (size - 1)
  const sum = harmonics[start + size]! - harmonics[start]!
  return (tied / size) * (others * size + (above + 1 - others * (start + 1)) * sum)
}

/** 1 + 1/2 + ... + 1/i at i, from 0 to `count`. */
export function harmonicNumbers(count: number): Float64Array {
  const sums = new Float64Array(count + 1)
  for (let i = 1; i <= count; i++) {
    sums[i] = sums[i - 1]! + 1 / i
  }
  return sums
}

/**
 * Mean average precision over topics. `scores[i]` and `truth[i]` are a clip's K scores and the columns that
 * are 1 of its topic vector. `averagePrecision` has one value a topic, null where no clip bears it; `mAP` is
 * the mean of the others, and `chance` the mean over the same topics of a random ranking's expectation. Null
 * when no clip bears any topic.
 */
export function meanAveragePrecision(
  scores: readonly number[][],
  truth: readonly number[][],
): { mAP: number; chance: number; averagePrecision: (number | null)[] } | null {
  const topics = scores[0]?.length ?? 0
  const bearing = truth.map((columns) => new Set(columns))
  const perTopic: (number | null)[] = []
  let sum = 0
  let chance = 0
  let counted = 0
  for (let k = 0; k < topics; k++) {
    const positive = bearing.map((columns) => columns.has(k))
    const precision = averagePrecision(
      scores.map((row) => row[k]!),
      positive,
    )
    perTopic.push(precision)
    if (precision === null) {
      continue
    }
    counted += 1
    sum += precision
    chance += averagePrecision(new Array<number>(scores.length).fill(0), positive)!
  }
  return counted === 0 ? null : { mAP: sum / counted, chance: chance / counted, averagePrecision: perTopic }
}
