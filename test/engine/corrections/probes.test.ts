/** Probes that gates go by: what they read of a clip, and when they count as sure. */
import { expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import { clipSummary, isExempt, probeScore, withColumns } from '../../../src-main/engine/captioner/gates.ts'
import type { Gate } from '../../../src-main/engine/captioner/gates.ts'
import { sureAbove } from '../../../src-main/engine/corrections/carrying.ts'
import { fitProbes } from '../../../src-main/engine/corrections/ridge-probe.ts'

const gateOf = (parts: Partial<Gate>): Gate => ({
  topic: 0,
  words: ['dog'],
  weights: [],
  bias: 0,
  threshold: 0,
  moves: [],
  ...parts,
})

it('reads means, changes over four frames, and deviations', () => {
  // One feature that rises by 1 a frame, and one that stands still.
  const features = Float32Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? i / 2 : 7))
  expect([...clipSummary({ rows: 6, size: 2, data: features })]).toEqual([
    2.5,
    7,
    4,
    0,
    Math.sqrt(35 / 12),
    0,
  ])
  expect([...clipSummary({ rows: 1, size: 2, data: Float32Array.of(3, 4) })]).toEqual([3, 4, 0, 0, 0, 0])
})

it('tells a topic, and says of each clip what it would say had it not seen it', () => {
  const random = createRandom(1)
  const bears = Array.from({ length: 40 }, (_, i) => i % 4 === 0)
  const summaries = bears.map((isBorne) =>
    Float64Array.from({ length: 6 }, (_, j) => random.normal() + (isBorne && j < 2 ? 3 : 0)),
  )
  // A feature that never varies has no weight, whatever its scale.
  summaries.forEach((summary) => summary.set([1e6], 5))
  const [probe] = fitProbes(summaries, [bears])
  expect(probe!.weights[5]).toBe(0)
  const scores = summaries.map((summary) => probeScore(gateOf(probe!), summary))
  scores.forEach((score, i) => {
    expect(score > 0.5).toBe(bears[i])
  })
  for (const i of [0, 1, 4, 7]) {
    const others = summaries.filter((_, other) => other !== i)
    const [without] = fitProbes(others, [bears.filter((_, other) => other !== i)])
    // But for the scales, which see the clip too.
    expect(probe!.leftOut[i]).toBeCloseTo(probeScore(gateOf(without!), summaries[i]!), 0.8)
    expect(Math.abs(probe!.leftOut[i]! - Number(bears[i]))).toBeGreaterThan(
      Math.abs(scores[i]! - Number(bears[i])),
    )
  }
})

it('is sure from where enough of the clips above bear the topic', () => {
  const scores = Float64Array.of(0.9, 0.8, 0.7, 0.6, 0.5, 0.1)
  expect(sureAbove(scores, [true, true, true, false, true, false], 1)).toBeCloseTo(0.65)
  expect(sureAbove(scores, [true, true, true, false, true, false], 0.8)).toBeCloseTo(0.3)
  expect(sureAbove(scores, [false, false, true, false, false, false], 0.9)).toBeNull()
})

it('follows its topic to other columns, or goes with it; and leaves exempt clips alone', () => {
  const gates = {
    gates: [gateOf({ topic: 0 }), gateOf({ topic: 2 })],
    exempt: [{ key: [0, 0], radius: 1 }],
  }
  expect(withColumns(gates, (column) => [1, 2].indexOf(column))?.gates.map(({ topic }) => topic)).toEqual([1])
  expect(isExempt(gates, Float32Array.of(0.6, 0.6))).toBe(true)
  expect(isExempt(gates, Float32Array.of(0.8, 0.8))).toBe(false)
})
