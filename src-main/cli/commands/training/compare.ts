import { basename } from 'node:path'
import { split } from '#contract'
import type { Comparison } from '#contract'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Result } from '../../command.ts'
import { fixed, table } from '../../table.ts'
import { openProject } from '../shared.ts'
import { REFERENCES_OPTION, samplesOf, TOKENIZER_OPTION, TOKENIZERS } from './scoring.ts'

export const compare: Command = {
  summary: 'Compares two systems on the same clips: files of captions, or two models of a project.',
  operands: ['[PROJECT]'],
  options: {
    a: { value: 'FILE', help: 'captions of one system, as for "vitrine score"' },
    b: { value: 'FILE', help: 'captions of the other' },
    references: REFERENCES_OPTION,
    tokenizer: TOKENIZER_OPTION,
    models: { value: 'A,B', help: 'with PROJECT: two models by id' },
    split: { value: 'SPLIT', help: `with PROJECT: ${split.options.join(', ')} (val)` },
    samples: { value: 'N', help: 'resamples of the clips, and exchanges of the test (10000)' },
    seed: { value: 'S', help: 'of both (1)' },
  },
  notes:
    '`vitrine compare --a FILE --b FILE --references FILE` needs no project; `vitrine compare PROJECT --models A,B` ' +
    'takes the captions that both models have stored of the split.',
  json:
    '`{a, b, split, clips, metrics: [{metric, a, b, difference, low, high, p}]}`, with `captions` and `notices` in place of ' +
    '`split` and `clips` for files. Differences are B - A, with their 95% interval; ' +
    '[how p is found](metrics.md#comparing-two-systems).',
  async run(context) {
    const { args } = context
    const resampling = { samples: samplesOf(args, 'samples'), seed: args.integer('seed') }
    return args.optionalOperand('PROJECT') === null
      ? compareFiles(context, resampling)
      : compareModels(context, resampling)
  },
}

interface Resampling {
  samples: number | undefined
  seed: number | undefined
}

async function compareModels(context: CommandContext, resampling: Resampling): Promise<Result> {
  const { args, client } = context
  refuse(args, ['a', 'b', 'references', 'tokenizer'], 'compares files, without PROJECT')
  const request = {
    ...modelsOf(args.required('models')),
    split: args.oneOf('split', split.options),
    ...resampling,
  }
  await openProject(context)
  const result = await client.training.compare(request)
  const header = [`${result.clips} ${result.split} clips`, `model ${result.a}`, `model ${result.b}`]
  return { text: comparisonTable(header, result.metrics), json: result }
}

async function compareFiles(
  { args, client, terminal }: CommandContext,
  resampling: Resampling,
): Promise<Result> {
  refuse(args, ['models', 'split'], 'needs PROJECT')
  const a = args.required('a')
  const b = args.required('b')
  const result = await client.training.compareFiles({
    a,
    b,
    references: args.required('references'),
    tokenizer: args.oneOf('tokenizer', TOKENIZERS),
    ...resampling,
  })
  result.notices.forEach((notice) => {
    terminal.say(notice)
  })
  const header = [`${result.captions} captions`, basename(a), basename(b)]
  return { text: comparisonTable(header, result.metrics), json: { a, b, ...result } }
}

/** The differences of two systems, under a header of what is compared. */
function comparisonTable(header: readonly string[], metrics: Comparison['metrics']): string {
  return table(
    [...header, 'difference', '95% from', 'to', 'p'],
    metrics.map(({ metric, a, b, difference, low, high, p }) => [
      metric,
      fixed(a),
      fixed(b),
      fixed(difference),
      fixed(low),
      fixed(high),
      fixed(p, 4),
    ]),
  )
}

function modelsOf(text: string): { a: number; b: number } {
  const ids = text.split(',').map(Number)
  const [a, b] = ids
  if (a === undefined || b === undefined || ids.length > 2 || !ids.every(Number.isInteger)) {
    throw new UsageError(`--models takes two ids such as 1,2, not "${text}"`)
  }
  return { a, b }
}

/** Throws UsageError when one of some options is given. */
function refuse(args: Arguments, options: readonly string[], why: string): void {
  const refused = options.find((option) => args.has(option))
  if (refused !== undefined) {
    throw new UsageError(`--${refused} ${why}`)
  }
}
