import type { Correction, CorrectionReport, LearntOutcome } from '#contract'
import { count, percent } from '../../composables/format.ts'

/** What the list shows: the queue as one row, and each version that learnt corrections. */
export type Row =
  | { type: 'queue'; corrections: Correction[] }
  | {
      type: 'version'
      modelId: number
      parent: number
      state: Correction['state']
      corrections: Correction[]
      createdAt: string
    }

/** The key of a row: its version, or 0 for the queue. */
export const keyOf = (row: Row): number => (row.type === 'queue' ? 0 : row.modelId)

/** What the captions of a row are to say, or say now. */
export const saying = (row: Row): string =>
  row.corrections.map(({ wanted, after }) => (row.type === 'queue' ? wanted : after)).join('; ')

/** How the states of a correction are called, and how they look. */
export const STATES: Record<Correction['state'], { word: string; look: string }> = {
  queued: { word: 'queued', look: 'text-accent' },
  proposed: { word: 'proposed', look: 'text-accent' },
  accepted: { word: 'kept', look: 'text-good' },
  undone: { word: 'undone', look: 'text-muted' },
}

/** How well a version says what was wanted. */
export const LEARNT: Record<LearntOutcome, { word: string; look: string; note: string }> = {
  lasts: {
    word: 'as wanted',
    look: 'text-good',
    note: 'Said by greedy search and beams of 3, 5 and 10, and with frames left out',
  },
  held: {
    word: 'as wanted, but brittle',
    look: 'text-warn',
    note: 'Another search, or a few frames less, and it says something else; or nobody looked',
  },
  missed: { word: 'not as wanted', look: 'text-bad', note: 'The version says something else' },
}

/** The corrections of a row that were not learnt as they were wanted. */
export const missedIn = (row: Row): number =>
  row.corrections.filter(({ learnt }) => learnt === 'missed').length

/** The queue first, then versions, newest first; corrections of a version in their order. */
export function rowsOf(corrections: readonly Correction[]): Row[] {
  const ascending = [...corrections].sort((a, b) => a.id - b.id)
  const queued = ascending.filter(({ state }) => state === 'queued')
  const versions = Map.groupBy(
    ascending.filter(({ model }) => model !== null),
    ({ model }) => model ?? 0,
  )
  const rows = [...versions].map(([modelId, learnt]): Row => ({
    type: 'version',
    modelId,
    parent: learnt[0]?.parent ?? 0,
    state: learnt[0]?.state ?? 'proposed',
    corrections: learnt,
    createdAt: learnt.at(-1)?.createdAt ?? '',
  }))
  rows.sort((a, b) => (b.type === 'version' ? b.modelId : 0) - (a.type === 'version' ? a.modelId : 0))
  return queued.length > 0 ? [{ type: 'queue', corrections: queued }, ...rows] : rows
}

/** A report as rows of name, amount and share of what it could be at most (empty: it is no share). */
export function reportRows(report: CorrectionReport): [name: string, amount: string, share: string][] {
  const row = (name: string, amount: number, most: number): [string, string, string] => [
    name,
    count(amount),
    most === 0 ? '' : percent(amount / most, 1),
  ]
  return [
    row('corrections', report.corrections, 0),
    row('hold without intervention', report.held, report.corrections),
    row('by other searches and frames too', report.lasting, report.corrections),
    row('similar clips with the same error', report.similar, 0),
    row('of these mended too', report.similarMended, report.similar),
    row('captions of other clips', report.elsewhere, 0),
    row('changed', report.changed, report.elsewhere),
    row('better by CIDEr', report.better, report.elsewhere),
    row('worse by CIDEr', report.worse, report.elsewhere),
  ]
}
