import { split } from '#contract'
import type { NeuronMap, Split } from '#contract'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext } from '../../command.ts'
import { failures } from '../../failures.ts'
import { finish } from '../../jobs.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'
import { neuronNumber } from './shared.ts'
import { showMap, showNeuron, showSilence, showStability, showWords, standingFor } from './views.ts'

const VIEWS = ['words', 'silence', 'stability'] as const

export const neurons: Command = {
  summary: 'Measures which topic each neuron stands for, by chance alone, and on clips that were not used.',
  operands: ['PROJECT'],
  options: {
    model: MODEL_OPTION,
    topic: { value: 'ID', help: 'only the neurons of this topic, by id or label' },
    reference: { value: 'REFERENCE', help: 'what a silenced neuron is set to: zero, mean (zero)' },
    'video-set': { value: 'SET', help: 'clips to average over: bearing, all (bearing)' },
    shuffles: { value: 'N', help: 'shuffles of the topic vectors (5)' },
    seed: { value: 'S', help: 'of the shuffles, the permutations, and the other neurons of --silence (1)' },
    truth: {
      value: 'FILE',
      help: 'also hold neurons against what held-out clips show over time: lines of clip, concept, from, to (seconds), with tabs between',
    },
    csv: {
      value: 'FILE',
      help: 'also write the map as CLIP-Dissect does (layer, unit, description, similarity), with its held-out figures',
    },
    overwrite: { help: 'of --csv: in place of a file that is there' },
    stored: { help: 'measure nothing: show the map that is stored' },
    neuron: {
      value: 'J',
      multiple: true,
      help: 'only show this neuron and the clips that excite it; of --words and --silence: these, in place of those of --topic',
    },
    words: { help: 'only show the words that grow less likely with the neurons at zero' },
    silence: {
      help: 'only show what captions become with the neurons at zero, beside as many others that are about as active',
    },
    split: {
      value: 'SPLIT',
      help: 'clips that are held out for alignment: val, test; of --silence also train (val)',
    },
    stability: { help: 'only show how far the other runs of the series have the same neurons' },
  },
  json:
    '`{model, createdAt, trainingClips, shuffledBaseline, alignment: {split, clips, tests, draws, topics: [{topic, bearing, ' +
    'probes: [{neurons, precision, auc}]}], oneNeuron: {precision, low, high, chance, topics}}, overTime: {frames, neurons, concepts: [{concept, neuron, iou, always}]}, neurons: [{neuron, topic, delta, runnerUp, margin, shuffled, dead, ' +
    'polysemantic, alignment: {precision, auc, p, q}}]}`; `topic` and `runnerUp` are topic ids, or null where none falls, `alignment` is of held-out ' +
    'clips, null where there are none. With `--neuron` alone: one of these with `{model, ' +
    'judged: {verdict, label, note}, deltas: [{topic, delta, alignment}], histogram: {from, to, counts}, ' +
    'clips: [{video, mean, peakSecond, activation}]}`, `activation` frame by frame. With `--words`: `{model, neurons, ' +
    'clips, words: [{word, fall, count}]}`; with `--silence`: `{model, neurons, clips, ' +
    'naming: {before, after, control}, controlNeurons, controlChanged, changed: [{video, before, after}]}`; with `--stability`: ' +
    '`{model, models, neurons: [{neuron, topic, correlation, sameTopic}]}`.',
  async run(context) {
    const { args, client } = context
    const measuring = {
      reference: args.oneOf('reference', ['zero', 'mean']),
      videoSet: args.oneOf('video-set', ['bearing', 'all']),
      shuffles: args.integer('shuffles'),
      seed: args.integer('seed'),
      truth: args.text('truth'),
    }
    const shownSplit = args.oneOf('split', split.options)
    const chosen = args.list('neuron').map(neuronNumber)
    const view = viewOf(args, chosen)
    const csv = args.text('csv')
    if (view !== 'map' && csv !== undefined) {
      throw new UsageError('--csv goes with the whole map')
    }
    const heldOut = heldOutSplit(view, shownSplit)
    await openProject(context)
    const modelId = await chosenModel(context)
    if (view === 'map' && !args.flag('stored')) {
      await finish(context, client.neurons.interpret({ ...measuring, heldOut, modelId }))
    }
    const map = await storedMap(context, modelId)
    const topicId = await chosenTopic(context, modelId)
    switch (view) {
      case 'words':
        return showWords(context, modelId, chosen.length > 0 ? chosen : standingFor(map, topicId))
      case 'silence':
        return showSilence(context, {
          modelId,
          topicId: chosen.length > 0 ? null : topicId,
          neurons: chosen,
          split: shownSplit,
          seed: measuring.seed,
        })
      case 'stability':
        return showStability(context, map, topicId)
      case 'neuron':
        return showNeuron(context, map, chosen[0] ?? 0)
      case 'map':
        if (csv !== undefined) {
          await client.neurons.export({ modelId, path: csv, overwrite: args.flag('overwrite') })
        }
        return showMap(map, topicId)
    }
  },
}

/** The clips that a map's alignment is measured on. Throws UsageError for those that a model learns from. */
function heldOutSplit(
  view: ReturnType<typeof viewOf>,
  chosen: Split | undefined,
): 'val' | 'test' | undefined {
  if (chosen !== 'train') {
    return chosen
  }
  if (view === 'map') {
    throw new UsageError('--split takes val or test: a model has learnt from the training clips')
  }
  return undefined
}

/** What the options ask to see. Throws UsageError for options that don't go together. */
function viewOf(args: Arguments, chosen: readonly number[]): (typeof VIEWS)[number] | 'neuron' | 'map' {
  const [view, other] = VIEWS.filter((name) => args.flag(name))
  if (other !== undefined) {
    throw new UsageError(`--${view} and --${other} exclude each other`)
  }
  if ((view === 'words' || view === 'silence') && chosen.length === 0 && !args.has('topic')) {
    throw new UsageError('--topic or --neuron is missing')
  }
  if (view !== undefined) {
    return view
  }
  if (chosen.length > 1) {
    throw new UsageError('one --neuron is shown at a time')
  }
  return chosen.length === 1 ? 'neuron' : 'map'
}

/** Throws NOT_READY before the model's neurons were interpreted. */
async function storedMap({ client }: CommandContext, modelId: number): Promise<NeuronMap> {
  const map = await client.neurons.map({ modelId })
  if (map === null) {
    throw failures.notInterpreted({ modelId })
  }
  return map
}

/** The topic that `--topic` names, if any. Throws NOT_FOUND. */
async function chosenTopic({ args, client }: CommandContext, modelId: number): Promise<number | null> {
  const topic = args.text('topic')
  if (topic === undefined) {
    return null
  }
  const { topicId } = await client.training.findTopic({ modelId, topic })
  return topicId
}
