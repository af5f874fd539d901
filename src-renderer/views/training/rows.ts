import type { CaptionMetrics, ModelRow, Sweep, TrashedModel } from '#contract'
import { plural } from '../../composables/format.ts'
import { METRICS } from '../../components/training/metrics.ts'
import { modelName } from '../../components/training/model.ts'
import type { Table } from '../../composables/tables.ts'
import { t } from '../../language/index.ts'

/** A model, or the head of a series, under which its models follow. */
type VersionRow =
  | {
      type: 'model'
      address: string
      model: ModelRow
      inSeries: boolean
      /**
       * The guide lines before it, from the outermost: whether another version follows below at that level;
       * the last is its own. None: it has no parent.
       */
      guides: boolean[]
    }
  | { type: 'series'; address: string; series: number; models: ModelRow[] }
/** A row of the list of models: one of a version, a series or a sweep, or the trash below all of them. */
export type Row =
  | VersionRow
  | { type: 'sweep'; address: string; sweep: Sweep }
  | { type: 'trash'; address: 'trash'; models: TrashedModel[] }

/**
 * The figures of the list, of the validation split. In a narrow list the names of the models come first, and of the
 * figures CIDEr.
 */
export const COLUMNS: readonly { metric: keyof CaptionMetrics; name: string; note: string; look: string }[] =
  [
    {
      metric: 'BLEU_4',
      name: 'BLEU-4',
      get note() {
        return t('training.bleu4OnTheValidation')
      },
      look: 'hidden w-13 @min-[380px]:block',
    },
    {
      metric: 'METEOR',
      name: 'METEOR',
      get note() {
        return t('training.meteorOnTheValidationSplit')
      },
      look: 'hidden w-13 @min-[320px]:block',
    },
    {
      metric: 'CIDEr',
      name: 'CIDEr',
      get note() {
        return t('training.cIDErDOnTheValidation')
      },
      look: 'w-13',
    },
  ]

/**
 * The rows of `models` as a tree: a version stands under the model that it was made from. Newest first at
 * each level; the models of a series stand together, where its newest is, by their seeds. One whose parent is
 * not listed stands by itself.
 */
export function rowsOf(models: readonly ModelRow[]): VersionRow[] {
  const newest = models.toSorted((a, b) => b.id - a.id)
  const ids = new Set(models.map(({ id }) => id))
  const children = Map.groupBy(newest, ({ parent }) => (parent !== null && ids.has(parent) ? parent : null))
  const roots = children.get(null) ?? []
  const branch = (model: ModelRow, guides: boolean[], inSeries: boolean): VersionRow[] => {
    const versions = children.get(model.id) ?? []
    return [
      { type: 'model', address: String(model.id), model, inSeries, guides },
      ...versions.flatMap((version, i) => branch(version, [...guides, i < versions.length - 1], inSeries)),
    ]
  }
  return roots.flatMap((model): VersionRow[] => {
    const { series } = model
    if (series === null) {
      return branch(model, [], false)
    }
    const members = roots.filter((other) => other.series === series)
    if (members[0] !== model) {
      return []
    }
    const bySeed = members.toSorted((a, b) => a.seed - b.seed)
    return [
      { type: 'series', address: `series-${series}`, series, models: bySeed },
      ...bySeed.flatMap((member) => branch(member, [], true)),
    ]
  })
}

export const sweepAddress = (sweepId: number): string => `sweep-${sweepId}`
export const sweepName = ({ id, runs }: Pick<Sweep, 'id' | 'runs'>): string =>
  t('sweeps.sweepOf', { id, runs: plural(runs.length, 'run') })

/**
 * The sweeps, newest first, above everything else: dozens of models would bury the others. Under one stand those of its
 * models that are looked at (`shown`: the address), current, or parents of versions.
 */
export function sweepRows(
  sweeps: readonly Sweep[],
  models: readonly ModelRow[],
  shown: string | null,
): Row[] {
  const parents = new Set(models.map(({ parent }) => parent))
  const isListed = ({ id, current }: ModelRow): boolean => current || String(id) === shown || parents.has(id)
  return sweeps.flatMap((sweep): Row[] => {
    const listed = models.filter((model) => model.sweep === sweep.id && isListed(model))
    const versions = models.filter(({ parent }) => listed.some(({ id }) => id === parent))
    return [
      { type: 'sweep', address: sweepAddress(sweep.id), sweep },
      ...rowsOf([...listed, ...versions]).map((row): Row =>
        row.type === 'model' ? { ...row, inSeries: true } : row,
      ),
    ]
  })
}

/** The last row of the list: the trash, where there is anything in it. */
export const trashRow = (models: readonly TrashedModel[]): Row[] =>
  models.length === 0 ? [] : [{ type: 'trash', address: 'trash', models: [...models] }]

/**
 * Why `model` can't be deleted, as the project would refuse it, or null. `queued`: corrections of it that
 * wait to be learnt.
 */
export function keptBecause(model: ModelRow, models: readonly ModelRow[], queued: number): string | null {
  const versions = models.filter(({ parent }) => parent === model.id).map(({ id }) => `v${id}`)
  if (model.current) {
    return t('training.itIsTheCurrentModel')
  }
  if (model.state === 'training') {
    return t('training.itIsBeingTrained')
  }
  if (versions.length > 0) {
    return t('training.cameFromIt', { versions: versions.join(', ') })
  }
  return queued > 0 ? t('training.itHasCorrectionsInThe') : null
}

/** "Series of 5, seeds 1 to 5"; "Series of 1, seed 1" before the second has begun. */
export function seriesName(models: readonly ModelRow[]): string {
  const seeds = models.map(({ seed }) => seed)
  const [low, high] = [Math.min(...seeds), Math.max(...seeds)]
  return t('training.seriesOf', {
    models: models.length,
    low: low === high ? t('training.seedLow', { low }) : t('training.seedsTo', { low, high }),
  })
}

/** All models with all that is measured of them: a row for each split that a model captioned. */
export const modelTable = (models: readonly ModelRow[]): Table => ({
  columns: [
    'model',
    'state',
    'seed',
    'parent',
    'steps',
    'seconds',
    'split',
    ...METRICS.map(({ name }) => name),
  ],
  rows: models.flatMap((model) => {
    const { state, seed, parent, steps, seconds } = model
    const facts = [modelName(model), state, seed, parent === null ? null : `v${parent}`, steps, seconds]
    return model.evaluations.length === 0
      ? [[...facts, null, ...METRICS.map(() => null)]]
      : model.evaluations.map(({ split, metrics }) => [
          ...facts,
          split,
          ...METRICS.map(({ key }) => metrics[key]),
        ])
  }),
})
