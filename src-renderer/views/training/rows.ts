import type { ModelRow } from '#contract'

/** A row of the list of models: a model, or the head of a series, under which its models follow. */
export type Row = { type: 'model'; address: string; model: ModelRow; inSeries: boolean } | { type: 'series'; address: string; series: number; models: ModelRow[] }

/** The rows of `models`, newest first; the models of a series stand together, where its newest is, by their seeds. */
export function rowsOf(models: readonly ModelRow[]): Row[] {
  const newest = models.toSorted((a, b) => b.id - a.id)
  const toRow = (model: ModelRow): Row => ({ type: 'model', address: String(model.id), model, inSeries: model.series !== null })
  return newest.flatMap((model): Row[] => {
    const { series } = model
    if (series === null) return [toRow(model)]
    const members = newest.filter((other) => other.series === series)
    if (members[0] !== model) return []
    const bySeed = members.toSorted((a, b) => a.seed - b.seed)
    return [{ type: 'series', address: `series-${series}`, series, models: bySeed }, ...bySeed.map(toRow)]
  })
}

/** "Series of 5, seeds 1 to 5"; "Series of 1, seed 1" before the second has begun. */
export function seriesName(models: readonly ModelRow[]): string {
  const seeds = models.map(({ seed }) => seed)
  const [low, high] = [Math.min(...seeds), Math.max(...seeds)]
  return `Series of ${models.length}, ${low === high ? `seed ${low}` : `seeds ${low} to ${high}`}`
}
