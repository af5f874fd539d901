import { describe, expect, it } from 'vitest'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { bootstrapIntervals } from '../../../src-main/engine/metrics/resampling.ts'
import { metricsOf, ROW } from '../../../src-main/engine/metrics/score.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { engineContext } from '../context.ts'

const context = engineContext()

/** A set of clips, and systems that say a reference with every word wrong with some probability. */
function corpus(clips: number) {
  const random = createRandom(3)
  const words = [
    'a',
    'red',
    'blue',
    'ball',
    'box',
    'moves',
    'turns',
    'left',
    'up',
    'slowly',
    'quickly',
    'the',
  ]
  const drawWord = () => words[random.below(words.length)]!
  const references = Array.from({ length: clips }, (_, id) => ({
    id: `${id}`,
    captions: Array.from({ length: 3 }, () => Array.from({ length: 6 }, drawWord).join(' ')),
  }))
  const system = (wrong: number) =>
    references.map(({ id, captions }) => ({
      id,
      caption: captions[0]!
        .split(' ')
        .map((word) => (random.next() < wrong ? drawWord() : word))
        .join(' '),
    }))
  return { references, system }
}

const score = (
  references: { id: string; captions: string[] }[],
  hypotheses: { id: string; caption: string }[],
  seed: number,
  samples = 1000,
) =>
  metricHandlers['metrics.score'](
    { hypotheses, references, tokenizer: 'words', bootstrap: { samples, seed } },
    context,
  )

describe('bootstrap intervals', () => {
  it('hold the score, hang on the seed alone, and shrink as one over the root of the captions', async () => {
    const found = []
    for (const clips of [50, 800]) {
      const { references, system } = corpus(clips)
      const captions = system(0.4)
      const { metrics, intervals } = await score(references, captions, 1)
      for (const [metric, value] of Object.entries(metrics)) {
        expect(intervals![metric]!.low, metric).toBeLessThan(value!)
        expect(intervals![metric]!.high, metric).toBeGreaterThan(value!)
      }
      expect((await score(references, captions, 1)).intervals).toEqual(intervals)
      expect((await score(references, captions, 2)).intervals).not.toEqual(intervals)
      found.push(intervals!)
    }
    for (const metric of ['BLEU_4', 'ROUGE_L', 'METEOR']) {
      const [few, many] = found.map((intervals) => intervals[metric]!.high - intervals[metric]!.low)
      expect(few! / many!, metric).toBeGreaterThan(3)
      expect(few! / many!, metric).toBeLessThan(5.3)
    }
  })

  it('of a mean are those of the normal distribution, and of equal captions no interval at all', async () => {
    const random = createRandom(8)
    const rows = new Float64Array(400 * ROW).fill(1)
    const rouge = Array.from({ length: 400 }, () => random.normal())
    rouge.forEach((value, i) => {
      rows[i * ROW + ROW - 3] = value
    })
    const intervals = await bootstrapIntervals(rows, { samples: 4000, seed: 1 }, context.signal)
    const mean = rouge.reduce((sum, value) => sum + value, 0) / 400
    const error = 1.96 * Math.sqrt(rouge.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 400 / 400)
    expect(intervals['ROUGE_L']!.low).toBeCloseTo(mean - error, 1.5)
    expect(intervals['ROUGE_L']!.high).toBeCloseTo(mean + error, 1.5)
    const same = metricsOf(rows.subarray(0, ROW), 1).CIDEr
    expect(intervals['CIDEr']).toEqual({ low: same, high: same })
  })
})

describe('metrics.compare', () => {
  const { references, system } = corpus(150)
  const compare = (a: { id: string; caption: string }[], b: { id: string; caption: string }[], seed = 1) =>
    metricHandlers['metrics.compare']({ a, b, references, tokenizer: 'words', samples: 1000, seed }, context)

  it('finds no difference between a system and itself in any order, p is 1', async () => {
    const a = system(0.4)
    const { metrics } = await compare(a, a.toReversed())
    expect(metrics.map(({ metric }) => metric)).toEqual([
      'BLEU_1',
      'BLEU_2',
      'BLEU_3',
      'BLEU_4',
      'ROUGE_L',
      'CIDEr',
      'METEOR',
    ])
    for (const comparison of metrics) {
      expect(comparison).toMatchObject({ b: comparison.a, difference: 0, low: 0, high: 0, p: 1 })
    }
  })

  it('tells a better system from a worse one, and mirrors when they are exchanged', async () => {
    const [worse, better] = [system(0.6), system(0.3)]
    const { metrics } = await compare(worse, better)
    const mirrored = await compare(better, worse)
    const alone = await score(references, better, 1)
    metrics.forEach((comparison, i) => {
      const reverse = mirrored.metrics[i]!
      expect(comparison.b).toBeCloseTo(alone.metrics[comparison.metric as 'METEOR']!, 12)
      expect(comparison.low).toBeGreaterThan(0)
      expect(comparison.low).toBeLessThan(comparison.difference)
      expect(comparison.high).toBeGreaterThan(comparison.difference)
      expect(comparison.p).toBeCloseTo(1 / 1001, 12)
      expect([reverse.difference, reverse.low, reverse.high].map((value) => value.toFixed(9))).toEqual(
        [-comparison.difference, -comparison.high, -comparison.low].map((value) => value.toFixed(9)),
      )
      expect(reverse.p).toBe(comparison.p)
    })
  })

  it('has a p that is evenly spread where nothing differs', async () => {
    const values = []
    for (let run = 0; run < 60; run++) {
      const [a, b] = [system(0.5).slice(0, 40), system(0.5).slice(0, 40)]
      const { metrics } = await metricHandlers['metrics.compare'](
        { a, b, references: references.slice(0, 40), tokenizer: 'words', samples: 200, seed: run },
        context,
      )
      // A score of many values: ties, which ROUGE-L has on short captions, make p larger.
      values.push(metrics.find(({ metric }) => metric === 'METEOR')!.p)
    }
    const mean = values.reduce((sum, p) => sum + p, 0) / values.length
    expect(mean).toBeGreaterThan(0.38)
    expect(mean).toBeLessThan(0.62)
  })

  it('says which caption is missing', async () => {
    const a = system(0.4)
    await expect(compare(a, a.slice(1))).rejects.toThrow(
      '1 of 150 references have no caption to score, 0 for one.',
    )
  })
})
