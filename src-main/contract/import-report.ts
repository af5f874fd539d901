import * as z from 'zod'

const count = z.number().int()

/** What an import did, or would do. */
export const importReport = z.object({
  /** `12 clips new, 228 known, 28 captions added, 0 removed, 3 edited captions kept`. */
  sentence: z.string(),
  /** Clips that are new, and clips of the files that the project knew. */
  added: count,
  known: count,
  /** Of the known ones: those whose video lies elsewhere now, and those whose video has another content. */
  moved: count,
  changed: count,
  captionsAdded: count,
  /** Captions of the file that their clips have already; of these, those that people have edited or removed since. */
  captionsKept: count,
  captionsEdited: count,
  captionsRemoved: count,
  /** Lines of the caption file whose clip is neither in the folder nor in the project. */
  linesUnmatched: count,
  /** What to look at, a sentence each. */
  notices: z.array(z.string()),
  /** What the counts are made of: the first of them, by name. */
  details: z.array(z.object({ title: z.string(), total: count, lines: z.array(z.string()) })),
})
export type ImportReport = z.infer<typeof importReport>
