/**
 * A project made of an archive, in a new folder that appears whole or not at all. Videos that came along are in its folder
 * `media`; others are looked for where they lay, beside the project as they lay beside the old one, and in a folder that a
 * person names. Each is known by its size and SHA-256, so that no other file takes the place of one.
 */
import { opendir, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { CancelledError, VitrineError } from '../../../common/failures.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import { grouped } from '../../../common/grouped.ts'
import { count, someOf } from '../../../common/text.ts'
import { portableName } from '../../../formats/archive/names.ts'
import { bytesOf, openArchive, parseJson } from '../../../formats/archive/read.ts'
import type { Archive } from '../../../formats/archive/read.ts'
import { replaceFolderAtomic } from '../../../formats/atomic.ts'
import { makeFolder, readFolder } from '../../../formats/files.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import { hashMedia } from '../../../media/hash.ts'
import { DATABASE, openProject, storedPath } from '../../../store/index.ts'
import { requireSpace } from '../../space.ts'
import { failures } from '../failures.ts'
import { ABOUT, aboutArchive, MEDIA } from './about.ts'
import { nameOf } from './sources.ts'
import type { AboutArchive, ArchivedSource } from './about.ts'

/** The folders of a project that an archive fills; whatever else is in it is no project's. */
const FILLED: ReadonlySet<string> = new Set(['features', 'models', 'runs', 'thumbnails', 'filmstrips', MEDIA])
const EXTENSION = '.vitrine'

interface TakeRequest {
  archive: string
  /** The new project, NAME.vitrine, or the folder that it is to stand in under its own name. */
  to: string
  /** A folder that videos are looked for in; null: none. */
  videos: string | null
}

/**
 * Throws BAD_INPUT for a file that is no sound archive, CONFLICT where the project's place is taken, DISK_FULL, and
 * CancelledError; nothing is left of it then.
 */
export async function takeArchive(request: TakeRequest, context: JobContext): Promise<JobOutcome> {
  const file = resolvePath(request.archive)
  const archive = await openArchive(file)
  try {
    const about = await aboutOf(archive, file)
    const folder = placeOf(resolvePath(request.to), about)
    await requireFree(folder)
    requireProjectFiles(archive, file)
    await makeFolder(dirname(folder))
    await requireSpace(dirname(folder), bytesOf(archive.files), 'unarchive')
    let places: Places = new Map()
    await replaceFolderAtomic(folder, async (temporary) => {
      await unpack(archive, temporary, context)
      places = await settle({ file, temporary, folder, about, videos: request.videos }, context)
    })
    return outcomeOf(folder, places, context)
  } finally {
    archive.close()
  }
}

async function aboutOf(archive: Archive, file: string): Promise<AboutArchive> {
  const text = await archive.text(ABOUT)
  if (text === null) {
    throw failures.noProjectInArchive({ file })
  }
  const { success, data } = aboutArchive.safeParse(parseJson(text))
  if (!success) {
    throw failures.noProjectInArchive({ file })
  }
  return data
}

const placeOf = (to: string, { name }: AboutArchive): string =>
  to.endsWith(EXTENSION) && basename(to) !== EXTENSION ? to : join(to, `${portableName(name)}${EXTENSION}`)

/** Throws CONFLICT where something is. */
async function requireFree(folder: string): Promise<void> {
  const stats = await stat(folder).catch(() => null)
  const isFree = stats === null || (stats.isDirectory() && (await readFolder(folder)).length === 0)
  if (!isFree) {
    throw failures.projectThere({ folder })
  }
}

/** Throws BAD_INPUT where files are missing that every project has, or there that none has. */
function requireProjectFiles({ files }: Archive, file: string): void {
  const names = files.map(({ name }) => name)
  const foreign = names.find(
    (name) =>
      name !== ABOUT && name !== DATABASE && !(name.includes('/') && FILLED.has(name.split('/')[0] ?? '')),
  )
  if (foreign !== undefined) {
    throw failures.foreignInArchive({ file, name: foreign })
  }
  if (!names.includes(DATABASE)) {
    throw failures.noProjectInArchive({ file })
  }
}

async function unpack(archive: Archive, folder: string, { signal, progress }: JobContext): Promise<void> {
  const total = bytesOf(archive.files)
  let done = 0
  await archive.unpack(folder, {
    placeOf: ({ name }) => (name === ABOUT ? null : name),
    signal,
    onBytes(bytes) {
      done += bytes
      progress({ phase: 'unpacking', done, total, unit: 'bytes' })
    },
  })
}

interface Unpacked {
  /** The archive's. */
  file: string
  /** Where the project is now, and where it will be. */
  temporary: string
  folder: string
  about: AboutArchive
  videos: string | null
}

/** Where each source is now, as the new project stores it; null: it was not found. */
type Places = ReadonlyMap<ArchivedSource, string | null>

/** Opens the unpacked project, which brings it up to date, and tells it where its videos are. */
async function settle(
  { file, temporary, folder, about, videos }: Unpacked,
  context: JobContext,
): Promise<Places> {
  const project = openUnpacked(temporary, file)
  try {
    const places = await findSources(about.sources, { folder, videos, context })
    project.store.transaction(() => {
      for (const [{ stored }, place] of places) {
        if (place !== null) {
          project.store.clips.moveSource(stored, place)
        }
      }
    })
    return places
  } finally {
    project.close()
  }
}

/** Throws BAD_INPUT for what is no project, in words that name the archive and not the folder it is unpacked into. */
function openUnpacked(folder: string, file: string): ReturnType<typeof openProject> {
  try {
    return openProject(folder)
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'NEWER_PROJECT') {
      throw failures.newerInArchive({ file }, { cause: error })
    }
    if (error instanceof VitrineError && error.code === 'BAD_INPUT') {
      throw failures.noProjectInArchive({ file }, { cause: error })
    }
    throw error
  }
}

interface Search {
  folder: string
  videos: string | null
  context: JobContext
}

async function findSources(sources: readonly ArchivedSource[], search: Search): Promise<Places> {
  const places = new Map<ArchivedSource, string | null>()
  const { context, folder, videos } = search
  const inFolder = videos === null ? null : await mediaOf(resolvePath(videos), context.signal)
  for (const [done, source] of sources.entries()) {
    context.progress({ phase: 'looking for videos', done, total: sources.length, unit: 'videos' })
    if (source.member !== null) {
      places.set(source, source.member)
      continue
    }
    const place = await placeOfSource(
      source,
      [
        join(folder, source.stored),
        ...(isAbsolute(source.original) ? [source.original] : []),
        ...(inFolder?.(source) ?? []),
      ],
      context.signal,
    )
    places.set(source, place === null ? null : storedPath(folder, place))
  }
  return places
}

/** The first of some places where the source really is; null: none. */
async function placeOfSource(
  source: ArchivedSource,
  places: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  for (const place of places) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    if (await isSource(source, place, signal)) {
      return place
    }
  }
  return null
}

/** Whether a file or folder is what an archive speaks of. What can't be read is not. */
async function isSource(
  { kind, bytes, fileHash }: ArchivedSource,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const stats = await stat(path).catch(() => null)
  const isOfKind = kind === 'frames' ? stats?.isDirectory() === true : stats?.isFile() === true
  if (!isOfKind || fileHash === null || (bytes !== null && stats?.size !== bytes)) {
    return false
  }
  try {
    return (await hashMedia(path, signal)) === fileHash
  } catch (error) {
    if (error instanceof VitrineError) {
      return false
    }
    throw error
  }
}

/** What in a folder, and below it, may be a source: files of its size, and folders of its name. Links are not followed. */
async function mediaOf(
  folder: string,
  signal: AbortSignal,
): Promise<(source: ArchivedSource) => readonly string[]> {
  const files: { path: string; bytes: number }[] = []
  const folders: string[] = []
  await readFolder(folder)
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) {
      folders.push(path)
    } else if (entry.isFile()) {
      files.push({ path, bytes: (await stat(path)).size })
    }
  }
  const bySize = grouped(
    files,
    ({ bytes }) => bytes,
    ({ path }) => path,
  )
  const byName = grouped(
    [...folders, ...files.map(({ path }) => path)],
    (path) => basename(path),
    (path) => path,
  )
  // What was not there when the archive was made is of no known size.
  return ({ bytes, original }) => (bytes === null ? byName.get(nameOf(original)) : bySize.get(bytes)) ?? []
}

function outcomeOf(project: string, places: Places, { notice }: JobContext): JobOutcome {
  const sources = [...places]
  const missing = sources.flatMap(([{ original }, place]) => (place === null ? [nameOf(original)] : []))
  const inside = sources.filter(([{ member }]) => member !== null).length
  const media = { inside, found: sources.length - inside - missing.length, missing: missing.length }
  if (missing.length > 0) {
    notice(
      `${count(missing.length, 'video')} of clips can't be found: ${someOf(missing)}. Import the folder that they are in: they are known by their content.`,
    )
  }
  return {
    result: { kind: 'unarchive', taken: { project, media } },
    summary: `The project is ${project}.`,
  }
}
