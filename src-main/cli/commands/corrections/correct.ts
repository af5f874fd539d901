import { split } from '#contract'
import type { CorrectionRequest, Intervention, Split, Suggestion } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Result } from '../../command.ts'
import { fixed, table } from '../../table.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'
import { changedTable, changeJson, repair, versionResult } from './shared.ts'

type MovedNeurons = NonNullable<Intervention['neurons']>
type MovedTopics = NonNullable<Intervention['topics']>

export const correct: Command = {
  summary:
    'Shows how a caption changes when topics are added or dropped, or is typed; with --queue or --accept it is kept.',
  operands: ['PROJECT'],
  options: {
    video: { value: 'NAME', help: 'the clip, by name or id' },
    model: MODEL_OPTION,
    'add-topic': { value: 'ID', multiple: true, help: 'a topic that the caption misses, by id or label' },
    'drop-topic': { value: 'ID', multiple: true, help: 'a topic that the caption wrongly has' },
    strength: {
      value: 'P',
      help: 'how far the neurons are moved, 0 to 1, or topics that are added to 2 (1)',
    },
    neuron: { value: 'J=VALUE', multiple: true, help: 'a neuron that is set to a value by itself' },
    caption: {
      value: 'TEXT',
      help: 'the right caption, in words of the training captions, in place of topics',
    },
    suggest: { help: 'only list what would bring the caption nearer to the human ones' },
    split: {
      value: 'SPLIT',
      help: 'only show which captions of a split change with the same topics moved: train, val, test',
    },
    touches: { help: 'only list the other clips that the correction would touch' },
    'leave-out': { value: 'NAME', multiple: true, help: 'a clip that it is not to touch' },
    queue: { help: 'put it in the queue, to be learnt with others: vitrine corrections PROJECT learn' },
    accept: { help: 'learn the correction and make the new version the current model' },
  },
  json:
    '`{model, parent, video, before, intervened, after, learnt, corrections, changed: [{video, before, after}], ' +
    'metrics: [{metric, a, b, difference, low, high, p}], topics, similar, shown: [{video, before, shown, after, isMended}]}`; ' +
    'without `--accept`, `model` and `after` are null and `changed`, `metrics` and `shown` are empty. With `--queue`: `{correction, video, before, intervened}`; with ' +
    '`--suggest`: `{model, video, suggestions}`; with `--touches`: `{model, video, clips, topics, touched}`; with `--split`: `{model, clips, changed}`.',
  async run(context) {
    const { args, client } = context
    const previewedSplit = args.oneOf('split', split.options)
    const typed = args.text('caption') ?? null
    const strength = args.number('strength') ?? 1
    const neurons = args.list('neuron').map(movedNeuron)
    const isMoved = args.has('add-topic') || args.has('drop-topic') || neurons.length > 0
    if (typed === null && !isMoved && !args.flag('suggest')) {
      throw new UsageError('--add-topic or --drop-topic is missing, or --caption')
    }
    const video = previewedSplit === undefined ? args.required('video') : ''
    await openProject(context)
    const modelId = await chosenModel(context)
    const topics = await movedTopics(context, modelId, strength)
    if (previewedSplit !== undefined) {
      return previewSplit(context, { modelId, topics, neurons, split: previewedSplit })
    }
    const { clipId, name } = await client.corpus.find({ clip: video })
    const leftOut = await clipIdsOf(context, args.list('leave-out'))
    const request = { modelId, clipId, topics, neurons, typed, leftOut }
    if (args.flag('suggest')) {
      return suggest(context, name, request)
    }
    if (args.flag('touches')) {
      return touches(context, name, request)
    }
    if (args.flag('accept')) {
      return versionResult(await repair(context, request))
    }
    return args.flag('queue') ? enqueue(context, name, request) : preview(context, name, request)
  },
}

/** `J=VALUE`. */
function movedNeuron(text: string): MovedNeurons[number] {
  const [neuron, value] = text.split('=').map(Number)
  if (
    neuron === undefined ||
    value === undefined ||
    !Number.isInteger(neuron) ||
    !Number.isFinite(value) ||
    !/=./.test(text)
  ) {
    throw new UsageError(`--neuron takes J=VALUE, not "${text}"`)
  }
  return { neuron, value }
}

/** The topics that the options add and drop. Throws NOT_FOUND. */
async function movedTopics(
  { args, client }: CommandContext,
  modelId: number,
  strength: number,
): Promise<MovedTopics> {
  const moved: MovedTopics = []
  for (const topic of args.list('add-topic')) {
    moved.push({ ...(await client.training.findTopic({ modelId, topic })), strength })
  }
  for (const topic of args.list('drop-topic')) {
    moved.push({ ...(await client.training.findTopic({ modelId, topic })), strength: -strength })
  }
  return moved
}

/** Which captions of a split change. */
async function previewSplit(
  { client }: CommandContext,
  request: Intervention & { modelId: number; split: Split },
): Promise<Result> {
  const { clips, changed } = await client.corrections.previewAll(request)
  return {
    text: `${changedTable(changed)}\n\n${changed.length} of ${clips} captions change.`,
    json: { model: request.modelId, clips, changed: changed.map(changeJson) },
  }
}

type ClipCorrection = CorrectionRequest & { modelId: number }

/** What would bring the caption of a clip nearer to the human ones. */
async function suggest(
  { client }: CommandContext,
  video: string,
  { modelId, clipId }: ClipCorrection,
): Promise<Result> {
  const suggestions = await client.corrections.suggest({ modelId, clipId })
  return {
    text:
      suggestions.length === 0
        ? `Nothing that was tried brings the caption of ${video} nearer to what people say.`
        : suggestionTable(suggestions),
    json: { model: modelId, video, suggestions },
  }
}

const suggestionTable = (suggestions: readonly Suggestion[]): string =>
  table(
    ['CIDEr', 'gain', 'topics', 'caption'],
    suggestions.map(({ ciderBefore, ciderAfter, topics, after }) => [
      fixed(ciderAfter, 2),
      fixed(ciderAfter - ciderBefore, 2),
      topics
        .map(({ topicId, strength }) => `${strength > 0 ? '+' : '-'}${topicId} at ${Math.abs(strength)}`)
        .join(', '),
      after,
    ]),
  )

async function clipIdsOf({ client }: CommandContext, names: readonly string[]): Promise<number[]> {
  const clips = await Promise.all(names.map((clip) => client.corpus.find({ clip })))
  return clips.map(({ clipId }) => clipId)
}

/** The other clips whose captions would change with what the correction carries. */
async function touches(
  { client }: CommandContext,
  video: string,
  { modelId, clipId, topics, typed }: ClipCorrection,
): Promise<Result> {
  const {
    clips,
    topics: carried,
    touched,
  } = await client.corrections.carried({
    modelId,
    corrections: [{ clipId, ...(topics && { topics }), typed: typed ?? null }],
  })
  const unsure = carried.filter(({ carries }) => !carries).map(({ label }) => `"${label}"`)
  const sentences = [
    `${touched.length} of ${clips} clips of validation and training would be captioned otherwise.`,
    ...(unsure.length === 0 ? [] : [`Not carried, as features tell it too seldom: ${unsure.join(', ')}.`]),
  ]
  return {
    text: [...(touched.length === 0 ? [] : [changedTable(touched)]), sentences.join('\n')].join('\n\n'),
    json: { model: modelId, video, clips, topics: carried, touched: touched.map(changeJson) },
  }
}

/** Puts the correction in the queue. */
async function enqueue({ client }: CommandContext, video: string, request: ClipCorrection): Promise<Result> {
  const { correctionId } = await client.corrections.enqueue(request)
  const correction = (await client.corrections.list()).find(({ id }) => id === correctionId)
  const before = correction?.before ?? null
  const intervened = correction?.wanted ?? null
  return {
    text: `Correction ${correctionId} of ${video} waits in the queue: "${intervened ?? ''}" in place of "${before ?? ''}".`,
    json: { correction: correctionId, video, before, intervened },
  }
}

/** The caption now and as it would be; nothing is kept. */
async function preview(
  { client }: CommandContext,
  video: string,
  { typed, ...intervention }: ClipCorrection,
): Promise<Result> {
  const { modelId, clipId } = intervention
  const { before, after } =
    typed === null
      ? await client.corrections.preview(intervention)
      : { ...(await client.corrections.preview({ modelId, clipId })), after: typed ?? '' }
  return {
    text: table(
      ['', video],
      [
        ['before', before],
        [typed === null ? 'intervened' : 'typed', after],
      ],
    ),
    json: {
      model: null,
      parent: modelId,
      video,
      before,
      intervened: after,
      after: null,
      changed: [],
      metrics: [],
    },
  }
}
