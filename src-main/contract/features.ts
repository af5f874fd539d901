import * as z from 'zod'
import { encoderDevice, encoderId } from './encoders.ts'
import { jobStarted } from './jobs.ts'
import { procedure } from './procedure.ts'

const grid = z.union([z.literal(1), z.literal(2)])
/** Rows and columns that a frame is cut into; attention looks at each cell by itself. */
const cells = z.number().int().min(1).max(4)

/**
 * Frame features: `frames` segments a clip, pooled over the whole image and, with grid 2, over a 2x2 grid as
 * well. With more than one cell each cell of a frame makes a feature of its own: what the frame is as a whole, and what is
 * seen in the cell. What is not given is as the encoder was run last: at first the default one, with 28 frames, grid 2 and
 * one cell, and for a corpus of pictures alone the one that sees most of them, with cells; another begins with 28 frames,
 * or 8 stacks of them, and grid 1.
 */
export const featureRequest = z.object({
  encoder: encoderId.optional(),
  frames: z.number().int().min(2).max(128).optional(),
  grid: grid.optional(),
  cells: cells.optional(),
  /** `auto`: the one that was measured to be the fastest with the encoder. */
  device: encoderDevice.default('auto'),
})
export type FeatureRequest = z.input<typeof featureRequest>

/** How a set of features was made. */
export const featureOrigin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('encoder'),
    encoder: z.string(),
    /** Of its network and of how frames are put into it: with another one it would see something else. */
    fingerprint: z.string(),
    frames: z.number().int(),
    grid,
    cells: cells.default(1),
  }),
  /** Made elsewhere; `source`: the file or folder that it came from. */
  z.object({ kind: z.literal('imported'), source: z.string() }),
  /** Frame by frame the values of other sets, one after the other. */
  z.object({ kind: z.literal('concatenation'), keys: z.array(z.string()) }),
])
export type FeatureOrigin = z.infer<typeof featureOrigin>

/** A set of features of one making, of which a project has several. */
export const featureSet = z.object({
  key: z.string(),
  title: z.string(),
  origin: featureOrigin,
  /** Frames of a clip, at most. */
  frames: z.number().int(),
  /** Values of a frame. */
  dimension: z.number().int(),
  createdAt: z.string(),
  /** Views and new trainings go by it. */
  current: z.boolean(),
  /** Clips that have such features. */
  clips: z.number().int(),
  /** On the disk. */
  bytes: z.number(),
  /** Models that were trained on it, and go on with it. */
  models: z.number().int(),
})
export type FeatureSet = z.infer<typeof featureSet>

export const featureSets = z.object({
  /** Latest first. */
  sets: z.array(featureSet),
  /** Clips that an encoder can see. */
  clipsWithMedia: z.number().int(),
  /** What is computed where a request says nothing else. */
  suggested: z.object({ encoder: z.string(), frames: z.number().int(), grid, cells }),
})

/** What computing features will take. */
export const featureEstimate = z.object({
  /** Clips that lack them. */
  clips: z.number().int(),
  /** About, and on which device, by what was measured of the encoder; null: nothing was yet. */
  seconds: z.number().nullable(),
  device: z.string().nullable(),
})
export type FeatureEstimate = z.infer<typeof featureEstimate>

const featureKey = z.object({ key: z.string().min(1).max(500) })

/** What can be asked of features: a part of the corpus' procedures. */
export const featureProcedures = {
  computeFeatures: procedure.input(featureRequest).output(jobStarted),
  featureSets: procedure.output(featureSets),
  /** What computing them will take; decoding comes on top. */
  estimateFeatures: procedure.input(featureRequest).output(featureEstimate),
  /** Has views and new trainings go by a set. An edit. Throws NOT_FOUND. */
  useFeatures: procedure.input(featureKey).output(z.void()),
  /**
   * Takes a set away; its files stay until room is made of them. Views go by the latest other one then, where it
   * was the current one. An edit. Throws NOT_FOUND.
   */
  removeFeatures: procedure.input(featureKey).output(z.void()),
}
