import type { Finding } from '#contract'
import type { Table } from '../../../composables/tables.ts'

/** What a check found, as a table to take away; the score is 0 to 1, how likely it is a fault. */
export const findingTable = (findings: readonly Finding[]): Table => ({
  columns: ['clip', 'kind', 'caption', 'reason', 'suggestion', 'score', 'state'],
  rows: findings.map(({ clip, kind, caption, reason, suggestion, score, state }) => [
    ...[clip, kind, caption?.text ?? null, reason, suggestion, score, state],
  ]),
})
