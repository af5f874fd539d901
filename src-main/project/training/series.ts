import type { ModelFigure, SeriesSummary } from '#contract'
import type { OpenProject } from '../../store/index.ts'

/**
 * The figures of a model: of its best validation under the names of the training curve (`nll`, `bleu4`,
 * `cider`: greedy captions), and of each split that it captioned under those of the metrics, with `mAP` of
 * the topics. Throws NOT_FOUND.
 */
export function figuresOf({ store }: OpenProject, modelId: number): ModelFigure[] {
  const { best } = store.models.get(modelId)
  const validation =
    best === null
      ? []
      : [{ split: 'val' as const, metrics: { nll: best.nll, bleu4: best.bleu4, cider: best.cider } }]
  const captioned = store.models
    .evaluations(modelId)
    .map(({ split, metrics, topics }) => ({ split, metrics: { ...metrics, mAP: topics?.mAP ?? null } }))
  return [...validation, ...captioned].flatMap(({ split, metrics }) =>
    Object.entries(metrics).flatMap(([metric, value]) => (value === null ? [] : [{ split, metric, value }])),
  )
}

/** Mean and deviation of each figure over the finished models of a series. */
export function summariseSeries(project: OpenProject, series: number): SeriesSummary {
  const models = project.store.models.ofSeries(series)
  const figures = Map.groupBy(
    models.filter(({ state }) => state === 'ready').flatMap(({ id }) => figuresOf(project, id)),
    ({ split, metric }) => `${split} ${metric}`,
  )
  return {
    series,
    models: models.map(({ id, seed, state }) => ({ id, seed, state })),
    figures: [...figures.values()].map((group) => {
      const { split, metric } = group[0]!
      return {
        split,
        metric,
        ...meanAndDeviation(group.map(({ value }) => value)),
        count: group.length,
      }
    }),
  }
}

/** The mean, and the sample deviation (divisor n - 1; null for one value). */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length < 2) {
    return { mean, deviation: null }
  }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) }
}
