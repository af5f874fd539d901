import * as z from 'zod'
import { captionMetrics, device, modelKind } from './training.ts'
import { split } from './corpus.ts'

/** A generated word: ln p(word | before), and its attention over the frames (sums to 1). */
export const generatedWord = z.object({ word: z.string(), logProbability: z.number(), attention: z.array(z.number()) })
export type GeneratedWord = z.infer<typeof generatedWord>

export const captionRow = z.object({
  clipId: z.number().int(),
  clip: z.string(),
  split,
  thumbnailUrl: z.string().nullable(),
  caption: z.string(),
  /** Natural log of the whole caption's probability. */
  logProbability: z.number(),
  /** The caption's own CIDEr against the human ones, document frequencies from the whole split. */
  cider: z.number().nullable(),
})
export type CaptionRow = z.infer<typeof captionRow>

export const captionQuery = z.object({
  modelId: z.number().int(),
  split: split.default('test'),
  /** `risk`: likely wrong first (lowest CIDEr, then lowest log-probability per word). */
  order: z.enum(['risk', 'clip']).default('risk'),
  search: z.string().default(''),
})
export type CaptionQuery = z.input<typeof captionQuery>

/** Everything the review of one clip shows. Topic scores are f(v-bar)_k, without an upper or lower bound. */
export const review = z.object({
  clipId: z.number().int(),
  modelId: z.number().int(),
  modelKind,
  caption: z.string(),
  words: z.array(generatedWord),
  logProbability: z.number(),
  metrics: captionMetrics.nullable(),
  /** The other captions of the n-best list, likeliest first. */
  alternatives: z.array(z.object({ caption: z.string(), logProbability: z.number() })),
  topics: z.array(z.object({
    id: z.number().int(), label: z.string(), score: z.number(), expected: z.boolean(),
    /** Words of the topic that the generated caption holds. */
    inCaption: z.boolean(),
    /** `missing`: people name it, the caption does not. `unsupported`: the caption names it, people do not. */
    verdict: z.enum(['agrees', 'missing', 'unsupported', 'absent']),
  })),
})
export type Review = z.infer<typeof review>

/** How captions are decoded: docs/review-and-corrections.md, "How captions are decoded". */
export const decoding = z.object({
  method: z.enum(['beam', 'greedy', 'sample']).default('beam'),
  /** Width of the beam search. */
  beam: z.number().int().min(1).max(50).default(5),
  /** Finished captions are ranked by log-probability / (words + 1)^lengthNormalisation: 1 as the authors' decoder, 0 plain probability. */
  lengthNormalisation: z.number().min(0).max(2).default(1),
  /** Captions kept a clip, the best first; at most `beam` (for `sample`: independent draws, the likeliest first). */
  nBest: z.number().int().min(1).max(50).default(1),
  /** Of `sample`: logits are divided by it; below 1 nearer to greedy. */
  temperature: z.number().gt(0).max(10).default(1),
  seed: z.number().int().default(1),
}).superRefine(({ method, beam, nBest }, context) => {
  const most = { greedy: 1, beam, sample: Infinity }[method]
  if (nBest <= most) return
  const message = method === 'greedy' ? 'Greedy decoding finds one caption a clip; it has no list of several' : `A beam of ${beam} finds ${beam} captions a clip; a list of ${nBest} needs a wider beam`
  context.addIssue({ code: 'custom', path: ['nBest'], message })
})
export type Decoding = z.infer<typeof decoding>

export const captionRequest = decoding.safeExtend({
  modelId: z.number().int().nullable().default(null),
  split: split.default('test'),
  device: device.default('auto'),
})
export type CaptionRequest = z.input<typeof captionRequest>
