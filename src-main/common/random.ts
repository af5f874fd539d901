/**
 * The engine's one source of chance: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom
 * number generators", ACM TOMS 2021), its 128 bits of state filled from the seed by splitmix32. The same seed
 * gives the same numbers on every machine. Not for cryptography.
 */

/** A seeded generator; create it with `createRandom`. */
export interface Random {
  /** A float in [0, 1), a multiple of 2^-32. */
  next(): number
  /** A float in [0, 1) with all 53 bits. */
  next53(): number
  /** A 32-bit integer, 0 to 2^32 - 1. */
  uint32(): number
  /** An unbiased integer in [0, n); n from 1 to 2^32. */
  below(n: number): number
  /** A standard normal deviate (Marsaglia's polar method). */
  normal(): number
  /** Shuffles in place (Fisher and Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T
  /**
   * A new generator for a part of the work; its stream depends on this one's state, which moves on by one
   * draw.
   */
  fork(): Random
}

/** A generator from any number; only its low 32 bits as an integer count. */
export function createRandom(seed: number): Random {
  const splitmix32 = createSplitmix32(seed)
  let s0 = splitmix32()
  let s1 = splitmix32()
  let s2 = splitmix32()
  let s3 = splitmix32()
  let spare: number | null = null

  const uint32 = (): number => {
    const scrambled = Math.imul(s1, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9)
    const shifted = s1 << 9
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 11) | (s3 >>> 21)
    return result >>> 0
  }

  const random: Random = {
    uint32,
    next: () => uint32() * 2 ** -32,
    next53: () => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) * 2 ** -53,
    below(n) {
      if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
        throw new RangeError(`below(${n}): n must be an integer from 1 to 2^32`)
      }
      // Numbers past the last whole multiple of n would favour small results: draw again.
      const limit = 2 ** 32 - (2 ** 32 % n)
      let draw = uint32()
      while (draw >= limit) {
        draw = uint32()
      }
      return draw % n
    },
    normal() {
      if (spare !== null) {
        const deviate = spare
        spare = null
        return deviate
      }
      const [deviate, other] = drawNormals(random)
      spare = other
      return deviate
    },
    shuffle(array) {
      const elements: { [index: number]: unknown } = array
      for (let i = array.length - 1; i > 0; i--) {
        const j = random.below(i + 1)
        const last = elements[i]
        elements[i] = elements[j]
        elements[j] = last
      }
      return array
    },
    fork: () => createRandom(uint32()),
  }
  return random
}

/** The generator that fills the state. */
function createSplitmix32(seed: number): () => number {
  let mix = seed >>> 0
  return () => {
    mix = (mix + 0x9e3779b9) | 0
    let z = mix ^ (mix >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return z ^ (z >>> 15)
  }
}

/** Two independent standard normal deviates, by Marsaglia's polar method. */
function drawNormals(random: Random): [number, number] {
  for (;;) {
    const x = 2 * random.next53() - 1
    const y = 2 * random.next53() - 1
    const radius = x * x + y * y
    if (radius > 0 && radius < 1) {
      const scale = Math.sqrt((-2 * Math.log(radius)) / radius)
      return [x * scale, y * scale]
    }
  }
}
