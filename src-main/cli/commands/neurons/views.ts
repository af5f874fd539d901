/** What `vitrine neurons` shows: the map, one neuron, or what becomes of words, captions and other runs. */
import type { NeuronMap, NeuronRow, NeuronsOverTime, SilenceRequest } from '#contract'
import type { CommandContext, Result } from '../../command.ts'
import { failures } from '../../failures.ts'
import { count } from '../../../common/text.ts'
import { fixed, table } from '../../table.ts'
import { byDelta, topicTable } from './shared.ts'

/** Topics that are listed of a neuron. */
const MOST_TOPICS = 10
/** A q of at most this is counted as an answer. */
const SIGNIFICANT = 0.05

/** The whole map by topic, or the neurons of one topic. */
export function showMap(map: NeuronMap, topicId: number | null): Result {
  const rows = neuronsOf(map, topicId)
  return {
    text: [
      topicId === null ? topicTable(map) : neuronTable(rows),
      ...(map.overTime === null ? [] : [overTimeTable(map.overTime)]),
      describeTotals(map),
    ].join('\n\n'),
    json: {
      model: map.modelId,
      createdAt: map.createdAt,
      trainingClips: map.trainingClips,
      shuffledBaseline: map.shuffledBaseline,
      alignment: alignmentJson(map),
      overTime: map.overTime,
      neurons: rows.map(neuronJson),
    },
  }
}

const neuronTable = (rows: readonly NeuronRow[]): string =>
  table(
    ['neuron', 'part', 'delta', 'runner-up', 'margin', 'shuffled', 'held-out AP', 'AUC', 'q', 'remarks'],
    rows.map((row) => [
      String(row.neuron),
      row.part,
      fixed(row.delta, 4),
      row.runnerUpLabel,
      fixed(row.margin, 4),
      fixed(row.shuffled, 4),
      fixed(row.alignment?.precision),
      fixed(row.alignment?.auc),
      fixed(row.alignment?.q, 4),
      remarks(row),
    ]),
  )

/** Every concept that is known over time with its neuron. */
const overTimeTable = ({ frames, concepts }: NeuronsOverTime): string =>
  table(
    [`over ${frames.toLocaleString('en')} held-out frames`, 'neuron', 'IoU', 'always on'],
    concepts.map(({ concept, neuron, iou, always }) => [concept, String(neuron), fixed(iou), fixed(always)]),
  )

/** What the neurons of a map come to, what it was made on, and when. */
function describeTotals(map: NeuronMap): string {
  const { neurons, meanDelta, shuffledBaseline, trainingClips, createdAt } = map
  const dead = neurons.filter((row) => row.dead).length
  const polysemantic = neurons.filter((row) => row.polysemantic).length
  const clips = trainingClips === null ? 'clips of all splits' : `${count(trainingClips, 'training clip')}`
  return [
    `${neurons.length} neurons: mean delta ${meanDelta.toFixed(4)}, under shuffled topics ${shuffledBaseline.toFixed(4)}; ` +
      `${dead} dead, ${polysemantic} polysemantic.`,
    `Topics found on ${clips}, ${createdAt.slice(0, 16).replace('T', ' ')} UTC. ${describeAlignment(map)}`,
  ].join('\n')
}

/** How many neurons answer to their topic on held-out clips. */
function describeAlignment({ alignment, neurons }: NeuronMap): string {
  if (alignment === null) {
    return 'There were no held-out clips to measure alignment on.'
  }
  const aligned = neurons.filter((row) => row.alignment !== null && row.alignment.q <= SIGNIFICANT).length
  return (
    `On ${count(alignment.clips, 'held-out clip')} (${alignment.split}) ${aligned} of ${neurons.length} neurons answer to their topic ` +
    `(q at most ${SIGNIFICANT}).`
  )
}

/** The words that grow less likely with neurons at zero. */
export async function showWords(
  { client }: CommandContext,
  modelId: number,
  neurons: number[],
): Promise<Result> {
  if (neurons.length === 0) {
    throw failures.topicWithoutNeurons()
  }
  const { clips, words } = await client.neurons.words({ modelId, neurons })
  return {
    text: table(
      [`of ${clips} clips`, 'ln p falls by', 'places'],
      words.map(({ word, fall, count }) => [word, fixed(fall), count]),
    ),
    json: { model: modelId, neurons, clips, words },
  }
}

/** What captions become with neurons at zero, beside as many others that are about as active. */
export async function showSilence({ client }: CommandContext, request: SilenceRequest): Promise<Result> {
  const { changed, ...silenced } = await client.neurons.silence(request)
  const { neurons, clips, naming, controlNeurons, controlChanged } = silenced
  const captions = table(
    ['clip', 'before', 'after'],
    changed.map(({ clip, before, after }) => [clip, before, after]),
  )
  const changes = `${neurons.length} neurons at zero change ${changed.length} of ${clips} captions, ${controlNeurons} others, about as active, ${controlChanged}.`
  const namingChange =
    naming === null
      ? ''
      : ` Captions with a word of the topic: ${naming.before} before, ${naming.after} after, ${naming.control} with the others silenced.`
  return {
    text: `${captions}\n\n${changes}${namingChange}`,
    json: {
      model: request.modelId,
      ...silenced,
      changed: changed.map(({ clip, before, after }) => ({ video: clip, before, after })),
    },
  }
}

/** How far the other runs of the series have the same neurons. */
export async function showStability(
  { client }: CommandContext,
  map: NeuronMap,
  topicId: number | null,
): Promise<Result> {
  const { models, neurons } = await client.neurons.stability({ modelId: map.modelId })
  const stability = new Map(neurons.map((row) => [row.neuron, row]))
  const rows = neuronsOf(map, topicId).map((row) => ({
    neuron: row.neuron,
    topic: row.topicId,
    label: row.topicLabel,
    correlation: stability.get(row.neuron)?.correlation ?? 0,
    sameTopic: stability.get(row.neuron)?.sameTopic ?? 0,
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
    json: { model: map.modelId, models, neurons: rows.map(({ label: _label, ...row }) => row) },
  }
}

/** One neuron: its topics, and the clips that excite it. Throws NOT_FOUND. */
export async function showNeuron(
  { client }: CommandContext,
  map: NeuronMap,
  neuron: number,
): Promise<Result> {
  const { modelId } = map
  const { deltas, alignment, histogram, clips } = await client.neurons.neuron({ modelId, neuron })
  const row = map.neurons.find((candidate) => candidate.neuron === neuron)
  if (row === undefined) {
    throw failures.neuronUnknown({ modelId, neuron })
  }
  const topics = map.topics
    .map(({ id, label }, column) => ({
      topic: id,
      label,
      delta: deltas[column] ?? 0,
      alignment: alignment[column] ?? null,
    }))
    .sort((a, b) => b.delta - a.delta)
  return {
    text: [
      describeNeuron(row),
      table(
        ['topic', 'delta', 'held-out AP', 'AUC', 'q'],
        topics
          .slice(0, MOST_TOPICS)
          .map(({ label, delta, alignment: figures }) => [
            label,
            fixed(delta, 4),
            fixed(figures?.precision),
            fixed(figures?.auc),
            fixed(figures?.q, 4),
          ]),
      ),
      table(
        ['clip', 'mean', 'peaks at second'],
        clips.map(({ name, mean, peakSecond }) => [name, fixed(mean), fixed(peakSecond, 1)]),
      ),
    ].join('\n\n'),
    json: {
      model: modelId,
      ...neuronJson(row),
      judged: row.judged,
      deltas: topics.map(({ label: _label, ...figures }) => figures),
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

/** A neuron on a line, with what a person says of it. */
function describeNeuron(row: NeuronRow): string {
  const { verdict = null, label = '', note = '' } = row.judged ?? {}
  const parts = [
    row.topicLabel,
    `shuffled ${row.shuffled.toFixed(4)}`,
    remarks(row),
    verdict,
    label && `"${label}"`,
    note,
  ]
  return `Neuron ${row.neuron} (${row.part}): ${parts.filter(Boolean).join(', ')}`
}

/** A map's neurons, or those of a topic, by delta. */
const neuronsOf = (map: NeuronMap, topicId: number | null): NeuronRow[] =>
  map.neurons.filter((row) => topicId === null || row.topicId === topicId).sort(byDelta)

/** The learnt neurons that stand for a topic better than for shuffled ones. */
export const standingFor = (map: NeuronMap, topicId: number | null): number[] =>
  neuronsOf(map, topicId)
    .filter(({ delta, shuffled, part }) => delta > shuffled && part !== 'feature')
    .map(({ neuron }) => neuron)

const remarks = ({ dead, polysemantic }: NeuronRow): string =>
  [dead ? 'dead' : '', polysemantic ? 'polysemantic' : ''].filter(Boolean).join(', ')

const neuronJson = (row: NeuronRow) => ({
  neuron: row.neuron,
  topic: row.topicId,
  delta: row.delta,
  runnerUp: row.runnerUpId,
  margin: row.margin,
  shuffled: row.shuffled,
  dead: row.dead,
  polysemantic: row.polysemantic,
  alignment: row.alignment,
})

/** Held-out alignment without that of single neurons; topics by their ids. */
const alignmentJson = ({ alignment }: NeuronMap) =>
  alignment && {
    ...alignment,
    topics: alignment.topics.map(({ topicId, ...topic }) => ({ topic: topicId, ...topic })),
  }
