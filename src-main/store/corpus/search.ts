/** The corpus search: a full-text index over the names and captions of clips, and the question put to it. */
import type { Database } from 'better-sqlite3'
import { spaceWords } from '../../common/tokenize.ts'
import type { Sql, SqlValue } from '../sql.ts'

/** Part of a WHERE clause over rows of `clip`, with its values. */
export interface Condition {
  text: string
  values: SqlValue[]
}

export type ClipSearch = ReturnType<typeof clipSearch>

/** What the index holds of a row of `clip`. */
const TEXT = `name || char(10) || coalesce((SELECT group_concat(text, char(10)) FROM written_caption WHERE clip_id = clip.id), '')`

/** Builds the index of a database anew. */
export function indexAllClips(db: Database): void {
  db.function('space_words', { deterministic: true }, (text) => spaceWords(String(text)))
  db.exec(`
    INSERT INTO clip_search (clip_search) VALUES ('delete-all');
    INSERT INTO clip_search (rowid, text) SELECT id, space_words(${TEXT}) FROM clip;
  `)
}

export function clipSearch(sql: Sql) {
  // The index divides at spaces, which not every script has.
  const insert = (clipId: number, text: string): void => {
    sql.run('INSERT INTO clip_search (rowid, text) VALUES (?, ?)', clipId, spaceWords(text))
  }
  const indexAll = (clipIds: readonly number[]): void => {
    const ids = JSON.stringify(clipIds)
    sql.run('DELETE FROM clip_search WHERE rowid IN (SELECT value FROM json_each(?))', ids)
    const documents = sql.all<{ id: number; text: string }>(
      `SELECT id, ${TEXT} AS text
       FROM clip WHERE id IN (SELECT value FROM json_each(?))`,
      ids,
    )
    for (const { id, text } of documents) {
      insert(id, text)
    }
  }

  return {
    /**
     * Indexes clips anew by their names and captions as they are. Call it in the transaction that changed them.
     */
    indexAll,

    /** The same of one clip. */
    index(clipId: number): void {
      indexAll([clipId])
    },

    /** Indexes a clip that was just added, whose captions are at hand. Call it in the transaction that added it. */
    add(clipId: number, name: string, captions: readonly string[]): void {
      insert(clipId, [name, ...captions].join('\n'))
    },

    /** Forgets a clip that is deleted. */
    remove(clipId: number): void {
      sql.run('DELETE FROM clip_search WHERE rowid = ?', clipId)
    },
  }
}

/**
 * A word of a search, with the marks on its letters. The index divides at marks that are no accents, such as the
 * vowels of Thai: a word of such is a phrase to it.
 */
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu

/**
 * What is searched for among clips; null: nothing. A clip matches when each word of `search` begins a word of its name or
 * captions, or when its name holds the whole search text.
 */
export function searchCondition(search: string): Condition | null {
  const text = search.trim()
  if (text === '') {
    return null
  }
  // FTS5 and not LIKE over the captions: they are read in full by LIKE (seconds for two million), while the
  // names alone are short.
  const words = spaceWords(text).match(WORD) ?? []
  const inName = `name LIKE ? ESCAPE '\\'`
  const name = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return words.length === 0
    ? { text: inName, values: [name] }
    : {
        text: `(id IN (SELECT rowid FROM clip_search WHERE clip_search MATCH ?) OR ${inName})`,
        values: [words.map((word) => `"${word}"*`).join(' '), name],
      }
}
