/** The videos, pictures and folders of frames of a project, and what they are called in an archive. */
import { realpath, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { CancelledError } from '../../../common/failures.ts'
import { withoutExtension } from '../../../common/files/paths.ts'
import { isPortablePath, portableName, spelling } from '../../../formats/archive/names.ts'
import type { Member } from '../../../formats/archive/write.ts'
import { hashFile } from '../../../formats/hash.ts'
import { frameFiles, isPictureName } from '../../../media/frame-folder.ts'
import { absolutePath } from '../../../store/index.ts'
import type { ClipSource, OpenProject } from '../../../store/index.ts'
import { VIDEO_EXTENSIONS } from '../../corpus/videos.ts'
import { MEDIA } from './about.ts'
import type { ArchivedSource } from './about.ts'

export interface PackedSources {
  sources: ArchivedSource[]
  members: Member[]
  bytes: number
  /** Paths of those that are not where the project has them. */
  missing: string[]
}

/** Looks for what clips are made of; with `pack`, all that is there becomes members of the archive. */
export async function packSources(
  { folder, store }: OpenProject,
  { pack, signal }: { pack: boolean; signal: AbortSignal },
): Promise<PackedSources> {
  const packed: PackedSources = { sources: [], members: [], bytes: 0, missing: [] }
  const nameFor = freeNames()
  for (const source of store.clips.sources()) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    const original = absolutePath(folder, source.path)
    const files = await filesOf(source, original, signal)
    const member = pack && files.length > 0 ? `${MEDIA}/${nameFor(portableName(nameOf(original)))}` : null
    packed.sources.push({
      stored: source.path,
      original,
      kind: source.kind,
      fileHash: source.fileHash,
      bytes: source.kind === 'frames' ? null : (files[0]?.bytes ?? null),
      member,
    })
    if (files.length === 0) {
      packed.missing.push(original)
    }
    if (member !== null) {
      packed.members.push(...membersOf(source, member, files))
      packed.bytes += files.reduce((sum, { bytes }) => sum + bytes, 0)
    }
  }
  return packed
}

interface SourceFile {
  path: string
  bytes: number
}

/** The files of a source; none where it is not there as a whole. */
async function filesOf(
  { kind, fileHash }: ClipSource,
  path: string,
  signal: AbortSignal,
): Promise<SourceFile[]> {
  const paths = kind === 'frames' ? await frameFiles(path).catch(() => []) : [path]
  const files: SourceFile[] = []
  for (const file of paths) {
    const stats = await stat(file).catch(() => null)
    if (stats?.isFile() === true && (await mayBePacked(file, fileHash, signal))) {
      files.push({ path: file, bytes: stats.size })
    }
  }
  return files.length === paths.length ? files : []
}

/**
 * A project of somebody else may name any file of this machine as a video. One that is not called as videos and pictures are
 * goes into no archive, unless its content is what the project says.
 */
async function mayBePacked(path: string, fileHash: string | null, signal: AbortSignal): Promise<boolean> {
  const real = await realpath(path)
  return (
    VIDEO_EXTENSIONS.has(extname(real).toLowerCase()) ||
    isPictureName(real) ||
    (await hashFile(real, signal)) === fileHash
  )
}

function membersOf({ kind }: ClipSource, member: string, files: readonly SourceFile[]): Member[] {
  if (kind !== 'frames') {
    return files.map(({ path }) => ({ name: member, content: { path }, deflate: false }))
  }
  const names = frameNames(files.map(({ path }) => basename(path)))
  return files.map(({ path }, i) => ({
    name: join(member, names[i]!).replaceAll('\\', '/'),
    content: { path },
    deflate: false,
  }))
}

/** Names of frames, in whose order they are shown: as they are where every system can have them, else numbers. */
function frameNames(names: readonly string[]): string[] {
  const fit =
    names.every((name) => isPortablePath(name)) && new Set(names.map(spelling)).size === names.length
  return fit ? [...names] : names.map((name, i) => `${String(i + 1).padStart(8, '0')}${extname(name)}`)
}

/** The last part of a path of this system, or of the one that the project comes from. */
export const nameOf = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== '') ?? ''

/** Names that no disk takes for one that was given before. */
function freeNames(): (name: string) => string {
  const taken = new Set<string>()
  return (name) => {
    const extension = extname(name)
    let free = name
    for (let n = 2; taken.has(spelling(free)); n++) {
      free = `${withoutExtension(name)} (${n})${extension}`
    }
    taken.add(spelling(free))
    return free
  }
}
