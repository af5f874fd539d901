import { captionerSettings, device, captionerKind, preset, trainRequest } from '#contract'
import type { SeriesSummary, Split, TrainRequest } from '#contract'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Option, Result } from '../../command.ts'
import { failures } from '../../failures.ts'
import { table } from '../../table.ts'
import type { Cell } from '../../table.ts'
import { openProject, sayNeed } from '../shared.ts'
import {
  describeModel,
  figureCell,
  figuresBySplit,
  finishTraining,
  SETTING_NAMES,
  settingsOf,
  summariseModel,
  trainModels,
  withoutUndefined,
} from './shared.ts'

const OPTIMIZERS = captionerSettings.shape.optimizer.unwrap().options
const SPLITS = trainRequest.shape.split.unwrap().options
const SCHEDULES = captionerSettings.shape.schedule.unwrap().options

const OPTIONS: Readonly<Record<string, Option>> = {
  kind: { value: 'KIND', help: `${captionerKind.options.join(', ')} (interpretive)` },
  preset: { value: 'PRESET', help: `the settings to begin with: ${preset.options.join(', ')} (default)` },
  lambda: { value: 'L', help: 'weight of the interpretive loss (of the preset)' },
  epochs: { value: 'N', help: 'at most this many passes over the training clips (of the preset)' },
  minutes: {
    value: 'N',
    help: 'take as many epochs as fit into this time, by how long the first step takes; of a series, for each model',
  },
  batch: {
    value: 'N',
    help: 'clips in a minibatch (as they are dealt, or of the preset)',
  },
  optimizer: { value: 'NAME', help: `${OPTIMIZERS.join(', ')} (of the preset)` },
  schedule: { value: 'NAME', help: `of the learning rate: ${SCHEDULES.join(', ')} (of the preset)` },
  set: { value: 'NAME=VALUE', multiple: true, help: `any setting: ${SETTING_NAMES.join(', ')}` },
  seed: { value: 'S', help: 'the same seed trains the same model on the same device (1)' },
  seeds: {
    value: 'N',
    help: 'train a series of N models, with the seeds S, S + 1, ...; prints their mean and deviation',
  },
  split: { value: 'SPLIT', help: `of --seeds: what each model is scored on, ${SPLITS.join(', ')} (val)` },
  device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
  resume: {
    help: 'go on with a run that was stopped, was interrupted or failed, from its last checkpoint',
  },
  model: { value: 'ID', help: 'of --resume: the model (the newest that can go on)' },
}

export const train: Command = {
  summary: 'Trains a captioner on the training split, or goes on with one whose training stopped.',
  operands: ['PROJECT'],
  options: OPTIONS,
  notes:
    'Settings and presets: [training](training.md#settings). With Ctrl-C the run stops, keeps its place, and the ' +
    'command prints how to go on: [how a run is kept safe](training.md#how-a-run-is-kept-safe).',
  json:
    '`{model, kind, device, steps, captionsPerSecond, best: {step, nll, bleu4, cider}, seconds}`; `best` is of the ' +
    'validation split. Of a series: `{series, models, mean, deviation}`; `models` has for each model the same keys, ' +
    'its `seed` and `figures`; `figures`, `mean` and `deviation` (of the sample; null for one model) are by split ' +
    'and metric: `{val: {nll, bleu4, cider, BLEU_1, ..., CIDEr, METEOR, mAP}}`, the first three of the best check, the others of ' +
    'captioning `--split`.',
  async run(context) {
    const { args } = context
    if (args.flag('resume')) {
      return resume(context)
    }
    if (args.has('model')) {
      throw new UsageError('--model goes with --resume')
    }
    if (args.has('split') && (args.integer('seeds') ?? 1) === 1) {
      throw new UsageError('--split goes with --seeds: a single model is scored with "vitrine evaluate"')
    }
    const request = requestOf(args)
    await openProject(context)
    await sayNeed(context, { stage: 'training', ...request })
    const [modelId = 0, ...others] = await trainModels(context, request)
    return others.length === 0 ? describeModel(context, modelId) : describeSeries(context, modelId)
  },
}

/** Goes on with the model that `--model` names, else the newest that can. */
async function resume(context: CommandContext): Promise<Result> {
  const { args, client } = context
  refuseSettings(args)
  const chosen = args.integer('model')
  await openProject(context)
  const modelId = chosen ?? (await newestResumable(context))
  await finishTraining(context, client.training.resume({ modelId }))
  return describeModel(context, modelId)
}

/** A run goes on with the settings that it began with. */
function refuseSettings(args: Arguments): void {
  const setting = Object.keys(OPTIONS).find((name) => name !== 'resume' && name !== 'model' && args.has(name))
  if (setting !== undefined) {
    throw new UsageError(`--resume goes on as the run began: --${setting} can't be given with it`)
  }
}

async function newestResumable({ client }: CommandContext): Promise<number> {
  const models = await client.training.models()
  const model = models.find(({ resumable }) => resumable)
  if (model === undefined) {
    throw failures.nothingToResume()
  }
  return model.id
}

function requestOf(args: Arguments): TrainRequest {
  return {
    kind: args.oneOf('kind', captionerKind.options),
    device: args.oneOf('device', device.options),
    seed: args.integer('seed'),
    seeds: args.integer('seeds'),
    split: args.oneOf('split', SPLITS),
    preset: args.oneOf('preset', preset.options),
    minutes: args.number('minutes'),
    settings: {
      ...settingsOf(args.list('set')),
      ...withoutUndefined({
        lambda: args.number('lambda'),
        epochs: args.integer('epochs'),
        batchClips: args.integer('batch'),
        optimizer: args.oneOf('optimizer', OPTIMIZERS),
        schedule: args.oneOf('schedule', SCHEDULES),
      }),
    },
  }
}

/** Figures of a series that the table shows, with their headings. */
const SERIES_FIGURES: readonly { split: Split; metric: string; heading: string }[] = [
  { split: 'val', metric: 'nll', heading: 'best NLL' },
  { split: 'val', metric: 'bleu4', heading: 'best BLEU-4' },
  { split: 'val', metric: 'cider', heading: 'best CIDEr' },
  ...(['val', 'test', 'train'] as const).flatMap((scored) => [
    { split: scored, metric: 'BLEU_4', heading: `${scored} BLEU-4` },
    { split: scored, metric: 'METEOR', heading: `${scored} METEOR` },
    { split: scored, metric: 'ROUGE_L', heading: `${scored} ROUGE-L` },
    { split: scored, metric: 'CIDEr', heading: `${scored} CIDEr` },
    { split: scored, metric: 'mAP', heading: `${scored} topic mAP` },
  ]),
]

/** The models of a series, with the mean and deviation of their figures. */
async function describeSeries(context: CommandContext, series: number): Promise<Result> {
  const { client } = context
  const { models, figures } = await client.training.series({ series })
  const members = await Promise.all(
    models.map(async ({ id: modelId, seed }) => ({
      summary: await summariseModel(context, modelId),
      seed,
      figures: await client.training.figures({ modelId }),
    })),
  )
  const shown = SERIES_FIGURES.flatMap(({ split, metric, heading }) => {
    const figure = figures.find((candidate) => candidate.split === split && candidate.metric === metric)
    return figure === undefined ? [] : [{ ...figure, heading }]
  })
  const rows = members.map(({ summary, seed, figures: ofModel }): Cell[] => [
    String(summary.model),
    seed,
    summary.best?.step ?? null,
    ...shown.map(({ split, metric }) => figureCell(ofModel, split, metric)),
  ])
  return {
    text: table(
      ['model', 'seed', 'best step', ...shown.map(({ heading }) => heading)],
      [...rows, ['mean', null, null, ...shown.map(meanCell)]],
    ),
    json: {
      series,
      models: members.map(({ summary, seed, figures: ofModel }) => ({
        ...summary,
        seed,
        figures: figuresBySplit(ofModel),
      })),
      mean: figuresBySplit(figures.map((figure) => ({ ...figure, value: figure.mean }))),
      deviation: figuresBySplit(figures.map((figure) => ({ ...figure, value: figure.deviation }))),
    },
  }
}

const meanCell = ({ mean, deviation }: SeriesSummary['figures'][number]): Cell => ({
  figure: `${mean.toFixed(3)}${deviation === null ? '' : ` ± ${deviation.toFixed(3)}`}`,
})
