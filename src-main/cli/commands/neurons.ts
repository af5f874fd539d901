import { VitrineError } from '../../contract/index.ts'
import type { CaptionMetrics, Correction, NeuronMap } from '../../contract/index.ts'
import type { Services } from '../../compose.ts'
import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { chosenModel, finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import type { Cell } from '../table.ts'
import { metricCells, METRICS } from './learning.ts'

export const neurons: Command = {
  summary: 'Measures which topic each neuron stands for, with the same figure under shuffled topics beside it.',
  operands: ['PROJECT'],
  options: {
    model: { value: 'ID', help: 'the model (the current one)' },
    topic: { value: 'ID', help: 'only the neurons of this topic, by id or label' },
    reference: { value: 'REFERENCE', help: 'what a silenced neuron is set to: zero, mean (zero)' },
    'video-set': { value: 'SET', help: 'clips to average over: bearing, all (bearing)' },
    shuffles: { value: 'N', help: 'shuffles of the topic vectors (5)' },
    seed: { value: 'S', help: 'of the shuffles (1)' },
  },
  async run(context) {
    const { args, services } = context
    const request = {
      reference: args.oneOf('reference', ['zero', 'mean']), videoSet: args.oneOf('video-set', ['bearing', 'all']),
      shuffles: args.integer('shuffles'), seed: args.integer('seed'),
    }
    await openProject(context)
    const modelId = chosenModel(context)
    await finish(context, services.neurons.interpret({ ...request, modelId }))
    const map = services.neurons.map(modelId)
    if (map === null) throw new Error('interpreting left no map')
    const wanted = args.text('topic')
    const topicId = wanted === undefined ? null : services.topics.find({ id: modelId, topics: map.topics.map(({ id }) => id) }, wanted)
    const rows = map.neurons.filter((neuron) => topicId === null || neuron.topicId === topicId).sort((a, b) => b.delta - a.delta || a.neuron - b.neuron)
    return {
      text: topicId === null ? `${topicTable(map)}\n\n${totals(map)}` : table(['neuron', 'part', 'delta', 'runner-up', 'margin', 'shuffled', 'remarks'],
        rows.map((neuron) => [String(neuron.neuron), neuron.part, fixed(neuron.delta, 4), neuron.runnerUpLabel, fixed(neuron.margin, 4), fixed(neuron.shuffled, 4), [neuron.dead ? 'dead' : '', neuron.polysemantic ? 'polysemantic' : ''].filter(Boolean).join(', ')])),
      json: {
        model: modelId, shuffledBaseline: map.shuffledBaseline,
        neurons: rows.map(({ neuron, topicId: topic, delta, runnerUpId, margin, shuffled, dead, polysemantic }) => ({ neuron, topic, delta, runnerUp: runnerUpId, margin, shuffled, dead, polysemantic })),
      },
    }
  },
}

/** A map by topic: how many neurons stand for it, and the strongest of them. */
export function topicTable(map: NeuronMap): string {
  const alive = map.neurons.filter(({ dead }) => !dead)
  const owned = Map.groupBy(alive, ({ topicId }) => topicId)
  return table(['id', 'topic', 'neurons', 'above shuffled', 'strongest', 'delta', 'shuffled'], map.topics.map(({ id, label }): Cell[] => {
    const own = (owned.get(id) ?? []).toSorted((a, b) => b.delta - a.delta || a.neuron - b.neuron)
    const [strongest] = own
    return [String(id), label, own.length, own.filter(({ delta, shuffled }) => delta > shuffled).length, strongest?.neuron === undefined ? null : String(strongest.neuron), fixed(strongest?.delta, 4), fixed(strongest?.shuffled, 4)]
  }))
}

const totals = ({ neurons: all, meanDelta, shuffledBaseline }: NeuronMap): string =>
  `${all.length} neurons: mean delta ${meanDelta.toFixed(4)}, under shuffled topics ${shuffledBaseline.toFixed(4)}; `
  + `${all.filter(({ dead }) => dead).length} dead, ${all.filter(({ polysemantic }) => polysemantic).length} polysemantic.`

export const correct: Command = {
  summary: 'Shows how a caption changes when topics are added or dropped; with --accept a new model version learns it.',
  operands: ['PROJECT'],
  options: {
    video: { value: 'NAME', help: 'the clip, by name or id' },
    model: { value: 'ID', help: 'the model (the current one)' },
    'add-topic': { value: 'ID', multiple: true, help: 'a topic that the caption misses, by id or label' },
    'drop-topic': { value: 'ID', multiple: true, help: 'a topic that the caption wrongly has' },
    strength: { value: 'P', help: 'how far the neurons are moved, 0 to 1 (1)' },
    accept: { help: 'learn the correction and make the new version the current model' },
  },
  async run(context) {
    const { args, services } = context
    const video = args.required('video')
    const [add, drop] = [args.list('add-topic'), args.list('drop-topic')]
    if (add.length + drop.length === 0) throw new UsageError('--add-topic or --drop-topic is missing')
    const strength = args.number('strength')
    await openProject(context)
    const modelId = chosenModel(context)
    const clip = services.corpus.find(video)
    const model = { id: modelId, topics: services.training.topics(modelId) }
    const request = {
      modelId, clipId: clip.id, strength,
      addTopics: add.map((topic) => services.topics.find(model, topic)), dropTopics: drop.map((topic) => services.topics.find(model, topic)),
    }
    if (!args.flag('accept')) {
      const { before, after } = await services.corrections.preview(request, context.signal)
      return {
        text: table(['', clip.name], [['before', before], ['intervened', after]]),
        json: { model: null, parent: modelId, video: clip.name, before, intervened: after, after: null, changed: [], metrics: null },
      }
    }
    await finish(context, services.corrections.learn(request))
    const correction = latestCorrection(services)
    services.corrections.accept(correction.id)
    return {
      text: correctionText(correction),
      json: {
        model: correction.model, parent: correction.parent, video: correction.clip, before: correction.before, intervened: correction.intervened,
        after: correction.after, changed: correction.changed.map(({ clip: name, before, after }) => ({ video: name, before, after })), metrics: correction.metrics,
      },
    }
  },
}

export function latestCorrection(services: Services): Correction {
  const [latest] = services.corrections.list()
  if (latest === undefined) throw new VitrineError('NOT_FOUND', 'This project has no correction.')
  return latest
}

/** Before, intervened, after; what else changed; the metrics of the split. */
export function correctionText(correction: Correction): string {
  const { clip, before, intervened, after, changed, metrics, model, parent } = correction
  const row = (name: string, of: CaptionMetrics): Cell[] => [name, ...metricCells(of)]
  const better = changed.filter(({ ciderBefore, ciderAfter }) => ciderAfter > ciderBefore).length
  const worse = changed.filter(({ ciderBefore, ciderAfter }) => ciderAfter < ciderBefore).length
  return [
    table(['', clip], [['before', before], ['intervened', intervened], ['after', after]]), '',
    table(['', ...METRICS], [row(`model ${parent}`, metrics.before), row(`model ${model}`, metrics.after)]), '',
    `Captions changed: ${changed.length}, of them ${better} nearer to what people say and ${worse} farther.`,
  ].join('\n')
}
