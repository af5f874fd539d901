import type { CaptionQuery, CaptionRow, ClipConditions, ReviewProgress, Split } from '#contract'
import type { ShallowRef } from 'vue'
import { usePages } from '../../composables/pages.ts'
import type { Pages } from '../../composables/pages.ts'
import { useQuery } from '../../composables/query.ts'

/** What the queue shows; kept with the project. */
export interface ReviewFilter {
  split: Split
  order: NonNullable<CaptionQuery['order']>
  search: string
  verdict: NonNullable<CaptionQuery['verdict']>
  otherModel: number | null
  /** What earlier versions did not know may be missing. */
  where?: ClipConditions
}

/** A row of the queue: its id is that of the clip. */
export type QueueRow = CaptionRow & { id: number }

/** The captions that a query lists, in pages; that of the clip `around` is loaded wherever it stands. */
export function useQueue(query: () => CaptionQuery | null, around: () => number | null): Pages<QueueRow> {
  return usePages(
    query,
    async (client, params, range, clipId) => {
      const page = await client.review.list({ ...params, ...range, around: clipId })
      return { ...page, rows: page.rows.map((row) => ({ ...row, id: row.clipId })) }
    },
    { around, ids: (client, params) => client.review.clipIds(params) },
  )
}

/** How far the work of the person at this window on a split is, today's from midnight on. */
export const useReviewProgress = (
  query: () => { modelId: number; split: Split } | null,
): Readonly<ShallowRef<ReviewProgress | null>> =>
  useQuery(query, (client, params) =>
    client.review.progress({ ...params, since: new Date(new Date().setHours(0, 0, 0, 0)).toISOString() }),
  ).data
