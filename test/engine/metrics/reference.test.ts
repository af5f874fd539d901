/** Every figure of the metrics against the programs that define them; reference-cases.py made the cases. */
import { describe, expect, it } from 'vitest'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { tokenizePtb } from '../../../src-main/engine/metrics/ptb.ts'
import { listening } from '../captioner/tiny.ts'
import { sets } from './reference-cases.json' with { type: 'json' }

const METRICS = ['BLEU_1', 'BLEU_2', 'BLEU_3', 'BLEU_4', 'ROUGE_L', 'CIDEr', 'METEOR'] as const

describe.each(Object.entries(sets))('%s', (_name, { cases, corpus }) => {
  it('has the tokens of pycocoevalcap', () => {
    expect(cases.map(({ caption }) => tokenizePtb(caption).join(' '))).toEqual(
      cases.map(({ tokens }) => tokens),
    )
  })

  it('has the figures of pycocoevalcap and nltk to 1e-9, clip by clip and together', async () => {
    const { metrics, captions } = await metricHandlers['metrics.score'](
      {
        hypotheses: cases.map(({ id, caption }) => ({ id, caption })),
        references: cases.map(({ id, references }) => ({ id, captions: references })),
        tokenizer: 'ptb',
        bootstrap: null,
      },
      listening(),
    )
    for (const metric of METRICS) {
      expect(Math.abs(metrics[metric]! - corpus[metric]), metric).toBeLessThan(1e-9)
      cases.forEach(({ id, scores }, i) => {
        expect(Math.abs(captions[i]!.metrics[metric]! - scores[metric]), `${id}: ${metric}`).toBeLessThan(
          1e-9,
        )
      })
    }
  })
})
