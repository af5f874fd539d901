/**
 * Split files: UCF101's trainlist01.txt and testlist01.txt (`Class/v_Class_g01_c01.avi`, a number behind those to learn
 * from), and HMDB51's CLASS_test_split1.txt (a clip, then 1 to learn from, 2 to test on, 0 for neither).
 */
import { basename, join } from 'node:path'
import { grouped } from '../../common/grouped.ts'
import { someOf } from '../../common/text.ts'
import { nameIndex } from '../../formats/captions/clip-names.ts'
import { readFolder } from '../../formats/files.ts'
import { linesOf, readText, shorten } from '../../formats/text/text-file.ts'
import type { ActionClip, GivenSplit } from './action-clip.ts'
import { failures } from './failures.ts'

type Side = 'train' | 'test'

interface SplitFile {
  name: string
  /** Of the division: 1, 2 or 3. */
  number: number
  /** UCF101's list of one side; null: HMDB51's of a class. */
  side: Side | null
  /** HMDB51's class. */
  className: string | null
}

interface SplitLine {
  clip: string
  side: Side
  at: { file: string; line: number }
}

const UCF = /^(train|test)list0*(\d+)\.txt$/i
const HMDB = /^(.+)_test_split(\d+)\.txt$/i

/** The split files of a folder, by name. */
export async function splitFilesIn(folder: string): Promise<SplitFile[]> {
  return (await readFolder(folder))
    .map(({ name }) => name)
    .sort()
    .flatMap((name): SplitFile[] => {
      const ucf = UCF.exec(name)
      if (ucf !== null) {
        const side = ucf[1]!.toLowerCase() === 'train' ? 'train' : 'test'
        return [{ name, number: Number(ucf[2]), side, className: null }]
      }
      const hmdb = HMDB.exec(name)
      return hmdb === null ? [] : [{ name, number: Number(hmdb[2]), side: null, className: hmdb[1]! }]
    })
}

/**
 * The divisions that a folder's files give of clips. What they name and is not there is told by `notice`, with file and line,
 * and so are clips that they don't name. Throws BAD_INPUT for a folder without such files, a line that is none, a clip on both
 * sides of a division, and a division without a side.
 */
export async function readSplits(
  folder: string,
  clips: readonly ActionClip[],
  notice: (text: string) => void,
): Promise<GivenSplit[]> {
  const files = await splitFilesIn(folder)
  if (files.length === 0) {
    throw failures.noSplitFiles({ folder })
  }
  const index = nameIndex()
  clips.forEach(({ name }, place) => {
    index.add({ name }, place)
  })
  const missing: string[] = []
  const splits: GivenSplit[] = []
  for (const [number, ofNumber] of [
    ...grouped(
      files,
      (file) => file.number,
      (file) => file,
    ),
  ].sort(([a], [b]) => a - b)) {
    const sides = new Map<string, Side>()
    for (const file of ofNumber) {
      for (const { clip, side, at } of await readLines(folder, file)) {
        const place = index.find(clip)
        if (place === null || place === 'ambiguous') {
          missing.push(`${clip} (${at.file} line ${at.line})`)
          continue
        }
        const { name } = clips[place]!
        if ((sides.get(name) ?? side) !== side) {
          throw failures.clipOnBothSides({ ...at, clip })
        }
        sides.set(name, side)
      }
    }
    splits.push(splitOf(sides, { title: `split ${number}`, folder }))
  }
  if (missing.length > 0) {
    notice(`The split files name clips that are not there: ${someOf(missing)}.`)
  }
  const named = new Set(splits.flatMap(({ train, test }) => [...train, ...test]))
  const unnamed = clips.filter(({ name }) => !named.has(name)).map(({ name }) => name)
  if (unnamed.length > 0) {
    notice(`Left out: no split file names ${someOf(unnamed)}.`)
  }
  return splits
}

function splitOf(
  sides: ReadonlyMap<string, Side>,
  { title, folder }: { title: string; folder: string },
): GivenSplit {
  const of = (wanted: Side): Set<string> =>
    new Set([...sides].filter(([, side]) => side === wanted).map(([name]) => name))
  const split = { title, train: of('train'), test: of('test') }
  for (const side of ['train', 'test'] as const) {
    if (split[side].size === 0) {
      throw failures.emptySide({ folder: basename(folder), title, side })
    }
  }
  return split
}

/** HMDB51's marks. */
const MARKS: Readonly<Record<string, Side | null>> = { 0: null, 1: 'train', 2: 'test' }

async function readLines(folder: string, { name, side, className }: SplitFile): Promise<SplitLine[]> {
  const lines: SplitLine[] = []
  for (const { line, text } of linesOf(await readText(join(folder, name)))) {
    const at = { file: name, line }
    const parts = /^\s*(.+?)(?:\s+(\d+))?\s*$/.exec(text)
    const [clip = '', mark] = parts?.slice(1) ?? []
    if (side !== null) {
      lines.push({ clip, side, at })
      continue
    }
    const marked = mark === undefined ? undefined : MARKS[mark]
    if (marked === undefined) {
      throw failures.notASplitLine({ ...at, text: shorten(text) })
    }
    if (marked !== null) {
      lines.push({ clip: `${className ?? ''}/${clip}`, side: marked, at })
    }
  }
  return lines
}
