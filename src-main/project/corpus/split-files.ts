/**
 * Files that say which clips train, validate and test: a table of clip and split, lists of clips in files that
 * are called by their split, JSON of either, and caption files that name splits.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Split } from '#contract'
import { throwFileError } from '../../common/files/file-errors.ts'
import { resolvePath } from '../../common/files/paths.ts'
import { loadCaptions } from '../../formats/captions/load.ts'
import { linesOf, readText, shorten, withoutByteOrderMark } from '../../formats/text/text-file.ts'
import { failures } from './failures.ts'

const SPLIT_NAMES: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  trn: 'train',
  // COCO's validation pictures that Karpathy's splits train on.
  restval: 'train',
  val: 'val',
  valid: 'val',
  validate: 'val',
  validation: 'val',
  dev: 'val',
  development: 'val',
  test: 'test',
  testing: 'test',
  tst: 'test',
}

/** The split that a word means; null: none. */
export const splitNamed = (word: string): Split | null => SPLIT_NAMES[word.trim().toLowerCase()] ?? null

export interface SplitEntry {
  clip: string
  split: Split
  line: number
}

/** The splits of a file, or of a folder of lists. Throws BAD_INPUT naming the file and the line. */
export async function readSplits(path: string): Promise<SplitEntry[]> {
  const file = basename(path)
  const stats = await stat(resolvePath(path)).catch(() => null)
  if (stats?.isDirectory() === true) {
    return folderSplits(path)
  }
  if (extname(path).toLowerCase() === '.zip') {
    return captionSplits(path)
  }
  const text = await readText(path)
  return isCaptionJson(text) ? captionSplits(path) : parseSplits(text, file)
}

async function folderSplits(folder: string): Promise<SplitEntry[]> {
  const lists = (await readdir(resolvePath(folder)).catch(throwFileError(folder)))
    .filter((name) => splitOfFile(name) !== null && isText(name))
    .sort()
  const entries: SplitEntry[] = []
  for (const name of lists) {
    entries.push(...listEntries(await readText(join(folder, name)), name, splitOfFile(name)!))
  }
  return withoutRepeats(entries, basename(folder))
}

const isText = (name: string): boolean => /\.(?:txt|lst|list|csv|tsv)$/i.test(name)

/** The split that the name of a list says: `Flickr_8k.trainImages.txt`, `val_list.txt`. */
function splitOfFile(name: string): Split | null {
  const words = basename(name, extname(name))
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
  const splits = new Set(words.map(splitNamed).filter((split) => split !== null))
  return splits.size === 1 ? [...splits][0]! : null
}

/** Whether a text is JSON with captions, which may say splits beside them. */
const isCaptionJson = (text: string): boolean =>
  /^\s*[[{]/.test(text) && /"(?:sentences|captions?|annotations)"\s*:/.test(text)

async function captionSplits(path: string): Promise<SplitEntry[]> {
  const file = basename(path)
  const { entries } = await loadCaptions(path, { allowEmpty: true })
  const seen = new Map<string, string>()
  const splits = entries.flatMap(({ clip, split, line }): SplitEntry[] => {
    if (split === undefined || seen.get(clip) === split) {
      return []
    }
    seen.set(clip, split)
    return [{ clip, line, split: knownSplit(split, { file, line, text: split }) }]
  })
  return withoutRepeats(splits, file)
}

function knownSplit(word: string, at: { file: string; line: number; text: string }): Split {
  const split = splitNamed(word)
  if (split === null) {
    throw failures.notASplit(at)
  }
  return split
}

/**
 * The splits that a text says. Throws BAD_INPUT at an unknown split, or a clip that is put in two.
 */
export function parseSplits(content: string, file: string): SplitEntry[] {
  const text = withoutByteOrderMark(content)
  if (/^\s*[{[]/.test(text)) {
    return withoutRepeats(jsonEntries(text, file), file)
  }
  const [first] = linesOf(text)
  const split = splitOfFile(file)
  const isList = split !== null && first !== undefined && dividerOf(first.text) === null
  return withoutRepeats(isList ? listEntries(text, file, split) : tableEntries(text, file), file)
}

/** One clip a line. */
const listEntries = (text: string, file: string, split: Split): SplitEntry[] =>
  [...linesOf(text)].map(({ line, text: content }) => {
    if (content.includes('\t')) {
      throw failures.notAList({ file, line, text: shorten(content) })
    }
    return { clip: content.trim(), split, line }
  })

/** What stands between the clip and its split on a line; null: nothing that is known. */
const dividerOf = (line: string): string | null =>
  ['\t', ',', ';', ' '].find((divider) => line.trim().split(divider).length > 1) ?? null

const SPLIT_HEADERS: ReadonlySet<string> = new Set(['split', 'subset', 'partition', 'set', 'usage'])
const CLIP_HEADERS = /^(?:id|name|file_?name|file|clip|video|image|(?:clip|video|image)_?(?:id|name))$/i

function tableEntries(text: string, file: string): SplitEntry[] {
  const [first] = linesOf(text)
  const divider = dividerOf(first?.text ?? '') ?? '\t'
  const cellsOf = (line: string): string[] =>
    line.split(divider).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  const header = cellsOf(first?.text ?? '')
  const splitColumn = header.findIndex((cell) => SPLIT_HEADERS.has(cell.toLowerCase()))
  const hasHeader = splitColumn !== -1 && header.every((cell) => splitNamed(cell) === null)
  const places = hasHeader
    ? { clip: header.findIndex((cell) => CLIP_HEADERS.test(cell)), split: splitColumn }
    : { clip: 0, split: 1 }
  return [...linesOf(text)].slice(hasHeader ? 1 : 0).map(({ line, text: content }) => {
    const cells = cellsOf(content)
    const clip = cells[Math.max(places.clip, 0)] ?? ''
    const at = { file, line, text: shorten(content) }
    if (clip === '') {
      throw failures.notASplit(at)
    }
    return { clip, split: knownSplit(cells[places.split] ?? '', at), line }
  })
}

/** {"train": ["v1", ...], ...} or {"v1": "train", ...}. */
function jsonEntries(text: string, file: string): SplitEntry[] {
  const value = parseJson(text, file)
  return Object.entries(value).flatMap(([key, content], place): SplitEntry[] => {
    const at = { file, line: place + 1, text: shorten(key) }
    if (Array.isArray(content)) {
      const split = knownSplit(key, at)
      return content.map((clip: unknown) => ({ clip: String(clip), split, line: at.line }))
    }
    return [{ clip: key, split: knownSplit(typeof content === 'string' ? content : '', at), line: at.line }]
  })
}

function parseJson(text: string, file: string): object {
  try {
    return JSON.parse(text) as object
  } catch (cause) {
    throw failures.noSplitsInFile({ file }, { cause })
  }
}

function withoutRepeats(entries: readonly SplitEntry[], file: string): SplitEntry[] {
  const splits = new Map<string, Split>()
  const kept = entries.filter(({ clip, split, line }) => {
    const earlier = splits.get(clip)
    if (earlier !== undefined && earlier !== split) {
      throw failures.inTwoSplits({ file, line, clip, split, earlier })
    }
    splits.set(clip, split)
    return earlier === undefined
  })
  if (kept.length === 0) {
    throw failures.noSplitsInFile({ file })
  }
  return kept
}
