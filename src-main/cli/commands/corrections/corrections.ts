import type { Correction, CorrectionReport } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Result } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { table } from '../../table.ts'
import type { Cell } from '../../table.ts'
import { openProject } from '../shared.ts'
import { learn, LEARNT, versionResult } from './shared.ts'

type Action = (context: CommandContext, ids: number[]) => Promise<Result>

const ACTIONS: Readonly<Record<string, { takesOneId: boolean; run: Action }>> = {
  list: { takesOneId: false, run: (context) => list(context) },
  learn: {
    takesOneId: false,
    run: async (context, ids) => versionResult(await learn(context, orAll(ids))),
  },
  accept: { takesOneId: true, run: accept },
  discard: { takesOneId: true, run: discard },
  undo: { takesOneId: true, run: undo },
  take: { takesOneId: true, run: take },
  report: { takesOneId: false, run: report },
}

export const corrections: Command = {
  summary:
    'Lists corrections; learns those in the queue; accepts, discards or undoes a version; reports what they came to.',
  operands: ['PROJECT', '[ACTION]', '[ID...]'],
  options: { replay: { help: 'of undo: learn corrections that were accepted later again, from the parent' } },
  more: [
    'Actions: list (the default), learn [CORRECTION...], accept MODEL, discard MODEL, undo MODEL, take CORRECTION (out of the queue), report [CORRECTION...]',
  ],
  json:
    'the corrections, `[{id, state, model, parent, clipId, video, topics, neurons, typed, before, wanted, after, ' +
    'learnt, note, createdAt}]`; of `learn` as of `correct`; of `report` `{corrections, held, lasting, similar, similarMended, ' +
    'elsewhere, changed, better, worse}`.',
  async run(context) {
    const { args } = context
    const name = args.optionalOperand('ACTION') ?? 'list'
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (action === undefined) {
      throw new UsageError(`"${name}" is none of ${Object.keys(ACTIONS).join(', ')}`)
    }
    const ids = args.rest.map(idOf)
    if (action.takesOneId && ids.length !== 1) {
      throw new UsageError(`${name} takes one id`)
    }
    await openProject(context)
    return action.run(context, ids)
  },
}

function idOf(text: string): number {
  const id = Number(text)
  if (!Number.isInteger(id)) {
    throw new UsageError(`"${text}" is no id`)
  }
  return id
}

const orAll = (ids: number[]): number[] | null => (ids.length === 0 ? null : ids)

async function accept(context: CommandContext, [modelId = 0]: number[]): Promise<Result> {
  await context.client.corrections.accept({ modelId })
  return list(context)
}

async function discard(context: CommandContext, [modelId = 0]: number[]): Promise<Result> {
  await context.client.corrections.discard({ modelId })
  return list(context)
}

async function undo(context: CommandContext, [modelId = 0]: number[]): Promise<Result> {
  const { args, client } = context
  const replaying = await client.corrections.undo({ modelId, replay: args.flag('replay') })
  if (replaying !== null) {
    await finish(context, replaying)
  }
  return list(context)
}

async function take(context: CommandContext, [correctionId = 0]: number[]): Promise<Result> {
  await context.client.corrections.unqueue({ correctionId })
  return list(context)
}

async function list({ client }: CommandContext): Promise<Result> {
  const all = await client.corrections.list()
  return {
    text: table(
      ['id', 'state', 'model', 'from', 'clip', 'before', 'wanted', 'says now', 'learnt'],
      all.map(cellsOf),
    ),
    json: all.map(({ clip, ...correction }) => ({ ...correction, video: clip })),
  }
}

const cellsOf = ({ id, state, model, parent, clip, before, wanted, after, learnt }: Correction): Cell[] => [
  String(id),
  state,
  model === null ? null : String(model),
  String(parent),
  clip,
  before,
  wanted,
  after,
  learnt && LEARNT[learnt],
]

async function report({ client }: CommandContext, ids: number[]): Promise<Result> {
  const figures = await client.corrections.report({ correctionIds: orAll(ids) })
  return { text: table(['', 'number', 'share'], reportRows(figures)), json: figures }
}

const reportRows = (figures: CorrectionReport): Cell[][] => [
  ['corrections', figures.corrections, null],
  ['hold without intervention', figures.held, percent(figures.held, figures.corrections)],
  [
    'of them by other searches and frames too',
    figures.lasting,
    percent(figures.lasting, figures.corrections),
  ],
  ['similar clips with the same error', figures.similar, null],
  ['of them mended too', figures.similarMended, percent(figures.similarMended, figures.similar)],
  ['captions of other clips', figures.elsewhere, null],
  ['of them changed', figures.changed, percent(figures.changed, figures.elsewhere)],
  ['for the better', figures.better, percent(figures.better, figures.elsewhere)],
  ['for the worse', figures.worse, percent(figures.worse, figures.elsewhere)],
]

const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`
