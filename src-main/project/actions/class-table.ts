/**
 * Classes by a table: clip<TAB>class lines, CSV with a header, or MSR-VTT's videodatainfo.json. A clip is one of the project,
 * which needs features and no video, or a video by its path from the table's folder.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { resolvePath } from '../../common/files/paths.ts'
import { someOf } from '../../common/text.ts'
import { nameIndex, sourceVideo } from '../../formats/captions/clip-names.ts'
import { csvRows } from '../../formats/captions/delimited.ts'
import type { TableRow } from '../../formats/captions/table.ts'
import { isZip, memberNames, readMembers } from '../../formats/captions/zip.ts'
import { brokenLine } from '../../formats/text/json.ts'
import {
  decodeText,
  linesOf,
  readBytes,
  shorten,
  withoutByteOrderMark,
} from '../../formats/text/text-file.ts'
import type { OpenProject } from '../../store/index.ts'
import type { ActionClip, ActionCorpus, GivenSplit } from './action-clip.ts'
import { failures } from './failures.ts'

interface Row {
  clip: string
  className: string
  /** What the table says that it was cut from. */
  group: string | null
  split: string | null
  line: number
}

/** Throws BAD_INPUT, naming file and line, for what is no such row, and a clip of two classes. */
export async function readClassTable(
  project: OpenProject,
  path: string,
  notice: (text: string) => void,
): Promise<ActionCorpus> {
  const file = basename(path)
  const rows = await readRows(path, file)
  const find = clipFinder(project)
  const clips = new Map<string, ActionClip>()
  const unmatched: string[] = []
  const sides = new Map<string, string>()
  for (const row of rows) {
    const clip = find(row, file) ?? (await videoBeside(path, row))
    if (clip === null) {
      unmatched.push(`${row.clip} (line ${row.line})`)
      continue
    }
    const earlier = clips.get(clip.name)
    if (earlier !== undefined && earlier.className !== clip.className) {
      throw failures.clipOfTwoClasses({
        file,
        line: row.line,
        clip: row.clip,
        class: row.className,
        earlier: earlier.className,
      })
    }
    clips.set(clip.name, clip)
    if (row.split !== null) {
      sides.set(clip.name, row.split)
    }
  }
  const found = [...clips.values()]
  const classes = new Set(found.map(({ className }) => className)).size
  if (classes < 2) {
    throw failures.tooFewClassesOfClips({ file, classes })
  }
  if (unmatched.length > 0) {
    notice(`Left out: ${file} names what is no clip and no video: ${someOf(unmatched)}.`)
  }
  return {
    clips: found,
    groupsBy: groupsBy(rows, found),
    splits: splitsOf(sides, file),
    pairs: [],
  }
}

function groupsBy(rows: readonly Row[], clips: readonly ActionClip[]): string | null {
  if (rows.some(({ group }) => group !== null)) {
    return "the table's column"
  }
  return clips.some(({ name, group }) => group !== name) ? 'videos and names' : null
}

/** `train` and `test` columns are a division of their own; what is called anything else belongs to neither. */
function splitsOf(sides: ReadonlyMap<string, string>, file: string): GivenSplit[] {
  const named = (names: readonly string[]): Set<string> =>
    new Set([...sides].filter(([, side]) => names.includes(side.toLowerCase())).map(([name]) => name))
  const [train, test] = [named(['train', 'training']), named(['test', 'testing'])]
  return train.size > 0 && test.size > 0 ? [{ title: file, train, test }] : []
}

/** Finds a row's clip in the project; null: there is none. */
function clipFinder({ store }: OpenProject): (row: Row, file: string) => ActionClip | null {
  const clips = store.clips.all()
  const index = nameIndex()
  clips.forEach(({ name, path }, place) => {
    index.add({ name, ...(path === null ? {} : { path }) }, place)
  })
  return ({ clip, className, group, line }, file) => {
    const place = index.find(clip)
    if (place === 'ambiguous') {
      throw failures.classClipAmbiguous({ file, line, clip })
    }
    if (place === null) {
      return null
    }
    const { id, name, path, start } = clips[place]!
    // Segments of a video are a group.
    const source = sourceVideo(name) ?? (start === null ? null : path)
    return { name, className, group: group ?? source ?? name, path: null, clipId: id }
  }
}

/** A video by its path from the table's folder; null: there is none. */
async function videoBeside(table: string, { clip, className, group }: Row): Promise<ActionClip | null> {
  const path = join(dirname(resolvePath(table)), clip)
  const isThere = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )
  return isThere
    ? { name: clip, className, group: group ?? sourceVideo(clip) ?? clip, path, clipId: null }
    : null
}

async function readRows(path: string, file: string): Promise<Row[]> {
  const bytes = await readBytes(path)
  if (isZip(bytes)) {
    const member = memberNames(bytes, file).find((name) => name.endsWith('videodatainfo.json'))
    if (member === undefined) {
      throw failures.noClassesInZip({ file })
    }
    return msrvttRows(decodeText(readMembers(bytes, file, new Set([member])).get(member)!, member), member)
  }
  const text = withoutByteOrderMark(decodeText(bytes, file))
  return text.trimStart().startsWith('{') ? msrvttRows(text, file) : tableRows(text, file)
}

/** MSR-VTT's twenty categories, in the order of its category.txt. */
const MSRVTT_CATEGORIES = [
  'music',
  'people',
  'gaming',
  'sports/actions',
  'news/events/politics',
  'education',
  'tv shows',
  'movie/comedy',
  'animation',
  'vehicles/autos',
  'howto',
  'travel',
  'science/technology',
  'animals/pets',
  'kids/family',
  'documentary',
  'food/drink',
  'cooking',
  'beauty/fashion',
  'advertisement',
]

const msrvttVideos = z.object({
  videos: z.array(
    z.object({ video_id: z.string(), category: z.number().int().min(0).max(19), url: z.string().optional() }),
  ),
})

function msrvttRows(text: string, file: string): Row[] {
  const { success, data } = msrvttVideos.safeParse(parsed(text, file))
  if (!success) {
    throw failures.noCategories({ file })
  }
  return data.videos.map(({ video_id, category, url }, place) => ({
    clip: video_id,
    className: MSRVTT_CATEGORIES[category]!,
    group: url ?? null,
    split: null,
    line: place + 1,
  }))
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw failures.notJson({ file, line: brokenLine(text) })
  }
}

/** Names of columns, in small letters. */
const COLUMNS = {
  clip: ['clip', 'video', 'file', 'filename', 'file_name', 'path', 'video_id', 'clip_id', 'name', 'id'],
  class: ['class', 'label', 'category', 'action', 'activity'],
  group: ['group', 'source', 'source_video', 'subject', 'actor'],
  split: ['split', 'subset'],
} as const
type Places = Record<keyof typeof COLUMNS, number>

/** A clip and its class a row; a third column without a header is its group. */
function tableRows(text: string, file: string): Row[] {
  const rows = text.includes('\t') ? tabbedRows(text) : csvRows(text, file)
  const header = headerPlaces(rows[0]?.cells ?? [])
  const places = header ?? { clip: 0, class: 1, group: 2, split: -1 }
  const most = header === null ? 3 : Infinity
  return rows.slice(header === null ? 0 : 1).map(({ cells, line }) => {
    const cellOf = (column: keyof Places): string => cells[places[column]] ?? ''
    const [clip, className] = [cellOf('clip'), cellOf('class')]
    if (clip === '' || className === '' || cells.length > most) {
      throw failures.notAClass({ file, line, text: shorten(cells.join('\t')) })
    }
    return { clip, className, group: cellOf('group') || null, split: cellOf('split') || null, line }
  })
}

/** Tabs divide cells whatever else is in them. */
const tabbedRows = (text: string): TableRow[] =>
  Array.from(linesOf(text), ({ line, text: content }) => ({
    line,
    cells: content.split('\t').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')),
  }))

/** The places of the columns that a header names; null: the first row is none. */
function headerPlaces(cells: readonly string[]): Places | null {
  const names = cells.map((cell) => cell.toLowerCase())
  const placeOf = (column: keyof Places): number =>
    names.findIndex((name) => COLUMNS[column].some((known) => known === name))
  const [clip, className] = [placeOf('clip'), placeOf('class')]
  return clip >= 0 && className >= 0
    ? { clip, class: className, group: placeOf('group'), split: placeOf('split') }
    : null
}
