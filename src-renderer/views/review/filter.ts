import type { CaptionQuery, Split } from '#contract'

/** What the queue shows; kept with the project. */
export interface ReviewFilter {
  split: Split
  order: NonNullable<CaptionQuery['order']>
  search: string
  verdict: NonNullable<CaptionQuery['verdict']>
  otherModel: number | null
}
