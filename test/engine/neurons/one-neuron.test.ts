import fc from 'fast-check'
import { expect, it } from 'vitest'
import { averagePrecision } from '../../../src-main/engine/metrics/mean-average-precision.ts'
import { scoreOneNeuron } from '../../../src-main/engine/neurons/alignment/one-neuron.ts'
import type { TopicRanking } from '../../../src-main/engine/neurons/alignment/one-neuron.ts'
import { rankClips } from '../../../src-main/engine/neurons/alignment/ranking.ts'

const never = new AbortController().signal
const rankingOf = (scores: number[], positive: boolean[]): TopicRanking => ({
  ranking: rankClips(Float32Array.from(scores), Uint32Array.from(scores.keys())),
  positive: Uint8Array.from(positive, Number),
})
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Some topics over the same clips, each borne by some of them and not by others; scores with many ties. */
const topicsOfClips = fc.integer({ min: 2, max: 12 }).chain((clips) =>
  fc.array(
    fc.record({
      scores: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: clips, maxLength: clips }),
      positive: fc
        .array(fc.boolean(), { minLength: clips, maxLength: clips })
        .filter((bearing) => new Set(bearing).size === 2),
    }),
    { minLength: 1, maxLength: 4 },
  ),
)

it('is the mean of the average precisions, beside that of scores that tell nothing, within its interval', async () => {
  await fc.assert(
    fc.asyncProperty(topicsOfClips, async (topics) => {
      const found = await scoreOneNeuron(
        topics.map(({ scores, positive }) => rankingOf(scores, positive)),
        1,
        never,
      )
      const precisions = topics.map(({ scores, positive }) => averagePrecision(scores, positive) ?? NaN)
      const atRandom = topics.map(({ scores, positive }) =>
        averagePrecision(
          scores.map(() => 0),
          positive,
        ),
      )
      expect(found?.precision).toBeCloseTo(mean(precisions), 12)
      expect(found?.chance).toBeCloseTo(mean(atRandom.map((precision) => precision ?? NaN)), 12)
      expect(found?.low).toBeLessThanOrEqual(found?.high ?? NaN)
      expect(found?.topics).toBe(topics.length)
    }),
    { numRuns: 20 },
  )
})

it('is certain of a ranking that no resample can spoil, and of the same seed the same', async () => {
  const perfect = rankingOf([5, 4, 3, 2, 1, 0], [true, true, true, false, false, false])
  expect(await scoreOneNeuron([perfect], 1, never)).toMatchObject({ precision: 1, low: 1, high: 1 })
  const doubtful = rankingOf([5, 4, 3, 2, 1, 0], [true, false, true, false, true, false])
  const first = await scoreOneNeuron([doubtful], 7, never)
  expect(first?.low).toBeLessThan(first?.precision ?? 0)
  expect(first?.high).toBeGreaterThan(first?.precision ?? 1)
  expect(await scoreOneNeuron([doubtful], 7, never)).toEqual(first)
  expect(await scoreOneNeuron([], 1, never)).toBeNull()
})
