/**
 * The open project: one at a time. Jobs are logged in it, so that closing it ends what still runs: whoever closes
 * it says so, or is told of it. While it is open, what other programs write in it is looked for.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { EditState, ProjectSummary, RecentProject } from '#contract'
import { someOf } from '../../common/text.ts'
import { oneAtATime } from '../../common/one-at-a-time.ts'
import { toFailure } from '../../common/to-failure.ts'
import type { Jobs } from '../../jobs/index.ts'
import { createProject, openProject } from '../../store/index.ts'
import type { OpenProject, Store } from '../../store/index.ts'
import { settleImports } from '../corpus/import/apply.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import { backUpDaily } from '../backups.ts'
import { failures } from './failures.ts'
import { followProject } from './follow.ts'
import { createRecentProjects } from './recent.ts'
import { tidy } from './tidy.ts'

/** How often a long session looks whether a backup is due, in milliseconds. */
const LOOK_EVERY = 3600 * 1000

interface ProjectOptions {
  home: string
  jobs: Jobs
  /** Called when another project is in use, or none; and when anything in it may have changed. */
  onSwitch: () => void
  /** Told which tables of the open project a commit has changed, of this process or another. */
  onCommit: (tables: ReadonlySet<string>) => void
}

export function createProjectService({ home, jobs, onSwitch, onCommit }: ProjectOptions) {
  const recent = createRecentProjects(home)
  const inTurn = oneAtATime()
  let open: OpenProject | null = null
  /** The daily backup that is being made. */
  let daily: Promise<void> = Promise.resolve()
  let stopFollowing: () => void = () => {}

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
    stopFollowing()
    await recent.note(open, stateOf(open))
    open.close()
    open = null
  }

  /** Throws CONFLICT where work would be lost that nobody has said may be. */
  const requireIdle = (stopJobs: boolean): void => {
    const active = stopJobs ? [] : jobs.active().filter(isOfProject)
    if (active.length > 0) {
      throw failures.jobsAtWork({ jobs: active.length, titles: someOf(active.map(({ title }) => title)) })
    }
  }

  /**
   * Puts a project in the place of the open one, which is only left once the new one is known to be sound.
   */
  const use = async (project: OpenProject, stopJobs: boolean): Promise<ProjectSummary> => {
    try {
      await tidy(project)
      requireIdle(stopJobs)
      await close()
    } catch (error) {
      project.close()
      throw error
    }
    open = project
    await jobs.use(project.store.jobs)
    stopFollowing = followProject(project, { jobs, onCommit, onUnknown: onSwitch })
    await recent.add(project, stateOf(project))
    await settleImports(project.store)
    // What can't be thrown away now is, by the next import.
    discardMeanwhile(project).catch(() => undefined)
    backUpWhenDue()
    onSwitch()
    return summarise(project)
  }

  /** Opens a project that gave way to something; where that can't be, none is open. */
  const reopen = async (folder: string): Promise<void> => {
    try {
      await use(openProject(folder, { onCommit }), false)
    } catch {
      onSwitch()
    }
  }

  /** A step in the history, with all that follows from it. */
  const settled = async <State extends EditState>(
    step: (store: OpenProject['store']) => State,
  ): Promise<State> => {
    const { store } = current()
    const state = step(store)
    await settleImports(store, () => open?.store === store)
    return state
  }

  /** Throws away, bit by bit, what imports left behind whose process was killed, while the project is open. */
  const discardMeanwhile = async (project: OpenProject): Promise<void> => {
    for (
      let waste = project.store.imports.waste();
      open === project && waste !== null;
      waste = open === project ? project.store.imports.waste() : null
    ) {
      project.store.imports.discard(waste)
      await setImmediate()
    }
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
    create: ({ path, stopJobs }) =>
      inTurn(async () => {
        requireIdle(stopJobs)
        return use(await createProject(path, { onCommit }), stopJobs)
      }),

    /**
     * Opens a project in place of the one that is open. Throws BAD_INPUT, NEWER_PROJECT, and CONFLICT where that
     * would stop jobs, unless `stopJobs` says that it may.
     */
    open: ({ path, stopJobs }) =>
      inTurn(async () => {
        const project = openProject(path, { onCommit })
        if (project.folder !== open?.folder || !isThere(open)) {
          return use(project, stopJobs)
        }
        project.close()
        return summarise(open)
      }),

    /** Throws CONFLICT where that would stop jobs, unless `stopJobs` says that it may. */
    close: ({ stopJobs }) =>
      inTurn(async () => {
        requireIdle(stopJobs)
        await close()
        onSwitch()
      }),

    /** Null when nothing is open. */
    summary: reads(
      ['caption', 'clip', 'edit', 'feature', 'model', 'setting', 'topic'],
      () => open && summarise(open),
    ),

    edits: reads(['edit', 'setting'], (_, { who }) => current().store.edits.state(who)),

    /** Takes back the latest edit of the one who asks. Throws CONFLICT where a later one builds on it. */
    undo: (_, { who }) => settled(({ edits }) => edits.undo(who)),

    /** Makes their edit again. Throws CONFLICT where others edited the same since. */
    redo: (_, { who }) => settled(({ edits }) => edits.redo(who)),

    /** The log of edits, latest first. */
    history: reads(['edit'], ({ offset, limit }) => current().store.edits.history(offset, limit)),

    /** Undoes or redoes until the edit is the latest that holds; null: until none does. Throws NOT_FOUND. */
    goTo: ({ editId }) => settled(({ edits }) => edits.goTo(editId)),

    /** The name that edits of the one who asks are signed with. */
    who: reads(['setting'], (_, { who }) => who),

    setWho({ name }) {
      current().store.settings.set('who', name)
    },
  } satisfies Partial<Service<'project'>>

  return {
    current,
    service,
    /** The name that edits of the open project are signed with; empty without one. */
    who: (): string => open?.store.who() ?? '',
    /** The store of the open project, or null. */
    store: (): Store | null => open?.store ?? null,
    /** Closes the project whatever runs, after those who are opening one. */
    close: () => inTurn(close),

    /** The folder of the open project, or null. */
    openFolder: (): string | null => open?.folder ?? null,

    /**
     * Closes the project in `folder` if it is open, runs `work` on its files, and opens it, whatever `work`
     * threw. Throws CONFLICT where that would stop jobs.
     */
    whileClosed: (folder: string, work: () => Promise<void>): Promise<ProjectSummary> =>
      inTurn(async () => {
        // Of another project, too, which gives way to this one.
        requireIdle(false)
        const wasOpen = open?.folder === folder
        if (wasOpen) {
          await close()
        }
        try {
          await work()
        } catch (error) {
          if (wasOpen) {
            await reopen(folder)
          }
          throw error
        }
        return use(openProject(folder, { onCommit }), false)
      }),
  }
}

/** What the list of recent projects says of one; null: a damaged database may not tell, and is no reason to keep it open. */
function stateOf(project: OpenProject): RecentProject['state'] {
  try {
    const { clips, withFeatures, topics, models } = summarise(project)
    return { clips, withFeatures, topics, models }
  } catch {
    return null
  }
}

/** Jobs of no project have negative ids, and go on in any. */
const isOfProject = ({ id }: { id: number }): boolean => id > 0

/** Whether the open project is the one in its place: that may have been moved, and another put there. */
function isThere({ presence }: OpenProject): boolean {
  try {
    presence.require()
    return true
  } catch {
    return false
  }
}

function summarise({ store, name, folder }: OpenProject): ProjectSummary {
  const key = store.settings.get('featureSet')
  return {
    name,
    path: folder,
    clips: store.clips.count(),
    removedClips: store.clips.countRemoved(),
    captions: store.captions.count(),
    splits: store.clips.splitCounts(),
    withFeatures: key === null ? 0 : store.features.count(key),
    topics: store.topics.count(),
    models: store.models.count(),
    currentModel: store.settings.get('currentModel'),
    savedAt: store.edits.lastAt(),
  }
}
