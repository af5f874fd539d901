import type { Correction } from '#contract'

/** What the list shows: the queue as one row, and each version that learnt corrections. */
export type Row =
  | { type: 'queue'; corrections: Correction[] }
  | { type: 'version'; modelId: number; parent: number; state: Correction['state']; corrections: Correction[]; createdAt: string }

/** The queue first, then versions, newest first; corrections of a version in their order. */
export function rowsOf(corrections: readonly Correction[]): Row[] {
  const ascending = [...corrections].sort((a, b) => a.id - b.id)
  const queued = ascending.filter(({ state }) => state === 'queued')
  const versions = Map.groupBy(ascending.filter(({ model }) => model !== null), ({ model }) => model ?? 0)
  const rows = [...versions].map(([modelId, own]): Row => ({ type: 'version', modelId, parent: own[0]?.parent ?? 0, state: own[0]?.state ?? 'proposed', corrections: own, createdAt: own.at(-1)?.createdAt ?? '' }))
  rows.sort((a, b) => (b.type === 'version' ? b.modelId : 0) - (a.type === 'version' ? a.modelId : 0))
  return queued.length > 0 ? [{ type: 'queue', corrections: queued }, ...rows] : rows
}
