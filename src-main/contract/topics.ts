import * as z from 'zod'
import { id, ids, offset, path, procedure, searchText, seed, word, words } from './procedure.ts'
import { jobStarted } from './jobs.ts'

/**
 * A topic that is laid down before topics are found. Words are as captions have them; two or more in a row
 * are a phrase.
 */
export const givenTopic = z.strictObject({
  /** Null: proposed from the words that it comes to hold. */
  label: z.string().trim().min(1).max(80).nullable().default(null),
  /**
   * Words that it is to be about: each starts in it, and counts as if all its tokens had been seen in it once
   * before.
   */
  seeds: words.default([]),
  /**
   * Words that it holds already, with their counts in tokens: a prior, or with `fixed` all that it ever
   * holds.
   */
  words: z
    .array(z.strictObject({ word, count: z.number().min(0).max(1e12) }))
    .max(1_000_000)
    .default([]),
  /** Keeps its `words` as they are, while the other topics are found around it. */
  fixed: z.boolean().default(false),
  /** Words that belong to it and to no other topic (but those that pin them too) ... */
  pinned: words.default([]),
  /** ... and words that it never holds. */
  forbidden: words.default([]),
})
export type GivenTopic = z.infer<typeof givenTopic>

/** How a Dirichlet prior is chosen: as it stands, or fitted to the corpus while the topics settle. */
const prior = z.enum(['fixed', 'optimised'])

/**
 * The clips whose captions topics are found in: those of the training split, so that no score on others is flattered by
 * what was read of them; or all.
 */
export const topicSource = z.enum(['train', 'all'])
export type TopicSource = z.infer<typeof topicSource>

export const topicsRequest = z.object({
  from: topicSource.default('train'),
  k: z.number().int().min(2).max(1000).default(100),
  iterations: z.number().int().min(1).max(10_000).default(500),
  /** Sweeps before the first that counts; null: four fifths of them. */
  burnIn: z.number().int().min(0).max(10_000).nullable().default(null),
  /** From then on every so manyth sweep is a sample, and the topics are the samples' mean. */
  sampleEvery: z.number().int().min(1).max(10_000).default(1),
  /** Of a document's topics: the same for all, or one for each topic. */
  documentPrior: prior.default('fixed'),
  /** Of a topic's words: the same for all words and topics either way. */
  wordPrior: prior.default('fixed'),
  seed: seed.default(1),
  /** A word must occur in at least this many clips' captions ... */
  minDocumentFrequency: z.number().int().min(1).max(1_000_000).default(3),
  /** ... and in at most this share of them. */
  maxDocumentShare: z.number().gt(0).max(1).default(0.5),
  /** English function words are left out, and the stop words of one's own. */
  builtInStopWords: z.boolean().default(true),
  stopWords: words.default([]),
  /**
   * Neighbours are one word where they meet so many times more often than by chance; null: never. 10 suits
   * captions.
   */
  phraseScore: z.number().positive().max(1e9).nullable().default(null),
  /** English words are taken back to their base forms: riding, rides and ride are one word. */
  lemmas: z.boolean().default(false),
  /** The rule that makes topic vectors binary: at most this many topics a clip ... */
  topicsPerClip: z.number().int().min(1).max(1000).default(3),
  /** ... each with at least this share of the clip's tokens. */
  minShare: z.number().min(0).max(1).default(0.05),
  /** The first of the k topics, as far as they are laid down. */
  topics: z.array(givenTopic).max(1000).default([]),
})
export type TopicsRequest = z.input<typeof topicsRequest>
export type TopicsSettings = z.output<typeof topicsRequest>

/**
 * Several numbers of topics are tried with the same settings, to choose one by: on the clips that topics are
 * found in, but for those of validation, whose words they are to predict.
 */
export const topicSweepRequest = topicsRequest.omit({ k: true }).extend({
  ks: z.array(topicsRequest.shape.k.unwrap()).min(1).max(50),
})
export type TopicSweepSettings = z.output<typeof topicSweepRequest>

export const topicSweep = z.object({
  documents: z.number().int(),
  tokens: z.number().int(),
  /** Clips of validation whose words are predicted. */
  heldOutDocuments: z.number().int(),
  /** By rising k. Null where undefined. */
  points: z.array(
    z.object({
      k: z.number().int(),
      /** Mean coherence of the topics, by documents (NPMI) and by a sliding window (C_V). */
      npmi: z.number().nullable(),
      cv: z.number().nullable(),
      /** Mean ln p of a held-out token, given the other half of its clip's. */
      heldOut: z.number().nullable(),
      seconds: z.number(),
    }),
  ),
})
export type TopicSweep = z.infer<typeof topicSweep>

/**
 * The rule that makes a clip's topic vector binary: at most `topicsPerClip` topics, each with at least
 * `minShare` of its tokens.
 */
export const topicRule = topicsRequest.pick({ topicsPerClip: true, minShare: true })
export type TopicRule = z.output<typeof topicRule>

/**
 * What is asked of the topics that are there when topics are found again: they stay as they are, or start
 * from their words and may change.
 */
export const keptTopic = z.strictObject({
  topicId: id,
  as: z.enum(['fixed', 'start']).default('fixed'),
})

/**
 * Finding topics in a project: topics that are kept come first, with their ids, then those that are laid down
 * anew.
 */
export const extractRequest = topicsRequest.extend({ keep: z.array(keptTopic).max(1000).default([]) })
export type ExtractRequest = z.input<typeof extractRequest>

/**
 * `active` and `hidden` topics are current: they are columns of new models (a hidden one is only not shown).
 * `junk` takes part in nothing. The rest are past: `merged` into another, `split` into others, `deleted`, or
 * `replaced` by a later run. Ids never change and are never reused.
 */
export const topicState = z.enum(['active', 'hidden', 'junk', 'merged', 'split', 'deleted', 'replaced'])
export type TopicState = z.infer<typeof topicState>

/** A word of a topic. `lift` is p / p(word in the corpus); null where the corpus' counts are not known. */
export const topicWord = z.object({ word: z.string(), p: z.number(), lift: z.number().nullable() })
export type TopicWord = z.infer<typeof topicWord>

export const topicRow = z.object({
  id: z.number().int(),
  label: z.string(),
  /** Whether a person gave or accepted the label; else it is proposed from the words. */
  labelled: z.boolean(),
  description: z.string(),
  /** Degrees, 0 to 360; null: the hue that follows from its id. */
  hue: z.number().nullable(),
  state: topicState,
  /**
   * Its top words by probability first, then those that some weight of relevance would show instead; at most
   * 60.
   */
  words: z.array(topicWord),
  /**
   * Coherence: normalised pointwise mutual information of the ten top words over the documents, -1 to 1; null
   * where undefined.
   */
  npmi: z.number().nullable(),
  /** Its part of all tokens, 0 to 1. */
  size: z.number(),
  /** Clips that bear the topic (s_k = 1). */
  clips: z.number().int(),
  /** Those of them that it was found in as training clips, and that are in another split now. */
  movedClips: z.number().int(),
  /** Up to four clips with the largest share. */
  clearest: z.array(
    z.object({ id: z.number().int(), name: z.string(), thumbnailUrl: z.string().nullable() }),
  ),
  /**
   * Average precision of the current model's f on the validation split; null where no model is trained on these
   * topics.
   */
  averagePrecision: z.number().nullable(),
})
export type TopicRow = z.infer<typeof topicRow>

export const topicList = z.object({
  run: z
    .object({
      k: z.number().int(),
      documents: z.number().int(),
      tokens: z.number().int(),
      sweeps: z.number().int(),
      seconds: z.number(),
      tokensPerSecond: z.number(),
      npmi: z.number().nullable(),
      seed: z.number().int(),
      /** `found` by LDA, `reassigned` to clips under words that were edited, or `imported` topic vectors. */
      origin: z.enum(['found', 'reassigned', 'imported']),
      from: topicSource,
    })
    .nullable(),
  /** Why the topics do not rest on the captions of the training clips as these are now, in sentences; none: they do. */
  stale: z.array(z.string()),
  rule: topicRule,
  /** Words were edited since clips were given their topics: `topics.reassign` brings them up to date. */
  wordsEdited: z.boolean(),
  /** Active, hidden and junk topics by id. */
  topics: z.array(topicRow),
})
export type TopicList = z.infer<typeof topicList>

/** What suits the training clips with captions, of which there are `clips`. */
export const fittedTopicSettings = z.object({
  clips: z.number().int(),
  k: z.number().int(),
  minDocumentFrequency: z.number().int(),
  maxDocumentShare: z.number(),
})
export type FittedTopicSettings = z.infer<typeof fittedTopicSettings>

/** All of a topic's words, by falling count; at most 500. */
export const topicDetail = topicRow.extend({
  allWords: z.array(
    topicWord.extend({
      /** Tokens of the word in this topic, and in all topics; null where not known. */
      count: z.number(),
      total: z.number().nullable(),
      mark: z.enum(['pinned', 'forbidden']).nullable(),
    }),
  ),
  /** Topics that were merged into it. */
  merged: z.array(z.object({ id: z.number().int(), label: z.string() })),
  /** Labels proposed from its words, the best first. */
  proposals: z.array(z.string()),
})
export type TopicDetail = z.infer<typeof topicDetail>

/**
 * Clips of a topic. `bearing`: by rule or by a person; `set`, `cleared`: by a person; `near`: not bearing,
 * the largest shares first.
 */
export const topicClipQuery = z.object({
  topicId: id,
  which: z.enum(['bearing', 'set', 'cleared', 'near']).default('bearing'),
  search: searchText.default(''),
  offset: offset.default(0),
  limit: z.number().int().min(1).max(200).default(50),
})
export type TopicClipQuery = z.input<typeof topicClipQuery>

export const topicClipPage = z.object({
  total: z.number().int(),
  rows: z.array(
    z.object({
      id: z.number().int(),
      name: z.string(),
      split: z.enum(['train', 'val', 'test']),
      thumbnailUrl: z.string().nullable(),
      share: z.number(),
      active: z.boolean(),
      /** What a person said of the topic and this clip; null: nothing, the rule decides. */
      verdict: z.boolean().nullable(),
      /**
       * At most 12 captions, those with words of the topic first. `marks`: where such words stand, [from, to)
       * in UTF-16 units.
       */
      captions: z.array(
        z.object({
          id: z.number().int(),
          text: z.string(),
          marks: z.array(z.tuple([z.number().int(), z.number().int()])),
        }),
      ),
    }),
  ),
})

/**
 * Topics in the plane: classical scaling of the Jensen-Shannon divergence between their words, as pyLDAvis
 * does. Coordinates are in -1 to 1, and distances in the plane are to one scale.
 */
export const topicMap = z.object({
  points: z.array(z.object({ id: z.number().int(), x: z.number(), y: z.number() })),
})
export type TopicMap = z.infer<typeof topicMap>

/**
 * How many clips would bear how many topics under a rule: `clips[n]` bear n. And how many would bear each
 * topic.
 */
export const ruleHistogram = z.object({
  clips: z.array(z.number().int()),
  topics: z.array(z.object({ id: z.number().int(), clips: z.number().int() })),
})

/**
 * What a split would make: each part's words with counts, and how many clips have most of their share in it.
 */
export const splitProposal = z.object({
  parts: z.array(
    z.object({
      label: z.string(),
      words: z.array(z.object({ word: z.string(), count: z.number() })),
      clips: z.number().int(),
    }),
  ),
})

/**
 * How a topic is split: two parts that are proposed; parts by words (other words go where they fit best); or
 * by clips.
 */
export const splitBy = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('proposal'), seed: seed.default(1) }),
  z.strictObject({ by: z.literal('words'), parts: z.array(words.min(1)).min(2).max(10) }),
  z.strictObject({ by: z.literal('clips'), parts: z.array(ids.min(1)).min(2).max(10) }),
])
export type SplitBy = z.output<typeof splitBy>
export const splitRequest = z.strictObject({
  topicId: id,
  how: splitBy,
  labels: z.array(z.string().trim().min(1).max(80).nullable()).max(10).default([]),
})
export type SplitRequest = z.input<typeof splitRequest>

/** A topic from scratch: by words that clips' captions have, or by clips that show it. */
export const createTopicRequest = z.strictObject({
  label: z.string().trim().min(1).max(80).nullable().default(null),
  from: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('words'), words: z.array(word.trim().min(1)).min(1).max(200) }),
    z.strictObject({ by: z.literal('clips'), clipIds: ids.min(1) }),
  ]),
})

const topicId = id
const topicIds = ids.min(1)
const someWords = z.array(word.min(1)).min(1).max(100_000)

/** What a curator does to topics. Each is one edit: durable when it returns, undoable, in the history. */
export const topicEdit = z.discriminatedUnion('edit', [
  z.strictObject({ edit: z.literal('rename'), topicId, label: z.string().trim().min(1).max(80) }),
  z.strictObject({ edit: z.literal('describe'), topicId, description: z.string().trim().max(2000) }),
  /** null: back to the hue of its id. */
  z.strictObject({ edit: z.literal('recolour'), topicId, hue: z.number().min(0).max(360).nullable() }),
  /** Takes the proposed label as one's own, or has the next proposal in its place. */
  z.strictObject({ edit: z.literal('acceptLabel'), topicIds }),
  z.strictObject({ edit: z.literal('rejectLabel'), topicId }),
  /** `into` keeps its id and name; the others forward to it. */
  z.strictObject({ edit: z.literal('merge'), into: topicId, topicIds }),
  z.strictObject({
    edit: z.literal('setState'),
    topicIds,
    state: z.enum(['active', 'hidden', 'junk', 'deleted']),
  }),
  /** Takes all tokens of the words from one topic to another. */
  z.strictObject({ edit: z.literal('moveWords'), from: topicId, to: topicId, words: someWords }),
  z.strictObject({
    edit: z.literal('markWords'),
    topicId,
    words: someWords,
    mark: z.enum(['pinned', 'forbidden']).nullable(),
  }),
  /** A person's word on a topic of clips; null takes it back. */
  z.strictObject({
    edit: z.literal('setClips'),
    topicIds,
    clipIds: ids.min(1),
    verdict: z.boolean().nullable(),
  }),
  z.strictObject({ edit: z.literal('setRule'), rule: topicRule }),
])
export type TopicEdit = z.infer<typeof topicEdit>

/**
 * Someone's own topic vectors: a `.csv` (`id` and K columns, named or not) or a `.npy` of [clips, K] in the
 * order of `ids`.
 */
export const importVectorsRequest = z.strictObject({
  path,
  /** For a .npy: a file with one clip name a line. null: the clips in the order of their names. */
  ids: path.nullable().default(null),
  /** K labels, one a line; null: the columns' names, or numbers. */
  labels: path.nullable().default(null),
})
export type ImportVectorsRequest = z.input<typeof importVectorsRequest>

/** A named state of the topics that one can compare with and return to. */
export const topicSnapshot = z.object({
  id: z.number().int(),
  name: z.string(),
  at: z.string(),
  who: z.string(),
  topics: z.number().int(),
})
export type TopicSnapshot = z.infer<typeof topicSnapshot>

/** What was different when the snapshot was taken, in words, by topic; null for the rule. */
export const snapshotComparison = z.object({
  differences: z.array(z.object({ topicId: topicId.nullable(), label: z.string(), what: z.string() })),
})
export type SnapshotComparison = z.infer<typeof snapshotComparison>

export const topicsProcedures = {
  extract: procedure.input(extractRequest).output(jobStarted),
  /** Measures several numbers of topics, without keeping any. */
  sweep: procedure.input(topicSweepRequest).output(jobStarted),
  /** What to find topics with, where a person chooses nothing. */
  fitted: procedure.output(fittedTopicSettings),
  lastSweep: procedure.output(topicSweep.nullable()),
  list: procedure.output(topicList),
  detail: procedure.input(z.object({ topicId: id })).output(topicDetail),
  clips: procedure.input(topicClipQuery).output(topicClipPage),
  map: procedure.output(topicMap),
  /** What a rule would make of the clips; nothing is stored. */
  histogram: procedure.input(topicRule).output(ruleHistogram),
  /** Current topics with a word that begins with `text`, with their first such words. */
  find: procedure
    .input(z.object({ text: searchText }))
    .output(z.array(z.object({ topicId: id, words: z.array(z.string()) }))),
  edit: procedure.input(topicEdit).output(z.void()),
  proposeSplit: procedure.input(splitRequest).output(splitProposal),
  /** Makes the parts new topics in place of the one (an edit); returns their ids. */
  split: procedure.input(splitRequest).output(z.object({ topicIds: z.array(id) })),
  create: procedure.input(createTopicRequest).output(z.object({ topicId: id })),
  /** Gives all clips their topics anew, under the words as they are now. */
  reassign: procedure.output(jobStarted),
  importVectors: procedure.input(importVectorsRequest).output(jobStarted),
  snapshots: procedure.output(z.array(topicSnapshot)),
  takeSnapshot: procedure.input(z.object({ name: z.string().trim().min(1).max(80) })).output(topicSnapshot),
  compareSnapshot: procedure.input(z.object({ snapshotId: id })).output(snapshotComparison),
  /** One edit. */
  restoreSnapshot: procedure.input(z.object({ snapshotId: id })).output(z.void()),
}
