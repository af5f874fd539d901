import * as z from 'zod'
import { errorParameters } from './errors.ts'

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
  /** As those of failures; in the log of older versions the key is empty. */
  ...errorParameters.shape,
  /** A sentence: what, how much of it, and where. */
  message: z.string(),
  /** Whether the check put it right: then nothing is left to do. */
  mended: z.boolean(),
})
export type CheckFinding = z.infer<typeof checkFinding>
