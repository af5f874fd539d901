import * as z from 'zod'

const count = z.number().int()

/** What an import of another system's model did, or would do. */
export const modelImportReport = z.object({
  /** `captions of 40 clips by BLIP: 24 train, 4 val, 12 test`. */
  sentence: z.string(),
  name: z.string(),
  /** The format that the captions were read as. */
  captionFormat: z.string(),
  captions: count,
  splits: z.object({ train: count, val: count, test: count }),
  /** Captions with a score of the system's own. */
  scored: count,
  /** Captions of the file that are of no clip. */
  unmatched: count,
  /** Clips of the project without a caption. */
  without: count,
  /** Clips with activations, and how many neurons these are of; null: none came along. */
  activations: z.object({ clips: count, neurons: count }).nullable(),
  /** What to look at, a sentence each. */
  notices: z.array(z.string()),
  /** What the counts are made of: the first of them, each with its place. */
  details: z.array(z.object({ title: z.string(), total: count, lines: z.array(z.string()) })),
})
export type ModelImportReport = z.infer<typeof modelImportReport>
