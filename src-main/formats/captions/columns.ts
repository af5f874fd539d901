/** Which column or key of a table or an object holds what, by the names that this field gives them. */
import { failures } from './failures.ts'
import { COLUMN_ROLES } from './format.ts'
import type { ChosenColumns, ColumnRole } from './format.ts'

/**
 * The names of each role; of several that are there the first counts. Names of files stand before ids, and
 * `id` last: where there is any other, it is the number of the row.
 */
const NAMES: Record<ColumnRole, readonly string[]> = {
  clip: [
    'file_name',
    'filename',
    'file',
    'file_path',
    'filepath',
    'path',
    'video_path',
    'image_path',
    'video_id',
    'videoid',
    'clip_id',
    'clipid',
    'video_name',
    'image_name',
    'clip_name',
    'video',
    'clip',
    'image',
    'image_id',
    'vid',
    'name',
    'key',
    'id',
  ],
  caption: [
    'captions',
    'caption',
    'sentences',
    'sentence',
    'descriptions',
    'description',
    'texts',
    'text',
    'comment',
    'raw',
  ],
  language: ['language', 'lang'],
  author: ['author', 'worker_id', 'workerid', 'annotator', 'annotator_id', 'completed_by'],
  source: ['source'],
  split: ['split', 'subset', 'partition'],
  category: ['category', 'class'],
  score: ['score', 'confidence', 'log_probability', 'log_prob', 'logprob'],
  start: [
    'start',
    'start_time',
    'starttime',
    'start_sec',
    'start_seconds',
    'start_s',
    'begin',
    'begin_time',
    't_start',
    'clip_start',
    'segment_start',
    'from',
  ],
  end: [
    'end',
    'end_time',
    'endtime',
    'end_sec',
    'end_seconds',
    'end_s',
    'stop',
    'stop_time',
    't_end',
    'clip_end',
    'segment_end',
    'to',
  ],
}

/** Keys under which objects hold both times. */
const BOTH_TIMES = ['timestamp', 'timestamps', 'segment', 'interval', 'time_range']

/** Other names of clips: the medium, and what of it. */
const CLIP_LIKE = /^(?:\w+_)?(?:video|clip|file|image|img|movie|media)_?(?:id|name|file|path|key|stem)?$/
/** Names that may be of something else as well. */
const WEAK: ReadonlySet<string> = new Set(['name', 'key', 'id'])

/** The name of a role among those that are there; undefined: there is none. */
function nameOfRole(role: ColumnRole, names: readonly string[]): string | undefined {
  const known = NAMES[role].find((candidate) => names.includes(candidate))
  return role === 'clip' && (known === undefined || WEAK.has(known))
    ? (names.find((name) => CLIP_LIKE.test(name)) ?? known)
    : known
}

/** Names of clips in an object, for formats that have their own word for captions. */
export const CLIP_KEYS: readonly string[] = NAMES.clip

/** Spellings that were met: millions of objects have the same few keys. */
const spellings = new Map<string, string>()

/** How header and keys are compared: `Video ID` is `video_id`. */
function normal(name: string): string {
  const known = spellings.get(name)
  if (known !== undefined) {
    return known
  }
  const spelling = name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
  if (spellings.size < 1000) {
    spellings.set(name, spelling)
  }
  return spelling
}

export type Places = Partial<Record<ColumnRole, number>>

/** The places of the roles in a header; without a clip and a caption it is none: null. */
export function headerPlaces(cells: readonly string[]): (Places & { clip: number; caption: number }) | null {
  const names = cells.map(normal)
  const places: Places = {}
  for (const role of COLUMN_ROLES) {
    const name = nameOfRole(role, names)
    if (name !== undefined) {
      places[role] = names.indexOf(name)
    }
  }
  const { clip, caption = webVidCaption(names) } = places
  return clip === undefined || caption === undefined ? null : { ...places, clip, caption }
}

/** WebVid calls the caption of a video its name. */
function webVidCaption(names: readonly string[]): number | undefined {
  const place = names.indexOf('name')
  return place !== -1 && names.includes('videoid') && names.includes('contenturl') ? place : undefined
}

/**
 * The places that a person chose, by name or number, over those of the header. Throws BAD_INPUT for a column
 * that is not there.
 */
export function chosenPlaces(
  columns: ChosenColumns,
  header: readonly string[],
  { file, place }: { file: string; place: string },
): Places {
  const names = header.map(normal)
  const chosen: Places = {}
  for (const role of COLUMN_ROLES) {
    const column = columns[role]
    if (column === undefined) {
      continue
    }
    const named = names.indexOf(normal(column))
    const at = named === -1 && /^\d+$/.test(column) ? Number(column) - 1 : named
    if (at < 0 || at >= header.length) {
      throw failures.columnMissing({ file, place, column, columns: header.join(', ') })
    }
    chosen[role] = at
  }
  return chosen
}

/** Whether all chosen columns are numbers, so that a file may do without a header. */
export const areNumbers = (columns: ChosenColumns): boolean =>
  Object.values(columns).every((column) => /^\d+$/.test(column))

/** What an object holds for a role; undefined: nothing. */
export function valueOf(
  object: Readonly<Record<string, unknown>>,
  role: ColumnRole,
  columns: ChosenColumns,
): unknown {
  const chosen = columns[role]
  if (chosen !== undefined) {
    return object[chosen]
  }
  const keys = Object.keys(object).filter((key) => object[key] != null)
  const names = keys.map(normal)
  const name = nameOfRole(role, names)
  return name === undefined ? undefined : object[keys[names.indexOf(name)]!]
}

/** What an object holds, by role. */
export function rolesOf(
  object: Readonly<Record<string, unknown>>,
  columns: ChosenColumns,
): Partial<Record<ColumnRole, unknown>> {
  const roles = Object.fromEntries(COLUMN_ROLES.map((role) => [role, valueOf(object, role, columns)]))
  const both = BOTH_TIMES.map((key) => object[key]).find(
    (times) => Array.isArray(times) && times.length === 2,
  )
  return Array.isArray(both)
    ? { start: both[0] as unknown, end: both[1] as unknown, ...withoutGaps(roles) }
    : roles
}

const withoutGaps = (roles: Partial<Record<ColumnRole, unknown>>): Partial<Record<ColumnRole, unknown>> =>
  Object.fromEntries(Object.entries(roles).filter(([, value]) => value !== undefined))

/** `clip=video,caption=text` as a choice of columns. Throws BAD_INPUT. */
export function parseColumns(text: string): ChosenColumns {
  const columns: ChosenColumns = {}
  for (const part of text.split(',')) {
    const [name = '', column = ''] = part.split(/=(.*)/s).map((side) => side.trim())
    const role = COLUMN_ROLES.find((candidate) => candidate === name)
    if (role === undefined || column === '') {
      throw failures.columnsUnreadable({ part, roles: COLUMN_ROLES.slice(2).join(', ') })
    }
    columns[role] = column
  }
  return columns
}
