import { captionerSettings, device, modelKind, split } from '../../contract/index.ts'
import type { CaptionMetrics, Evaluation, TrainRequest } from '../../contract/index.ts'
import { UsageError } from '../command.ts'
import type { Command, CommandContext } from '../command.ts'
import { chosenModel, finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import type { Cell } from '../table.ts'

export const topics: Command = {
  summary: 'Finds topics in the captions, in place of the current ones.',
  operands: ['PROJECT'],
  options: {
    k: { value: 'N', short: 'k', help: 'number of topics (100)' },
    iterations: { value: 'N', help: 'sweeps of Gibbs sampling (500)' },
    seed: { value: 'S', help: 'the same seed finds the same topics (1)' },
    'min-documents': { value: 'N', help: 'a word must occur in the captions of this many clips (3)' },
    'max-share': { value: 'P', help: 'and in at most this share of them (0.5)' },
    'per-clip': { value: 'M', help: 'a clip bears at most M topics (3)' },
    'min-share': { value: 'P', help: 'each with at least this share of its words (0.05)' },
  },
  async run(context) {
    const { args, services } = context
    const request = {
      k: args.integer('k'), iterations: args.integer('iterations'), seed: args.integer('seed'), minDocumentFrequency: args.integer('min-documents'),
      maxDocumentShare: args.number('max-share'), topicsPerClip: args.integer('per-clip'), minShare: args.number('min-share'),
    }
    await openProject(context)
    await finish(context, services.topics.extract(request))
    const { run, topics: rows } = services.topics.list()
    return {
      text: table(['id', 'label', 'words', 'NPMI', 'clips'], rows.map(({ id, label, words, npmi, clips }) => [String(id), label, words.slice(0, 8).map(({ word }) => word).join(' '), fixed(npmi), clips])),
      json: { ...run, topics: rows.map(({ id, label, words, npmi, clips }) => ({ id, label, words, npmi, videos: clips })) },
    }
  },
}

export const train: Command = {
  summary: 'Trains a captioner on the training split.',
  operands: ['PROJECT'],
  options: {
    kind: { value: 'KIND', help: `${modelKind.options.join(', ')} (interpretive)` },
    lambda: { value: 'L', help: 'weight of the interpretive loss (0.1)' },
    epochs: { value: 'N', help: 'at most this many passes over the training clips (30)' },
    batch: { value: 'N', help: 'clips in a minibatch (8)' },
    seed: { value: 'S', help: 'the same seed trains the same model on the same device (1)' },
    device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
    set: { value: 'NAME=VALUE', multiple: true, help: `any other setting: ${Object.keys(captionerSettings.shape).join(', ')}` },
  },
  async run(context) {
    const { args, services } = context
    const request: TrainRequest = {
      kind: args.oneOf('kind', modelKind.options), device: args.oneOf('device', device.options), seed: args.integer('seed'),
      settings: { ...settingsOf(args.list('set')), ...given({ lambda: args.number('lambda'), epochs: args.integer('epochs'), batchClips: args.integer('batch') }) },
    }
    await openProject(context)
    const { id } = await trained(context, request)
    const { kind, device: used, steps, captionsPerSecond, seconds } = services.training.detail(id)
    const best = services.training.best(id)
    return {
      text: table(['model', 'kind', 'device', 'steps', 'captions/s', 'seconds', 'best step', 'val NLL', 'val BLEU-4', 'val CIDEr'],
        [[String(id), kind, used ?? '', steps, fixed(captionsPerSecond, 0), fixed(seconds, 1), best?.step ?? null, fixed(best?.nll), fixed(best?.bleu4), fixed(best?.cider)]]),
      json: { model: id, kind, device: used, steps, captionsPerSecond, best, seconds },
    }
  },
}

/** Trains and returns the new model. */
export async function trained(context: CommandContext, request: TrainRequest): Promise<{ id: number }> {
  await finish(context, context.services.training.train(request))
  const [newest] = context.services.training.list()
  if (newest === undefined) throw new Error('training left no model')
  return newest
}

function settingsOf(assignments: readonly string[]): NonNullable<TrainRequest['settings']> {
  const entries = assignments.map((assignment) => {
    const [name = '', value = ''] = assignment.split('=', 2)
    if (!Object.hasOwn(captionerSettings.shape, name) || value === '') throw new UsageError(`--set takes NAME=VALUE with a name that "vitrine train --help" lists, not "${assignment}"`)
    const plain: Record<string, boolean> = { true: true, false: false }
    return [name, plain[value] ?? (Number.isFinite(Number(value)) ? Number(value) : value)] as const
  })
  return captionerSettings.partial().parse(Object.fromEntries(entries))
}

/** Without the entries that are not given, which would hide those beneath. */
const given = (settings: Record<string, number | undefined>) => Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))

const SPLIT_OPTIONS = {
  model: { value: 'ID', help: 'the model (the current one)' },
  split: { value: 'SPLIT', help: `${split.options.join(', ')} (test)` },
  beam: { value: 'N', help: 'width of the beam search (5)' },
}

/** Captions and scores the split that the options name. */
async function captionSplit(context: CommandContext) {
  const { args, services } = context
  const chosen = args.oneOf('split', split.options) ?? 'test'
  const beam = args.integer('beam')
  await openProject(context)
  const modelId = chosenModel(context)
  await finish(context, services.captions.generate({ modelId, split: chosen, beam }))
  return { modelId, split: chosen }
}

export const caption: Command = {
  summary: 'Captions a split with a model and stores the captions and their scores.',
  operands: ['PROJECT'],
  options: SPLIT_OPTIONS,
  async run(context) {
    const { modelId, split: chosen } = await captionSplit(context)
    const rows = context.services.captions.list({ modelId, split: chosen, order: 'clip' })
    return {
      text: table(['clip', 'caption', 'ln p', 'CIDEr'], rows.map(({ clip, caption: text, logProbability, cider }) => [clip, text, fixed(logProbability, 2), fixed(cider)])),
      json: { model: modelId, captions: rows.map(({ clip, caption: text, logProbability }) => ({ video: clip, caption: text, logProbability })) },
    }
  },
}

export const evaluate: Command = {
  summary: 'Captions a split with a model and scores it against the human captions, beside the best fixed caption.',
  operands: ['PROJECT'],
  options: SPLIT_OPTIONS,
  async run(context) {
    const { modelId, split: chosen } = await captionSplit(context)
    const { evaluations, kind } = context.services.training.detail(modelId)
    const evaluation = evaluations.find((own) => own.split === chosen)
    if (evaluation === undefined) throw new Error('captioning left no evaluation')
    return { text: evaluationTable([{ name: `model ${modelId} (${kind})`, evaluation }]), json: { model: modelId, ...evaluation } }
  },
}

export const METRICS = ['BLEU_1', 'BLEU_2', 'BLEU_3', 'BLEU_4', 'ROUGE_L', 'CIDEr'] as const satisfies readonly (keyof CaptionMetrics)[]
export const metricCells = (metrics: CaptionMetrics): Cell[] => METRICS.map((name) => fixed(metrics[name]))

/** Models side by side; under them the best fixed caption, which any model has to beat. */
export function evaluationTable(rows: readonly { name: string; evaluation: Evaluation }[]): string {
  const [first] = rows
  const lines: Cell[][] = rows.map(({ name, evaluation }) => [name, ...metricCells(evaluation.metrics), fixed(evaluation.topics?.mAP), fixed(evaluation.topics?.chance)])
  if (first) lines.push([`"${first.evaluation.fixedCaption.caption}" for every clip`, ...metricCells(first.evaluation.fixedCaption.metrics), null, null])
  return table([`${first?.evaluation.captions ?? 0} ${first?.evaluation.split ?? ''} clips`, ...METRICS, 'topic mAP', 'chance'], lines)
}
