import { decoding, device, split } from '#contract'
import type { CaptionMetrics, Decoding, Evaluation } from '#contract'
import { UsageError } from '../command.ts'
import type { Arguments, Command, CommandContext } from '../command.ts'
import { chosenModel, finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import type { Cell } from '../table.ts'

const SPLIT_OPTIONS = {
  model: { value: 'ID', help: 'the model (the current one)' },
  split: { value: 'SPLIT', help: `${split.options.join(', ')} (test)` },
  beam: { value: 'N', help: 'width of the beam search (5)' },
  'length-normalisation': {
    value: 'A',
    help: 'captions are ranked by ln p / words^A: 1 by the word, 0 not at all (1)',
  },
  greedy: { help: 'the likeliest word at every step, in place of a beam search' },
  sample: { help: 'words drawn by their probability, in place of a beam search' },
  temperature: { value: 'T', help: 'of --sample: below 1 nearer to greedy (1)' },
  seed: { value: 'S', help: 'of --sample: the same seed, the same draws (1)' },
  'n-best': { value: 'N', help: 'captions kept a clip, the best first (1)' },
  device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
}

/** What an option is for, where it is not for every way of decoding. */
const METHOD_OF = {
  beam: 'beam',
  'length-normalisation': 'beam',
  temperature: 'sample',
  seed: 'sample',
} as const

/** How to decode, as the options say. Throws UsageError for options that don't go together. */
function decodingOf(args: Arguments): Decoding {
  if (args.flag('greedy') && args.flag('sample')) {
    throw new UsageError('--greedy and --sample exclude each other')
  }
  const method = args.flag('greedy') ? 'greedy' : args.flag('sample') ? 'sample' : 'beam'
  for (const [option, needed] of Object.entries(METHOD_OF)) {
    if (args.text(option) === undefined || method === needed) {
      continue
    }
    throw new UsageError(
      needed === 'sample'
        ? `--${option} is for --sample`
        : `--${option} is for a beam search, not for --${method}`,
    )
  }
  const { success, data, error } = decoding.safeParse({
    method,
    beam: args.integer('beam'),
    lengthNormalisation: args.number('length-normalisation'),
    temperature: args.number('temperature'),
    seed: args.integer('seed'),
    nBest: args.integer('n-best'),
  })
  if (success) {
    return data
  }
  const [issue] = error.issues
  throw new UsageError(
    `--${String(issue?.path[0]).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${issue?.message ?? ''}`,
  )
}

/** Captions and scores the split that the options name. */
async function captionSplit(context: CommandContext) {
  const { args, client } = context
  const chosen = args.oneOf('split', split.options) ?? 'test'
  const request = { split: chosen, device: args.oneOf('device', device.options), ...decodingOf(args) }
  await openProject(context)
  const modelId = chosenModel(context)
  await finish(context, client.review.generate({ modelId, ...request }))
  return { modelId, split: chosen }
}

export const caption: Command = {
  summary: 'Captions a split with a model and stores the captions and their scores.',
  operands: ['PROJECT'],
  options: SPLIT_OPTIONS,
  async run(context) {
    const asked = await captionSplit(context)
    const { review } = context.services
    const others = review.alternatives(asked)
    const rows = review
      .list({ ...asked, order: 'clip' })
      .map((row) => ({ ...row, alternatives: others.get(row.clipId) ?? [] }))
    return {
      text: table(
        ['clip', 'caption', 'ln p', 'CIDEr'],
        rows.flatMap(({ clip, caption: text, logProbability, cider, alternatives }) => [
          [clip, text, fixed(logProbability, 2), fixed(cider)],
          ...alternatives.map((other) => ['', other.caption, fixed(other.logProbability, 2), null]),
        ]),
      ),
      json: {
        model: asked.modelId,
        captions: rows.map(({ clip, caption: text, logProbability, alternatives }) => ({
          video: clip,
          caption: text,
          logProbability,
          alternatives,
        })),
      },
    }
  },
}

export const evaluate: Command = {
  summary:
    'Captions a split with a model and scores it against the human captions, beside the best fixed caption.',
  operands: ['PROJECT'],
  options: SPLIT_OPTIONS,
  async run(context) {
    const { modelId, split: chosen } = await captionSplit(context)
    const { evaluations, kind } = context.client.training.detail(modelId)
    const evaluation = evaluations.find((own) => own.split === chosen)
    if (evaluation === undefined) {
      throw new Error('captioning left no evaluation')
    }
    return {
      text: evaluationTable([{ name: `model ${modelId} (${kind})`, evaluation }]),
      json: { model: modelId, ...evaluation },
    }
  },
}

export const METRICS = [
  'BLEU_1',
  'BLEU_2',
  'BLEU_3',
  'BLEU_4',
  'ROUGE_L',
  'CIDEr',
  'METEOR',
] as const satisfies readonly (keyof CaptionMetrics)[]
export const metricCells = (metrics: CaptionMetrics): Cell[] => METRICS.map((name) => fixed(metrics[name]))

/** Rows for under a row of metrics: the ends of their intervals; none without intervals. */
export function intervalRows(intervals: Evaluation['intervals']): Cell[][] {
  if (intervals === null) {
    return []
  }
  return (['low', 'high'] as const).map((end) => [
    end === 'low' ? '95% from' : 'to',
    ...METRICS.map((name) => fixed(intervals[name]?.[end])),
  ])
}

/**
 * Models side by side, one alone with its intervals; under them the best fixed caption, which any model has
 * to beat.
 */
export function evaluationTable(rows: readonly { name: string; evaluation: Evaluation }[]): string {
  const [first] = rows
  const lines: Cell[][] = rows.map(({ name, evaluation }) => [
    name,
    ...metricCells(evaluation.metrics),
    fixed(evaluation.topics?.mAP),
    fixed(evaluation.topics?.chance),
  ])
  if (first && rows.length === 1) {
    lines.push(...intervalRows(first.evaluation.intervals).map((row) => [...row, null, null]))
  }
  if (first) {
    lines.push([
      `"${first.evaluation.fixedCaption.caption}" for every clip`,
      ...metricCells(first.evaluation.fixedCaption.metrics),
      null,
      null,
    ])
  }
  return table(
    [
      `${first?.evaluation.captions ?? 0} ${first?.evaluation.split ?? ''} clips`,
      ...METRICS,
      'topic mAP',
      'chance',
    ],
    lines,
  )
}
