/**
 * The annotations of a file that an export wrote, or of a project's archive: its database is unpacked into a folder of its own,
 * read as that of any other project, and gone again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { breather } from '../../../common/breather.ts'
import { VitrineError } from '../../../common/failures.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import { annotationsAsJsonLines, parseAnnotations } from '../../../formats/annotations.ts'
import type { AnnotationLine } from '../../../formats/annotations.ts'
import { openArchive } from '../../../formats/archive/read.ts'
import { isZip } from '../../../formats/captions/zip.ts'
import { openFile } from '../../../formats/files.ts'
import { readText } from '../../../formats/text/text-file.ts'
import { stampOfFile } from '../../../media/hash.ts'
import { DATABASE, openProject } from '../../../store/index.ts'
import { failures } from '../failures.ts'
import { annotationsOf } from './collect.ts'
import { PARAMETERS_FILE } from './neurons.ts'
import { topicsOfCopy } from './topics.ts'
import type { TopicsOfCopy } from './topics.ts'

/** What a file holds. */
export interface ReadAnnotations {
  lines: AnnotationLine[]
  /** Of an archive; null: files of annotations have none. */
  topics: TopicsOfCopy | null
}

/** Reads annotations; those of the archive that was read last are remembered while it stays as it is. */
export function annotationReader(): (path: string, signal: AbortSignal) => Promise<ReadAnnotations> {
  let last: { name: string; read: Promise<ReadAnnotations> } | null = null
  return async (place, signal) => {
    const path = resolvePath(place)
    if (!(await isZipFile(path))) {
      const lines = await parseAnnotations(await readText(path), basename(path), breather(signal))
      return { lines, topics: null }
    }
    const name = `${path} ${await stampOfFile(path)}`
    if (last?.name !== name) {
      const read = readArchive(path, signal)
      read.catch(() => (last = null))
      last = { name, read }
    }
    return last.read
  }
}

async function isZipFile(path: string): Promise<boolean> {
  await using file = await openFile(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  return isZip(buffer.subarray(0, bytesRead))
}

/** Throws BAD_INPUT for what is no archive of a project that can be opened. */
async function readArchive(file: string, signal: AbortSignal): Promise<ReadAnnotations> {
  const archive = await openArchive(file)
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-archive-'))
  try {
    await archive.unpack(folder, {
      placeOf: ({ name }) => (name === DATABASE ? name : null),
      signal,
    })
    // It comes from somebody else: it is read as the lines that an export of it would have.
    const hashes = new Map(archive.files.map(({ name, sha256 }) => [name, sha256]))
    const hashOf = (modelId: number): string | undefined => hashes.get(`models/${modelId}/${PARAMETERS_FILE}`)
    const { annotations, topics } = annotationsOfProject(folder, { file, hashOf })
    const text = [...annotationsAsJsonLines(annotations)].join('')
    const lines = text === '' ? [] : await parseAnnotations(text, basename(file), breather(signal))
    return { lines, topics }
  } finally {
    archive.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function annotationsOfProject(
  folder: string,
  { file, hashOf }: { file: string; hashOf: Parameters<typeof annotationsOf>[1] },
): { annotations: ReturnType<typeof annotationsOf>; topics: TopicsOfCopy } {
  try {
    const project = openProject(folder)
    try {
      return { annotations: annotationsOf(project.store, hashOf), topics: topicsOfCopy(project.store) }
    } finally {
      project.close()
    }
  } catch (error) {
    throw error instanceof VitrineError ? failures.archiveUnfit({ file }, { cause: error }) : error
  }
}
