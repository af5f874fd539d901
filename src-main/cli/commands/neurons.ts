import { neuronJudgement, VitrineError } from '#contract'
import type { NeuronMap, NeuronRow, SilenceRequest } from '#contract'
import { UsageError } from '../command.ts'
import type { Command, CommandContext, Result } from '../command.ts'
import { chosenModel, edited, finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'
import type { Cell } from '../table.ts'

const VERDICTS = neuronJudgement.shape.verdict.unwrap().options
/** Topics that are listed of a neuron. */
const MOST_TOPICS = 10

const SHOWS = ['words', 'silence', 'stability'] as const

export const neurons: Command = {
  summary:
    'Measures which topic each neuron stands for, with the same figure under shuffled topics beside it.',
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
    neuron: {
      value: 'J',
      multiple: true,
      help: 'only show this neuron and the clips that excite it; of --words and --silence: these, in place of those of --topic',
    },
    words: { help: 'only show the words that grow less likely with the neurons at zero' },
    silence: { help: 'only show what captions become with the neurons at zero, beside as many random ones' },
    split: { value: 'SPLIT', help: 'of --silence: train, val or test (test)' },
    stability: { help: 'only show how far the other runs of the series have the same neurons' },
  },
  async run(context) {
    const { args, client } = context
    const request = {
      reference: args.oneOf('reference', ['zero', 'mean']),
      videoSet: args.oneOf('video-set', ['bearing', 'all']),
      shuffles: args.integer('shuffles'),
      seed: args.integer('seed'),
    }
    const [split, chosen] = [
      args.oneOf('split', ['train', 'val', 'test']),
      args.list('neuron').map(neuronNumber),
    ]
    const [show, other] = SHOWS.filter((name) => args.flag(name))
    const [wanted, csv] = [args.text('topic'), args.text('csv')]
    if (other !== undefined) {
      throw new UsageError(`--${show} and --${other} exclude each other`)
    }
    if ((show === 'words' || show === 'silence') && chosen.length === 0 && wanted === undefined) {
      throw new UsageError('--topic or --neuron is missing')
    }
    if (show === undefined && chosen.length > 1) {
      throw new UsageError('one --neuron is shown at a time')
    }
    const looking = show !== undefined || chosen.length > 0
    if (looking && csv !== undefined) {
      throw new UsageError('--csv goes with the whole map')
    }
    await openProject(context)
    const modelId = chosenModel(context)
    if (!looking && !args.flag('stored')) {
      await finish(context, client.neurons.interpret({ ...request, modelId }))
    }
    const map = client.neurons.map(modelId)
    if (map === null) {
      throw new VitrineError(
        'NOT_READY',
        `The neurons of model ${modelId} have not been interpreted.`,
        `Run "vitrine neurons" with --model ${modelId} alone first.`,
      )
    }
    const topicId =
      wanted === undefined
        ? null
        : client.topics.find({ id: modelId, topics: map.topics.map(({ id }) => id) }, wanted)
    switch (show) {
      case 'words':
        return showWords(context, map, chosen.length > 0 ? chosen : standingFor(map, topicId))
      case 'silence':
        return showSilence(context, {
          modelId,
          topicId: chosen.length > 0 ? null : topicId,
          neurons: chosen,
          split,
          seed: request.seed,
        })
      case 'stability':
        return showStability(context, map, topicId)
      case undefined:
        if (chosen[0] !== undefined) {
          return showNeuron(context, map, chosen[0])
        }
    }
    if (csv !== undefined) {
      await client.neurons.export(modelId, csv)
    }
    const rows = rowsOf(map, topicId)
    return {
      text:
        topicId === null
          ? `${topicTable(map)}\n\n${totals(map)}`
          : table(
              ['neuron', 'part', 'delta', 'runner-up', 'margin', 'shuffled', 'remarks'],
              rows.map((row) => [
                String(row.neuron),
                row.part,
                fixed(row.delta, 4),
                row.runnerUpLabel,
                fixed(row.margin, 4),
                fixed(row.shuffled, 4),
                remarks(row),
              ]),
            ),
      json: { model: modelId, shuffledBaseline: map.shuffledBaseline, neurons: rows.map(rowJson) },
    }
  },
}

export const judgeNeuron: Command = {
  summary: 'Says of a neuron whether it stands for its topic, or what for; what is left out stays as it is.',
  operands: ['PROJECT'],
  options: {
    neuron: { value: 'J', help: 'the neuron' },
    model: { value: 'ID', help: 'the model (the current one)' },
    verdict: { value: 'VERDICT', help: `${VERDICTS.join(', ')}, none` },
    label: { value: 'TEXT', help: "a label of one's own; empty: the topic's" },
    note: { value: 'TEXT', help: 'a note; empty: none' },
  },
  async run(context) {
    const { args, client } = context
    const [neuron, verdict, label, note] = [
      neuronNumber(args.required('neuron')),
      args.oneOf('verdict', [...VERDICTS, 'none']),
      args.text('label'),
      args.text('note'),
    ]
    if ((verdict ?? label ?? note) === undefined) {
      throw new UsageError('--verdict, --label or --note is missing')
    }
    await openProject(context)
    const modelId = chosenModel(context)
    const judged = () =>
      client.neurons.map(modelId)?.neurons.find((row) => row.neuron === neuron)?.judged ?? null
    const before = judged()
    const judgement = {
      verdict: verdict === undefined ? (before?.verdict ?? null) : verdict === 'none' ? null : verdict,
      label: label ?? before?.label ?? '',
      note: note ?? before?.note ?? '',
    }
    const text = await edited(context, () => {
      client.neurons.judge(modelId, neuron, judgement)
    })
    return { text: text ?? 'Nothing changed.', json: { model: modelId, neuron, judged: judged() } }
  },
}

async function showWords(
  { client, signal }: CommandContext,
  { modelId }: NeuronMap,
  chosen: number[],
): Promise<Result> {
  if (chosen.length === 0) {
    throw new VitrineError(
      'NOT_FOUND',
      'No neuron stands for this topic.',
      'Choose another one, or name neurons.',
    )
  }
  const { clips, words } = await client.neurons.words(modelId, chosen, signal)
  return {
    text: table(
      [`of ${clips} clips`, 'ln p falls by', 'places'],
      words.map(({ word, fall, count }) => [word, fixed(fall), count]),
    ),
    json: { model: modelId, neurons: chosen, clips, words },
  }
}

async function showSilence({ client, signal }: CommandContext, request: SilenceRequest): Promise<Result> {
  const { changed, ...found } = await client.neurons.silence(request, signal)
  const naming =
    found.naming === null
      ? ''
      : ` Captions with a word of the topic: ${found.naming.before} before, ${found.naming.after} after, ${found.naming.random} with the random ones silenced.`
  return {
    text: `${table(
      ['clip', 'before', 'after'],
      changed.map(({ clip, before, after }) => [clip, before, after]),
    )}\n\n${found.neurons.length} neurons at zero change ${changed.length} of ${found.clips} captions, as many random ones ${found.randomChanged}.${naming}`,
    json: {
      model: request.modelId,
      ...found,
      changed: changed.map(({ clip, before, after }) => ({ video: clip, before, after })),
    },
  }
}

async function showStability(
  { client, signal }: CommandContext,
  map: NeuronMap,
  topicId: number | null,
): Promise<Result> {
  const { models, neurons: found } = await client.neurons.stability(map.modelId, signal)
  const by = new Map(found.map((own) => [own.neuron, own]))
  const rows = rowsOf(map, topicId).map((row) => ({
    neuron: row.neuron,
    topic: row.topicId,
    label: row.topicLabel,
    correlation: by.get(row.neuron)?.correlation ?? 0,
    sameTopic: by.get(row.neuron)?.sameTopic ?? 0,
  }))
  return {
    text: table(
      ['neuron', 'topic', 'correlation', `same topic, of ${models.length}`],
      rows.map(({ neuron, label, correlation, sameTopic }) => [
        String(neuron),
        label,
        fixed(correlation),
        sameTopic,
      ]),
    ),
    json: { model: map.modelId, models, neurons: rows.map(({ label: _, ...row }) => row) },
  }
}

async function showNeuron({ client }: CommandContext, map: NeuronMap, neuron: number): Promise<Result> {
  const { deltas, histogram, clips } = await client.neurons.neuron(map.modelId, neuron)
  const row = map.neurons.find((own) => own.neuron === neuron)
  if (row === undefined) {
    throw new VitrineError('NOT_FOUND', `Model ${map.modelId} has no neuron ${neuron} in its map.`)
  }
  const topics = map.topics
    .map(({ id, label }, column) => ({ topic: id, label, delta: deltas[column] ?? 0 }))
    .sort((a, b) => b.delta - a.delta)
  const said =
    row.judged === null
      ? []
      : [row.judged.verdict, row.judged.label && `"${row.judged.label}"`, row.judged.note].filter(Boolean)
  return {
    text: [
      `Neuron ${neuron} (${row.part}): ${[row.topicLabel, `shuffled ${row.shuffled.toFixed(4)}`, remarks(row), ...said].filter(Boolean).join(', ')}`,
      '',
      table(
        ['topic', 'delta'],
        topics.slice(0, MOST_TOPICS).map(({ label, delta }) => [label, fixed(delta, 4)]),
      ),
      '',
      table(
        ['clip', 'mean', 'peaks at second'],
        clips.map(({ name, mean, peakSecond }) => [name, fixed(mean), fixed(peakSecond, 1)]),
      ),
    ].join('\n'),
    json: {
      model: map.modelId,
      ...rowJson(row),
      judged: row.judged,
      deltas: topics.map(({ topic, delta }) => ({ topic, delta })),
      histogram,
      clips: clips.map(({ name, mean, peakSecond, activation }) => ({
        video: name,
        mean,
        peakSecond,
        activation,
      })),
    },
  }
}

/** A map's neurons, or those of a topic, by delta. */
const rowsOf = (map: NeuronMap, topicId: number | null): NeuronRow[] =>
  map.neurons
    .filter((row) => topicId === null || row.topicId === topicId)
    .sort((a, b) => b.delta - a.delta || a.neuron - b.neuron)

/** The learnt neurons that stand for a topic better than for shuffled ones. */
const standingFor = (map: NeuronMap, topicId: number | null): number[] =>
  rowsOf(map, topicId)
    .filter(({ delta, shuffled, part }) => delta > shuffled && part !== 'feature')
    .map(({ neuron }) => neuron)

const remarks = ({ dead, polysemantic }: NeuronRow): string =>
  [dead ? 'dead' : '', polysemantic ? 'polysemantic' : ''].filter(Boolean).join(', ')

const rowJson = ({
  neuron,
  topicId,
  delta,
  runnerUpId,
  margin,
  shuffled,
  dead,
  polysemantic,
}: NeuronRow) => ({
  neuron,
  topic: topicId,
  delta,
  runnerUp: runnerUpId,
  margin,
  shuffled,
  dead,
  polysemantic,
})

/** A map by topic: how many neurons stand for it, and the strongest of them. */
export function topicTable(map: NeuronMap): string {
  const alive = map.neurons.filter(({ dead }) => !dead)
  const owned = Map.groupBy(alive, ({ topicId }) => topicId)
  return table(
    ['id', 'topic', 'neurons', 'above shuffled', 'strongest', 'delta', 'shuffled'],
    map.topics.map(({ id, label }): Cell[] => {
      const own = (owned.get(id) ?? []).toSorted((a, b) => b.delta - a.delta || a.neuron - b.neuron)
      const [strongest] = own
      return [
        String(id),
        label,
        own.length,
        own.filter(({ delta, shuffled }) => delta > shuffled).length,
        strongest?.neuron === undefined ? null : String(strongest.neuron),
        fixed(strongest?.delta, 4),
        fixed(strongest?.shuffled, 4),
      ]
    }),
  )
}

const totals = ({ neurons: all, meanDelta, shuffledBaseline }: NeuronMap): string =>
  `${all.length} neurons: mean delta ${meanDelta.toFixed(4)}, under shuffled topics ${shuffledBaseline.toFixed(4)}; ` +
  `${all.filter(({ dead }) => dead).length} dead, ${all.filter(({ polysemantic }) => polysemantic).length} polysemantic.`

function neuronNumber(text: string): number {
  const neuron = Number(text)
  if (!Number.isInteger(neuron) || neuron < 0) {
    throw new UsageError(`--neuron takes the number of a neuron, not "${text}"`)
  }
  return neuron
}
