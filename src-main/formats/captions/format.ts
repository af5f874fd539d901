/** What a caption format is, and what formats have in common. */
import type { TextLine } from '../text/text-file.ts'

/** One caption of a clip, and what the file says of it. */
export interface CaptionEntry {
  /** The clip as the file calls it: a name with or without extension, or a path. */
  clip: string
  caption: string
  /** Where it stands, from 1: the line, or the number of what its format counts (`CaptionFormat.counts`). */
  line: number
  /** The file it stands in, where several are read at once. */
  file?: string
  /** What results call the clip where that is another name, as COCO's `image_id`. */
  id?: string
  /** A tag of BCP 47 such as `en`, or the file's own word where it is the name of no language. */
  language?: string
  /** Who wrote it. */
  author?: string
  /** How it came about, such as MSVD's `clean` and `unverified`. */
  source?: string
  /** As the file writes it. */
  split?: string
  category?: string
  /** How sure the system is that wrote it, as the file writes it. */
  score?: string
  /** The part of the clip that it is about, in seconds. */
  start?: number
  end?: number
  /** The video that the clip was cut from, which other clips may share. */
  video?: string
}

/** Columns that a person can choose, by the names of the file or their numbers from 1. */
export const COLUMN_ROLES = [
  'clip',
  'caption',
  'language',
  'author',
  'source',
  'split',
  'category',
  'score',
  'start',
  'end',
] as const
export type ColumnRole = (typeof COLUMN_ROLES)[number]
export type ChosenColumns = Partial<Record<ColumnRole, string>>

/** A file as formats see it. */
export interface CaptionDocument {
  /** Its name. */
  file: string
  text: string
  /** The first lines that are not blank. */
  head: readonly TextLine[]
  /** The value of a text that is one JSON value; undefined: it is not. */
  json: unknown
}

/** What parsing needs beside the file. */
export interface CaptionSource {
  /** The formats that there are, as a sentence lists them. */
  accepted: string
  /** Columns that a person chose, for tables and objects. */
  columns: ChosenColumns
}

export interface CaptionFormat {
  /** As the command line and requests call it. */
  name: string
  /** As the import dialog calls it. */
  title: string
  /** What a file must hold, in words that go on a sentence `Accepted are ...`. */
  accepts: string
  /** The public file, loader or specification that it follows. */
  follows: string
  /** What its files may end in, such as `.csv`. */
  extensions: readonly string[]
  /** What an entry's `line` counts, in the singular: `line`, or what a file of one long line is made of. */
  counts: string
  /** One value of JSON, one a line, or neither. */
  structure: 'json' | 'json lines' | 'text'
  /** Whether a file may be of this format. */
  recognises(document: CaptionDocument): boolean
  /**
   * The captions in their order, as they stand there: space around them and empty ones are seen to by the
   * caller. Throws BAD_INPUT naming the file and the place.
   */
  parse(document: CaptionDocument, source: CaptionSource): CaptionEntry[]
}
