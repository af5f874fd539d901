/**
 * Is a topic's average precision more than chance? Under the null hypothesis every assignment of the topic to
 * as many clips is as likely as the one that was found. In a ranking without ties (those that there are being
 * put into an order drawn beforehand, without a look at the topics) the average precision then depends on how
 * many clips there are and how many bear the topic, and on nothing else: one sample of it serves all neurons.
 */
import type { Random } from '../../../common/random.ts'

/**
 * Average precisions of `draws` random rankings of `clips` clips of which `bearing` bear the topic, ascending.
 * Time: draws x (bearing + clips / 32).
 */
export function chancePrecisions(
  { clips, bearing, draws }: { clips: number; bearing: number; draws: number },
  random: Random,
): Float64Array {
  const ranks = Uint32Array.from({ length: clips }, (_, i) => i)
  const bits = new Uint32Array(Math.ceil(clips / 32))
  return Float64Array.from({ length: draws }, () => {
    drawFirst(ranks, bearing, random)
    for (let i = 0; i < bearing; i++) {
      bits[ranks[i]! >>> 5]! |= 1 << (ranks[i]! & 31)
    }
    return takePrecision(bits) / bearing
  }).sort()
}

/** Puts a random choice of `count` of the values first (Fisher and Yates, broken off). */
function drawFirst(values: Uint32Array, count: number, random: Random): void {
  for (let i = 0; i < count; i++) {
    const j = i + random.below(values.length - i)
    const value = values[j]!
    values[j] = values[i]!
    values[i] = value
  }
}

/** The sum of the precisions at the ranks whose bits are set, which are cleared. */
function takePrecision(bits: Uint32Array): number {
  let [sum, found] = [0, 0]
  for (let word = 0; word < bits.length; word++) {
    for (let left = bits[word]!; left !== 0; left &= left - 1) {
      const rank = (word << 5) + 31 - Math.clz32(left & -left)
      found += 1
      sum += found / (rank + 1)
    }
    bits[word] = 0
  }
  return sum
}

/**
 * The permutation p-value of `value` under a sample of chance, ascending: (1 + how many reach it) / (1 + how
 * many there are), which is valid at any size of the sample, and never 0 (Phipson and Smyth, "Permutation P-values
 * should never be zero", 2010).
 */
export function permutationP(value: number, chance: Float64Array): number {
  let [low, high] = [0, chance.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (chance[middle]! < value) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return (1 + chance.length - low) / (1 + chance.length)
}
