import type { CaptionRow } from '#contract'
import type { Table } from '../../composables/tables.ts'

/** What a model says of clips, why it is doubted and what people make of it, as a table to take away. */
export const captionTable = (rows: readonly CaptionRow[]): Table => ({
  columns: [
    ...['clip', 'split', 'caption', 'ln p', 'score', 'CIDEr', 'risk'],
    ...['likelihood', 'topics', 'people', 'models', 'your verdict', 'others', 'beside'],
  ],
  rows: rows.map((row) => [
    ...[row.clip, row.split, row.caption, row.logProbability, row.score, row.cider, row.risk],
    ...[row.parts.likelihood, row.parts.topics, row.parts.people, row.parts.models, row.verdict],
    ...[row.others.map(({ who, verdict }) => `${who}: ${verdict}`).join(', '), row.other],
  ]),
})
