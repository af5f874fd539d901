import type { ClipRow } from '#contract'
import type { Table } from '../../composables/tables.ts'

/** Clips as a table to take away; times in seconds of their files. */
export const clipTable = (clips: readonly ClipRow[]): Table => ({
  columns: [
    ...['clip', 'split', 'kind', 'seconds', 'from', 'to'],
    ...['captions', 'first caption', 'features', 'tags', 'problem'],
  ],
  rows: clips.map((clip) => [
    ...[clip.name, clip.split, clip.kind, clip.duration, clip.start, clip.end],
    ...[clip.captionCount, clip.firstCaption, clip.hasFeatures ? 'yes' : 'no'],
    ...[clip.tags.join(', '), clip.problem],
  ]),
})
