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
  const scored = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  })
  const ofAll = (clips: [score: number, positive: boolean][]) =>
    averagePrecision(
      clips.map(([score]) => score),
      clips.map(([, positive]) => positive),
    )

  it('is the mean over all orders of the tied clips', () => {
    const withPositive = scored.filter((clips) => clips.some(([, positive]) => positive))
    fc.assert(
      fc.property(withPositive, (clips) => {
        const orders = permutations(clips).filter((order) =>
          order.every(([score], i) => i === 0 || order[i - 1]![0] >= score),
        )
        const mean =
          orders.reduce((sum, order) => sum + byDefinition(order.map(([, positive]) => positive)), 0) /
          orders.length
        expect(ofAll(clips)).toBeCloseTo(mean, 10)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('is nothing where none is positive', () => {
    const withoutPositive = scored.map((clips) => clips.map(([score]): [number, boolean] => [score, false]))
    fc.assert(
      fc.property(withoutPositive, (clips) => {
        expect(ofAll(clips)).toBeNull()
      }),
      { seed: 1, numRuns: 20 },
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
