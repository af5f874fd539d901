import * as z from 'zod'

/**
 * What may be wrong with a caption or a clip's captions: its topics contradict those of the clip's other
 * captions; it nearly repeats another caption of the clip; it holds a probable typo; it is the clip's only
 * one; it is in another language than the rest.
 */
export const findingKind = z.enum(['contradiction', 'duplicate', 'typo', 'single', 'language'])
export type FindingKind = z.infer<typeof findingKind>

export const finding = z.object({
  id: z.number().int(),
  kind: findingKind,
  clipId: z.number().int(),
  clip: z.string(),
  thumbnailUrl: z.string().nullable(),
  /** The caption that it is about, as it is now; null: it is gone, or the finding is about the whole clip. */
  caption: z.object({ id: z.number().int(), text: z.string() }).nullable(),
  /** The clip's other captions; at most 8. */
  others: z.array(z.string()),
  /** Why, in a sentence. */
  reason: z.string(),
  /** What to put in the caption's place, where something offers itself. */
  suggestion: z.string().nullable(),
  /** 0 to 1, how likely it is a fault: the queue's order. */
  score: z.number(),
  state: z.enum(['open', 'accepted', 'fixed', 'dropped']),
})
export type Finding = z.infer<typeof finding>

export const findingQuery = z.object({
  kind: findingKind.nullable().default(null),
  state: z.enum(['open', 'decided']).default('open'),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(200).default(50),
})
export type FindingQuery = z.input<typeof findingQuery>

export const findingPage = z.object({
  /** When captions were checked last; null: never. */
  checkedAt: z.string().nullable(),
  total: z.number().int(),
  /** Open findings of each kind. */
  open: z.record(findingKind, z.number().int()),
  rows: z.array(finding),
})
export type FindingPage = z.infer<typeof findingPage>

/**
 * Accept: the caption is fine as it is. Fix: another text in its place. Drop: the caption goes. Each is an
 * edit.
 */
export const findingDecision = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('accept'), findingIds: z.array(z.number().int()).min(1) }),
  z.strictObject({
    decision: z.literal('fix'),
    findingId: z.number().int(),
    text: z.string().trim().min(1).max(2000),
  }),
  z.strictObject({ decision: z.literal('drop'), findingIds: z.array(z.number().int()).min(1) }),
])
export type FindingDecision = z.infer<typeof findingDecision>
