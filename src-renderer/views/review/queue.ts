import type { CaptionQuery, CaptionRow, Client, Split } from '#contract'
import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
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

/** How far the work on a split is: its captions, and those that are judged. */
export interface Progress {
  captions: number
  judged: number
}

/** The captions that a query lists, in pages; that of the clip `around` is loaded wherever it stands. */
export function useQueue(
  query: () => CaptionQuery | null,
  around: () => number | null,
): { captions: Pages<QueueRow>; progress: Readonly<ShallowRef<Progress | null>> } {
  const progress = shallowRef<Progress | null>(null)
  const captions = usePages(
    query,
    async (client, params, range, clipId) => {
      const page = await client.review.list({ ...params, ...range, around: clipId })
      progress.value = page
      return { ...page, rows: page.rows.map((row) => ({ ...row, id: row.clipId })) }
    },
    { around },
  )
  return { captions, progress }
}

/** The clips of all captions that a query lists, whether loaded or not. */
export async function listedClips(client: Client, query: CaptionQuery): Promise<number[]> {
  const { total } = await client.review.list({ ...query, limit: 1 })
  const { rows } = await client.review.list({ ...query, limit: Math.max(total, 1) })
  return rows.map(({ clipId }) => clipId)
}
