import { createRandom } from '../../../src-main/common/random.ts'
import type { Random } from '../../../src-main/common/random.ts'

/** Four topics that no word is shared by. */
export const PLANTED = [
  ['guitar', 'music', 'song', 'band'],
  ['dog', 'puppy', 'barks', 'tail'],
  ['onion', 'knife', 'slices', 'kitchen'],
  ['car', 'road', 'drives', 'traffic'],
]

export interface Generated {
  /** p(word | topic), by topic. */
  topics: Float64Array[]
  /** Words of each document, by number. */
  documents: Uint32Array[]
}

/**
 * A corpus as latent Dirichlet allocation has it: topics and documents' shares of them are Dirichlet,
 * symmetric but for `alpha`, [K].
 */
export function generateCorpus({
  documents,
  length,
  vocabulary,
  alpha,
  beta,
  seed,
}: {
  documents: number
  length: number
  vocabulary: number
  alpha: readonly number[]
  beta: number
  seed: number
}): Generated {
  const random = createRandom(seed)
  const topics = alpha.map(() => dirichlet(new Array<number>(vocabulary).fill(beta), random))
  const wordSums = topics.map(cumulative)
  return {
    topics,
    documents: Array.from({ length: documents }, () => {
      const shares = cumulative(dirichlet(alpha, random))
      return Uint32Array.from({ length }, () => draw(wordSums[draw(shares, random)]!, random))
    }),
  }
}

/** Word number 7 as a caption has it. */
export const wordOf = (number: number): string => `w${number}`

/** The documents as clips of one caption each. */
export const asClips = ({ documents }: Generated): { id: number; captions: string[] }[] =>
  documents.map((words, id) => ({ id, captions: [Array.from(words, wordOf).join(' ')] }))

function dirichlet(alpha: readonly number[], random: Random): Float64Array {
  const gammas = Float64Array.from(alpha, (shape) => gamma(shape, random))
  const sum = gammas.reduce((total, value) => total + value, 0)
  return gammas.map((value) => value / sum)
}

/** A gamma deviate of scale 1 (Marsaglia and Tsang, 2000). */
function gamma(shape: number, random: Random): number {
  if (shape < 1) {
    return gamma(shape + 1, random) * random.next53() ** (1 / shape)
  }
  const d = shape - 1 / 3
  for (;;) {
    const x = random.normal()
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(random.next53()) < (x * x) / 2 + d - d * v + d * Math.log(v)) {
      return d * v
    }
  }
}

function cumulative(p: Float64Array): Float64Array {
  let sum = 0
  return p.map((value) => (sum += value))
}

/** The first place whose cumulative share exceeds a draw. */
function draw(sums: Float64Array, random: Random): number {
  const wanted = random.next53() * sums[sums.length - 1]!
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sums[middle]! > wanted) {
      high = middle
    } else {
      low = middle + 1
    }
  }
  return low
}
