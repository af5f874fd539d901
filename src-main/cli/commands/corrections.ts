import type { Services } from '../../compose.ts'
import { ciderGain } from '#contract'
import type { CorrectedModel, Correction, CorrectionRequest } from '#contract'
import { UsageError } from '../command.ts'
import type { Command, CommandContext } from '../command.ts'
import { chosenModel, finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import type { Cell } from '../table.ts'

export const correct: Command = {
  summary:
    'Shows how a caption changes when topics are added or dropped, or is typed; with --queue or --accept it is kept.',
  operands: ['PROJECT'],
  options: {
    video: { value: 'NAME', help: 'the clip, by name or id' },
    model: { value: 'ID', help: 'the model (the current one)' },
    'add-topic': { value: 'ID', multiple: true, help: 'a topic that the caption misses, by id or label' },
    'drop-topic': { value: 'ID', multiple: true, help: 'a topic that the caption wrongly has' },
    strength: { value: 'P', help: 'how far the neurons are moved, 0 to 1 (1)' },
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
    queue: { help: 'put it in the queue, to be learnt with others: vitrine corrections PROJECT learn' },
    accept: { help: 'learn the correction and make the new version the current model' },
  },
  async run(context) {
    const { args, client, signal } = context
    const split = args.oneOf('split', ['train', 'val', 'test'])
    const typed = args.text('caption') ?? null
    const strength = args.number('strength') ?? 1
    const neurons = args.list('neuron').map(movedNeuron)
    const [add, drop] = [args.list('add-topic'), args.list('drop-topic')]
    if (typed === null && add.length + drop.length + neurons.length === 0 && !args.flag('suggest')) {
      throw new UsageError('--add-topic or --drop-topic is missing, or --caption')
    }
    const video = split === undefined ? args.required('video') : args.text('video')
    await openProject(context)
    const modelId = chosenModel(context)
    const model = { id: modelId, topics: client.training.topics(modelId) }
    const topics = [
      ...add.map((topic) => ({ topicId: client.topics.find(model, topic), strength })),
      ...drop.map((topic) => ({ topicId: client.topics.find(model, topic), strength: -strength })),
    ]
    if (split !== undefined) {
      const { clips, changed } = await client.corrections.previewAll(
        { modelId, topics, neurons, split },
        signal,
      )
      return {
        text: `${changedTable(changed)}\n\n${changed.length} of ${clips} captions change.`,
        json: { model: modelId, clips, changed: changed.map(asChange) },
      }
    }
    const clip = client.corpus.find(video ?? '')
    if (args.flag('suggest')) {
      const suggestions = await client.corrections.suggest(modelId, clip.id, signal)
      return {
        text:
          suggestions.length === 0
            ? `Nothing that was tried brings the caption of ${clip.name} nearer to what people say.`
            : table(
                ['CIDEr', 'gain', 'topics', 'caption'],
                suggestions.map((own) => [
                  fixed(own.ciderAfter, 2),
                  fixed(own.ciderAfter - own.ciderBefore, 2),
                  own.topics
                    .map(({ topicId, strength: by }) => `${by > 0 ? '+' : '-'}${topicId} at ${Math.abs(by)}`)
                    .join(', '),
                  own.after,
                ]),
              ),
        json: { model: modelId, video: clip.name, suggestions },
      }
    }
    const request: CorrectionRequest = { modelId, clipId: clip.id, topics, neurons, typed }
    if (args.flag('accept')) {
      const { correctionId } = await client.corrections.enqueue(request, signal)
      const version = await learnt(context, [correctionId])
      client.corrections.accept(version.modelId)
      return { text: versionText(version), json: versionJson(version) }
    }
    if (args.flag('queue')) {
      const { correctionId } = await client.corrections.enqueue(request, signal)
      const own = client.corrections.list().find(({ id }) => id === correctionId)
      return {
        text: `Correction ${correctionId} of ${clip.name} waits in the queue: "${own?.wanted ?? ''}" in place of "${own?.before ?? ''}".`,
        json: {
          correction: correctionId,
          video: clip.name,
          before: own?.before ?? null,
          intervened: own?.wanted ?? null,
        },
      }
    }
    const { before, after } =
      typed === null
        ? await client.corrections.preview({ modelId, clipId: clip.id, topics, neurons }, signal)
        : {
            before: (await client.corrections.preview({ modelId, clipId: clip.id }, signal)).before,
            after: typed,
          }
    return {
      text: table(
        ['', clip.name],
        [
          ['before', before],
          [typed === null ? 'intervened' : 'typed', after],
        ],
      ),
      json: {
        model: null,
        parent: modelId,
        video: clip.name,
        before,
        intervened: after,
        after: null,
        changed: [],
        metrics: [],
      },
    }
  },
}

const ACTIONS = ['list', 'learn', 'accept', 'discard', 'undo', 'take', 'report'] as const

export const corrections: Command = {
  summary:
    'Lists corrections; learns those in the queue; accepts, discards or undoes a version; reports what they came to.',
  operands: ['PROJECT', '[ACTION]', '[ID...]'],
  options: { replay: { help: 'of undo: learn corrections that were accepted later again, from the parent' } },
  more: [
    'Actions: list (the default), learn [CORRECTION...], accept MODEL, discard MODEL, undo MODEL, take CORRECTION (out of the queue), report [CORRECTION...]',
  ],
  async run(context) {
    const { args, client } = context
    const action = args.optionalOperand('ACTION') ?? 'list'
    if (!ACTIONS.some((known) => known === action)) {
      throw new UsageError(`"${action}" is none of ${ACTIONS.join(', ')}`)
    }
    const ids = args.rest.map((text) => {
      const id = Number(text)
      if (!Number.isInteger(id)) {
        throw new UsageError(`"${text}" is no id`)
      }
      return id
    })
    const [first] = ids
    const one = (): number => {
      if (first === undefined || ids.length > 1) {
        throw new UsageError(`${action} takes one id`)
      }
      return first
    }
    if (['accept', 'discard', 'undo', 'take'].includes(action)) {
      one()
    }
    await openProject(context)
    const some = ids.length === 0 ? null : ids
    switch (action) {
      case 'learn': {
        const version = await learnt(context, some)
        return { text: versionText(version), json: versionJson(version) }
      }
      case 'accept':
        client.corrections.accept(one())
        break
      case 'discard':
        await client.corrections.discard(one())
        break
      case 'undo': {
        const started = client.corrections.undo(one(), args.flag('replay'))
        if (started !== null) {
          await finish(context, started)
        }
        break
      }
      case 'take':
        client.corrections.unqueue(one())
        break
      case 'report': {
        const report = client.corrections.report(some)
        const share = (part: number, of: number): string =>
          of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} %`
        return {
          text: table(['', 'number', 'share'], [
            ['corrections', report.corrections, null],
            ['hold without intervention', report.held, share(report.held, report.corrections)],
            ['similar clips with the same error', report.similar, null],
            ['of them mended too', report.similarMended, share(report.similarMended, report.similar)],
            ['captions of other clips', report.elsewhere, null],
            ['of them changed', report.changed, share(report.changed, report.elsewhere)],
            ['for the better', report.better, share(report.better, report.elsewhere)],
            ['for the worse', report.worse, share(report.worse, report.elsewhere)],
          ] satisfies Cell[][]),
          json: report,
        }
      }
    }
    const all = client.corrections.list()
    return {
      text: table(
        ['id', 'state', 'model', 'from', 'clip', 'before', 'wanted', 'says now'],
        all.map(({ id, state, model, parent, clip, before, wanted, after }) => [
          String(id),
          state,
          model === null ? null : String(model),
          String(parent),
          clip,
          before,
          wanted,
          after,
        ]),
      ),
      json: all.map(({ clip, ...own }) => ({ ...own, video: clip })),
    }
  },
}

export const regressions: Command = {
  summary: 'Shows accepted corrections against later models; with --model they are rerun with it first.',
  operands: ['PROJECT'],
  options: { model: { value: 'ID', help: 'rerun all accepted corrections with this model' } },
  async run(context) {
    const { args, client } = context
    const modelId = args.integer('model')
    await openProject(context)
    if (modelId !== undefined) {
      await finish(context, client.corrections.rerun(modelId))
    }
    const { models, cases } = client.corrections.regressions()
    return {
      text: table(
        ['correction', 'clip', 'wanted', ...models.map((id) => `model ${id}`)],
        cases.map(({ correction, outcomes }) => [
          String(correction.id),
          correction.clip,
          correction.wanted,
          ...models.map((id) => outcomes.find((own) => own.modelId === id)?.outcome ?? null),
        ]),
      ),
      json: {
        models,
        cases: cases.map(({ correction, outcomes }) => ({
          correction: correction.id,
          video: correction.clip,
          wanted: correction.wanted,
          outcomes,
        })),
      },
    }
  },
}

function movedNeuron(text: string): { neuron: number; value: number } {
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

/** Learns corrections and returns the version with what it changed. */
export async function learnt(
  context: CommandContext,
  correctionIds: number[] | null,
): Promise<CorrectedModel> {
  const { client } = context
  const { jobId } = client.corrections.learn(correctionIds)
  await finish(context, { jobId })
  const [modelId] = client.training.ofJob(jobId)
  if (modelId === undefined) {
    throw new Error('learning left no model')
  }
  return client.corrections.version(modelId)
}

const asChange = ({ clip, before, after }: { clip: string; before: string; after: string }) => ({
  video: clip,
  before,
  after,
})
const changedTable = (
  changed: readonly {
    clip: string
    before: string
    after: string
    ciderBefore: number | null
    ciderAfter: number | null
  }[],
): string =>
  table(
    ['clip', 'before', 'after', 'CIDEr', 'then'],
    changed.map(({ clip, before, after, ciderBefore, ciderAfter }) => [
      clip,
      before,
      after,
      fixed(ciderBefore, 2),
      fixed(ciderAfter, 2),
    ]),
  )

/**
 * Before, wanted, after; what else changed; the metrics of the other clips with the intervals of their
 * difference.
 */
export function versionText({ modelId, corrections: own, radius }: CorrectedModel): string {
  const lines = own.flatMap(({ clip, before, wanted, after }): Cell[][] => [
    [clip, 'before', before],
    ['', 'wanted', wanted],
    ['', 'says now', after],
  ])
  const text = [table(['clip', '', `model ${modelId}`], lines)]
  if (radius === null || radius.split === null) {
    return text.join('\n')
  }
  const [better, worse] = [
    radius.changed.filter((change) => ciderGain(change) > 0).length,
    radius.changed.filter((change) => ciderGain(change) < 0).length,
  ]
  if (radius.metrics.length > 0) {
    text.push(
      '',
      table(
        [`${radius.clips} other clips`, 'before', 'after', 'difference', '95% from', 'to'],
        radius.metrics.map(({ metric, a, b, difference, low, high }) => [
          metric,
          fixed(a),
          fixed(b),
          fixed(difference, 4),
          fixed(low, 4),
          fixed(high, 4),
        ]),
      ),
    )
  }
  if (radius.changed.length > 0) {
    text.push('', changedTable(radius.changed))
  }
  text.push(
    '',
    `Captions of other clips changed: ${radius.changed.length}, of them ${better} nearer to what people say and ${worse} farther.`,
  )
  if (radius.similar !== null && radius.similar.clips.length > 0) {
    text.push(
      `Similar clips with the same error: ${radius.similar.clips.length}, of them ${radius.similar.clips.filter(({ mended }) => mended).length} mended too.`,
    )
  }
  return text.join('\n')
}

export function versionJson({ modelId, corrections: own, radius }: CorrectedModel) {
  const [first] = own
  return {
    model: modelId,
    parent: first?.parent ?? null,
    video: first?.clip ?? null,
    before: first?.before ?? null,
    intervened: first?.wanted ?? null,
    after: first?.after ?? null,
    corrections: own.map(({ id, clip, before, wanted, after }: Correction) => ({
      id,
      video: clip,
      before,
      intervened: wanted,
      after,
    })),
    changed: radius?.changed.map(asChange) ?? [],
    metrics: radius?.metrics ?? [],
    topics: radius?.topics ?? [],
    similar: radius?.similar ?? null,
  }
}

/** Queues a correction, learns it alone and makes it current. */
export async function repair(context: CommandContext, request: CorrectionRequest): Promise<CorrectedModel> {
  const services: Services = context.services
  const { correctionId } = await client.corrections.enqueue(request)
  const version = await learnt(context, [correctionId])
  client.corrections.accept(version.modelId)
  return version
}
