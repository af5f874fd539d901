/**
 * Captions from the disk: a file, an archive of one or several, or a folder with subtitles beside its clips or
 * in Hugging Face's layout.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { defineFailures, VitrineError } from '../../common/failures.ts'
import { throwFileError } from '../../common/files/file-errors.ts'
import { resolvePath } from '../../common/files/paths.ts'
import { decodeOldText, readBytes } from '../text/text-file.ts'
import type { CaptionEntry } from './format.ts'
import { parseCaptionText } from './index.ts'
import type { ReadingChoice } from './index.ts'
import { chooseLanguage } from './languages.ts'

const failures = defineFailures('captions.load', {
  zipBroken: {
    code: 'BAD_INPUT',
    message: "{file} can't be unpacked ({reason}).",
    remedy: 'Unpack it, and choose the caption file in it.',
  },
  zipTooLarge: {
    code: 'BAD_INPUT',
    message: '{file} unpacks to more than {megabytes} MB of text.',
    remedy: 'Unpack it, and choose the caption file in it.',
  },
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
  /** The language to take of several, as a tag; undefined: that of most captions. */
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
  /** The folder that its clips are in, of the folder that is read. */
  folder?: string
}

/** Throws BAD_INPUT for what can't be read, and naming the place of what is wrong. */
export async function loadCaptions(path: string, choice: LoadingChoice = {}): Promise<LoadedCaptions> {
  const parts = await partsOf(path)
  const loaded: LoadedCaptions = { format: '', counts: 'line', entries: [], notices: [] }
  for (const { file, bytes, folder } of parts) {
    const { text, notice } = decodeOldText(bytes, file)
    const { format, entries } = parseCaptionText(text, file, choice)
    loaded.format = format.name
    loaded.counts = format.counts
    if (notice !== null) {
      loaded.notices.push(notice)
    }
    for (const entry of entries) {
      loaded.entries.push(parts.length === 1 ? entry : { ...inFolder(entry, file, folder), file })
    }
  }
  const { entries, notice } = chooseLanguage(loaded.entries, choice.language, basename(path))
  return { ...loaded, entries, notices: [...loaded.notices, ...(notice === null ? [] : [notice])] }
}

async function partsOf(path: string): Promise<TextPart[]> {
  const stats = await stat(resolvePath(path)).catch(() => null)
  if (stats?.isDirectory() === true) {
    return folderParts(path)
  }
  const file = basename(path)
  const bytes = await readBytes(path)
  return isZip(bytes) ? zipParts(bytes, file) : [{ file, bytes }]
}

const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

/** All the text that an archive may hold. */
const LARGEST_ZIP = 400 * 2 ** 20
/** What captions of an archive may end in: those that come first are read, and what is beside them is not. */
const ZIP_KINDS = [
  ['.json'],
  ['.xml'],
  ['.jsonl', '.ndjson', '.csv', '.tsv', '.token'],
  ['.vtt', '.srt'],
  ['.txt'],
]

function zipParts(bytes: Uint8Array, file: string): TextPart[] {
  const names: string[] = []
  unzip(bytes, file, ({ name }) => {
    names.push(name)
    return false
  })
  const seen = names.filter((name) => !/(?:^|\/)(?:__MACOSX\/|\.)/.test(name))
  const chosen = ZIP_KINDS.map((kinds) =>
    seen.filter((name) => kinds.includes(extname(name).toLowerCase())),
  ).find((found) => found.length > 0)
  if (chosen === undefined) {
    throw failures.zipEmpty({ file })
  }
  let size = 0
  const contents = unzip(bytes, file, ({ name, originalSize }) => {
    if (!chosen.includes(name)) {
      return false
    }
    size += originalSize
    if (size > LARGEST_ZIP) {
      throw failures.zipTooLarge({ file, megabytes: LARGEST_ZIP / 2 ** 20 })
    }
    return true
  })
  return Object.entries(contents).map(([name, content]) => ({ file: `${file}/${name}`, bytes: content }))
}

function unzip(
  bytes: Uint8Array,
  file: string,
  filter: (member: { name: string; originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter })
  } catch (cause) {
    if (cause instanceof VitrineError) {
      throw cause
    }
    throw failures.zipBroken({ file, reason: cause instanceof Error ? cause.message : String(cause) })
  }
}

async function folderParts(folder: string): Promise<TextPart[]> {
  const files = (await readdir(resolvePath(folder), { recursive: true }).catch(throwFileError(folder)))
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
  const metadata = files.filter((name) => /(?:^|\/)metadata\.(?:csv|jsonl)$/i.test(name))
  const chosen = metadata.length > 0 ? metadata : files.filter((name) => /\.(?:vtt|srt)$/i.test(name))
  if (chosen.length === 0) {
    throw failures.folderEmpty({ folder })
  }
  const parts: TextPart[] = []
  for (const name of chosen) {
    const inside = name.slice(0, name.lastIndexOf('/') + 1)
    parts.push({ file: name, bytes: await readBytes(join(folder, name)), folder: inside })
  }
  return parts
}

const SPLIT_FOLDER = /(?:^|\/)(train|training|validation|valid|val|dev|test|testing)\//i

/** An entry of a file inside a folder: its clip is beside the file, and the folder may be the name of a split. */
function inFolder(entry: CaptionEntry, file: string, folder: string | undefined): CaptionEntry {
  if (folder === undefined) {
    return entry
  }
  const clip = entry.clip.startsWith(folder) ? entry.clip : folder + entry.clip
  const split = SPLIT_FOLDER.exec(file)?.[1]
  return split === undefined || entry.split !== undefined ? { ...entry, clip } : { ...entry, clip, split }
}
