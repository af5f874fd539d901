/** The projects that were opened before, in the user's own folder. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { recentProject } from '#contract'
import { expectedError } from '../../common/files/file-errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { makeFolder } from '../../formats/files.ts'
import type { OpenProject } from '../../store/index.ts'

/** Projects that the welcome page lists. */
const MOST_RECENT = 20

const recentList = z.array(
  recentProject.omit({ exists: true }).extend({ state: recentProject.shape.state.catch(null) }),
)
type RecentList = z.infer<typeof recentList>
type State = RecentList[number]['state']

export function createRecentProjects(home: string) {
  const file = join(home, 'recent.json')

  const list = async (): Promise<RecentList> => {
    const text = await readFile(file, 'utf8').catch(() => '[]')
    try {
      return recentList.parse(JSON.parse(text))
    } catch {
      // A list of conveniences: a damaged one is begun anew at the next open.
      return []
    }
  }

  /** What can't be kept is no reason to stop what a person does. */
  const keep = async (projects: RecentList): Promise<void> => {
    try {
      await makeFolder(home)
      await writeFileAtomic(file, `${JSON.stringify(projects.slice(0, MOST_RECENT), null, 1)}\n`)
    } catch (error) {
      if (expectedError(error) === null) {
        throw error
      }
    }
  }

  return {
    /** Latest first. */
    list,

    /** Puts a project first that is opened now, with what it holds. */
    async add({ name, folder }: OpenProject, state: State): Promise<void> {
      const others = (await list()).filter(({ path }) => path !== folder)
      await keep([{ name, path: folder, openedAt: new Date().toISOString(), state }, ...others])
    },

    /** Notes what a project of the list holds now. */
    async note({ folder }: OpenProject, state: State): Promise<void> {
      const projects = await list()
      await keep(projects.map((project) => (project.path === folder ? { ...project, state } : project)))
    },
  }
}
