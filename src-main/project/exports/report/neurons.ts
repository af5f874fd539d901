/** What neurons stand for, and whether they answer to it in clips that the model has not learnt from. */
import type { ModelRow, NeuronMap, NeuronRow } from '#contract'
import { count } from '../../../common/text.ts'
import { figureBlock, heading, missing, paragraph, tableBlock } from '../../../formats/report/document.ts'
import type { Block, ReportCell, ReportSection } from '../../../formats/report/document.ts'
import { histogramFigure } from '../../../formats/report/figures/histogram.ts'
import { pointFigure } from '../../../formats/report/figures/rows.ts'
import { chosenModel, command, CURRENT_NOTE, day, fixed, modelName, percent, SPLIT_NAMES } from './source.ts'
import type { ReportSource } from './source.ts'

/** Discoveries that are false, at most, among those that are called significant. */
const FALSE_DISCOVERIES = 0.05
/** Neurons that are listed, and topics that a figure has rows for. */
const LISTED = 40
const DRAWN = 30

interface Mapped {
  model: ModelRow
  map: NeuronMap
}

export async function neuronsSection(source: ReportSource): Promise<ReportSection> {
  const { models, queries, call } = source
  const maps = await Promise.all(
    models.map(async (model) => ({ model, map: await queries.neurons.map({ modelId: model.id }, call) })),
  )
  const mapped = maps.flatMap(({ model, map }): Mapped[] =>
    map === null ? [] : [{ model, map: map as NeuronMap }],
  )
  const model = chosenModel(mapped.map((one) => one.model))
  const detailed = mapped.find((one) => one.model === model)
  return {
    id: 'neurons',
    title: 'Neurons',
    blocks:
      detailed === undefined
        ? [missing('No neurons are interpreted yet.', command(source, 'neurons'))]
        : [summary(mapped), alignmentSummary(mapped), ...detail(source, detailed)],
  }
}

const alignedOf = ({ neurons }: NeuronMap): NonNullable<NeuronRow['alignment']>[] =>
  neurons.flatMap(({ alignment }) => alignment ?? [])

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

function summary(mapped: readonly Mapped[]): Block {
  return tableBlock({
    name: 'neurons-summary',
    title: 'Neurons of each model',
    note:
      'Delta: the prediction difference of a neuron with its topic, the fall of the score f of the topic when the neuron is silenced, as a mean over clips that bear it. Shuffled: its largest delta when topics are dealt over the ' +
      `clips at random, the level of chance. Standing for a topic: a delta above 0. ${CURRENT_NOTE}`,
    columns: [
      { name: 'model' },
      { name: 'neurons' },
      { name: 'standing' },
      { name: 'dead' },
      { name: 'polysemantic' },
      { name: 'mean delta', digits: 4 },
      { name: 'shuffled', digits: 4 },
    ],
    rows: mapped.map(({ model, map }) => [
      modelName(model),
      map.neurons.length,
      map.neurons.filter(({ topicId }) => topicId !== null).length,
      map.neurons.filter(({ dead }) => dead).length,
      map.neurons.filter(({ polysemantic }) => polysemantic).length,
      map.meanDelta,
      map.shuffledBaseline,
    ]),
  })
}

function alignmentSummary(mapped: readonly Mapped[]): Block {
  return tableBlock({
    name: 'neurons-alignment',
    title: 'Held-out alignment of neurons with the topics that they stand for',
    note:
      'On clips that the model has not learnt from. Neurons: those whose topic tells these clips apart. AP and AUC: of the mean activation, as means over neurons; the chance of AUC is 0.5. ' +
      `q < ${FALSE_DISCOVERIES}: neurons that answer to their topic by a permutation test of the average precision, corrected for the number of neurons (Benjamini and Hochberg). One neuron: average precision of the one neuron that was chosen for each topic on training clips, as the mean over topics that tell the clips apart, with its 95% bootstrap interval; chance is that of rankings at random. ${CURRENT_NOTE}`,
    columns: [
      { name: 'model' },
      { name: 'split' },
      { name: 'clips' },
      { name: 'neurons' },
      { name: `q < ${FALSE_DISCOVERIES}` },
      { name: 'mean AP', digits: 3 },
      { name: 'mean AUC', digits: 3 },
      { name: 'one neuron', digits: 3, interval: true },
      { name: 'chance', digits: 3 },
    ],
    rows: mapped.map(({ model, map }): ReportCell[] => {
      const one = map.alignment?.oneNeuron ?? null
      const aligned = alignedOf(map)
      return [
        modelName(model),
        map.alignment === null ? null : SPLIT_NAMES[map.alignment.split],
        map.alignment?.clips ?? null,
        aligned.length,
        aligned.filter(({ q }) => q < FALSE_DISCOVERIES).length,
        mean(aligned.map(({ precision }) => precision)),
        mean(aligned.map(({ auc }) => auc)),
        one && { value: one.precision, low: one.low, high: one.high },
        one?.chance ?? null,
      ]
    }),
  })
}

function detail(source: ReportSource, { model, map }: Mapped): Block[] {
  return [
    heading(`Neurons of ${modelName(model)}`),
    paragraph(howMeasured(map)),
    ...judgements(map),
    topicTable(map),
    ...alignmentFigures(map),
    deltaFigure(map),
    neuronTable(map),
    ...overTime(source, map),
    missing(
      'What captions become without the neurons of a topic is not kept by the project.',
      command(source, `neurons --model ${model.id} --topic ID --silence`),
    ),
  ]
}

function howMeasured({ request, trainingClips, alignment, createdAt }: NeuronMap): string {
  const clips = trainingClips === null ? 'clips of all splits' : `${count(trainingClips, 'training clip')}`
  const heldOut =
    alignment === null
      ? 'Nothing was held out to measure alignment on.'
      : `Alignment is measured on ${count(alignment.clips, 'clip')} of the ${SPLIT_NAMES[alignment.split]} split that the model has not learnt from: ${count(alignment.tests, 'pair')} of a neuron and a topic, ${count(alignment.draws, 'random ranking')} behind each p.`
  return `Measured ${day(createdAt)} over ${clips}; a silenced neuron is set to ${request.reference === 'mean' ? 'its mean over the training clips' : 'zero'}; ${count(request.shuffles, 'shuffle')} of the topics, seed ${request.seed}. ${heldOut}`
}

function judgements({ neurons }: NeuronMap): Block[] {
  const judged = neurons.flatMap(({ judged: one }) => one ?? [])
  if (judged.length === 0) {
    return []
  }
  const agreeing = judged.filter(({ verdict }) => verdict === 'agree').length
  const disagreeing = judged.filter(({ verdict }) => verdict === 'disagree').length
  return [
    paragraph(
      `People judged ${count(judged.length, 'neuron')}: ${agreeing} ${agreeing === 1 ? 'stands' : 'stand'} for the topic that was measured, ${disagreeing} ${disagreeing === 1 ? 'does' : 'do'} not.`,
    ),
  ]
}

interface TopicFigures {
  label: string
  standing: number
  best: NeuronRow | null
  bearing: number | null
  chance: number | null
  probes: (number | null)[]
}

function figuresByTopic({ topics, neurons, alignment }: NeuronMap): TopicFigures[] {
  const byTopic = Map.groupBy(neurons, ({ topicId }) => topicId)
  return topics.map(({ id, label }) => {
    const standing = byTopic.get(id) ?? []
    const heldOut = alignment?.topics.find(({ topicId }) => topicId === id)
    return {
      label,
      standing: standing.length,
      best: standing.reduce<NeuronRow | null>(
        (best, neuron) => (best === null || neuron.delta > best.delta ? neuron : best),
        null,
      ),
      bearing: heldOut?.bearing ?? null,
      chance: heldOut === undefined || alignment === null ? null : heldOut.bearing / alignment.clips,
      probes: [0, 1, 2].map((place) => heldOut?.probes[place]?.precision ?? null),
    }
  })
}

const topicTable = (map: NeuronMap): Block =>
  tableBlock({
    name: 'neurons-topics',
    title: 'Topics and the neuron that stands for each most',
    note:
      'Neurons: how many stand for the topic. The best has the largest delta, found on training clips. AP, AUC, q: of its mean activation on held-out clips. Chance: the share of held-out clips that bear the topic, which is the AP of a random ranking. ' +
      'Probes: AP on held-out clips of a logistic regression on 1, 4 and 16 neurons, chosen and fitted on training clips. A dash: no neuron stands for it, or it tells no held-out clips apart.',
    columns: [
      { name: 'topic' },
      { name: 'neurons' },
      { name: 'best', plain: true },
      { name: 'delta', digits: 3 },
      { name: 'shuffled', digits: 3 },
      { name: 'bearing' },
      { name: 'chance', digits: 3 },
      { name: 'AP', digits: 3 },
      { name: 'AUC', digits: 3 },
      { name: 'q', digits: 4 },
      { name: 'probe 1', digits: 3 },
      { name: '4', digits: 3 },
      { name: '16', digits: 3 },
    ],
    rows: figuresByTopic(map).map(({ label, standing, best, bearing, chance, probes }) => [
      label,
      standing,
      best?.neuron ?? null,
      best?.delta ?? null,
      best?.shuffled ?? null,
      bearing,
      chance,
      best?.alignment?.precision ?? null,
      best?.alignment?.auc ?? null,
      best?.alignment?.q ?? null,
      ...probes,
    ]),
  })

function alignmentFigures(map: NeuronMap): Block[] {
  const measured = figuresByTopic(map).filter(({ best }) => best?.alignment != null)
  const aligned = alignedOf(map)
  if (measured.length === 0 || map.alignment === null) {
    return []
  }
  const drawn = measured
    .toSorted((a, b) => (b.best?.alignment?.precision ?? 0) - (a.best?.alignment?.precision ?? 0))
    .slice(0, DRAWN)
  const clips = `${count(map.alignment.clips, 'held-out clip')} of the ${SPLIT_NAMES[map.alignment.split]} split`
  return [
    figureBlock(
      pointFigure({
        title: 'Held-out alignment of the best neuron of each topic',
        note: `Average precision on ${clips}${measured.length > DRAWN ? `; the ${DRAWN} best of ${measured.length} topics` : ''}.`,
        over: 'average precision',
        rows: drawn.map(({ label, best, chance }) => ({
          label,
          value: best?.alignment?.precision ?? null,
          reference: chance,
        })),
        format: (value) => fixed(value, 2),
        least: 1,
        legend: [{ label: 'a random ranking', colour: 'var(--series-2)', mark: 'ring' }],
      }),
    ),
    figureBlock(
      histogramFigure({
        title: 'Held-out alignment of all neurons with their topics',
        note: `Area under the curve of ${count(aligned.length, 'neuron')} on ${clips}; ${percent(aligned.filter(({ q }) => q < FALSE_DISCOVERIES).length / aligned.length)} have q < ${FALSE_DISCOVERIES}.`,
        series: [{ label: 'neurons', values: aligned.map(({ auc }) => auc) }],
        over: 'AUC',
        counted: 'neurons',
        reference: { value: 0.5, label: 'chance' },
      }),
    ),
  ]
}

const deltaFigure = ({ neurons }: NeuronMap): Block =>
  figureBlock(
    histogramFigure({
      title: 'Prediction differences',
      note: `Delta of ${count(neurons.length, 'neuron')} with the topic of each, and the largest delta of each under shuffled topics.`,
      series: [
        { label: 'delta', values: neurons.map(({ delta }) => delta) },
        { label: 'under shuffled topics', values: neurons.map(({ shuffled }) => shuffled) },
      ],
      over: 'prediction difference',
      counted: 'neurons',
    }),
  )

function neuronTable({ neurons }: NeuronMap): Block {
  const strongest = neurons
    .filter(({ topicId }) => topicId !== null)
    .toSorted((a, b) => b.delta - a.delta)
    .slice(0, LISTED)
  return tableBlock({
    name: 'neurons',
    title: 'The neuron map in short',
    note: `The ${count(strongest.length, 'neuron')} with the largest delta, of ${neurons.length}; the export of neurons has all. Margin: delta less that of the runner-up. A neuron is of the frame feature, or of the forward or backward LSTM.`,
    columns: [
      { name: 'neuron', plain: true },
      { name: 'part' },
      { name: 'topic' },
      { name: 'delta', digits: 3 },
      { name: 'runner-up', optional: true },
      { name: 'margin', digits: 3 },
      { name: 'shuffled', digits: 3 },
      { name: 'AP', digits: 3 },
      { name: 'q', digits: 4 },
      { name: 'people say', optional: true },
    ],
    rows: strongest.map((neuron) => [
      neuron.neuron,
      neuron.part,
      neuron.topicLabel,
      neuron.delta,
      neuron.runnerUpLabel === '' ? null : neuron.runnerUpLabel,
      neuron.margin,
      neuron.shuffled,
      neuron.alignment?.precision ?? null,
      neuron.alignment?.q ?? null,
      judgementText(neuron.judged),
    ]),
  })
}

function judgementText(judged: NeuronRow['judged']): string | null {
  const parts = [judged?.verdict ?? '', judged?.label ?? ''].filter((part) => part !== '')
  return parts.length === 0 ? null : parts.join(': ')
}

function overTime(source: ReportSource, { overTime: measured, modelId }: NeuronMap): Block[] {
  if (measured === null) {
    return [
      missing(
        'Neurons were not held against what clips show over time.',
        command(source, `neurons --model ${modelId} --truth FILE`),
      ),
    ]
  }
  return [
    tableBlock({
      name: 'neurons-time',
      title: 'Concepts over time, and the neuron that is most like each',
      note: `Intersection over union over ${count(measured.frames, 'held-out frame')}, beside that of a neuron that is always on. Pairs and thresholds were chosen on training frames.`,
      columns: [
        { name: 'concept' },
        { name: 'neuron', plain: true },
        { name: 'IoU', digits: 3 },
        { name: 'always on', digits: 3 },
      ],
      rows: measured.concepts.map(({ concept, neuron, iou, always }) => [concept, neuron, iou, always]),
    }),
  ]
}
