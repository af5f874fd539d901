/**
 * Captions from the disk: a file, an archive of one or several, or a folder with subtitles beside its clips or
 * in Hugging Face's layout.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { defineFailures } from '../../common/failures.ts'
import { throwFileError } from '../../common/files/file-errors.ts'
import { resolvePath } from '../../common/files/paths.ts'
import { decodeOldText, readBytes } from '../text/text-file.ts'
import type { CaptionEntry } from './format.ts'
import { parseCaptionText } from './index.ts'
import type { ReadingChoice } from './index.ts'
import { chooseLanguage } from './languages.ts'
import { isZip, memberNames, readMembers } from './zip.ts'

const failures = defineFailures('captions.load', {
  zipEmpty: {
    code: 'BAD_INPUT',
    message: '{file} holds no caption file.',
    remedy: 'Captions in an archive are JSON, XML, CSV, TSV, JSON lines, subtitles or text.',
  },
  folderEmpty: {
    code: 'BAD_INPUT',
    message: 'The folder {folder} holds no captions.',
    remedy:
      'Captions in a folder are .vtt or .srt files called as their clips are, or metadata.csv or metadata.jsonl.',
  },
})

export interface LoadingChoice extends ReadingChoice {
  /** The language to take of several, as a tag, or EVERY_LANGUAGE; undefined: that of most captions. */
  language?: string | undefined
}

export interface LoadedCaptions {
  /** The name of the format. */
  format: string
  /** What an entry's `line` counts. */
  counts: string
  /** In the order of the file; each with its own file where there are several. */
  entries: CaptionEntry[]
  /** What people should hear of, a sentence each. */
  notices: string[]
}

interface TextPart {
  /** What failures and notices call it. */
  file: string
  bytes: Uint8Array
  /** Its path in the folder or archive that is read, where its clips are named from beside it. */
  beside?: string
}

/** Throws BAD_INPUT for what can't be read, and naming the place of what is wrong. */
export async function loadCaptions(path: string, choice: LoadingChoice = {}): Promise<LoadedCaptions> {
  const parts = await partsOf(path)
  const loaded: LoadedCaptions = { format: '', counts: 'line', entries: [], notices: [] }
  for (const { file, bytes, beside } of parts) {
    const { text, notice } = decodeOldText(bytes, file)
    const { format, entries } = parseCaptionText(text, file, choice)
    loaded.format = format.name
    loaded.counts = format.counts
    if (notice !== null) {
      loaded.notices.push(notice)
    }
    for (const entry of entries) {
      const placed = beside === undefined ? entry : inFolder(entry, file, beside)
      loaded.entries.push(parts.length === 1 ? placed : { ...placed, file })
    }
  }
  const { entries, notice } = chooseLanguage(loaded.entries, choice.language, basename(path))
  return { ...loaded, entries, notices: [...loaded.notices, ...(notice === null ? [] : [notice])] }
}

/** Files whose clips are named from beside them: Hugging Face's metadata, and subtitles called as their clips are. */
const METADATA = /(?:^|\/)metadata\.(?:csv|jsonl)$/i
const SUBTITLES = /\.(?:vtt|srt)$/i

async function partsOf(path: string): Promise<TextPart[]> {
  const stats = await stat(resolvePath(path)).catch(() => null)
  if (stats?.isDirectory() === true) {
    return folderParts(path)
  }
  const file = basename(path)
  const bytes = await readBytes(path)
  return isZip(bytes) ? zipParts(bytes, file) : [{ file, bytes }]
}

/** What captions of an archive may end in: those that come first are read, and what is beside them is not. */
const ZIP_KINDS = [
  ['.json'],
  ['.xml'],
  ['.jsonl', '.ndjson', '.csv', '.tsv', '.token'],
  ['.vtt', '.srt'],
  ['.txt'],
]

function zipParts(bytes: Uint8Array, file: string): TextPart[] {
  const seen = memberNames(bytes, file).filter((name) => !/(?:^|\/)(?:__MACOSX\/|\.(?!\.?\/))/.test(name))
  const chosen = ZIP_KINDS.map((kinds) =>
    seen.filter((name) => kinds.includes(extname(name).toLowerCase())),
  ).find((found) => found.length > 0)
  if (chosen === undefined) {
    throw failures.zipEmpty({ file })
  }
  return Array.from(readMembers(bytes, file, new Set(chosen)), ([name, content]) => ({
    file: `${file}/${name}`,
    bytes: content,
    ...(METADATA.test(name) || SUBTITLES.test(name) ? { beside: name } : {}),
  }))
}

async function folderParts(folder: string): Promise<TextPart[]> {
  const files = (await readdir(resolvePath(folder), { recursive: true }).catch(throwFileError(folder)))
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
  const metadata = files.filter((name) => METADATA.test(name))
  const chosen = metadata.length > 0 ? metadata : files.filter((name) => SUBTITLES.test(name))
  if (chosen.length === 0) {
    throw failures.folderEmpty({ folder })
  }
  const parts: TextPart[] = []
  for (const name of chosen) {
    parts.push({ file: name, bytes: await readBytes(join(folder, name)), beside: name })
  }
  return parts
}

const SPLIT_FOLDER = /(?:^|\/)(train|training|validation|valid|val|dev|test|testing)\//i

/**
 * An entry of a file inside a folder or archive: its clip is beside the file, whose folder may be the name of a
 * split. Subtitles have called it after the file, archive included.
 */
function inFolder(entry: CaptionEntry, file: string, path: string): CaptionEntry {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const archive = file.slice(0, file.length - path.length)
  const named = entry.clip.startsWith(archive) ? entry.clip.slice(archive.length) : entry.clip
  const clip = named.startsWith(folder) ? named : folder + named
  const split = SPLIT_FOLDER.exec(path)?.[1]
  return split === undefined || entry.split !== undefined ? { ...entry, clip } : { ...entry, clip, split }
}
