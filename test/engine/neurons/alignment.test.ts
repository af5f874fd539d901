/** Held-out alignment: rankings, permutations, corrections and probes against definitions and independent references. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import { averagePrecision, harmonicNumbers } from '../../../src-main/engine/metrics/mean-average-precision.ts'
import { falseDiscoveryRates } from '../../../src-main/engine/neurons/alignment/false-discovery.ts'
import {
  fitLogistic,
  logisticScores,
} from '../../../src-main/engine/neurons/alignment/logistic-regression.ts'
import { measureAlignment } from '../../../src-main/engine/neurons/alignment/measure.ts'
import { measureOverTime } from '../../../src-main/engine/neurons/alignment/over-time.ts'
import { chancePrecisions, permutationP } from '../../../src-main/engine/neurons/alignment/permutation.ts'
import { bearingOf, rankClips, scoreRanking } from '../../../src-main/engine/neurons/alignment/ranking.ts'
import { engineContext } from '../context.ts'

/** Scores of one topic, in a ranking whose ties stand as the clips do. */
function scored(values: readonly number[], positive: readonly boolean[]) {
  const places = Uint32Array.from(values.keys())
  const bearing = bearingOf(
    positive.map((bears) => (bears ? [0] : [])),
    1,
  )
  const ranking = rankClips(Float32Array.from(values), places)
  const { precision, drawn, area } = scoreRanking(ranking, bearing, harmonicNumbers(values.length))
  return { precision: precision[0]!, drawn: drawn[0]!, area: area[0]! }
}

/** Some clips, with ties, of which some bear a topic and some do not. */
const clips = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), { minLength: 2, maxLength: 40 })
  .filter((pairs) => pairs.some(([, bears]) => bears) && pairs.some(([, bears]) => !bears))
const halves = (pairs: [number, boolean][]) =>
  [pairs.map(([value]) => value), pairs.map(([, bears]) => bears)] as const
const check = (property: (values: number[], positive: boolean[]) => void): void => {
  fc.assert(
    fc.property(clips, (pairs) => {
      property(...halves(pairs))
    }),
    { seed: 3, numRuns: 150 },
  )
}

describe('a ranking', () => {
  it('has the figures that are worked by hand', () => {
    // The example of scikit-learn's documentation of both metrics.
    const [values, truth] = [
      [0.1, 0.4, 0.35, 0.8],
      [false, false, true, true],
    ]
    expect(scored(values, truth)).toEqual({
      precision: expect.closeTo(5 / 6, 12) as unknown,
      drawn: expect.closeTo(5 / 6, 12) as unknown,
      area: 0.75,
    })
    // A tie of a clip that bears the topic and one that does not, below a third: either order.
    expect(scored([2, 1, 1, 0], [false, true, false, false])).toEqual({
      precision: expect.closeTo((1 / 2 + 1 / 3) / 2, 12) as unknown,
      drawn: expect.closeTo(1 / 2, 12) as unknown,
      area: expect.closeTo(0.5, 12) as unknown,
    })
  })

  it('has the area of counted pairs and the average precision of the metric', () => {
    check((values, positive) => {
      const [above, below] = [values.filter((_, i) => positive[i]), values.filter((_, i) => !positive[i])]
      const pairs = above.flatMap((a) => below.map((b) => (Math.sign(a - b) + 1) / 2))
      const { precision, area } = scored(values, positive)
      expect(area).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 12)
      expect(precision).toBeCloseTo(averagePrecision(values, positive)!, 12)
    })
  })

  it('stays under a monotone map, and turns over with the sign', () => {
    check((values, positive) => {
      const before = scored(values, positive)
      expect(
        scored(
          values.map((x) => Math.exp(x / 2) - 5),
          positive,
        ),
      ).toEqual(before)
      expect(
        scored(
          values.map((x) => -x),
          positive,
        ).area,
      ).toBeCloseTo(1 - before.area, 12)
    })
  })

  it('is in the order of the numbers, with ties in the order that is asked for', () => {
    const values = Float32Array.of(-0, 3, -2.5, 0, 1e-30, -1e30, 3)
    const { order, ties } = rankClips(values, Uint32Array.of(6, 5, 4, 3, 2, 1, 0))
    expect([...order]).toEqual([6, 1, 4, 3, 0, 2, 5])
    expect([...ties]).toEqual([0, 2, 3, 5, 6, 7])
  })
})

describe('a permutation test', () => {
  it('has the exact distribution where it can be counted', () => {
    const draws = 40_000
    const chance = chancePrecisions({ clips: 6, bearing: 2, draws }, createRandom(1))
    const exact = [0, 1, 2, 3, 4, 5].flatMap((a) =>
      [0, 1, 2, 3, 4, 5].filter((b) => b > a).map((b) => (1 / (a + 1) + 2 / (b + 1)) / 2),
    )
    for (const value of exact) {
      const p = exact.filter((other) => other >= value - 1e-12).length / exact.length
      expect(Math.abs(permutationP(value, chance) - p)).toBeLessThan(0.01)
    }
    expect(permutationP(1.1, chance)).toBe(1 / (draws + 1))
    expect(permutationP(0, chance)).toBe(1)
  })

  it('gives uniform p-values where there is nothing to find, with many ties', async () => {
    const random = createRandom(7)
    const N = 60
    const labelled = (neurons: number) => ({
      // Two clips in three are at zero, as non-negative neurons have it.
      neurons: Array.from({ length: neurons }, () =>
        Float32Array.from({ length: N }, () => Math.max(0, random.normal() - 0.4)),
      ),
      bearing: bearingOf(
        Array.from({ length: N }, () => (random.next() < 0.3 ? [0] : [])),
        1,
      ),
    })
    const { p, q } = await measureAlignment(
      { train: labelled(400), heldOut: labelled(400) },
      1,
      engineContext(),
    )
    for (const level of [0.05, 0.25, 0.5, 0.9]) {
      const share = p.filter((value) => value <= level).length / p.length
      expect(Math.abs(share - level), String(level)).toBeLessThan(4 * Math.sqrt((level * (1 - level)) / 400))
    }
    expect(Math.min(...q)).toBeGreaterThan(0.05)
  })
})

it('p-values are corrected as Benjamini and Hochberg do', () => {
  // Worked by hand: p times 5 over the rank, and no larger than what comes after; NaN is no test.
  const q = falseDiscoveryRates(Float64Array.of(0.04, 0.01, NaN, 0.03, 0.5, 0.005))
  const near = (value: number): unknown => expect.closeTo(value, 12)
  expect([...q]).toEqual([near(0.05), near(0.025), NaN, near(0.05), near(0.5), near(0.025)])
})

describe('logistic regression', () => {
  it('has the solution of two points', () => {
    const features = Float64Array.of(1, -1)
    const [weight = NaN, bias] = fitLogistic({ features, width: 1, positive: Uint8Array.of(1, 0) })
    // Where the derivative is zero: w = 2 / (1 + e^w).
    expect(weight).toBeCloseTo(2 / (1 + Math.exp(weight)), 10)
    expect(bias).toBeCloseTo(0, 10)
  })

  it('ends where no change is better, on separable classes too', () => {
    const random = createRandom(5)
    for (const separable of [false, true]) {
      const features = Float64Array.from({ length: 200 * 4 }, () => 3 * random.normal())
      const positive = Uint8Array.from({ length: 200 }, (_, i) =>
        Number(features[i * 4]! + (separable ? 0 : 6 * random.normal()) > 1),
      )
      const samples = { features, width: 4, positive }
      const lossOf = (weights: Float64Array): number =>
        weights.subarray(0, 4).reduce((sum, w) => sum + w * w, 0) / 2 +
        [...logisticScores(samples, weights)].reduce(
          (sum, score, i) => sum + Math.log1p(Math.exp(positive[i] === 1 ? -score : score)),
          0,
        )
      const fitted = fitLogistic(samples)
      fitted.forEach((_, i) => {
        for (const change of [-0.01, 0.01]) {
          expect(lossOf(fitted.map((w, at) => (at === i ? w + change : w)))).toBeGreaterThan(lossOf(fitted))
        }
      })
    }
  })
})

describe('the alignment of neurons', () => {
  /** Neuron 0 shows topic 0, neuron 1 its absence; topic 1 is the sum of neurons 2 and 3; the others are noise. */
  function planted(count: number, seed: number) {
    const random = createRandom(seed)
    const neurons = Array.from({ length: 8 }, () =>
      Float32Array.from({ length: count }, () => random.normal()),
    )
    const topicsOf = Array.from({ length: count }, (_, clip) => {
      const at = (neuron: number): number => neurons[neuron]![clip]!
      neurons[1]![clip] = -at(0) + 0.5 * at(1)
      return [...(at(0) > 0.8 ? [0] : []), ...(at(2) + at(3) > 1 ? [1] : []), 2]
    })
    return { neurons, bearing: bearingOf(topicsOf, 4) }
  }

  it('is found where it was planted, and by probes of more neurons where it is spread', async () => {
    const parts = { train: planted(400, 1), heldOut: planted(200, 2) }
    const { precision, auc, q, tests, bearing, probes } = await measureAlignment(parts, 1, engineContext())
    const pair = (neuron: number, topic: number): number => neuron * 4 + topic
    expect(precision[pair(0, 0)]).toBe(1)
    expect(auc[pair(1, 0)]).toBeLessThan(0.15)
    expect([pair(0, 0), pair(2, 1), pair(3, 1)].every((at) => q[at]! < 0.05)).toBe(true)
    expect(Array.from({ length: 4 }, (_, i) => q[pair(4 + i, 0)]!).every((value) => value > 0.05)).toBe(true)
    // All clips bear topic 2 and none topic 3: there is nothing to tell.
    expect(tests).toBe(16)
    expect([...bearing].slice(2)).toEqual([200, 0])
    expect([precision[pair(0, 2)], q[pair(0, 3)], probes[2], probes[3]]).toEqual([NaN, NaN, [], []])
    expect(probes[0]!.map(({ neurons }) => neurons.length)).toEqual([1, 4, 8])
    expect(probes[0]![0]).toEqual({ neurons: [0], precision: 1, auc: 1 })
    const spread = probes[1]!.map((probe) => probe.precision)
    expect(spread[1]! - spread[0]!).toBeGreaterThan(0.2)
    expect([...probes[1]![1]!.neurons].sort()).toEqual(expect.arrayContaining([2, 3]))
  })

  it('is broken off at once', async () => {
    const parts = { train: planted(400, 1), heldOut: planted(200, 2) }
    const broken = measureAlignment(parts, 1, engineContext(AbortSignal.abort()))
    await expect(broken).rejects.toMatchObject({ name: 'CancelledError' })
  })
})

describe('neurons over time', () => {
  const overTime = (
    train: number[][],
    heldOut: number[][],
    shown: { train: number[][]; heldOut: number[][] },
  ) =>
    measureOverTime(
      {
        train: { neurons: train.map((values) => Float32Array.from(values)), conceptsOf: shown.train },
        heldOut: { neurons: heldOut.map((values) => Float32Array.from(values)), conceptsOf: shown.heldOut },
        concepts: 3,
      },
      engineContext(),
    )
  // Concept 0 is in half of the frames, 1 in all, 2 in none of training.
  const train = [[0, 1], [0, 1], [1], [1]]
  const heldOut = [[0, 1], [1], [0, 1], [1], [1, 2]]

  it('have the figures that are worked by hand', async () => {
    const { neurons, concepts } = await overTime(
      [
        [5, 3, 1, 3],
        [1, 1, 1, 1],
      ],
      [
        [4, 3, 2, 0, 0],
        [1, 1, 1, 1, 1],
      ],
      { train, heldOut },
    )
    // On from 3: in training on in three frames, two of them right; held out in two, one of them right, of three.
    expect(neurons[0]).toEqual({ neuron: 0, concept: 0, iou: 1 / 3, always: 2 / 5 })
    // A neuron that tells nothing is always on.
    expect(neurons[1]).toEqual({ neuron: 1, concept: 0, iou: 2 / 5, always: 2 / 5 })
    expect(concepts).toEqual([neurons[0], { neuron: 0, concept: 1, iou: 1, always: 1 }])
  })

  it('are thresholded where the overlap is largest, whatever the scale', async () => {
    const random = createRandom(3)
    const shown = Array.from({ length: 80 }, () => (random.next() < 0.4 ? [0] : []))
    const values = shown.map((concepts) => random.normal() + 1.5 * concepts.length)
    const alike = { train: shown, heldOut: shown }
    const { neurons } = await overTime([values], [values], alike)
    const overlaps = values.map((threshold) => {
      const isOn = values.map((value) => value >= threshold)
      const both = isOn.filter((on, i) => on && shown[i]!.length > 0).length
      return both / isOn.filter((on, i) => on || shown[i]!.length > 0).length
    })
    expect(neurons[0]!.iou).toBeCloseTo(Math.max(...overlaps), 12)
    const scaled = values.map((value) => Math.exp(value / 2))
    expect((await overTime([scaled], [scaled], alike)).neurons).toEqual(neurons)
  })
})
