import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  averagePrecision,
  meanAveragePrecision,
} from '../../../src-main/engine/metrics/mean-average-precision.ts'

/** The definition: mean over the positives' ranks of the precision there. */
function byDefinition(ranking: boolean[]): number {
  let found = 0
  let sum = 0
  ranking.forEach((positive, i) => {
    if (positive) {
      sum += ++found / (i + 1)
    }
  })
  return sum / found
}

function permutations<T>(values: T[]): T[][] {
  return values.length < 2
    ? [values]
    : values.flatMap((value, i) => permutations(values.toSpliced(i, 1)).map((rest) => [value, ...rest]))
}

describe('averagePrecision', () => {
  it('is the mean over all orders of those that are tied', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.boolean()), { minLength: 1, maxLength: 6 }),
        (ranked) => {
          const precision = averagePrecision(
            ranked.map(([score]) => score),
            ranked.map(([, positive]) => positive),
          )
          if (!ranked.some(([, positive]) => positive)) {
            expect(precision).toBeNull()
            return
          }
          const orders = permutations(ranked).filter((order) =>
            order.every(([score], i) => i === 0 || order[i - 1]![0] >= score),
          )
          const mean =
            orders.reduce((sum, order) => sum + byDefinition(order.map(([, positive]) => positive)), 0) /
            orders.length
          expect(precision).toBeCloseTo(mean, 10)
        },
      ),
      { seed: 1, numRuns: 100 },
    )
  })

  it('gives constant scores exactly chance', () => {
    const truth = [[0], [0, 1], [], [1], [1]]
    const result = meanAveragePrecision(
      truth.map(() => [0.3, 0.3]),
      truth,
    )!
    expect(result.mAP).toBe(result.chance)
    expect(meanAveragePrecision([[0.1], [0.2]], [[], []])).toBeNull()
  })
})
