/** The projects that were opened before, in the user's own folder. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { recentProject } from '#contract'
import { writeFileAtomic } from '../../formats/atomic.ts'
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

    /** Puts a project first that is opened now. */
    async add({ name, folder }: OpenProject): Promise<void> {
      const others = (await list()).filter(({ path }) => path !== folder)
      const opened = { name, path: folder, openedAt: new Date().toISOString() }
      await mkdir(home, { recursive: true })
      await writeFileAtomic(file, `${JSON.stringify([opened, ...others].slice(0, MOST_RECENT), null, 1)}\n`)
    },
  }
}
