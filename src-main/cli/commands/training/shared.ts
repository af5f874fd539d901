/** Models as tables and JSON show them, and how the command line waits for one. */
import { captionerSettings, someSettings } from '#contract'
import type { ModelFigure, Split, TrainRequest } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { CommandContext, Result } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import type { DoneJob, StartedJob } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import type { Cell } from '../../table.ts'

export const SETTING_NAMES = Object.keys(captionerSettings.shape)
const SWITCHES: Readonly<Record<string, boolean>> = { true: true, false: false }

/** Settings from assignments such as `epochs=5`. Throws UsageError for a name that is no setting. */
export function settingsOf(assignments: readonly string[]): NonNullable<TrainRequest['settings']> {
  return someSettings.parse(Object.fromEntries(assignments.map(settingOf)))
}

function settingOf(assignment: string): [name: string, value: unknown] {
  const [name = '', text = ''] = assignment.split('=', 2)
  if (!SETTING_NAMES.includes(name) || text === '') {
    throw new UsageError(
      `--set takes NAME=VALUE with a name that "vitrine train --help" lists, not "${assignment}"`,
    )
  }
  return [name, valueOf(text)]
}

/** A value of a setting as the command line writes it: a switch, a number, or a choice. */
export function valueOf(text: string): unknown {
  const number = Number(text)
  return SWITCHES[text] ?? (text !== '' && Number.isFinite(number) ? number : text)
}

/** Without the entries that are not given, which would hide those beneath. */
export const withoutUndefined = <Settings extends object>(settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Settings

/** Trains and returns the new models. */
export async function trainModels(context: CommandContext, request: TrainRequest): Promise<number[]> {
  const job = await finishTraining(context, context.client.training.train(request))
  return resultOf(job, 'train').modelIds
}

/** Waits for a training; when it ends early, says what can be done with what it left. */
export async function finishTraining(context: CommandContext, started: StartedJob): Promise<DoneJob> {
  try {
    return await finish(context, started)
  } catch (error) {
    const { jobId } = await started
    await sayWhatIsLeft(context, jobId)
    throw error
  }
}

async function sayWhatIsLeft({ args, client, terminal }: CommandContext, trainingJob: number): Promise<void> {
  const project = args.optionalOperand('PROJECT') ?? (await client.project.summary())?.path ?? ''
  const models = await client.training.models()
  const left = models.find(({ jobId, state }) => jobId === trainingJob && state !== 'ready')
  if (left?.resumable) {
    terminal.say(
      `Model ${left.id} goes on where it stopped with: vitrine train ${project} --resume --model ${left.id}`,
    )
  }
  if (left?.keepable) {
    terminal.say(`Its best parameters so far become a model with: vitrine keep ${project} --model ${left.id}`)
  }
}

/** Waits for a new version of a model and describes it. */
export async function describeVersion(context: CommandContext, started: StartedJob): Promise<Result> {
  const { modelIds } = resultOf(await finish(context, started), 'train')
  const [modelId] = modelIds
  if (modelId === undefined) {
    throw new Error('the job left no model')
  }
  return describeModel(context, modelId)
}

export async function describeModel(context: CommandContext, modelId: number): Promise<Result> {
  const summary = await summariseModel(context, modelId)
  return { text: table(MODEL_HEADER, [modelCells(summary)]), json: summary }
}

export async function summariseModel({ client }: CommandContext, modelId: number) {
  const { kind, device, steps, captionsPerSecond, best, seconds } = await client.training.model({ modelId })
  return { model: modelId, kind, device, steps, captionsPerSecond, best, seconds }
}
export type ModelSummary = Awaited<ReturnType<typeof summariseModel>>

const MODEL_HEADER = [
  'model',
  'kind',
  'device',
  'steps',
  'captions/s',
  'seconds',
  'best step',
  'val NLL',
  'val BLEU-4',
  'val CIDEr',
]

const modelCells = ({
  model,
  kind,
  device,
  steps,
  captionsPerSecond,
  best,
  seconds,
}: ModelSummary): Cell[] => [
  String(model),
  kind,
  device,
  steps,
  fixed(captionsPerSecond, 0),
  fixed(seconds, 1),
  best?.step ?? null,
  fixed(best?.nll),
  fixed(best?.bleu4),
  fixed(best?.cider),
]

/** The figure of a metric on a split, as a cell. */
export const figureCell = (figures: readonly ModelFigure[], split: Split, metric: string): Cell =>
  fixed(figures.find((figure) => figure.split === split && figure.metric === metric)?.value)

/** Figures by split and metric. */
export const figuresBySplit = (
  figures: readonly { split: Split; metric: string; value: number | null }[],
): Record<string, Record<string, number | null>> =>
  Object.fromEntries(
    [...Map.groupBy(figures, ({ split }) => split)].map(([split, ofSplit]) => [
      split,
      Object.fromEntries(ofSplit.map(({ metric, value }) => [metric, value])),
    ]),
  )
