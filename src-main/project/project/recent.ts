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

const recentList = z.array(recentProject.omit({ exists: true }))
type RecentList = z.infer<typeof recentList>

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

  return {
    /** Latest first. */
    list,

    /** Puts a project first that is opened now; where that can't be kept, it is opened all the same. */
    async add({ name, folder }: OpenProject): Promise<void> {
      const others = (await list()).filter(({ path }) => path !== folder)
      const opened = { name, path: folder, openedAt: new Date().toISOString() }
      const text = `${JSON.stringify([opened, ...others].slice(0, MOST_RECENT), null, 1)}\n`
      try {
        await makeFolder(home)
        await writeFileAtomic(file, text)
      } catch (error) {
        if (expectedError(error) === null) {
          throw error
        }
      }
    },
  }
}
