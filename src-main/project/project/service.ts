/** The open project: one at a time. Jobs are logged in it, so closing it ends what still runs first. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProjectSummary } from '#contract'
import { toFailure } from '../../common/failures.ts'
import type { Jobs } from '../../jobs/index.ts'
import { createProject, openProject } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import { backUpDaily } from '../storage/backups.ts'
import { failures } from './failures.ts'
import { createRecentProjects } from './recent.ts'

/** How often a long session looks whether a backup is due, in milliseconds. */
const LOOK_EVERY = 3600 * 1000

interface ProjectOptions {
  home: string
  jobs: Jobs
  /** Called when another project is in use, or none. */
  onSwitch: () => void
  /** Told which tables of the open project a commit has changed. */
  onCommit: (tables: ReadonlySet<string>) => void
}

export function createProjectService({ home, jobs, onSwitch, onCommit }: ProjectOptions) {
  const recent = createRecentProjects(home)
  let open: OpenProject | null = null
  /** The daily backup that is being made. */
  let daily: Promise<void> = Promise.resolve()

  const current = (): OpenProject => {
    if (open === null) {
      throw failures.noProject()
    }
    return open
  }

  const close = async (): Promise<void> => {
    if (open === null) {
      return
    }
    await jobs.use(null)
    await daily
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
    await recent.add(project)
    backUpWhenDue()
    onSwitch()
    return summarise(project)
  }

  /** Work goes on meanwhile; what keeps a backup from being made is told, and ends nothing. */
  const backUpWhenDue = (): void => {
    const project = open
    if (project !== null) {
      daily = daily
        .then(() => backUpDaily(project))
        .catch((error: unknown) => {
          console.error(`No daily backup was made. ${toFailure(error).message}`)
        })
    }
  }
  setInterval(backUpWhenDue, LOOK_EVERY).unref()

  const service = {
    /** Opened before, latest first. */
    recent: reads([], async () =>
      (await recent.list()).map((project) => ({
        ...project,
        exists: existsSync(join(project.path, 'project.sqlite')),
      })),
    ),

    /** Creates a project folder NAME.vitrine and opens it. Throws BAD_INPUT, CONFLICT, DISK_FULL. */
    async create({ path }) {
      return use(await createProject(path, { onCommit }))
    },

    /** Opens a project in place of the one that is open. Throws BAD_INPUT, NEWER_PROJECT. */
    async open({ path }) {
      const project = openProject(path, { onCommit })
      if (project.folder !== open?.folder) {
        return use(project)
      }
      project.close()
      return summarise(open)
    },

    async close() {
      await close()
      onSwitch()
    },

    /** Null when nothing is open. */
    summary: reads(
      ['caption', 'clip', 'edit', 'feature', 'model', 'setting', 'topic'],
      () => open && summarise(open),
    ),

    edits: reads(['edit'], () => current().store.edits.state()),

    undo: () => current().store.edits.undo(),

    redo: () => current().store.edits.redo(),

    /** The log of edits, latest first. */
    history: reads(['edit'], ({ offset, limit }) => current().store.edits.history(offset, limit)),

    /** Undoes or redoes until the edit is the latest that holds; null: until none does. Throws NOT_FOUND. */
    goTo: ({ editId }) => current().store.edits.goTo(editId),

    /** The name that edits are signed with. */
    who: reads(['setting'], () => current().store.who()),

    setWho({ name }) {
      current().store.settings.set('who', name)
    },
  } satisfies Service<'project'>

  return {
    current,
    service,
    /** The name that edits of the open project are signed with; empty without one. */
    who: (): string => open?.store.who() ?? '',
    close,

    /** The folder of the open project, or null. */
    openFolder: (): string | null => open?.folder ?? null,

    /**
     * Closes the project in `folder` if it is open, runs `work` on its files, and opens it, whatever `work`
     * threw.
     */
    async whileClosed(folder: string, work: () => Promise<void>): Promise<ProjectSummary> {
      const wasOpen = open?.folder === folder
      if (wasOpen) {
        await close()
      }
      try {
        await work()
      } catch (error) {
        if (wasOpen) {
          await use(openProject(folder, { onCommit }))
        }
        throw error
      }
      return use(openProject(folder, { onCommit }))
    },
  }
}

function summarise({ store, name, folder }: OpenProject): ProjectSummary {
  const key = store.settings.get('features')?.key
  return {
    name,
    path: folder,
    clips: store.clips.count(),
    captions: store.captions.count(),
    splits: store.clips.splitCounts(),
    withFeatures: key === undefined ? 0 : store.features.count(key),
    topics: store.topics.count(),
    models: store.models.count(),
    currentModel: store.settings.get('currentModel'),
    savedAt: store.edits.lastAt(),
  }
}
