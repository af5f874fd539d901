import { createRandom } from '../../common/random.ts'
import type { Random } from '../../common/random.ts'

/** What chance decides in a run, and how often anew: once, every epoch, or every step. */
const PURPOSES = {
  transform: 1,
  parameters: 2,
  topics: 3,
  entries: 4,
  order: 5,
  dropout: 6,
  validation: 7,
} as const

/**
 * The generator of one purpose, by its number (an epoch, a step): a function of the seed, so that no
 * generator has a state to keep, and a run that is resumed draws what it would have drawn.
 */
export const randomStream = (seed: number, purpose: keyof typeof PURPOSES, number = 0): Random =>
  createRandom(
    Math.imul(seed, 0x9e3779b1) ^
      Math.imul(number + 1, 0x85ebca6b) ^
      Math.imul(PURPOSES[purpose], 0xc2b2ae35),
  )
