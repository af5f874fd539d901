import type { ClipConditions, ClipFilter as Asked, Judged, Split } from '#contract'

/** Which clips the list shows. */
export interface ClipFilter {
  search: string
  split: Split | null
  /** Those that were removed; earlier versions kept no such choice. */
  removed?: boolean
  /** What earlier versions did not know may be missing. */
  where?: ClipConditions
  verdict?: Judged
  order?: NonNullable<Asked['order']>
  descending?: boolean
}
