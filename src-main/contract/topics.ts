import * as z from 'zod'

export const topicsRequest = z.object({
  k: z.number().int().min(2).max(1000).default(100),
  iterations: z.number().int().min(1).max(10_000).default(500),
  seed: z.number().int().default(1),
  /** A word must occur in at least this many clips' captions ... */
  minDocumentFrequency: z.number().int().min(1).default(3),
  /** ... and in at most this share of them. */
  maxDocumentShare: z.number().gt(0).max(1).default(0.5),
  /** The rule that makes topic vectors binary: at most this many topics a clip ... */
  topicsPerClip: z.number().int().min(1).default(3),
  /** ... each with at least this share of the clip's tokens. */
  minShare: z.number().min(0).max(1).default(0.05),
})
export type TopicsRequest = z.input<typeof topicsRequest>

export const topicRow = z.object({
  id: z.number().int(),
  label: z.string(),
  words: z.array(z.object({ word: z.string(), p: z.number() })),
  /** Coherence: normalised pointwise mutual information of the ten top words over the documents, -1 to 1; null where undefined. */
  npmi: z.number().nullable(),
  /** Clips that bear the topic (s_k = 1). */
  clips: z.number().int(),
  /** Up to four clips with the largest share. */
  clearest: z.array(z.object({ id: z.number().int(), name: z.string(), thumbnailUrl: z.string().nullable() })),
  /** Average precision of the current model's f on the test split; null where no model is trained on these topics. */
  averagePrecision: z.number().nullable(),
})
export type TopicRow = z.infer<typeof topicRow>

export const topicList = z.object({
  run: z.object({
    k: z.number().int(), documents: z.number().int(), tokens: z.number().int(), sweeps: z.number().int(),
    seconds: z.number(), tokensPerSecond: z.number(), npmi: z.number().nullable(), seed: z.number().int(),
  }).nullable(),
  topics: z.array(topicRow),
})
export type TopicList = z.infer<typeof topicList>
