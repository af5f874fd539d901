import * as z from 'zod'
import { id, offset, path, procedure } from './procedure.ts'

/** What a project holds now: the state that every view starts from. */
export const projectSummary = z.object({
  name: z.string(),
  path: z.string(),
  clips: z.number().int(),
  /** Clips that people removed, which can be restored. */
  removedClips: z.number().int(),
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
export const editHistory = z.object({ total: z.number().int(), edits: z.array(loggedEdit) })
export type EditHistory = z.infer<typeof editHistory>

/** Whether work that is not done may be stopped for it; else it is refused with CONFLICT. */
const stopJobs = z.boolean().default(false)

export const projectProcedures = {
  recent: procedure.output(z.array(recentProject)),
  create: procedure.input(z.object({ path, stopJobs })).output(projectSummary),
  open: procedure.input(z.object({ path, stopJobs })).output(projectSummary),
  close: procedure.input(z.object({ stopJobs }).prefault({})).output(z.void()),
  /** Null when nothing is open. */
  summary: procedure.output(projectSummary.nullable()),
  edits: procedure.output(editState),
  undo: procedure.output(editState),
  redo: procedure.output(editState),
  /** The log of edits, latest first. */
  history: procedure
    .input(
      z.object({
        offset: offset.default(0),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(editHistory),
  /** Undoes or redoes until this edit is the latest that holds; null: none holds. */
  goTo: procedure.input(z.object({ editId: id.nullable() })).output(editState),
  /** The name that edits are signed with; before it is set, the account's. */
  who: procedure.output(z.string()),
  setWho: procedure.input(z.object({ name: z.string().trim().min(1).max(80) })).output(z.void()),
}
