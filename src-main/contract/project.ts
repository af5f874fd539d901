import * as z from 'zod'

/** What a project holds now: the state that every view starts from. */
export const projectSummary = z.object({
  name: z.string(),
  path: z.string(),
  clips: z.number().int(),
  captions: z.number().int(),
  splits: z.object({ train: z.number().int(), val: z.number().int(), test: z.number().int() }),
  /** Clips whose features of the current feature settings are stored. */
  withFeatures: z.number().int(),
  topics: z.number().int(),
  models: z.number().int(),
  /** The model that captions, neurons and corrections refer to, or null before the first training. */
  currentModel: z.number().int().nullable(),
  savedAt: z.string().nullable(),
})
export type ProjectSummary = z.infer<typeof projectSummary>

export const recentProject = z.object({
  name: z.string(),
  path: z.string(),
  openedAt: z.string(),
  exists: z.boolean(),
})
export type RecentProject = z.infer<typeof recentProject>

/** One step that undo or redo would take, in words: `rename topic 3 to "colours"`. */
export const editState = z.object({ undo: z.string().nullable(), redo: z.string().nullable() })
export type EditState = z.infer<typeof editState>

/** One edit of the log; `undone` ones wait for redo. */
export const loggedEdit = z.object({
  id: z.number().int(),
  at: z.string(),
  who: z.string(),
  label: z.string(),
  undone: z.boolean(),
})
export type LoggedEdit = z.infer<typeof loggedEdit>
export const editHistory = z.object({ total: z.number().int(), edits: z.array(loggedEdit) })
export type EditHistory = z.infer<typeof editHistory>

/**
 * A folder as the folder picker shows it; only folders, projects (NAME.vitrine), videos, and files of
 * captions or vectors.
 */
export const folderListing = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  entries: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      kind: z.enum(['folder', 'project', 'captions', 'vectors', 'video']),
    }),
  ),
})
export type FolderListing = z.infer<typeof folderListing>

export const doctorReport = z.object({
  vitrine: z.string(),
  node: z.string(),
  shell: z.enum(['electron', 'browser', 'command line']),
  ffmpeg: z.object({
    path: z.string().nullable(),
    version: z.string().nullable(),
    source: z.string().nullable(),
  }),
  devices: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      reason: z.string().nullable(),
      stepMs: z.number().nullable(),
    }),
  ),
  electron: z.object({ ok: z.boolean(), reason: z.string().nullable() }),
  browser: z.object({ ok: z.boolean(), path: z.string().nullable() }),
  disk: z.object({ freeBytes: z.number() }),
})
export type DoctorReport = z.infer<typeof doctorReport>
