import type { Correction, CorrectionReport, LearntOutcome } from '#contract'
import { count, percent } from '../../composables/format.ts'
import { t } from '../../language/index.ts'
import type { PlainKey } from '../../language/index.ts'

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
export const STATES: Record<Correction['state'], { word: PlainKey; look: string }> = {
  queued: {
    word: 'corrections.queued',
    look: 'text-accent',
  },
  proposed: { word: 'common.proposed', look: 'text-accent' },
  accepted: {
    word: 'corrections.kept',
    look: 'text-good',
  },
  undone: {
    word: 'common.undone',
    look: 'text-muted',
  },
}

/** How well a version says what was wanted. */
export const LEARNT: Record<LearntOutcome, { word: PlainKey; look: string; note: PlainKey }> = {
  lasts: {
    word: 'corrections.asWanted',
    look: 'text-good',
    note: 'corrections.saidByGreedySearchAnd',
  },
  held: {
    word: 'corrections.asWantedButBrittle',
    look: 'text-warn',
    note: 'corrections.anotherSearchOrAFew',
  },
  missed: {
    word: 'corrections.notAsWanted',
    look: 'text-bad',
    note: 'corrections.theVersionSaysSomethingElse',
  },
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
    row(t('corrections.holdWithoutIntervention'), report.held, report.corrections),
    row(t('corrections.byOtherSearchesAndFrames'), report.lasting, report.corrections),
    row(t('corrections.similarClipsWithTheSameError'), report.similar, 0),
    row(t('corrections.ofTheseMendedToo'), report.similarMended, report.similar),
    row(t('corrections.captionsOfOtherClips'), report.elsewhere, 0),
    row(t('corrections.changed'), report.changed, report.elsewhere),
    row(t('corrections.betterByCIDEr'), report.better, report.elsewhere),
    row(t('corrections.worseByCIDEr'), report.worse, report.elsewhere),
  ]
}
