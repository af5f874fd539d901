import type { Split } from '#contract'

/** Which clips the list shows. */
export interface ClipFilter {
  search: string
  split: Split | null
  /** Those that were removed; earlier versions kept no such choice. */
  removed?: boolean
}
