import * as z from 'zod'
import { clipConditions, judged, kappa, verdict } from './conditions.ts'
import { id, ids, offset, procedure, searchText, seed } from './procedure.ts'
import { jobStarted } from './jobs.ts'
import { personName } from './person.ts'
import { captionMetrics, device, modelKind } from './training.ts'
import { split } from './corpus.ts'

/** A generated word: ln p(word | before), and its attention over the frames (sums to 1). */
export const generatedWord = z.object({
  word: z.string(),
  logProbability: z.number(),
  attention: z.array(z.number()),
})
export type GeneratedWord = z.infer<typeof generatedWord>

/** What one person says of a caption. */
export const personVerdict = z.object({ who: z.string(), verdict })
export type PersonVerdict = z.infer<typeof personVerdict>

/**
 * A caption that a person judged, of a clip of which the model says something else now: it is to be judged again.
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
  /** As in the corpus list: the clip is all of it, or the part from `start` to `end`, in seconds. */
  videoUrl: z.string().nullable(),
  start: z.number().nullable(),
  end: z.number().nullable(),
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
  /** That of the person who is asked about, on what the model says now, with whichever model it was given. */
  verdict: verdict.nullable(),
  /** Where there is none: their latest on what this model, or one that it was made from, said before. */
  former: judgedCaption.nullable(),
  /** Other people's verdicts on what the model says now, by their names. */
  others: z.array(personVerdict),
  /** Whether anybody noted something of the clip. */
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
  /** Whose verdicts count; null: those of the one who asks. */
  person: personName.nullable().default(null),
  /** Beside those of `judged`: `again`, captions that the person has not judged, but what the model said of the clip before. */
  verdict: z.enum([...judged.options, 'again']).default('any'),
  /** Captions that miss this topic, or name it unsupported. */
  topicId: id.nullable().default(null),
  /** Only captions where both models differ, when another model is given. */
  otherModel: id.nullable().default(null),
  onlyDifferent: z.boolean().default(false),
  /** What the clips have to be. */
  where: clipConditions.prefault({}),
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

/** How far one person's work on the captions of a split is. */
export const reviewProgress = z.object({
  /** Captions of the split, and those of them that the person has judged as they are now. */
  captions: z.number().int(),
  judged: z.number().int(),
  /** Those that they judged since the day began. */
  today: z.number().int(),
  /** Verdicts a minute of today's work, breaks left out; null: too few to say. */
  perMinute: z.number().nullable(),
  /** How long the rest takes at that pace, in minutes. */
  minutesLeft: z.number().nullable(),
})
export type ReviewProgress = z.infer<typeof reviewProgress>

/** How far two people agree on the captions that both judged, each right, nearly or wrong. */
export const agreement = z.object({
  between: z.tuple([z.string(), z.string()]),
  /** Captions that both judged. */
  captions: z.number().int(),
  /** By the first person's verdict and then the second's, in the order right, nearly, wrong. */
  table: z.array(z.array(z.number().int())),
  /** The share of captions on which they say the same, and the one that would be expected by chance. */
  observed: z.number(),
  expected: z.number(),
  kappa,
  /** Where they differ, by clip: at most 1,000. */
  disagreements: z.array(
    z.object({ clipId: id, clip: z.string(), caption: z.string(), verdicts: z.tuple([verdict, verdict]) }),
  ),
})
export type Agreement = z.infer<typeof agreement>

/** Those who judged captions of a split, and how far two of them agree. */
export const agreementReport = z.object({
  /** The most industrious first. */
  people: z.array(z.object({ who: z.string(), judged: z.number().int() })),
  /** Null: no two judged the same caption. */
  agreement: agreement.nullable(),
})
export type AgreementReport = z.infer<typeof agreementReport>

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
  /**
   * What topic scores are: trained towards 0 where a topic is absent and 1 where it is there (squared loss), or log-odds
   * (cross-entropy).
   */
  topicScale: z.enum(['target', 'log-odds']),
  verdict: verdict.nullable(),
  former: judgedCaption.nullable(),
  others: z.array(personVerdict),
  /** What the one who asks noted of the clip; empty: nothing. */
  note: z.string(),
  /** What others noted of it, by their names. */
  otherNotes: z.array(z.object({ who: z.string(), note: z.string() })),
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
  /** The clips of all captions that a query lists, in its order. */
  clipIds: procedure.input(captionQuery).output(z.array(id)),
  /**
   * The first caption without the person's verdict that a query lists after that of the clip `around`, where its end is
   * reached from its beginning on; null: all are judged.
   */
  nextUnjudged: procedure.input(captionQuery).output(z.object({ clipId: id.nullable() })),
  /** What a model says of a split instead of what people say: the most frequent first, each in two clips at least. */
  confusions: procedure
    .input(z.object({ modelId: id, split, limit: z.number().int().min(1).max(10_000).default(100) }))
    .output(z.object({ captions: z.number().int(), confusions: z.array(confusion) })),
  /** `since`: when the day began where the person is, ISO 8601 in UTC. */
  progress: procedure
    .input(
      z.object({
        modelId: id,
        split,
        person: personName.nullable().default(null),
        since: z.iso.datetime().max(40),
      }),
    )
    .output(reviewProgress),
  /** Of two people; null: of the two who judged the most captions both. */
  agreement: procedure
    .input(
      z.object({ modelId: id, split, between: z.tuple([personName, personName]).nullable().default(null) }),
    )
    .output(agreementReport),
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
   * One's own verdict on what the model says of clips, and on the same words of other models; null takes it back. An edit. Throws
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
  /** One's own note on a clip; empty: none. An edit. */
  note: procedure.input(z.object({ clipId: id, note: noteText })).output(z.void()),
}
