import * as z from 'zod'

const count = z.number().int()

/** What an import of features did, or would do. */
export const featureImportReport = z.object({
  /** `features of 800 clips, 50 frames of 128 values`. */
  sentence: z.string(),
  title: z.string(),
  /** It adds to a set that the project has. */
  isKnown: z.boolean(),
  /** Clips that got features, and those that had some in the set already, which stay. */
  added: count,
  kept: count,
  /** Of those that were added. */
  frames: z.object({ least: count, most: count }),
  dimension: count,
  /** Those whose files have the times of their frames. */
  withTimes: count,
  /** What the files hold that no clip is called, and clips of the project that are without features then. */
  unmatched: count,
  without: count,
  /** What to look at, a sentence each. */
  notices: z.array(z.string()),
  /** What the counts are made of: the first of them, by name. */
  details: z.array(z.object({ title: z.string(), total: count, lines: z.array(z.string()) })),
})
export type FeatureImportReport = z.infer<typeof featureImportReport>
