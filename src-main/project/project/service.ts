/** The open project: one at a time. Jobs are logged in it, so closing it ends what still runs first. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { EditState, ProjectSummary } from '#contract'
import type { Jobs } from '../../jobs/index.ts'
import { createProject, openProject } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { settleImports } from '../corpus/import/apply.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import { failures } from './failures.ts'
import { createRecentProjects } from './recent.ts'

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
    await settleImports(project.store)
    // What can't be thrown away now is, by the next import.
    tidy(project).catch(() => undefined)
    onSwitch()
    return summarise(project)
  }

  /** A step in the history, with all that follows from it. */
  const settled = async (step: (store: OpenProject['store']) => EditState): Promise<EditState> => {
    const { store } = current()
    const state = step(store)
    await settleImports(store, () => open?.store === store)
    return state
  }

  /** Throws away, bit by bit, what imports left behind whose process was killed, while the project is open. */
  const tidy = async (project: OpenProject): Promise<void> => {
    for (
      let waste = project.store.imports.waste();
      open === project && waste !== null;
      waste = open === project ? project.store.imports.waste() : null
    ) {
      project.store.imports.discard(waste)
      await setImmediate()
    }
  }

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

    undo: () => settled(({ edits }) => edits.undo()),

    redo: () => settled(({ edits }) => edits.redo()),

    /** The log of edits, latest first. */
    history: reads(['edit'], ({ offset, limit }) => current().store.edits.history(offset, limit)),

    /** Undoes or redoes until the edit is the latest that holds; null: until none does. Throws NOT_FOUND. */
    goTo: ({ editId }) => settled(({ edits }) => edits.goTo(editId)),

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
