import * as z from 'zod'

/** A topic that is laid down before topics are found. Words are as captions have them; two or more in a row are a phrase. */
export const givenTopic = z.strictObject({
  /** Null: proposed from the words that it comes to hold. */
  label: z.string().trim().min(1).max(80).nullable().default(null),
  /** Words that it is to be about: each starts in it, and counts as if all its tokens had been seen in it once before. */
  seeds: z.array(z.string()).default([]),
  /** Words that it holds already, with their counts in tokens: a prior, or with `fixed` all that it ever holds. */
  words: z.array(z.strictObject({ word: z.string(), count: z.number().nonnegative() })).default([]),
  /** Keeps its `words` as they are, while the other topics are found around it. */
  fixed: z.boolean().default(false),
  /** Words that belong to it and to no other topic (but those that pin them too) ... */
  pinned: z.array(z.string()).default([]),
  /** ... and words that it never holds. */
  forbidden: z.array(z.string()).default([]),
})
export type GivenTopic = z.infer<typeof givenTopic>

/** How a Dirichlet prior is chosen: as it stands, or fitted to the corpus while the topics settle. */
const prior = z.enum(['fixed', 'optimised'])

export const topicsRequest = z.object({
  k: z.number().int().min(2).max(1000).default(100),
  iterations: z.number().int().min(1).max(10_000).default(500),
  /** Sweeps before the first that counts; null: four fifths of them. */
  burnIn: z.number().int().min(0).nullable().default(null),
  /** From then on every so manyth sweep is a sample, and the topics are the samples' mean. */
  sampleEvery: z.number().int().min(1).default(1),
  /** Of a document's topics: the same for all, or one for each topic. */
  documentPrior: prior.default('fixed'),
  /** Of a topic's words: the same for all words and topics either way. */
  wordPrior: prior.default('fixed'),
  seed: z.number().int().default(1),
  /** A word must occur in at least this many clips' captions ... */
  minDocumentFrequency: z.number().int().min(1).default(3),
  /** ... and in at most this share of them. */
  maxDocumentShare: z.number().gt(0).max(1).default(0.5),
  /** English function words are left out, and the stop words of one's own. */
  builtInStopWords: z.boolean().default(true),
  stopWords: z.array(z.string()).default([]),
  /** Neighbours are one word where they meet so many times more often than by chance; null: never. 10 suits captions. */
  phraseScore: z.number().positive().nullable().default(null),
  /** English words are taken back to their base forms: riding, rides and ride are one word. */
  lemmas: z.boolean().default(false),
  /** The rule that makes topic vectors binary: at most this many topics a clip ... */
  topicsPerClip: z.number().int().min(1).default(3),
  /** ... each with at least this share of the clip's tokens. */
  minShare: z.number().min(0).max(1).default(0.05),
  /** The first of the k topics, as far as they are laid down. */
  topics: z.array(givenTopic).default([]),
})
export type TopicsRequest = z.input<typeof topicsRequest>
export type TopicsSettings = z.output<typeof topicsRequest>

/** Several numbers of topics are tried with the same settings, to choose one by. */
export const topicSweepRequest = topicsRequest.omit({ k: true }).extend({
  ks: z.array(topicsRequest.shape.k.unwrap()).min(1).max(50),
  /** Share of the clips that are held out, to see how well the topics predict their words; 0: none. */
  heldOutShare: z.number().min(0).max(0.5).default(0.1),
})
export type TopicSweepRequest = z.input<typeof topicSweepRequest>
export type TopicSweepSettings = z.output<typeof topicSweepRequest>

export const topicSweep = z.object({
  documents: z.number().int(),
  tokens: z.number().int(),
  heldOutDocuments: z.number().int(),
  /** By rising k. Null where undefined. */
  points: z.array(z.object({
    k: z.number().int(),
    /** Mean coherence of the topics, by documents (NPMI) and by a sliding window (C_V). */
    npmi: z.number().nullable(),
    cv: z.number().nullable(),
    /** Mean ln p of a held-out token, given the other half of its clip's. */
    heldOut: z.number().nullable(),
    seconds: z.number(),
  })),
})
export type TopicSweep = z.infer<typeof topicSweep>

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
