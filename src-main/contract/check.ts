import * as z from 'zod'

/** What a check of a project looks at. */
export const checkedPart = z.enum([
  'database',
  'references',
  'search',
  'features',
  'models',
  'videos',
  'strays',
  'leftovers',
  'pictures',
  'backups',
])

/** Something that is not as it should be. */
export const checkFinding = z.object({
  part: checkedPart,
  /** A sentence: what, how much of it, and where. */
  message: z.string(),
  /** Whether the check put it right. */
  mended: z.boolean(),
  /** What to do; null where nothing is left to do. */
  remedy: z.string().nullable(),
})
export type CheckFinding = z.infer<typeof checkFinding>
