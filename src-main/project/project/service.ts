/** The open project: one at a time. Jobs are logged in it, so closing it ends what still runs first. */
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { recentProject, VitrineError } from '#contract'
import type { EditHistory, EditState, ProjectSummary, RecentProject } from '#contract'
import { writeFileAtomic } from '../../formats/atomic.ts'
import type { Jobs } from '../../jobs/index.ts'
import { createProject, openProject } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'

/** Projects that the welcome page lists. */
const MOST_RECENT = 20
const recentList = z.array(recentProject.omit({ exists: true }))

export type ProjectService = ReturnType<typeof createProjectService>

/** `changed` is called after the project in use, or an edit in it, has changed. */
export function createProjectService({
  home,
  jobs,
  changed,
}: {
  home: string
  jobs: Jobs
  changed: () => void
}) {
  const recentFile = join(home, 'recent.json')
  let open: OpenProject | null = null

  const current = (): OpenProject => {
    if (open === null) {
      throw new VitrineError('NO_PROJECT', 'No project is open.', 'Open or create one.')
    }
    return open
  }

  const summarise = ({ store, name, folder }: OpenProject): ProjectSummary => {
    const key = store.settings.get('features')?.key
    return {
      name,
      path: folder,
      ...store.clips.counts(),
      withFeatures: key === undefined ? 0 : store.features.count(key),
      topics: store.topics.count(),
      models: store.models.count(),
      currentModel: store.settings.get('currentModel'),
      savedAt: store.edits.lastAt(),
    }
  }

  const readRecent = async (): Promise<z.infer<typeof recentList>> => {
    const text = await readFile(recentFile, 'utf8').catch(() => '[]')
    try {
      return recentList.parse(JSON.parse(text))
    } catch {
      // A list of conveniences: a damaged one is begun anew at the next open.
      return []
    }
  }

  const close = async (): Promise<void> => {
    if (open === null) {
      return
    }
    await jobs.use(null)
    open.close()
    open = null
  }

  /**
   * Puts a project in the place of the open one, which is only left once the new one is known to be sound.
   */
  const use = async (project: OpenProject): Promise<ProjectSummary> => {
    await close()
    open = project
    await jobs.use(project.store.jobs)
    const { folder: path, name } = project
    const others = (await readRecent()).filter((recent) => recent.path !== path)
    await mkdir(home, { recursive: true })
    await writeFileAtomic(
      recentFile,
      `${JSON.stringify([{ name, path, openedAt: new Date().toISOString() }, ...others].slice(0, MOST_RECENT), null, 1)}\n`,
    )
    changed()
    return summarise(project)
  }

  return {
    current,

    /** Opened before, latest first. */
    async recent(): Promise<RecentProject[]> {
      return (await readRecent()).map((recent) => ({
        ...recent,
        exists: existsSync(join(recent.path, 'project.sqlite')),
      }))
    },

    /** Creates a project folder NAME.vitrine and opens it. Throws BAD_INPUT, CONFLICT, DISK_FULL. */
    async create({ path }: { path: string }): Promise<ProjectSummary> {
      return use(await createProject(path))
    },

    /** Opens a project in place of the one that is open. Throws BAD_INPUT, NEWER_PROJECT. */
    async open({ path }: { path: string }): Promise<ProjectSummary> {
      const project = openProject(path)
      if (project.folder !== open?.folder) {
        return use(project)
      }
      project.close()
      return summarise(open)
    },

    async close(): Promise<void> {
      await close()
      changed()
    },

    /** Null when nothing is open. */
    summary: (): ProjectSummary | null => open && summarise(open),

    edits: (): EditState => current().store.edits.state(),

    undo(): EditState {
      const state = current().store.edits.undo()
      changed()
      return state
    },

    redo(): EditState {
      const state = current().store.edits.redo()
      changed()
      return state
    },

    /** The log of edits, latest first. */
    history: ({ offset, limit }: { offset: number; limit: number }): EditHistory =>
      current().store.edits.history(offset, limit),

    /** Undoes or redoes until the edit is the latest that holds; null: until none does. Throws NOT_FOUND. */
    goTo(editId: number | null): EditState {
      const state = current().store.edits.goTo(editId)
      changed()
      return state
    },

    /** The name that edits are signed with. */
    who: (): string => current().store.who(),

    setWho(name: string): void {
      current().store.settings.set('who', name)
      changed()
    },
  }
}
