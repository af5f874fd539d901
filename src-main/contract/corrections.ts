import * as z from 'zod'
import { generatedWord } from './captions.ts'
import { captionMetrics } from './training.ts'

/** What a reviewer says is wrong: topics that the caption misses, and topics that it wrongly has. */
export const intervention = z.object({
  modelId: z.number().int().nullable().default(null),
  clipId: z.number().int(),
  addTopics: z.array(z.number().int()).default([]),
  dropTopics: z.array(z.number().int()).default([]),
  /** 0 (untouched) to 1 (the topic's neurons fully at their mean over bearing clips). */
  strength: z.number().min(0).max(1).default(1),
})
export type Intervention = z.input<typeof intervention>

/** The caption decoded with the topics' neurons moved, before anything is learnt. */
export const preview = z.object({
  before: z.string(),
  after: z.string(),
  words: z.array(generatedWord),
  logProbability: z.number(),
  /** The neurons that were moved, strongest first: mean activation over the frames before and after. */
  neurons: z.array(z.object({ neuron: z.number().int(), topicId: z.number().int(), from: z.number(), to: z.number() })),
})
export type Preview = z.infer<typeof preview>

export const captionChange = z.object({
  clipId: z.number().int(), clip: z.string(), before: z.string(), after: z.string(),
  ciderBefore: z.number(), ciderAfter: z.number(),
})
export type CaptionChange = z.infer<typeof captionChange>

/** An intervention that the network has learnt as a new model version, and what else that changed (the blast radius). */
export const correction = z.object({
  id: z.number().int(),
  state: z.enum(['proposed', 'accepted', 'discarded', 'undone']),
  /** The new version, its parent, and the clip. */
  model: z.number().int(),
  parent: z.number().int(),
  clipId: z.number().int(),
  clip: z.string(),
  addTopics: z.array(z.object({ id: z.number().int(), label: z.string() })),
  dropTopics: z.array(z.object({ id: z.number().int(), label: z.string() })),
  strength: z.number(),
  before: z.string(),
  intervened: z.string(),
  /** What the new version says of the clip without any intervention. */
  after: z.string(),
  changed: z.array(captionChange),
  metrics: z.object({ before: captionMetrics, after: captionMetrics }),
  createdAt: z.string(),
})
export type Correction = z.infer<typeof correction>
