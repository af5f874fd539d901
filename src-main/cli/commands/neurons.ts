import { VitrineError } from '../../contract/index.ts'
import type { NeuronMap } from '../../contract/index.ts'
import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { chosenModel, finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import type { Cell } from '../table.ts'

export const neurons: Command = {
  summary: 'Measures which topic each neuron stands for, with the same figure under shuffled topics beside it.',
  operands: ['PROJECT'],
  options: {
    model: { value: 'ID', help: 'the model (the current one)' },
    topic: { value: 'ID', help: 'only the neurons of this topic, by id or label' },
    reference: { value: 'REFERENCE', help: 'what a silenced neuron is set to: zero, mean (zero)' },
    'video-set': { value: 'SET', help: 'clips to average over: bearing, all (bearing)' },
    shuffles: { value: 'N', help: 'shuffles of the topic vectors (5)' },
    seed: { value: 'S', help: 'of the shuffles, and of the random neurons of --silence (1)' },
    csv: { value: 'FILE', help: 'also write the map as CLIP-Dissect does: layer, unit, description, score' },
    stored: { help: 'measure nothing: show the map that is stored' },
    neuron: { value: 'J', multiple: true, help: 'of --words and --silence: these neurons, in place of those of --topic' },
    words: { help: 'only show the words that grow less likely with the neurons at zero' },
    silence: { help: 'only show what captions become with the neurons at zero, beside as many random ones' },
    split: { value: 'SPLIT', help: 'of --silence: train, val or test (test)' },
  },
  async run(context) {
    const { args, services } = context
    const request = {
      reference: args.oneOf('reference', ['zero', 'mean']), videoSet: args.oneOf('video-set', ['bearing', 'all']),
      shuffles: args.integer('shuffles'), seed: args.integer('seed'),
    }
    const [split, chosen] = [args.oneOf('split', ['train', 'val', 'test']), args.list('neuron').map(neuronNumber)]
    const only = args.flag('words') || args.flag('silence')
    if (only && chosen.length === 0 && args.text('topic') === undefined) throw new UsageError('--topic or --neuron is missing')
    await openProject(context)
    const modelId = chosenModel(context)
    if (!only && !args.flag('stored')) await finish(context, services.neurons.interpret({ ...request, modelId }))
    const map = services.neurons.map(modelId)
    if (map === null) throw new VitrineError('NOT_READY', `The neurons of model ${modelId} have not been interpreted.`, 'Run "vitrine neurons" without --stored, --words or --silence first.')
    const wanted = args.text('topic')
    const topicId = wanted === undefined ? null : services.topics.find({ id: modelId, topics: map.topics.map(({ id }) => id) }, wanted)
    if (args.flag('words')) {
      const neurons = chosen.length > 0 ? chosen : map.neurons.filter((own) => own.topicId === topicId && own.delta > own.shuffled && own.part !== 'feature').map(({ neuron }) => neuron)
      if (neurons.length === 0) throw new VitrineError('NOT_FOUND', 'No neuron stands for this topic.', 'Choose another one, or name neurons.')
      const { clips, words } = await services.neurons.words(modelId, neurons, context.signal)
      return { text: table([`of ${clips} clips`, 'ln p falls by', 'places'], words.map(({ word, fall, count }) => [word, fixed(fall), count])), json: { model: modelId, neurons, clips, words } }
    }
    if (args.flag('silence')) {
      const found = await services.neurons.silence({ modelId, topicId: chosen.length > 0 ? null : topicId, neurons: chosen, split, seed: request.seed }, context.signal)
      const naming = found.naming === null ? '' : ` Captions with a word of the topic: ${found.naming.before} before, ${found.naming.after} after, ${found.naming.random} with the random ones silenced.`
      return {
        text: `${table(['clip', 'before', 'after'], found.changed.map(({ clip, before, after }) => [clip, before, after]))}\n\n${found.neurons.length} neurons at zero change ${found.changed.length} of ${found.clips} captions, as many random ones ${found.randomChanged}.${naming}`,
        json: { model: modelId, ...found, changed: found.changed.map(({ clip, before, after }) => ({ video: clip, before, after })) },
      }
    }
    const csv = args.text('csv')
    if (csv !== undefined) await services.neurons.export(modelId, csv)
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

function neuronNumber(text: string): number {
  const neuron = Number(text)
  if (!Number.isInteger(neuron) || neuron < 0) throw new UsageError(`--neuron takes the number of a neuron, not "${text}"`)
  return neuron
}
