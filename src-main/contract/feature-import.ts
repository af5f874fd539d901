import * as z from 'zod'
import { jobStarted } from './jobs.ts'
import { path, procedure } from './procedure.ts'

const count = z.number().int()
const title = z.string().trim().min(1).max(200)

/**
 * Take features over that another program computed: a file of arrays or a folder of such. They become a set of features
 * of the project, or come to one that was imported under the same title.
 */
export const featureImportRequest = z.object({
  path,
  /** Null: what the file or folder is called. */
  title: title.nullable().default(null),
  /** Of several arrays of each clip, the name of the one that is meant; null: there is one. */
  array: z.string().min(1).max(500).nullable().default(null),
  /** As many frames are taken of a clip that has more, evenly spread; null: all. */
  frames: z.number().int().min(1).max(128).nullable().default(null),
  /** A file of two names for each clip, as for captions; null: there is none. */
  names: path.nullable().default(null),
})
export type FeatureImportRequest = z.input<typeof featureImportRequest>

/** Sets whose values follow each other, frame by frame, as one. */
export const concatenateRequest = z.object({
  keys: z.array(z.string().min(1).max(500)).min(2).max(8),
  /** Null: their titles. */
  title: title.nullable().default(null),
})

/** What can be asked of features from elsewhere: a part of the corpus' procedures. */
export const featureImportProcedures = {
  /** What an import would do, by the headers of the files; nothing is written. */
  previewFeatureImport: procedure.input(featureImportRequest).output(jobStarted),
  /** Imports, and makes the set the current one: an edit. */
  importFeatures: procedure.input(featureImportRequest).output(jobStarted),
  /**
   * Makes a set of several, for the clips that have features of all of them, and makes it the current one: an edit.
   * Nothing is copied. Throws NOT_FOUND; BAD_INPUT for a set twice; CONFLICT where no clip has all.
   */
  concatenateFeatures: procedure
    .input(concatenateRequest)
    .output(z.object({ key: z.string(), clips: count, notices: z.array(z.string()) })),
}
