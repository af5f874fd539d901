import {
  captionerSettings,
  device,
  modelKind,
  preset,
  PRESETS,
  presetSettings,
  someSettings,
  VitrineError,
} from '#contract'
import type { CaptionerSettings, ModelDetail, Preset, Split, TrainRequest } from '#contract'
import { UsageError } from '../command.ts'
import type { Arguments, Command, CommandContext } from '../command.ts'
import { chosenModel, finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import type { Cell } from '../table.ts'

const SETTING_NAMES = Object.keys(captionerSettings.shape)
const { optimizer, schedule } = captionerSettings.shape

export const train: Command = {
  summary: 'Trains a captioner on the training split, or goes on with one whose training stopped.',
  operands: ['PROJECT'],
  options: {
    kind: { value: 'KIND', help: `${modelKind.options.join(', ')} (interpretive)` },
    preset: { value: 'PRESET', help: `the settings to begin with: ${preset.options.join(', ')} (default)` },
    lambda: { value: 'L', help: 'weight of the interpretive loss (of the preset)' },
    epochs: { value: 'N', help: 'at most this many passes over the training clips (of the preset)' },
    batch: { value: 'N', help: 'clips in a minibatch (8)' },
    optimizer: { value: 'NAME', help: `${optimizer.unwrap().options.join(', ')} (of the preset)` },
    schedule: {
      value: 'NAME',
      help: `of the learning rate: ${schedule.unwrap().options.join(', ')} (of the preset)`,
    },
    set: { value: 'NAME=VALUE', multiple: true, help: `any setting: ${SETTING_NAMES.join(', ')}` },
    seed: { value: 'S', help: 'the same seed trains the same model on the same device (1)' },
    seeds: {
      value: 'N',
      help: 'train a series of N models, with the seeds S, S + 1, ...; prints their mean and deviation',
    },
    device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
    resume: {
      help: 'go on with a run that was stopped, was interrupted or failed, from its last checkpoint',
    },
    model: { value: 'ID', help: 'of --resume: the model (the newest that can go on)' },
  },
  async run(context) {
    const { args, client } = context
    if (args.flag('resume')) {
      requireAlone(args)
      const wanted = args.integer('model')
      await openProject(context)
      const id = wanted ?? newestResumable(context)
      await finishTraining(context, client.training.resume(id))
      return describeModel(context, id)
    }
    if (args.text('model') !== undefined) {
      throw new UsageError('--model goes with --resume')
    }
    const request = requestOf(args)
    await openProject(context)
    const [first = 0, ...others] = await trained(context, request)
    return others.length === 0 ? describeModel(context, first) : describeSeries(context, first)
  },
}

function requestOf(args: Arguments): TrainRequest {
  return {
    kind: args.oneOf('kind', modelKind.options),
    device: args.oneOf('device', device.options),
    seed: args.integer('seed'),
    seeds: args.integer('seeds'),
    preset: args.oneOf('preset', preset.options),
    settings: {
      ...settingsOf(args.list('set')),
      ...given({
        lambda: args.number('lambda'),
        epochs: args.integer('epochs'),
        batchClips: args.integer('batch'),
        optimizer: args.oneOf('optimizer', optimizer.unwrap().options),
        schedule: args.oneOf('schedule', schedule.unwrap().options),
      }),
    },
  }
}

/** Settings from assignments such as `epochs=5`. Throws UsageError for a name that is no setting. */
export function settingsOf(assignments: readonly string[]): NonNullable<TrainRequest['settings']> {
  const entries = assignments.map((assignment) => {
    const [name = '', value = ''] = assignment.split('=', 2)
    if (!SETTING_NAMES.includes(name) || value === '') {
      throw new UsageError(
        `--set takes NAME=VALUE with a name that "vitrine train --help" lists, not "${assignment}"`,
      )
    }
    const plain: Record<string, boolean> = { true: true, false: false }
    return [name, plain[value] ?? (Number.isFinite(Number(value)) ? Number(value) : value)] as const
  })
  return someSettings.parse(Object.fromEntries(entries))
}

/** Without the entries that are not given, which would hide those beneath. */
const given = <Settings extends object>(settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Settings

/** A run goes on with the settings that it began with. */
function requireAlone(args: Arguments): void {
  const other = Object.keys(train.options)
    .filter((name) => name !== 'resume' && name !== 'model')
    .find((name) => args.text(name) !== undefined || args.list(name).length > 0)
  if (other !== undefined) {
    throw new UsageError(`--resume goes on as the run began: --${other} can't be given with it`)
  }
}

function newestResumable({ client }: CommandContext): number {
  const run = client.training.list().find(({ resumable }) => resumable)
  if (run === undefined) {
    throw new VitrineError(
      'NOT_FOUND',
      'This project has no run that can go on.',
      '"vitrine models PROJECT" lists its models.',
    )
  }
  return run.id
}

/** Trains and returns the new models. */
export async function trained(context: CommandContext, request: TrainRequest): Promise<number[]> {
  const { client } = context
  const started = client.training.train(request)
  await finishTraining(context, started)
  return client.training.ofJob(started.jobId)
}

/** Waits for a training; when it ends early, says what can be done with what it left. */
async function finishTraining(context: CommandContext, started: { jobId: number }): Promise<void> {
  const { client, terminal, args } = context
  try {
    await finish(context, started)
  } catch (error) {
    const project = args.optionalOperand('PROJECT') ?? client.project.summary()?.path ?? ''
    const last = client.training
      .list()
      .find(({ jobId, state }) => jobId === started.jobId && state !== 'ready')
    if (last?.resumable) {
      terminal.say(
        `Model ${last.id} goes on where it stopped with: vitrine train ${project} --resume --model ${last.id}`,
      )
    }
    if (last?.keepable) {
      terminal.say(
        `Its best parameters so far become a model with: vitrine keep ${project} --model ${last.id}`,
      )
    }
    throw error
  }
}

const HEADER = [
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

function factsOf({ client }: CommandContext, id: number) {
  const { kind, device: used, steps, captionsPerSecond, seconds } = client.training.detail(id)
  return {
    model: id,
    kind,
    device: used,
    steps,
    captionsPerSecond,
    best: client.training.best(id),
    seconds,
  }
}

function cellsOf({
  model,
  kind,
  device: used,
  steps,
  captionsPerSecond,
  best,
  seconds,
}: ReturnType<typeof factsOf>): Cell[] {
  return [
    String(model),
    kind,
    used,
    steps,
    fixed(captionsPerSecond, 0),
    fixed(seconds, 1),
    best?.step ?? null,
    fixed(best?.nll),
    fixed(best?.bleu4),
    fixed(best?.cider),
  ]
}

function describeModel(context: CommandContext, id: number) {
  const facts = factsOf(context, id)
  return { text: table(HEADER, [cellsOf(facts)]), json: facts }
}

/** Figures of a series that the table shows, with their headings. */
const SERIES_FIGURES: readonly { split: Split; metric: string; heading: string }[] = [
  { split: 'val', metric: 'nll', heading: 'val NLL' },
  { split: 'val', metric: 'bleu4', heading: 'val BLEU-4' },
  { split: 'val', metric: 'cider', heading: 'val CIDEr' },
  { split: 'test', metric: 'BLEU_4', heading: 'test BLEU-4' },
  { split: 'test', metric: 'METEOR', heading: 'test METEOR' },
  { split: 'test', metric: 'ROUGE_L', heading: 'test ROUGE-L' },
  { split: 'test', metric: 'CIDEr', heading: 'test CIDEr' },
  { split: 'test', metric: 'mAP', heading: 'topic mAP' },
]

/** Figures by split and name. */
const nested = (figures: readonly { split: Split; metric: string; value: number | null }[]) =>
  Object.fromEntries(
    [...Map.groupBy(figures, ({ split }) => split)].map(([split, own]) => [
      split,
      Object.fromEntries(own.map(({ metric, value }) => [metric, value])),
    ]),
  )

function describeSeries(context: CommandContext, series: number) {
  const { client } = context
  const { models, figures } = client.training.series(series)
  const members = models.map(({ id, seed }) => ({
    facts: factsOf(context, id),
    seed,
    figures: client.training.figures(id),
  }))
  const shown = SERIES_FIGURES.flatMap((wanted) => {
    const figure = figures.find(({ split, metric }) => split === wanted.split && metric === wanted.metric)
    return figure === undefined ? [] : [{ ...figure, heading: wanted.heading }]
  })
  const rows = members.map(({ facts, seed, figures: own }): Cell[] => [
    String(facts.model),
    seed,
    facts.best?.step ?? null,
    ...shown.map((figure) =>
      fixed(own.find(({ split, metric }) => split === figure.split && metric === figure.metric)?.value),
    ),
  ])
  const mean = shown.map(({ mean: own, deviation }): Cell => ({
    figure: `${own.toFixed(3)}${deviation === null ? '' : ` ± ${deviation.toFixed(3)}`}`,
  }))
  return {
    text: table(
      ['model', 'seed', 'best step', ...shown.map(({ heading }) => heading)],
      [...rows, ['mean', null, null, ...mean]],
    ),
    json: {
      series,
      models: members.map(({ facts, seed, figures: own }) => ({ ...facts, seed, figures: nested(own) })),
      mean: nested(figures.map((figure) => ({ ...figure, value: figure.mean }))),
      deviation: nested(figures.map((figure) => ({ ...figure, value: figure.deviation }))),
    },
  }
}

export const models: Command = {
  summary: 'Lists the models: what each was trained with, how it ended, and its figures.',
  operands: ['PROJECT'],
  options: {},
  async run(context) {
    const { client } = context
    await openProject(context)
    const rows = client.training.list().map(({ id }) => ({
      row: client.training.detail(id),
      best: client.training.best(id),
      figures: client.training.figures(id),
    }))
    const of = (figures: ReturnType<typeof client.training.figures>, split: Split, metric: string) =>
      fixed(figures.find((own) => own.split === split && own.metric === metric)?.value)
    return {
      text: table(
        [
          'model',
          'kind',
          'state',
          'from',
          'series',
          'seed',
          'settings',
          'steps',
          'val CIDEr',
          'test BLEU-4',
          'test CIDEr',
          'topic mAP',
          'note',
        ],
        rows.map(({ row, figures }) => [
          `${row.id}${row.current ? ' (current)' : ''}`,
          row.kind,
          stateOf(row),
          idCell(row.parent),
          idCell(row.series),
          row.seed,
          presetOf(row.settings),
          row.steps,
          of(figures, 'val', 'cider'),
          of(figures, 'test', 'BLEU_4'),
          of(figures, 'test', 'CIDEr'),
          of(figures, 'test', 'mAP'),
          row.note,
        ]),
      ),
      json: {
        models: rows.map(({ row: { points: _, evaluations: __, ...row }, best, figures }) => ({
          ...row,
          best,
          figures: nested(figures),
        })),
      },
    }
  },
}

const idCell = (id: number | null): Cell => (id === null ? null : { figure: String(id) })
const stateOf = ({ state, resumable, keepable, stale }: ModelDetail): string => {
  const can = [
    ...(stale.length > 0 ? ['stale'] : []),
    ...(resumable ? ['--resume'] : []),
    ...(keepable ? ['keep'] : []),
  ]
  return can.length === 0 ? state : `${state} (${can.join(', ')})`
}

/**
 * The preset that settings are nearest to: `fast`, or `fast + 2` with two settings of their own. A baseline
 * has no lambda.
 */
function presetOf(settings: CaptionerSettings): string {
  const names = Object.keys(PRESETS) as Preset[]
  const changes = (name: Preset) => {
    const own = presetSettings(name)
    return Object.keys(own).filter(
      (key) =>
        own[key as keyof CaptionerSettings] !== settings[key as keyof CaptionerSettings] &&
        !(key === 'lambda' && settings.lambda === 0),
    ).length
  }
  const [nearest] = names.map((name) => ({ name, count: changes(name) })).sort((a, b) => a.count - b.count)
  return nearest === undefined
    ? ''
    : nearest.count === 0
      ? nearest.name
      : `${nearest.name} + ${nearest.count}`
}

export const keep: Command = {
  summary: 'Makes the best parameters of a training that stopped or failed a model that can be used.',
  operands: ['PROJECT'],
  options: { model: { value: 'ID', help: 'the model (the newest that can be kept)' } },
  async run(context) {
    const { args, client } = context
    const wanted = args.integer('model')
    await openProject(context)
    const id = wanted ?? client.training.list().find(({ keepable }) => keepable)?.id
    if (id === undefined) {
      throw new VitrineError(
        'NOT_FOUND',
        'This project has no run whose parameters can be kept.',
        '"vitrine models PROJECT" lists its models.',
      )
    }
    client.training.keep(id)
    return describeModel(context, id)
  },
}

export const remap: Command = {
  summary: 'Carries a model over to topics that were merged, renamed or left out since: nothing is trained.',
  operands: ['PROJECT'],
  options: { model: { value: 'ID', help: 'the model (the current one)' } },
  async run(context) {
    const { client } = context
    await openProject(context)
    return describeVersion(context, client.training.remap(chosenModel(context)))
  },
}

export const refine: Command = {
  summary:
    'Trains the encoder and topic head of a model for a few epochs on the topics as they are now; its decoder stays.',
  operands: ['PROJECT'],
  options: {
    model: { value: 'ID', help: 'the model (the current one)' },
    epochs: { value: 'N', help: 'passes over the training clips (3)' },
    seed: { value: 'S', help: 'the same seed refines the same way on the same device (1)' },
    device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
  },
  async run(context) {
    const { args, client } = context
    const request = {
      epochs: args.integer('epochs'),
      seed: args.integer('seed'),
      device: args.oneOf('device', device.options),
    }
    await openProject(context)
    return describeVersion(context, client.training.refine({ ...request, modelId: chosenModel(context) }))
  },
}

/** Waits for a new version of a model and describes it. */
async function describeVersion(context: CommandContext, started: { jobId: number }) {
  await finish(context, started)
  const [id] = context.client.training.ofJob(started.jobId)
  if (id === undefined) {
    throw new Error('the job left no model')
  }
  return describeModel(context, id)
}
