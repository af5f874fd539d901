/** Conditions on clips, which the lists of Corpus and Review have in common: all that are given must hold. */
import * as z from 'zod'
import { id } from './procedure.ts'

/** A person's word on a model's caption. */
export const verdict = z.enum(['right', 'nearly', 'wrong', 'skip'])
export type Verdict = z.infer<typeof verdict>

/** Cohen's kappa, with its 95% interval; null where both always say one and the same. */
export const kappa = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable()

/**
 * `none`: not judged by the person who is asked about; `nobody`: not judged at all; `disputed`: people's verdicts differ
 * (skipping is none).
 */
export const judged = z.enum(['any', 'none', 'nobody', 'disputed', ...verdict.options])
export type Judged = z.infer<typeof judged>

/** A word that people put on clips to find them again: one line. */
export const tagName = z
  .string()
  .overwrite((text) => text.replace(/\s+/g, ' ').trim())
  .min(1, 'A tag needs a name')
  .max(50, 'A tag has at most 50 characters')

/** From the least to the most, both included; null: no bound. */
const bounds = z
  .object({
    least: z.number().min(0).max(1e9).nullable().default(null),
    most: z.number().min(0).max(1e9).nullable().default(null),
  })
  .prefault({})

export const clipConditions = z.object({
  /**
   * Clips of a topic, by whose word: `people`: they bear it; `model`: f predicts it; `caption`: what the model says names it.
   */
  topic: z
    .object({ topicId: id, by: z.enum(['people', 'model', 'caption']) })
    .nullable()
    .default(null),
  tag: tagName.nullable().default(null),
  /** Seconds. */
  duration: bounds,
  /** CIDEr of what the model says. */
  score: bounds,
  /** The model and the other one say something else. */
  differ: z.boolean().default(false),
  /** Something is wrong with its media file. */
  problem: z.boolean().default(false),
})
export type ClipConditions = z.infer<typeof clipConditions>
