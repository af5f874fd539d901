import type { Evaluation, SeriesSummary, Split } from '#contract'
import type { Model, OpenProject } from '../store/index.ts'

type Figure = SeriesSummary['figures'][number]

/** Figures of one model by name, of one split. */
interface SplitFigures {
  split: Split
  figures: Record<string, number | null>
}

/**
 * Mean and deviation over the finished models of a series. The best validation goes under its own names (`nll`, `bleu4`,
 * `cider`: greedy captions), each captioned split under those of its metrics, with `mAP` of the topics.
 */
export function summariseSeries({ store }: OpenProject, series: number): SeriesSummary {
  const models = store.models.ofSeries(series)
  const known = models.filter(({ state }) => state === 'ready').flatMap((model) => figuresOf(model, store.models.evaluations(model.id)))
  const values = new Map<string, { split: Split; metric: string; values: number[] }>()
  for (const { split, figures } of known) {
    for (const [metric, value] of Object.entries(figures)) {
      if (value === null) continue
      const key = `${split} ${metric}`
      const entry = values.get(key)
      if (entry) entry.values.push(value)
      else values.set(key, { split, metric, values: [value] })
    }
  }
  return {
    series,
    models: models.map(({ id, seed, state }) => ({ id, seed, state })),
    figures: [...values.values()].map(({ split, metric, values: own }): Figure => ({ split, metric, ...meanAndDeviation(own), count: own.length })),
  }
}

function figuresOf({ best }: Model, evaluations: Evaluation[]): SplitFigures[] {
  const captioned = evaluations.map(({ split, metrics, topics }) => ({ split, figures: { ...metrics, mAP: topics?.mAP ?? null } }))
  if (best === null) return captioned
  const { step: _, ...validation } = best
  return [{ split: 'val', figures: validation }, ...captioned]
}

/** The mean, and the sample deviation (divisor n - 1; null for one value). */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length < 2) return { mean, deviation: null }
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) }
}
