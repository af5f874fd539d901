import * as z from 'zod'

export const split = z.enum(['train', 'val', 'test'])
export type Split = z.infer<typeof split>

export const captionFormat = z.enum(['auto', 'csv', 'jsonl', 'tsv'])
export type CaptionFormat = z.infer<typeof captionFormat>

/** Import a folder of videos and a caption file; `videos` null makes a caption-only project. */
export const importRequest = z.object({
  videos: z.string().nullable(),
  captions: z.string(),
  format: captionFormat.default('auto'),
  /**
   * Shares of train, validation and test, or a file `id<TAB>split`. Shares are dealt deterministically from
   * the clips' names.
   */
  split: z.union([z.tuple([z.number(), z.number(), z.number()]), z.string()]).default([0.6, 0.1, 0.3]),
})
export type ImportRequest = z.input<typeof importRequest>

/** A row of the corpus list. Urls are relative to the shell's origin; null where there is no media file. */
export const clipRow = z.object({
  id: z.number().int(),
  name: z.string(),
  split,
  /** seconds */
  duration: z.number().nullable(),
  captionCount: z.number().int(),
  firstCaption: z.string().nullable(),
  hasFeatures: z.boolean(),
  thumbnailUrl: z.string().nullable(),
  problem: z.string().nullable(),
})
export type ClipRow = z.infer<typeof clipRow>

export const clipQuery = z.object({
  search: z.string().default(''),
  split: split.nullable().default(null),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
})
export type ClipQuery = z.input<typeof clipQuery>

export const clipPage = z.object({ total: z.number().int(), rows: z.array(clipRow) })
export type ClipPage = z.infer<typeof clipPage>

export const clipDetail = clipRow.extend({
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  fps: z.number().nullable(),
  codec: z.string().nullable(),
  /** Plays in a browser: the file itself, or a proxy made for it. */
  videoUrl: z.string().nullable(),
  /** Times in seconds of the frames that the encoder saw, in order; empty before features are computed. */
  frameTimes: z.array(z.number()),
  /** These frames side by side, in one picture; null without them, or without a media file. */
  filmstripUrl: z.string().nullable(),
  captions: z.array(z.object({ id: z.number().int(), text: z.string() })),
  topics: z.array(
    z.object({ id: z.number().int(), label: z.string(), share: z.number(), active: z.boolean() }),
  ),
})
export type ClipDetail = z.infer<typeof clipDetail>

/**
 * What is served of a clip: a small picture, the frames that the model saw side by side, and a video that a
 * browser plays.
 */
export const MEDIA_KINDS = ['thumbnail', 'filmstrip', 'video'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

/**
 * Frame features: `frames` segments a clip, pooled over the whole image and, with grid 2, over a 2x2 grid as
 * well.
 */
export const featureRequest = z.object({
  encoder: z.literal('objectron-mobilenetv2').default('objectron-mobilenetv2'),
  frames: z.number().int().min(2).max(128).default(28),
  grid: z.union([z.literal(1), z.literal(2)]).default(2),
})
export type FeatureRequest = z.input<typeof featureRequest>

export const sampleRequest = z.object({
  directory: z.string(),
  videos: z.number().int().min(8).max(10_000).default(240),
  seed: z.number().int().default(1),
})
export type SampleRequest = z.input<typeof sampleRequest>
