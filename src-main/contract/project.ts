import * as z from 'zod'
import { id, offset, path, procedure } from './procedure.ts'
import { personName } from './person.ts'
import { savedViewProcedures } from './saved-views.ts'

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
  /** What it held when this program last had it open; null: that is not known. */
  state: projectSummary.pick({ clips: true, withFeatures: true, topics: true, models: true }).nullable(),
})
export type RecentProject = z.infer<typeof recentProject>

/**
 * The step that undo or redo would take, in words: `rename topic 3 to "colours"`: the latest edit of the one who asks, and
 * the one that they took back last.
 */
export const editState = z.object({ undo: z.string().nullable(), redo: z.string().nullable() })
export type EditState = z.infer<typeof editState>

/** What an edit changed, where it has an address: the view, and what is selected there. */
export const editPlace = z.object({
  view: z.enum(['corpus', 'topics', 'training', 'neurons', 'review']),
  id: z.number().int(),
})
export type EditPlace = z.infer<typeof editPlace>

/** A step that was taken. `step` null: there was nothing to take back, or to make again. */
export const editStep = editState.extend({
  step: z.object({ label: z.string(), place: editPlace.nullable() }).nullable(),
})
export type EditStep = z.infer<typeof editStep>

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
  /**
   * Takes back the latest edit of the one who asks, also where others edited since. Throws CONFLICT where a later edit
   * builds on it.
   */
  undo: procedure.output(editStep),
  /**
   * Makes the edit again that they took back last. Throws CONFLICT where it was made on top of one that is taken back, or
   * something else was done there since.
   */
  redo: procedure.output(editStep),
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
  /** The name that edits of the one who asks are signed with. */
  who: procedure.output(z.string()),
  /** The name for whoever says none, such as the command line; before it is set, the account's. */
  setWho: procedure.input(z.object({ name: personName })).output(z.void()),
  ...savedViewProcedures,
}
