/** What edits set of a topic, as they log it and snapshots keep it. */
import * as z from 'zod'
import { storedTopicState } from '../stored.ts'

export const topicFields = z.object({
  label: z.string(),
  /** A person gave or accepted the label. */
  labelled: z.boolean(),
  description: z.string(),
  /** Degrees; null: the hue of its id. */
  hue: z.number().nullable(),
  state: storedTopicState,
  /** Goes with the state `merged` alone. */
  mergedInto: z.number().int().nullable(),
  npmi: z.number().nullable(),
  /** Its prior in a document, in tokens; null where no sampler gave one. */
  alpha: z.number().nullable(),
})
export type TopicFields = z.infer<typeof topicFields>
