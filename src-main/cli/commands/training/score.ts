import type { Command } from '../../command.ts'
import { intervalRows, metricCells, METRICS } from '../../metrics.ts'
import { table } from '../../table.ts'
import { REFERENCES_OPTION, samplesOf, TOKENIZER_OPTION, TOKENIZERS } from './scoring.ts'

export const score: Command = {
  summary:
    'Scores captions of any system: BLEU, ROUGE-L and CIDEr as pycocoevalcap computes them, METEOR as nltk.',
  operands: [],
  options: {
    hypotheses: {
      value: 'FILE',
      help: 'one caption an id, in any format that an import reads: id<TAB>caption, a JSON object, COCO results',
    },
    references: REFERENCES_OPTION,
    tokenizer: TOKENIZER_OPTION,
    bootstrap: { value: 'N', help: '95% intervals from N resamples of the captions, 1000 for one' },
    seed: { value: 'S', help: 'of the resamples (1)' },
  },
  notes:
    'Both files must name the same ids; the first holds one caption for each. What the figures are: ' +
    '[metrics](metrics.md).',
  json: '`{metrics, intervals, captions: [{id, metrics}], notices}`; `intervals` is null without `--bootstrap`.',
  async run({ args, client, terminal }) {
    const samples = samplesOf(args, 'bootstrap')
    const result = await client.training.scoreFiles({
      hypotheses: args.required('hypotheses'),
      references: args.required('references'),
      tokenizer: args.oneOf('tokenizer', TOKENIZERS),
      bootstrap: samples === undefined ? null : { samples, seed: args.integer('seed') ?? 1 },
    })
    result.notices.forEach((notice) => {
      terminal.say(notice)
    })
    return {
      text: table(
        [`${result.captions.length} captions`, ...METRICS],
        [['all', ...metricCells(result.metrics)], ...intervalRows(result.intervals)],
      ),
      json: result,
    }
  },
}
