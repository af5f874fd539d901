/** Captions as their rows hold them. */
import type { Sql, SqlValue } from '../sql.ts'

/** What is known of how a caption came about; null: nothing is. */
export interface CaptionOrigin {
  /** A tag such as `en`. */
  language: string | null
  /** Who wrote it: as its file says, or the person who typed or edited it. */
  author: string | null
  /** What its file says of how it came about, such as `clean`. */
  source: string | null
}

/** Of a caption of which a file says nothing. */
export const NO_ORIGIN: CaptionOrigin = { language: null, author: null, source: null }

/** A caption that comes with an import. */
export interface ImportedCaption {
  text: string
  origin: CaptionOrigin
}

export interface Caption {
  id: number
  text: string
  /** `human` ones came with an import, `reviewer` ones were typed in Vitrine. */
  source: 'human' | 'reviewer'
}

/** A caption with all that is known of it. */
export interface DescribedCaption extends Caption {
  clipId: number
  origin: CaptionOrigin
}

/** A caption where it stands. */
export interface PlacedCaption {
  clipId: number
  position: number
  source: Caption['source']
  text: string
  /** Missing in edits of versions that did not know it. */
  origin?: CaptionOrigin | undefined
  /** When a person typed or edited it (ISO 8601 in UTC); null: not known, or it is as it was imported. */
  at?: string | null | undefined
  /** A person removed it; its row stays, and an import does not bring it again. */
  removed?: boolean
  /** There was none: who takes an addition back deletes it, and a later import may bring that line. */
  absent?: boolean
}

export interface OriginColumns {
  language: string | null
  author: string | null
  file_source: string | null
}

/** The columns of an origin, as queries name them. */
export const ORIGIN = 'language, author, file_source'

export const toOrigin = ({ language, author, file_source }: OriginColumns): CaptionOrigin => ({
  language,
  author,
  source: file_source,
})

export const originValues = ({ language, author, source }: CaptionOrigin): SqlValue[] => [
  language,
  author,
  source,
]

/** The caption that rows of a table and a condition on them say, where it stands; null: none. */
export function placedCaption(sql: Sql, rows: string, captionId: number): PlacedCaption | null {
  const row = sql.get<PlacedCaption & OriginColumns>(
    `SELECT clip_id AS clipId, position, source, text, written_at AS at, ${ORIGIN} FROM ${rows}`,
    captionId,
  )
  if (row === undefined) {
    return null
  }
  const { clipId, position, source, text, at } = row
  return { clipId, position, source, text, at: at ?? null, origin: toOrigin(row) }
}

/** The language that the project works in; null: in all that there are. */
export const workingLanguage = (sql: Sql): string | null =>
  sql.get<{ language: string }>('SELECT language FROM working_language')?.language ?? null
