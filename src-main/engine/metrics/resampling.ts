/**
 * How sure a score is, and a difference of two: from the captions' rows (see score.ts), by resampling the
 * captions. Corpus BLEU is recomputed from the sums of each resample; document frequencies of CIDEr stay
 * those of the whole set.
 */
import type { CaptionMetrics } from '#contract'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { createRandom } from '../../common/random.ts'
import type { Random } from '../../common/random.ts'
import { metricsOf, ROW } from './score.ts'

export interface Resampling {
  samples: number
  seed: number
}
type Intervals = NonNullable<EngineResult<'metrics.score'>['intervals']>
type Comparison = EngineResult<'metrics.compare'>['metrics']

/** Differences as close as this are equal: rows are added in different orders. */
const ROUNDING = 1e-12

/**
 * 95% percentile bootstrap intervals (Efron, 1979) of every metric that is there. The same seed gives the
 * same intervals.
 */
export async function bootstrapIntervals(
  rows: Float64Array,
  { samples, seed }: Resampling,
  signal: AbortSignal,
): Promise<Intervals> {
  const count = rows.length / ROW
  const draws = new Map<string, Float64Array>()
  for await (const { sample, picks } of resamples(count, { samples, seed }, signal)) {
    for (const [metric, value] of values(metricsOf(sumOf(rows, picks), count))) {
      drawsOf(draws, metric, samples)[sample] = value
    }
  }
  return Object.fromEntries([...draws].map(([metric, drawn]) => [metric, percentileInterval(drawn)]))
}

/**
 * Two systems on the same captions: `a` and `b` are their rows, in the same order. The interval of b - a is
 * the paired bootstrap's (both systems on the same resample). `p` is that of a two-sided approximate
 * randomisation test (Noreen, 1989): how often systems whose outputs are exchanged at random, caption by
 * caption, differ at least as much; the observed difference counts as one of them.
 */
export async function comparePaired(
  a: Float64Array,
  b: Float64Array,
  { samples, seed }: Resampling,
  signal: AbortSignal,
): Promise<Comparison> {
  const count = a.length / ROW
  const everything = allOf(count)
  const scoresA = metricsOf(sumOf(a, everything), count)
  const scoresB = metricsOf(sumOf(b, everything), count)
  const observed = differences(scoresA, scoresB)
  // Systems that say the same differ in nothing, whatever is drawn: most corrections change no other caption.
  if (a.every((value, i) => value === b[i])) {
    return [...values(scoresA)].map(([metric, value]) => ({
      metric,
      a: value,
      b: value,
      difference: 0,
      low: 0,
      high: 0,
      p: 1,
    }))
  }

  const draws = new Map<string, Float64Array>()
  for await (const { sample, picks } of resamples(count, { samples, seed }, signal)) {
    for (const [metric, value] of differences(
      metricsOf(sumOf(a, picks), count),
      metricsOf(sumOf(b, picks), count),
    )) {
      drawsOf(draws, metric, samples)[sample] = value
    }
  }

  const extreme = await countExtreme({ a, b }, observed, { samples, seed }, signal)
  const valuesB = values(scoresB)
  return [...values(scoresA)].map(([metric, value]) => ({
    metric,
    a: value,
    b: valuesB.get(metric)!,
    difference: observed.get(metric)!,
    ...percentileInterval(draws.get(metric)!),
    p: ((extreme.get(metric) ?? 0) + 1) / (samples + 1),
  }))
}

/**
 * By metric: how many of the random exchanges of captions between two systems make them differ at least as
 * much as observed.
 */
async function countExtreme(
  { a, b }: { a: Float64Array; b: Float64Array },
  observed: ReadonlyMap<string, number>,
  { samples, seed }: Resampling,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const count = a.length / ROW
  const everything = allOf(count)
  const [totalA, totalB] = [sumOf(a, everything), sumOf(b, everything)]
  const gaps = b.map((value, i) => value - a[i]!)
  const extreme = new Map<string, number>()
  const random = createRandom(seed).fork()
  const pause = createPacer(signal)
  const picks = new Uint32Array(count)
  for (let sample = 0; sample < samples; sample++) {
    if (pause.due()) {
      await pause()
    }
    const moved = sumOf(gaps, drawHalf(picks, random))
    const shuffled = differences(
      metricsOf(
        totalA.map((value, k) => value + moved[k]!),
        count,
      ),
      metricsOf(
        totalB.map((value, k) => value - moved[k]!),
        count,
      ),
    )
    for (const [metric, value] of shuffled) {
      if (Math.abs(value) >= Math.abs(observed.get(metric)!) - ROUNDING) {
        extreme.set(metric, (extreme.get(metric) ?? 0) + 1)
      }
    }
  }
  return extreme
}

/** The captions that a coin each picks, written into the beginning of `picks`, which has room for all. */
function drawHalf(picks: Uint32Array, random: Random): Uint32Array {
  let drawn = 0
  for (let i = 0, coins = 0; i < picks.length; i++, coins >>>= 1) {
    if (i % 32 === 0) {
      coins = random.uint32()
    }
    if (coins & 1) {
      picks[drawn++] = i
    }
  }
  return picks.subarray(0, drawn)
}

const allOf = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i)

/** Draws with replacement: `count` captions, `samples` times. `picks` is used again for each. */
async function* resamples(
  count: number,
  { samples, seed }: Resampling,
  signal: AbortSignal,
): AsyncGenerator<{ sample: number; picks: Uint32Array }> {
  const random = createRandom(seed)
  const pause = createPacer(signal)
  const picks = new Uint32Array(count)
  for (let sample = 0; sample < samples; sample++) {
    if (pause.due()) {
      await pause()
    }
    for (let i = 0; i < count; i++) {
      picks[i] = random.below(count)
    }
    yield { sample, picks }
  }
}

/** The sum of the rows that `picks` names. */
function sumOf(rows: Float64Array, picks: Uint32Array): Float64Array {
  const sums = new Float64Array(ROW)
  for (const pick of picks) {
    for (let column = 0, at = pick * ROW; column < ROW; column++, at++) {
      sums[column]! += rows[at]!
    }
  }
  return sums
}

/** The metrics that were computed. */
function values(metrics: CaptionMetrics): Map<string, number> {
  return new Map(Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null))
}

/** b - a */
function differences(a: CaptionMetrics, b: CaptionMetrics): Map<string, number> {
  const valuesB = values(b)
  return new Map([...values(a)].map(([metric, value]) => [metric, valuesB.get(metric)! - value]))
}

/** The draws of a metric, with room for all samples from the first one on. */
function drawsOf(draws: Map<string, Float64Array>, metric: string, samples: number): Float64Array {
  const known = draws.get(metric) ?? new Float64Array(samples)
  draws.set(metric, known)
  return known
}

/** The middle 95% of what was drawn, between order statistics linearly (numpy's default quantile). */
export function percentileInterval(drawn: Float64Array): { low: number; high: number } {
  const sorted = drawn.toSorted()
  const quantile = (share: number): number => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    const above = Math.min(below + 1, sorted.length - 1)
    return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
  }
  return { low: quantile(0.025), high: quantile(0.975) }
}
