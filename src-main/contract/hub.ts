/** Models of a hub: the Hugging Face hub, or one like it. */
import * as z from 'zod'

/** How the weights of a model are stored: as trained, in half precision, or rounded to 8 bits. */
export const precision = z.enum(['fp32', 'fp16', 'q8'])
export type Precision = z.infer<typeof precision>

/** A model of the hub as people write it: `OWNER/NAME`, of old ones `NAME`. */
export const MODEL_NAME = /^(?:[A-Za-z0-9][\w.-]{0,95}\/)?[A-Za-z0-9][\w.-]{0,95}$/

export const modelName = z.string().max(193).regex(MODEL_NAME, 'A model of the hub is called OWNER/NAME')
/** A branch, a tag or a commit. */
export const modelRevision = z
  .string()
  .max(200)
  .regex(/^(?!.*[.][.])\w[\w./-]{0,199}$/, 'A revision is a branch, a tag or a commit')

/** What a hub has of a model. */
export const hubModel = z.object({
  /** What was asked for. */
  name: z.string(),
  /** Where its networks are: the model itself, or a conversion of it by others. */
  id: z.string(),
  /** The hub that was asked, without its protocol. */
  host: z.string(),
  /** The commit: with it the same files come at any time. */
  revision: z.string(),
  /** As its page has it; null: it says none. */
  licence: z.string().nullable(),
  /** Bytes to fetch, by precision. */
  precisions: z.array(z.object({ precision, bytes: z.number().int() })).min(1),
})
export type HubModel = z.infer<typeof hubModel>
