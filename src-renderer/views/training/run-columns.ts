/** Columns of the table of runs: the settings that are not the same in all, and what became of each. */
import type { CaptionMetrics, ModelRow, ModelRun } from '#contract'
import { metricOf } from '../../components/training/metrics.ts'
import { modelName } from '../../components/training/model.ts'
import type { Cell, Table } from '../../composables/tables.ts'
import { t } from '../../language/index.ts'
import { FIELDS, valueOf } from './fields.ts'
import type { Field } from './fields.ts'

export interface ComparedRun extends ModelRun {
  model: ModelRow
}
interface Bounds {
  low: number
  high: number
}
export interface RunColumn {
  key: string
  title: string
  note?: string
  kind: 'text' | 'score' | 'time' | 'date'
  value(run: ComparedRun): Cell
  /** What copies have; the value, unless it is given. */
  exact?(run: ComparedRun): Cell
  /** 95% interval of a score. */
  interval?(run: ComparedRun): Bounds | null
  /** Whether the value is not the most frequent one. */
  stands?(run: ComparedRun): boolean
}

/** The models that were trained here, with their settings. */
export function comparedRuns(models: readonly ModelRow[], runs: readonly ModelRun[]): ComparedRun[] {
  const byModel = new Map(runs.map((run) => [run.modelId, run]))
  return models.flatMap((model) => {
    const run = byModel.get(model.id)
    return run === undefined ? [] : [{ ...run, model }]
  })
}

export const runColumns = (runs: readonly ComparedRun[]): RunColumn[] => [
  { key: 'model', title: t('common.version'), kind: 'text', value: ({ model }) => model.id },
  ...FIELDS.filter(({ key }) => new Set(runs.map(({ settings }) => settings[key])).size > 1).map((field) =>
    settingColumn(field, runs),
  ),
  { key: 'seed', title: t('common.seed'), kind: 'text', value: ({ model }) => model.seed },
  ...(['CIDEr', 'BLEU_4', 'METEOR'] as const).map(scoreColumn),
  {
    key: 'alignment',
    title: t('sweeps.ap'),
    note: t('sweeps.apNote'),
    kind: 'score',
    value: ({ alignment }) => alignment?.precision ?? null,
    interval: ({ alignment }) => alignment,
  },
  { key: 'seconds', title: t('sweeps.time'), kind: 'time', value: ({ model }) => model.seconds },
  {
    key: 'parent',
    title: t('sweeps.parent'),
    kind: 'text',
    value: ({ model }) => (model.parent === null ? null : `v${model.parent}`),
  },
  { key: 'createdAt', title: t('sweeps.date'), kind: 'date', value: ({ model }) => model.createdAt },
]

/** A setting as people read it; numbers stay numbers, to be sorted by. */
function settingColumn(field: Field, runs: readonly ComparedRun[]): RunColumn {
  const { key, label } = field
  const counts = new Map<unknown, number>()
  runs.forEach(({ settings }) => counts.set(settings[key], (counts.get(settings[key]) ?? 0) + 1))
  const [usual] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? []
  const read = ({ settings }: ComparedRun): Cell => {
    const value = settings[key]
    return typeof value === 'number' ? value : valueOf(field, settings)
  }
  return {
    key: `setting ${key}`,
    title: t(label),
    kind: 'text',
    value: read,
    exact: ({ settings }) => {
      const value = settings[key]
      return typeof value === 'boolean' ? String(value) : value
    },
    stands: ({ settings }) => settings[key] !== usual,
  }
}

/** A metric of validation. */
function scoreColumn(metric: keyof CaptionMetrics): RunColumn {
  const evaluationOf = ({ model }: ComparedRun) => model.evaluations.find(({ split }) => split === 'val')
  return {
    key: metric,
    title: metricOf(metric).name,
    note: metricOf(metric).note,
    kind: 'score',
    value: (run) => evaluationOf(run)?.metrics[metric] ?? null,
    interval: (run) => evaluationOf(run)?.intervals?.[metric] ?? null,
  }
}

/** Sorted by a column; what has no value comes last. */
export function inOrderOf(
  runs: readonly ComparedRun[],
  columns: readonly RunColumn[],
  { by, down }: { by: string; down: boolean },
): ComparedRun[] {
  const column = columns.find(({ key }) => key === by) ?? columns[0]
  const sign = down ? -1 : 1
  return runs.toSorted((a, b) => {
    const [one, other] = [column?.value(a) ?? null, column?.value(b) ?? null]
    if (one === null || other === null) {
      return Number(one === null) - Number(other === null)
    }
    const difference =
      typeof one === 'number' && typeof other === 'number'
        ? one - other
        : String(one).localeCompare(String(other))
    return sign * difference || b.model.id - a.model.id
  })
}

/** The same to take away: settings by the names that `--set` knows, scores with their bounds. */
export function runTable(runs: readonly ComparedRun[], columns: readonly RunColumn[]): Table {
  const nameOf = ({ key }: RunColumn): string =>
    key.startsWith('setting ') ? key.slice('setting '.length) : key
  return {
    columns: columns.flatMap((column) => [
      nameOf(column),
      ...(column.interval === undefined ? [] : [`${nameOf(column)} 95% low`, `${nameOf(column)} 95% high`]),
    ]),
    rows: runs.map((run) =>
      columns.flatMap((column): Cell[] => {
        const value = column.key === 'model' ? modelName(run.model) : (column.exact ?? column.value)(run)
        if (column.interval === undefined) {
          return [value]
        }
        const bounds = column.interval(run)
        return [value, bounds?.low ?? null, bounds?.high ?? null]
      }),
    ),
  }
}
