import * as z from 'zod'
import { id, ids, offset, procedure, searchText, seed } from './procedure.ts'
import { jobStarted } from './jobs.ts'
import { captionMetrics, device, modelKind } from './training.ts'
import { split } from './corpus.ts'

/** A generated word: ln p(word | before), and its attention over the frames (sums to 1). */
export const generatedWord = z.object({
  word: z.string(),
  logProbability: z.number(),
  attention: z.array(z.number()),
})
export type GeneratedWord = z.infer<typeof generatedWord>

/** A person's word on a model's caption. */
export const verdict = z.enum(['right', 'nearly', 'wrong', 'skip'])
export type Verdict = z.infer<typeof verdict>

/**
 * A caption that people judged, of a clip of which the model says something else now: it is to be judged again.
 */
export const judgedCaption = z.object({ caption: z.string(), verdict })
export type JudgedCaption = z.infer<typeof judgedCaption>

/** What a person notes of a clip; empty: nothing. */
export const noteText = z.string().trim().max(2000, 'A note has at most 2,000 characters')

/**
 * Why a caption is probably wrong: each 0 (fine) to 1, its rank among the split's captions; null where it
 * can't be told.
 */
export const riskParts = z.object({
  /** Mean ln p a word is low; of another system's caption, its score. */
  likelihood: z.number().nullable(),
  /** Topics that f predicts or people name are missing from it, or it names others. */
  topics: z.number().nullable(),
  /** CIDEr against the human captions is low. */
  people: z.number().nullable(),
  /** Another model says something else: 1 - F1 of their words, which is 0 for the same words in any order. */
  models: z.number().nullable(),
})
export type RiskParts = z.infer<typeof riskParts>

export const captionRow = z.object({
  clipId: z.number().int(),
  clip: z.string(),
  split,
  thumbnailUrl: z.string().nullable(),
  caption: z.string(),
  /** Natural log of the whole caption's probability; null: it is another system's. */
  logProbability: z.number().nullable(),
  /** How sure another system is of it, in a unit of its own: higher is surer; null: it does not say. */
  score: z.number().nullable(),
  /** The caption's own CIDEr against the human ones, document frequencies from the whole split. */
  cider: z.number().nullable(),
  /** Mean of the parts that can be told. */
  risk: z.number(),
  parts: riskParts,
  /** Topics of the clip that the caption has no word of, and topics that it names and people do not. */
  missing: z.array(z.number().int()),
  unsupported: z.array(z.number().int()),
  /** On what the model says now, with whichever model it was given. */
  verdict: verdict.nullable(),
  /** Where there is none: the latest on what this model, or one that it was made from, said before. */
  former: judgedCaption.nullable(),
  noted: z.boolean(),
  /** What `otherModel` of the query says; null: nothing yet, or none was asked for. */
  other: z.string().nullable(),
})
export type CaptionRow = z.infer<typeof captionRow>

export const captionQuery = z.object({
  modelId: id,
  split: split.default('val'),
  /** By risk, by one of its parts (likely wrong first), or by the clips' names. */
  order: z.enum(['risk', ...riskParts.keyof().options, 'clip']).default('risk'),
  /** Words of the caption or of the clip's name. */
  search: searchText.default(''),
  /** `none`: not judged; `again`: those of them whose caption was another when it was judged. */
  verdict: z.enum(['any', 'none', 'again', ...verdict.options]).default('any'),
  /** Captions that miss this topic, or name it unsupported. */
  topicId: id.nullable().default(null),
  /** Only captions where both models differ, when another model is given. */
  otherModel: id.nullable().default(null),
  onlyDifferent: z.boolean().default(false),
  offset: offset.default(0),
  limit: z.number().int().min(1).max(1_000_000).default(100),
  /**
   * A clip whose page is wanted wherever it stands, not the one at `offset`; pages of `limit` rows follow one
   * another from the first row on. A clip that the query does not list changes nothing.
   */
  around: id.nullable().default(null),
})
export type CaptionQuery = z.input<typeof captionQuery>

export const captionPage = z.object({
  total: z.number().int(),
  /** Captions of the split, listed or not, and those of them that are judged. */
  captions: z.number().int(),
  judged: z.number().int(),
  /** Index of the first of the rows. */
  offset: z.number().int(),
  rows: z.array(captionRow),
})
export type CaptionPage = z.infer<typeof captionPage>

/** A word that a model says where people say another. */
export const confusion = z.object({
  /** In its caption and in no human caption of the clip; null: nothing of its own stands for what people say. */
  says: z.string().nullable(),
  /** In at least half of the clip's human captions and not in its. */
  people: z.string(),
  /** Clips of which at least half of the people say the word. */
  clips: z.number().int(),
  /** Those of them in which it is so, by id. */
  clipIds: ids,
})
export type Confusion = z.infer<typeof confusion>

/**
 * What happens over the time of a clip: topics as f reads them from each frame's v_i alone, and the neurons
 * behind each.
 */
export const topicStrip = z.object({
  /** Where the frames stand, in seconds. */
  times: z.array(z.number()),
  topics: z.array(
    z.object({
      topicId: z.number().int(),
      /** f(v_i)_k by frame. */
      values: z.array(z.number()),
      /**
       * The neurons with the largest prediction difference of this topic in this clip, with it and their
       * activation by frame.
       */
      neurons: z.array(
        z.object({ neuron: z.number().int(), difference: z.number(), activation: z.array(z.number()) }),
      ),
    }),
  ),
})
export type TopicStrip = z.infer<typeof topicStrip>

/** Another caption of an n-best list, with ln p of the whole. */
export const alternativeCaption = z.object({ caption: z.string(), logProbability: z.number() })

/** Everything the review of one clip shows. Topic scores are f(v-bar)_k, without an upper or lower bound. */
export const review = z.object({
  clipId: z.number().int(),
  modelId: z.number().int(),
  modelKind,
  caption: z.string(),
  /** None, where the caption is another system's. */
  words: z.array(generatedWord),
  logProbability: z.number().nullable(),
  score: z.number().nullable(),
  verdict: verdict.nullable(),
  former: judgedCaption.nullable(),
  note: z.string(),
  /** The other captions of the n-best list, likeliest first. */
  alternatives: z.array(alternativeCaption),
  topics: z.array(
    z.object({
      id: z.number().int(),
      label: z.string(),
      score: z.number(),
      expected: z.boolean(),
      /** Words of the topic that the generated caption holds. */
      inCaption: z.boolean(),
      /**
       * `missing`: people name it, the caption does not. `unsupported`: the caption names it, people do not.
       */
      verdict: z.enum(['agrees', 'missing', 'unsupported', 'absent']),
    }),
  ),
})
export type Review = z.infer<typeof review>

/** How captions are decoded: docs/review-and-corrections.md, "How captions are decoded". */
export const decoding = z
  .object({
    method: z.enum(['beam', 'greedy', 'sample']).default('beam'),
    /** Width of the beam search. */
    beam: z.number().int().min(1).max(50).default(5),
    /**
     * Finished captions are ranked by log-probability / (words + 1)^lengthNormalisation; null: as the model's
     * settings say.
     */
    lengthNormalisation: z.number().min(0).max(2).nullable().default(null),
    /**
     * Captions kept a clip, the best first; at most `beam` (for `sample`: independent draws, the likeliest
     * first).
     */
    nBest: z.number().int().min(1).max(50).default(1),
    /** Of `sample`: logits are divided by it; below 1 nearer to greedy. */
    temperature: z.number().gt(0).max(10).default(1),
    seed: seed.default(1),
  })
  .superRefine(({ method, beam, nBest }, context) => {
    const most = { greedy: 1, beam, sample: Infinity }[method]
    if (nBest <= most) {
      return
    }
    const message =
      method === 'greedy'
        ? 'Greedy decoding finds one caption a clip; it has no list of several'
        : `A beam of ${beam} finds ${beam} captions a clip; a list of ${nBest} needs a wider beam`
    context.addIssue({ code: 'custom', path: ['nBest'], message })
  })
export type Decoding = z.infer<typeof decoding>

export const captionRequest = decoding.safeExtend({
  modelId: id.nullable().default(null),
  split: split.default('val'),
  device: device.default('auto'),
})
export type CaptionRequest = z.input<typeof captionRequest>

export const reviewProcedures = {
  /** Captions a split with a model and scores the result. */
  generate: procedure.input(captionRequest).output(jobStarted),
  list: procedure.input(captionQuery).output(captionPage),
  /**
   * The first unjudged caption that a query lists after that of the clip `around`, where its end is reached from its
   * beginning on; null: all are judged.
   */
  nextUnjudged: procedure.input(captionQuery).output(z.object({ clipId: id.nullable() })),
  /** What a model says of a split instead of what people say: the most frequent first, each in two clips at least. */
  confusions: procedure
    .input(z.object({ modelId: id, split, limit: z.number().int().min(1).max(10_000).default(100) }))
    .output(z.object({ captions: z.number().int(), confusions: z.array(confusion) })),
  clip: procedure.input(z.object({ modelId: id, clipId: id })).output(review),
  /** The other captions of every clip's n-best list, likeliest first. */
  alternatives: procedure
    .input(z.object({ modelId: id, split }))
    .output(z.array(z.object({ clipId: id, alternatives: z.array(alternativeCaption) }))),
  /** The CIDEr that captions would have; null for a clip of which people say nothing. */
  ciders: procedure
    .input(
      z.object({
        modelId: id,
        split: split.nullable(),
        hypotheses: z.array(z.object({ clipId: id, caption: z.string().max(5000) })).max(1_000_000),
      }),
    )
    .output(z.array(z.number().nullable())),
  /** Metrics of a caption as it was scored; null when it was not. */
  metrics: procedure.input(z.object({ modelId: id, clipId: id })).output(captionMetrics.nullable()),
  strip: procedure.input(z.object({ modelId: id, clipId: id })).output(topicStrip),
  /**
   * A verdict on what the model says of clips, and on the same words of other models; null takes it back. An edit. Throws
   * CONFLICT where `caption`, the one that was judged, is not what it says of each of them now.
   */
  judge: procedure
    .input(
      z.object({
        modelId: id,
        clipIds: ids.min(1),
        verdict: verdict.nullable(),
        caption: z.string().max(5000).nullable().default(null),
      }),
    )
    .output(z.void()),
  /** A note on a clip; empty: none. An edit. */
  note: procedure.input(z.object({ clipId: id, note: noteText })).output(z.void()),
}
