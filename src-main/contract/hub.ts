import * as z from 'zod'
import { jobStarted } from './jobs.ts'
import { procedure } from './procedure.ts'

/** How the weights of a model are stored: as trained, in half precision, or rounded to 8 bits. */
export const precision = z.enum(['fp32', 'fp16', 'q8'])
export type Precision = z.infer<typeof precision>

/** A model of the hub as people write it: `OWNER/NAME`, of old ones `NAME`. */
export const MODEL_NAME = /^(?:[A-Za-z0-9][\w.-]{0,95}\/)?[A-Za-z0-9][\w.-]{0,95}$/

const modelName = z.string().regex(MODEL_NAME, 'A model of the hub is called OWNER/NAME')
/** A branch, a tag or a commit. */
const revision = z.string().regex(/^(?!.*[.][.])\w[\w./-]{0,199}$/, 'A revision is a branch, a tag or a commit')

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

export const fetchModelRequest = z.object({
  id: modelName,
  revision: z.string().regex(/^[0-9a-f]{40}$/),
  precision,
  /** What the encoder is called from then on; null: as the model. */
  encoder: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    .nullable(),
})
export type FetchModelRequest = z.input<typeof fetchModelRequest>

/** What can be asked of a hub: a part of the procedures of encoders. Nothing else makes a request to another machine. */
export const hubProcedures = {
  /**
   * Asks the hub for a model, and for a conversion of it where it has no ONNX files; fetches none of its files. Throws
   * NOT_FOUND, BAD_INPUT, CONFLICT where the hub is busy, NOT_READY where HF_HUB_OFFLINE is set.
   */
  findModel: procedure
    .input(z.object({ name: modelName, revision: revision.nullable().default(null) }))
    .output(hubModel),
  /** Fetches a model and adds it as an encoder. What has come stays when it ends early, and it goes on from there. */
  fetchModel: procedure.input(fetchModelRequest).output(jobStarted),
}
