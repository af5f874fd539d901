/**
 * A project as one file: its database, its features, models and runs, pictures, and, unless they are left out, the videos of
 * its clips. Playable copies are made again; backups, what a repair put aside and files that Vitrine did not make stay.
 */
import { lstat, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { count, someOf } from '../../../common/text.ts'
import { isPortablePath } from '../../../formats/archive/names.ts'
import { writeArchive } from '../../../formats/archive/write.ts'
import type { Member } from '../../../formats/archive/write.ts'
import { replaceFileAtomic } from '../../../formats/atomic.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import { DATABASE, forgetJob } from '../../../store/index.ts'
import type { OpenProject } from '../../../store/index.ts'
import { requireSpace } from '../../space.ts'
import { partOf, projectFiles } from '../files.ts'
import { ABOUT } from './about.ts'
import type { AboutArchive } from './about.ts'
import { packSources } from './sources.ts'

/** Parts of a project's folder that go along, beside its database. */
const PACKED: ReadonlySet<string> = new Set(['features', 'models', 'runs', 'pictures'])

interface ArchiveRequest {
  /** The absolute path of the new file. */
  to: string
  media: boolean
}

/** Throws CancelledError, DISK_FULL, and BAD_INPUT for a project that is damaged; an earlier file stays then. */
export async function archiveProject(
  project: OpenProject,
  { to, media }: ArchiveRequest,
  context: JobContext,
): Promise<JobOutcome> {
  const sources = await packSources(project, { pack: media, signal: context.signal })
  const sidecars = await sidecarsOf(project)
  const database = (await stat(join(project.folder, DATABASE))).size
  // Beside the archive lies the copy of the database that is packed.
  await requireSpace(dirname(to), 2 * database + sidecars.bytes + sources.bytes, 'archive')
  noticeWhatStays(sources.missing, sidecars.left, context)
  const about: AboutArchive = {
    name: project.name,
    at: new Date().toISOString(),
    sources: sources.sources,
  }
  let files = 0
  await replaceFileAtomic(to, async (temporary) => {
    const copy = `${temporary}-database`
    try {
      context.progress({ phase: 'copying the database', done: 0, total: null, unit: 'bytes' })
      await project.backUp({ reason: 'by-hand', to: copy })
      forgetJob(copy, context.jobId)
      const members: Member[] = [
        { name: ABOUT, content: { text: JSON.stringify(about) }, deflate: true },
        { name: DATABASE, content: { path: copy }, deflate: true },
        ...sidecars.members,
        ...sources.members,
      ]
      const total = (await stat(copy)).size + sidecars.bytes + sources.bytes
      files = await pack(temporary, members, { total, context })
    } finally {
      await rm(copy, { force: true })
    }
  })
  const { size } = await stat(to)
  return {
    result: { kind: 'archive', to, files, bytes: size },
    summary: `${count(files, 'file')} in ${to}.`,
  }
}

/** Returns how many files were packed. */
async function pack(
  path: string,
  members: readonly Member[],
  { total, context }: { total: number; context: JobContext },
): Promise<number> {
  let done = 0
  const files = await writeArchive(path, members, {
    signal: context.signal,
    onBytes(bytes) {
      done += bytes
      context.progress({ phase: 'packing', done, total, unit: 'bytes' })
    },
  })
  return files.length
}

interface Sidecars {
  members: Member[]
  bytes: number
  /** Paths of files that Vitrine did not make. */
  left: string[]
}

async function sidecarsOf(project: OpenProject): Promise<Sidecars> {
  const sidecars: Sidecars = { members: [], bytes: 0, left: [] }
  const clips = new Set(project.store.clips.sources().map(({ path }) => path))
  for await (const { path, bytes } of projectFiles(project.folder)) {
    const part = partOf(path)
    // What a link leads to may be anybody's.
    const isFile = (await lstat(join(project.folder, path)).catch(() => null))?.isFile() === true
    if (PACKED.has(part) && isFile && isPortablePath(path)) {
      sidecars.members.push({ name: path, content: { path: join(project.folder, path) }, deflate: false })
      sidecars.bytes += bytes
    } else if (part === 'other' && !clips.has(path) && !clips.has(dirname(path))) {
      sidecars.left.push(path)
    }
  }
  return sidecars
}

function noticeWhatStays(missing: readonly string[], left: readonly string[], { notice }: JobContext): void {
  if (missing.length > 0) {
    notice(
      `${count(missing.length, 'video')} of clips can't be found, and so not packed: ${someOf(missing.map((path) => basename(path)))}.`,
    )
  }
  if (left.length > 0) {
    notice(`${count(left.length, 'file')} that Vitrine did not make stay out: ${someOf(left)}.`)
  }
}
