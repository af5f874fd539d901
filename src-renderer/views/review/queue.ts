import type { CaptionQuery, CaptionRow, Split } from '#contract'
import { client } from '../../client.ts'
import { usePages } from '../../composables/pages.ts'
import type { Pages } from '../../composables/pages.ts'

/** What the queue shows; kept with the project. */
export interface ReviewFilter {
  split: Split
  order: NonNullable<CaptionQuery['order']>
  search: string
  verdict: NonNullable<CaptionQuery['verdict']>
  otherModel: number | null
}

/** A row of the queue: its id is that of the clip. */
export type QueueRow = CaptionRow & { id: number }

/** The captions that a query lists, in pages; that of the clip `around` is loaded wherever it stands. */
export const useQueue = (query: () => CaptionQuery | null, around: () => number | null): Pages<QueueRow> =>
  usePages(
    query,
    async (params, range, clipId) => {
      const page = await client.review.list({ ...params, ...range, around: clipId })
      return { ...page, rows: page.rows.map((row) => ({ ...row, id: row.clipId })) }
    },
    ['captions', 'models', 'edits'],
    { around },
  )

/** The clips of all captions that a query lists, whether loaded or not. */
export async function listedClips(query: CaptionQuery, signal: AbortSignal): Promise<number[]> {
  const { total } = await client.review.list({ ...query, limit: 1 }, { signal })
  const { rows } = await client.review.list({ ...query, limit: Math.max(total, 1) }, { signal })
  return rows.map(({ clipId }) => clipId)
}
