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

/** Reads annotations; those of the archive that was read last are remembered while it stays as it is. */
export function annotationReader(): (path: string, signal: AbortSignal) => Promise<AnnotationLine[]> {
  let last: { name: string; lines: Promise<AnnotationLine[]> } | null = null
  return async (place, signal) => {
    const path = resolvePath(place)
    if (!(await isZipFile(path))) {
      return parseAnnotations(await readText(path), basename(path), breather(signal))
    }
    const name = `${path} ${await stampOfFile(path)}`
    if (last?.name !== name) {
      const lines = linesOfArchive(path, signal)
      lines.catch(() => (last = null))
      last = { name, lines }
    }
    return last.lines
  }
}

async function isZipFile(path: string): Promise<boolean> {
  await using file = await openFile(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  return isZip(buffer.subarray(0, bytesRead))
}

/** Throws BAD_INPUT for what is no archive of a project that can be opened. */
async function linesOfArchive(file: string, signal: AbortSignal): Promise<AnnotationLine[]> {
  const archive = await openArchive(file)
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-archive-'))
  try {
    await archive.unpack(folder, {
      placeOf: ({ name }) => (name === DATABASE ? name : null),
      signal,
    })
    // It comes from somebody else: it is read as the lines that an export of it would have.
    const lines = [...annotationsAsJsonLines(annotationsOfProject(folder, file))]
    return lines.length === 0 ? [] : await parseAnnotations(lines.join(''), basename(file), breather(signal))
  } finally {
    archive.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function annotationsOfProject(folder: string, file: string): ReturnType<typeof annotationsOf> {
  try {
    const project = openProject(folder)
    try {
      return annotationsOf(project.store)
    } finally {
      project.close()
    }
  } catch (error) {
    throw error instanceof VitrineError ? failures.archiveUnfit({ file }, { cause: error }) : error
  }
}
