import { basename } from 'node:path'
import { split } from '#contract'
import type { CompareRequest, Comparison } from '#contract'
import { UsageError } from '../command.ts'
import type { Arguments, Command } from '../command.ts'
import { openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import { intervalRows, metricCells, METRICS } from './learning.ts'

const TOKENIZERS = ['words', 'ptb', 'whitespace'] as const
const tokenizer = {
  value: 'NAME',
  help: `${TOKENIZERS.join(', ')} (words); ptb: as COCO's tools, whitespace: the files hold tokens`,
}
const references = {
  value: 'FILE',
  help: 'the human captions: id<TAB>caption, a JSON object, or a COCO annotation file',
}

export const score: Command = {
  summary:
    'Scores captions of any system: BLEU, ROUGE-L and CIDEr as pycocoevalcap computes them, METEOR as nltk.',
  operands: [],
  options: {
    hypotheses: {
      value: 'FILE',
      help: 'one caption an id: id<TAB>caption, a JSON object, or a COCO result file',
    },
    references,
    tokenizer,
    bootstrap: { value: 'N', help: '95% intervals from N resamples of the captions, 1000 for one' },
    seed: { value: 'S', help: 'of the resamples (1)' },
  },
  async run({ args, client, signal }) {
    const samples = samplesOf(args, 'bootstrap')
    const result = await client.scoring.score(
      {
        hypotheses: args.required('hypotheses'),
        references: args.required('references'),
        tokenizer: args.oneOf('tokenizer', TOKENIZERS) ?? 'words',
        bootstrap: samples === undefined ? null : { samples, seed: args.integer('seed') ?? 1 },
      },
      signal,
    )
    return {
      text: table(
        [`${result.captions.length} captions`, ...METRICS],
        [['all', ...metricCells(result.metrics)], ...intervalRows(result.intervals)],
      ),
      json: result,
    }
  },
}

export const compare: Command = {
  summary: 'Compares two systems on the same clips: files of captions, or two models of a project.',
  operands: ['[PROJECT]'],
  options: {
    a: { value: 'FILE', help: 'captions of one system, as for "vitrine score"' },
    b: { value: 'FILE', help: 'captions of the other' },
    references,
    tokenizer,
    models: { value: 'A,B', help: 'with PROJECT: two models by id' },
    split: { value: 'SPLIT', help: `with PROJECT: ${split.options.join(', ')} (test)` },
    samples: { value: 'N', help: 'resamples of the clips, and exchanges of the test (10000)' },
    seed: { value: 'S', help: 'of both (1)' },
  },
  async run(context) {
    const { args, client, signal } = context
    const [samples, seed] = [samplesOf(args, 'samples'), args.integer('seed')]
    if (args.optionalOperand('PROJECT') !== null) {
      refuse(args, ['a', 'b', 'references', 'tokenizer'], 'compares files, without PROJECT')
      const request: CompareRequest = {
        ...modelsOf(args.required('models')),
        split: args.oneOf('split', split.options),
        samples,
        seed,
      }
      await openProject(context)
      const result = await client.training.compare(request, signal)
      return {
        text: comparisonTable(
          `${result.clips} ${result.split} clips`,
          `model ${result.a}`,
          `model ${result.b}`,
          result.metrics,
        ),
        json: result,
      }
    }
    refuse(args, ['models', 'split'], 'needs PROJECT')
    const [a, b] = [args.required('a'), args.required('b')]
    const result = await client.scoring.compare(
      {
        a,
        b,
        references: args.required('references'),
        tokenizer: args.oneOf('tokenizer', TOKENIZERS) ?? 'words',
        samples: samples ?? 10_000,
        seed: seed ?? 1,
      },
      signal,
    )
    return {
      text: comparisonTable(`${result.captions} captions`, basename(a), basename(b), result.metrics),
      json: { a, b, ...result },
    }
  },
}

function comparisonTable(corner: string, a: string, b: string, metrics: Comparison['metrics']): string {
  return table(
    [corner, a, b, 'difference', '95% from', 'to', 'p'],
    metrics.map((own) => [
      own.metric,
      fixed(own.a),
      fixed(own.b),
      fixed(own.difference),
      fixed(own.low),
      fixed(own.high),
      fixed(own.p, 4),
    ]),
  )
}

function samplesOf(args: Arguments, option: string): number | undefined {
  const samples = args.integer(option)
  if (samples !== undefined && (samples < 100 || samples > 100_000)) {
    throw new UsageError(`--${option} takes 100 to 100000, not ${samples}`)
  }
  return samples
}

function modelsOf(value: string): { a: number; b: number } {
  const [a, b, more] = value.split(',').map(Number)
  if (!Number.isInteger(a) || !Number.isInteger(b) || more !== undefined) {
    throw new UsageError(`--models takes two ids such as 1,2, not "${value}"`)
  }
  return { a: Number(a), b: Number(b) }
}

function refuse(args: Arguments, options: readonly string[], why: string): void {
  const given = options.find((option) => args.text(option) !== undefined)
  if (given !== undefined) {
    throw new UsageError(`--${given} ${why}`)
  }
}
