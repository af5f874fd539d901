import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CaptionMetrics } from '#contract'
import type { EngineParams } from '../../../src-main/engine-host/contract/index.ts'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { Cider } from '../../../src-main/engine/metrics/cider.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { tokenize } from '../../../src-main/common/tokenize.ts'
import { engineContext } from '../context.ts'
import fixture from './cases.json' with { type: 'json' }

const context = engineContext()
const score = (
  params: Pick<EngineParams<'metrics.score'>, 'hypotheses' | 'references'> &
    Partial<EngineParams<'metrics.score'>>,
) => metricHandlers['metrics.score']({ tokenizer: 'words', bootstrap: null, ...params }, context)
const evaluate = metricHandlers['metrics.evaluate']
const METRICS = ['BLEU_1', 'BLEU_2', 'BLEU_3', 'BLEU_4', 'ROUGE_L', 'CIDEr', 'METEOR'] as const

describe('metrics.score', () => {
  it.each(fixture.cases)('$name', async ({ hypothesis, references, name, working, ...expected }) => {
    const { captions } = await score({
      hypotheses: [{ id: 'a', caption: hypothesis }],
      references: [{ id: 'a', captions: references }],
    })
    for (const [metric, value] of Object.entries(expected)) {
      // A missing n-gram leaves the n-th root of about 1e-15 instead of 0.
      expect(
        captions[0]!.metrics[metric as keyof CaptionMetrics],
        `${name}: ${metric} (${working})`,
      ).toBeCloseTo(value, value === 0 ? 6 : 8)
    }
  })

  it('gives CIDEr 10 to captions equal to their only references where no word is shared', async () => {
    const captions = [
      { id: 'a', caption: 'red balls roll fast' },
      { id: 'b', caption: 'one grey cat sleeps' },
    ]
    const { metrics } = await score({
      hypotheses: captions,
      references: captions.map(({ id, caption }) => ({ id, captions: [caption] })),
    })
    expect(metrics.CIDEr).toBeCloseTo(10, 12)
  })

  it('has the CIDEr that metrics.cider gives, for any captions of its clips', async () => {
    const references = [
      { id: 1, captions: ['a red ball rolls', 'a ball'] },
      { id: 2, captions: ['one grey cat sleeps'] },
      { id: 3, captions: ['a dog runs'] },
    ]
    const sentences = ['a ball rolls', 'a grey dog', 'a dog runs fast']
    const { captions } = await score({
      hypotheses: references.map(({ id }, i) => ({ id: String(id), caption: sentences[i]! })),
      references: references.map(({ id, captions }) => ({ id: String(id), captions })),
    })
    const { cider } = await metricHandlers['metrics.cider'](
      { hypotheses: [3, 1, 2, 1].map((id) => ({ id, caption: sentences[id - 1]! })), references },
      context,
    )
    expect(cider).toEqual([2, 0, 1, 0].map((i) => captions[i]!.metrics.CIDEr))
    await expect(
      metricHandlers['metrics.cider']({ hypotheses: [{ id: 4, caption: 'a' }], references }, context),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('names what does not match', async () => {
    const hypotheses = [{ id: 'a', caption: 'a cat' }]
    const references = [
      { id: 'a', captions: ['a cat'] },
      { id: 'b', captions: ['a dog'] },
    ]
    await expect(score({ hypotheses, references })).rejects.toThrow(
      '1 of 2 references have no caption to score, b for one.',
    )
    await expect(score({ hypotheses, references: [] })).rejects.toThrow('The caption of a has no reference')
    await expect(score({ hypotheses: [...hypotheses, ...hypotheses], references })).rejects.toThrow(
      'name a more than once',
    )
    await expect(score({ hypotheses: [], references })).rejects.toThrow('no caption to score')
  })

  it('leaves the case of tokens alone, which METEOR does not mind', async () => {
    const pair = {
      hypotheses: [{ id: 'a', caption: 'A  T-shirt' }],
      references: [{ id: 'a', captions: ['a t-shirt'] }],
    }
    const metricsBy = async (tokenizer: 'words' | 'ptb' | 'whitespace') =>
      (await score({ ...pair, tokenizer })).metrics
    expect((await metricsBy('whitespace')).BLEU_1).toBeCloseTo(0, 8)
    expect((await metricsBy('whitespace')).METEOR).toBe((await metricsBy('ptb')).METEOR)
    expect((await metricsBy('ptb')).BLEU_2).toBeCloseTo(1, 8)
    expect([(await metricsBy('ptb')).BLEU_3, (await metricsBy('words')).BLEU_3].map(Math.round)).toEqual([
      0, 1,
    ])
  })

  it('does not depend on the order of the references, and no caption scores above one that is a reference', async () => {
    const captions = ['a man rides a horse', 'a dog is running', 'two kids play']
    const references = captions.map((caption, i) => ({
      id: `${i}`,
      captions: [caption, 'a cow stands', `${caption} outside`],
    }))
    const hypotheses = captions.map((caption, i) => ({ id: `${i}`, caption }))
    const { metrics } = await score({ hypotheses, references })
    const permuted = await score({
      hypotheses,
      references: references.map((clip) => ({ ...clip, captions: clip.captions.toReversed() })),
    })
    for (const metric of METRICS) {
      expect(permuted.metrics[metric]).toBeCloseTo(metrics[metric]!, 12)
    }
    for (const metric of ['BLEU_1', 'BLEU_2', 'ROUGE_L'] as const) {
      expect(metrics[metric]).toBeCloseTo(1, 8)
    }
    // One chunk of m words: 1 - 0.5 / m^3.
    expect(metrics.METEOR).toBeCloseTo((1 - 0.5 / 5 ** 3 + 1 - 0.5 / 4 ** 3 + 1 - 0.5 / 3 ** 3) / 3, 12)
  })

  // Computed with pycocoevalcap and nltk; not part of the project.
  const path = new URL('../../../../shared/data/metrics/reference_cases.json', import.meta.url)
  it.skipIf(!existsSync(path))(
    'equals pycocoevalcap and nltk to 1e-9 (skipped where ../shared/data/metrics is missing)',
    async () => {
      type Figures = CaptionMetrics & { METEOR_nltk: number }
      interface Case {
        id: string
        hyp_tok: string
        refs_tok: string[]
        scores: Figures
      }
      const { sets } = JSON.parse(readFileSync(path, 'utf8')) as {
        sets: Record<string, { corpus: Figures; cases: Case[] }>
      }
      for (const { corpus, cases } of Object.values(sets)) {
        const result = await score({
          hypotheses: cases.map(({ id, hyp_tok }) => ({ id, caption: hyp_tok })),
          references: cases.map(({ id, refs_tok }) => ({ id, captions: refs_tok })),
          tokenizer: 'whitespace',
        })
        for (const metric of METRICS) {
          const figure = metric === 'METEOR' ? 'METEOR_nltk' : metric
          expect(Math.abs(result.metrics[metric]! - corpus[figure]!)).toBeLessThan(1e-9)
          cases.forEach(({ id, scores }, i) =>
            expect(
              Math.abs(result.captions[i]!.metrics[metric]! - scores[figure]!),
              `${id} ${metric}`,
            ).toBeLessThan(1e-9),
          )
        }
      }
    },
  )
})

describe('metrics.evaluate', () => {
  /** Random sentences over few words, so that n-grams repeat. */
  function corpus(clips: number) {
    const random = createRandom(11)
    const words = ['a', 'red', 'blue', 'ball', 'box', 'moves', 'turns', 'left', 'up', 'slowly']
    const sentence = () =>
      Array.from({ length: 3 + random.below(5) }, () => words[random.below(words.length)]!).join(' ')
    const references = Array.from({ length: clips }, (_, id) => ({
      id,
      captions: Array.from({ length: 1 + random.below(4) }, sentence),
    }))
    const captions = references.map(({ id }) => ({
      id,
      caption: sentence(),
      topics: [random.next(), random.next(), random.next()],
    }))
    return { references, captions, candidates: Array.from({ length: 60 }, sentence) }
  }

  it('finds the best fixed caption that scoring every candidate finds', async () => {
    const { references, captions, candidates } = corpus(12)
    const result = await evaluate(
      { captions, references, candidates: [...candidates, ...candidates], topicTruth: null },
      context,
    )
    const cider = new Cider(references.map((clip) => clip.captions.map(tokenize)))
    const scores = candidates.map((candidate) => cider.scoreEverywhere(tokenize(candidate)))
    expect(result.fixedCaption.caption).toBe(candidates[scores.indexOf(Math.max(...scores))])
    expect(result.fixedCaption.metrics.CIDEr).toBeCloseTo(Math.max(...scores), 12)

    const bound = cider.upperBound()
    candidates.forEach((candidate, i) =>
      expect(bound(tokenize(candidate))).toBeGreaterThanOrEqual(scores[i]! - 1e-12),
    )
  })

  it('agrees with metrics.score and keeps the order of the captions', async () => {
    const { references, captions, candidates } = corpus(6)
    const shuffled = [...references].reverse()
    const result = await evaluate({ captions, references: shuffled, candidates, topicTruth: null }, context)
    const scored = await score({
      hypotheses: captions.map(({ id, caption }) => ({ id: `${id}`, caption })),
      references: references.map((clip) => ({ ...clip, id: `${clip.id}` })),
      bootstrap: { samples: 1000, seed: 1 },
    })
    expect(result.metrics).toEqual(scored.metrics)
    expect(result.intervals).toEqual(scored.intervals)
    expect(result.cider).toEqual(scored.captions.map((caption) => caption.metrics.CIDEr))
    expect(result.topics).toBeNull()
  })

  it('scores topics over the clips and says which topic vector is missing', async () => {
    const { references, captions, candidates } = corpus(4)
    const scores = [
      [0.9, 1, 0],
      [0.1, 1, 0],
      [0.8, 1, 0],
      [0.2, 1, 0],
    ]
    const scored = captions.map((caption, i) => ({ ...caption, topics: scores[i]! }))
    const topicTruth = [[0], [1], [], [0]].map((topics, id) => ({ id, topics }))
    const { topics } = await evaluate({ captions: scored, references, candidates, topicTruth }, context)
    // Topic 0 ranks clips 0, 2, 3, 1: (1/1 + 2/3) / 2. Topic 1 is tied throughout: one of four, (1 + 1/2 +
    // 1/3 + 1/4) / 4.
    expect(topics!.averagePrecision[0]).toBeCloseTo(5 / 6, 12)
    expect(topics!.averagePrecision[1]).toBeCloseTo(25 / 48, 12)
    expect(topics!.averagePrecision[2]).toBeNull()
    expect(topics!.mAP).toBeCloseTo((5 / 6 + 25 / 48) / 2, 12)
    await expect(
      evaluate({ captions: scored, references, candidates, topicTruth: topicTruth.slice(1) }, context),
    ).rejects.toThrow('Clip 0 has topic scores')
  })

  it('stops when it is cancelled', async () => {
    const { references, captions, candidates } = corpus(200)
    const controller = new AbortController()
    const many = Array.from({ length: 40_000 }, (_, i) => `${candidates[i % candidates.length]} ${i}`)
    setImmediate(() => controller.abort())
    await expect(
      evaluate(
        { captions, references, candidates: many, topicTruth: null },
        engineContext(controller.signal),
      ),
    ).rejects.toThrow('cancelled')
  })
})
