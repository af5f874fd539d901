/** Captioning a split: how it is asked for, and what it came to. */
import { decoding, device, split } from '#contract'
import type { Decoding, Evaluation, Split } from '#contract'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { CommandContext, Option } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { intervalRows, metricCells, METRICS } from '../../metrics.ts'
import { fixed, table } from '../../table.ts'
import type { Cell } from '../../table.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'

/** The options that `captionSplit` reads. */
export const CAPTION_OPTIONS: Readonly<Record<string, Option>> = {
  model: MODEL_OPTION,
  split: {
    value: 'SPLIT',
    help: `${split.options.join(', ')} (val); test when all that was to be chosen is`,
  },
  beam: { value: 'N', help: 'width of the beam search (5)' },
  'length-normalisation': {
    value: 'A',
    help: "captions are ranked by ln p / words^A: 1 by the word, 0 not at all (the model's setting)",
  },
  greedy: { help: 'the likeliest word at every step, in place of a beam search' },
  sample: { help: 'words drawn by their probability, in place of a beam search' },
  temperature: { value: 'T', help: 'of --sample: below 1 nearer to greedy (1)' },
  seed: { value: 'S', help: 'of --sample: the same seed, the same draws (1)' },
  'n-best': { value: 'N', help: 'captions kept a clip, the best first (1)' },
  device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
}

/** Options that are for one method of decoding only. */
const METHOD_OF: Readonly<Record<string, 'beam' | 'sample'>> = {
  beam: 'beam',
  'length-normalisation': 'beam',
  temperature: 'sample',
  seed: 'sample',
}

/** Captions and scores the split that the options name. */
export async function captionSplit(context: CommandContext): Promise<{ modelId: number; split: Split }> {
  const { args, client } = context
  const chosenSplit = args.oneOf('split', split.options) ?? 'val'
  const request = {
    split: chosenSplit,
    device: args.oneOf('device', device.options),
    ...decodingOf(args),
  }
  await openProject(context)
  const modelId = await chosenModel(context)
  await finish(context, client.review.generate({ modelId, ...request }))
  return { modelId, split: chosenSplit }
}

/** How to decode, as the options say. Throws UsageError for options that don't go together. */
function decodingOf(args: Arguments): Decoding {
  const method = methodOf(args)
  for (const [option, needed] of Object.entries(METHOD_OF)) {
    if (args.has(option) && method !== needed) {
      throw new UsageError(
        needed === 'sample'
          ? `--${option} is for --sample`
          : `--${option} is for a beam search, not for --${method}`,
      )
    }
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
  throw new UsageError(`--${optionOf(String(issue?.path[0]))}: ${issue?.message ?? ''}`)
}

function methodOf(args: Arguments): Decoding['method'] {
  if (args.flag('greedy') && args.flag('sample')) {
    throw new UsageError('--greedy and --sample exclude each other')
  }
  if (args.flag('greedy')) {
    return 'greedy'
  }
  return args.flag('sample') ? 'sample' : 'beam'
}

/** The option of a property: `n-best` of `nBest`. */
const optionOf = (property: string): string =>
  property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export interface EvaluatedModel {
  name: string
  evaluation: Evaluation
}

/**
 * Models side by side, one alone with its intervals; under them the best fixed caption, which any model has
 * to beat.
 */
export function evaluationTable(models: readonly [EvaluatedModel, ...EvaluatedModel[]]): string {
  const { captions, split: evaluatedSplit, intervals, fixedCaption } = models[0].evaluation
  const rows = models.map(({ name, evaluation }): Cell[] => [
    name,
    ...metricCells(evaluation.metrics),
    fixed(evaluation.topics?.mAP),
    fixed(evaluation.topics?.chance),
  ])
  const ends = models.length === 1 ? intervalRows(intervals).map((row) => [...row, null, null]) : []
  return table(
    [`${captions} ${evaluatedSplit} clips`, ...METRICS, 'topic mAP', 'chance'],
    [
      ...rows,
      ...ends,
      [`"${fixedCaption.caption}" for every clip`, ...metricCells(fixedCaption.metrics), null, null],
    ],
  )
}
