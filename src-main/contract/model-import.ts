import * as z from 'zod'
import { jobStarted } from './jobs.ts'
import { path, procedure } from './procedure.ts'

/** What a model of another system is called, and the files that it came from. */
export const external = z.object({
  name: z.string(),
  /** Of captions. */
  file: z.string(),
  /** The file or folder of what its neurons do; null: none came along. */
  activations: z.string().nullable(),
})
export type External = z.infer<typeof external>

/** Take in what another system says of the project's clips, as a model of its own. */
export const modelImportRequest = z.object({
  /** A caption file of any format, with one caption a clip. */
  path,
  name: z.string().trim().min(1, 'The model needs a name').max(200),
  /** Of the caption file; null: told by what it holds. */
  format: z.string().min(1).max(100).nullable().default(null),
  /** `clip=a,caption=b,score=c`, where a table or objects call them otherwise. */
  columns: z.string().min(1).max(2000).nullable().default(null),
  /** A file of two names for each clip; null: there is none. */
  names: path.nullable().default(null),
  /** What its neurons do in each clip: a folder of arrays or one file of them, [frames, neurons] or [neurons]. */
  activations: path.nullable().default(null),
  /** Of several arrays of each clip, the name of the one that is meant; null: there is one. */
  array: z.string().min(1).max(500).nullable().default(null),
})
export type ModelImportRequest = z.input<typeof modelImportRequest>

/** Take in a model that another project exported. */
export const exportedModelRequest = z.object({
  /** The folder of the export. */
  folder: path,
  /** Whether its topics may take the place of those of the project, where they are others. */
  replaceTopics: z.boolean().default(false),
})

/** What can be asked of models that come from elsewhere: a part of the procedures of training. */
export const modelImportProcedures = {
  /** What an import would do; nothing is written. */
  previewModelImport: procedure.input(modelImportRequest).output(jobStarted),
  /**
   * Makes a model of what the files hold, and scores the splits that it captioned. It is the current one where there is
   * none. Throws BAD_INPUT naming file and line.
   */
  importModel: procedure.input(modelImportRequest).output(jobStarted),
  /**
   * Makes a model of an export: it can be run, interpreted and trained further. Its topics are those of the project that are
   * called so, or take their place, as one edit. It is the current model where there is none. The job fails with BAD_INPUT
   * naming the file, and with CONFLICT for topics that would have to go, or features of another program that are not here;
   * nothing is written then.
   */
  importExportedModel: procedure.input(exportedModelRequest).output(jobStarted),
}
