/** Which neurons are listed, and in which order: pure functions over the map. */
import type { NeuronMap, NeuronRow } from '#contract'
import type { Table } from '../../composables/tables.ts'
import { t } from '../../language/index.ts'
import { SIGNIFICANT } from './alignment.ts'

/** Conditions that combine: all that are set must hold; `any` asks for nothing. */
export const CONDITIONS = [
  {
    key: 'stands',
    get title() {
      return t('neurons.standsFor')
    },
    choices: {
      topic: {
        get name() {
          return t('neurons.aTopic')
        },
        holds: ({ topicId }: NeuronRow) => topicId !== null,
      },
      none: { name: 'none', holds: ({ topicId }: NeuronRow) => topicId === null },
    },
  },
  {
    key: 'heldOut',
    get title() {
      return t('neurons.heldOut')
    },
    choices: {
      significant: {
        get name() {
          return t('neurons.moreThanChance')
        },
        holds: ({ alignment }: NeuronRow) => alignment !== null && alignment.q <= SIGNIFICANT,
      },
      chance: {
        get name() {
          return t('neurons.notMoreThanChance')
        },
        holds: ({ alignment }: NeuronRow) => alignment !== null && alignment.q > SIGNIFICANT,
      },
      unmeasured: {
        get name() {
          return t('neurons.notMeasured')
        },
        holds: ({ alignment }: NeuronRow) => alignment === null,
      },
    },
  },
  {
    key: 'state',
    get title() {
      return t('neurons.state')
    },
    choices: {
      dead: { name: 'dead', holds: ({ dead }: NeuronRow) => dead },
      polysemantic: {
        name: 'polysemantic',
        holds: ({ dead, polysemantic }: NeuronRow) => !dead && polysemantic,
      },
      plain: {
        get name() {
          return t('neurons.ofOneTopicAtMost')
        },
        holds: ({ dead, polysemantic }: NeuronRow) => !dead && !polysemantic,
      },
    },
  },
  {
    key: 'people',
    get title() {
      return t('neurons.people')
    },
    choices: {
      agree: { name: 'agree', holds: ({ judged }: NeuronRow) => judged?.verdict === 'agree' },
      disagree: { name: 'disagree', holds: ({ judged }: NeuronRow) => judged?.verdict === 'disagree' },
      noted: {
        get name() {
          return t('neurons.haveALabelOrNote')
        },
        holds: ({ judged }: NeuronRow) => judged !== null && judged.label + judged.note !== '',
      },
      silent: {
        get name() {
          return t('neurons.haveSaidNothing')
        },
        holds: ({ judged }: NeuronRow) => judged === null,
      },
    },
  },
  {
    key: 'part',
    get title() {
      return t('neurons.part')
    },
    choices: {
      feature: { name: 'feature', holds: ({ part }: NeuronRow) => part === 'feature' },
      forward: { name: 'forward', holds: ({ part }: NeuronRow) => part === 'forward' },
      backward: { name: 'backward', holds: ({ part }: NeuronRow) => part === 'backward' },
      activation: {
        get name() {
          return t('neurons.anotherSystems')
        },
        holds: ({ part }: NeuronRow) => part === 'activation',
      },
    },
  },
] as const
export type ConditionKey = (typeof CONDITIONS)[number]['key']
interface Choice {
  name: string
  holds(row: NeuronRow): boolean
}
const choicesOf = (key: ConditionKey): Readonly<Record<string, Choice>> =>
  CONDITIONS.find((condition) => condition.key === key)?.choices ?? {}

export interface NeuronFilter {
  /** Only neurons that stand for it; null: all. */
  topicId: number | null
  /** Beginnings of words, all of which a neuron's texts must hold. */
  text: string
  /** The choice of each condition that is set. */
  conditions: Readonly<Partial<Record<ConditionKey, string>>>
}

/** Top words of topics, by id. */
export type TopicWords = ReadonlyMap<number, readonly string[]>

/** All that is written of a neuron: its number, its topics with their words, and what people wrote. */
const textOf = (row: NeuronRow, words: TopicWords): string =>
  [
    String(row.neuron),
    row.topicLabel,
    row.runnerUpLabel,
    ...(row.topicId === null ? [] : (words.get(row.topicId) ?? [])),
    row.judged?.label ?? '',
    row.judged?.note ?? '',
  ].join('\n')

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
const holdsAll = (words: readonly string[], beginnings: readonly string[]): boolean =>
  beginnings.every((beginning) => words.some((word) => word.startsWith(beginning)))

/** The neurons that a filter leaves, in the order of the map; `but`: a condition that is not asked for. */
export function filtered(
  neurons: readonly NeuronRow[],
  { topicId, text, conditions }: NeuronFilter,
  words: TopicWords,
  but?: ConditionKey,
): NeuronRow[] {
  const beginnings = wordsOf(text)
  const choices = CONDITIONS.flatMap(({ key }) => {
    const choice = key === but ? undefined : choicesOf(key)[conditions[key] ?? '']
    return choice === undefined ? [] : [choice]
  })
  return neurons.filter(
    (row) =>
      (topicId === null || row.topicId === topicId) &&
      choices.every(({ holds }) => holds(row)) &&
      (beginnings.length === 0 || holdsAll(wordsOf(textOf(row, words)), beginnings)),
  )
}

/** How many neurons each choice of a condition would leave beside all else that is asked for. */
export function countsOf(
  key: ConditionKey,
  neurons: readonly NeuronRow[],
  filter: NeuronFilter,
  words: TopicWords,
): { value: string; name: string; count: number }[] {
  const rows = filtered(neurons, filter, words, key)
  return Object.entries(choicesOf(key)).map(([value, { name, holds }]) => ({
    value,
    name,
    count: rows.filter((row) => holds(row)).length,
  }))
}

export type NeuronColumn = 'neuron' | 'topic' | 'delta' | 'margin' | 'precision'
export interface NeuronOrder {
  by: NeuronColumn
  down: boolean
}
/** The columns that neurons are ordered by: what they are called, and whether the largest usually comes first. */
export const COLUMNS: Record<
  NeuronColumn,
  { name: string; note: string; down: boolean; value: (row: NeuronRow) => number | string | null }
> = {
  neuron: {
    get name() {
      return t('neurons.neuronColumn')
    },
    get note() {
      return t('neurons.number')
    },
    down: false,
    value: ({ neuron }) => neuron,
  },
  topic: {
    get name() {
      return t('common.standsFor')
    },
    get note() {
      return t('common.topicInside')
    },
    down: false,
    value: ({ topicId, topicLabel }) => (topicId === null ? null : topicLabel),
  },
  delta: {
    get name() {
      return t('neurons.deltaColumn')
    },
    get note() {
      return t('neurons.delta')
    },
    down: true,
    value: ({ delta }) => delta,
  },
  margin: {
    get name() {
      return t('neurons.marginColumn')
    },
    get note() {
      return t('neurons.deltaMinusTheRunnerUps')
    },
    down: true,
    value: ({ margin }) => margin,
  },
  precision: {
    name: 'AP',
    get note() {
      return t('neurons.averagePrecisionOnHeldOut')
    },
    down: true,
    value: ({ alignment }) => alignment?.precision ?? null,
  },
}

/** Compares two neurons by a column; those that have nothing there come last either way, and equals by delta. */
export const inOrder =
  ({ by, down }: NeuronOrder) =>
  (a: NeuronRow, b: NeuronRow): number => {
    const [left, right] = [COLUMNS[by].value(a), COLUMNS[by].value(b)]
    const tie = b.delta - a.delta || a.neuron - b.neuron
    if (left === null || right === null) {
      return Number(left === null) - Number(right === null) || tie
    }
    const compared = typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right)
    return (down ? -compared : compared) || tie
  }

/** All that is known of neurons, a row each. */
export const neuronTable = (neurons: readonly NeuronRow[]): Table => ({
  columns: [
    'neuron',
    'part',
    'stands for',
    'delta',
    'by chance',
    'margin',
    'runner-up',
    'held-out AP',
    'AUC',
    'p',
    'q',
    'state',
    'verdict',
    'label',
    'note',
  ],
  rows: neurons.map((row) => [
    row.neuron,
    row.part,
    row.topicLabel,
    row.delta,
    row.shuffled,
    row.margin,
    row.runnerUpLabel,
    row.alignment?.precision ?? null,
    row.alignment?.auc ?? null,
    row.alignment?.p ?? null,
    row.alignment?.q ?? null,
    stateOf(row),
    row.judged?.verdict ?? null,
    row.judged?.label ?? null,
    row.judged?.note ?? null,
  ]),
})
function stateOf({ dead, polysemantic }: NeuronRow): string {
  if (dead) {
    return 'dead'
  }
  return polysemantic ? 'polysemantic' : ''
}

/** The topics of a map with what its neurons do for them, a row each. */
export const topicTable = ({ topics, neurons, alignment }: NeuronMap): Table => ({
  columns: [
    'topic',
    'neurons',
    'largest delta',
    'AP of 1',
    'AP of 4',
    'AP of 16',
    'held-out clips that bear it',
  ],
  rows: topics.map(({ id, label }) => {
    const standing = neurons.filter(({ topicId }) => topicId === id)
    const measured = alignment?.topics.find(({ topicId }) => topicId === id)
    const precisionOf = (size: number): number | null =>
      measured?.probes.find((probe) => probe.neurons.length === size)?.precision ?? null
    return [
      label,
      standing.length,
      standing.length === 0 ? null : Math.max(...standing.map(({ delta }) => delta)),
      precisionOf(1),
      precisionOf(4),
      precisionOf(16),
      measured?.bearing ?? null,
    ]
  }),
})
