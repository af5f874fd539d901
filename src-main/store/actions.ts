import type { ActionHead, ActionsResult } from '#contract'
import { failures } from './failures.ts'
import { found, fromJson } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedActionClips, storedActionsResult } from './stored.ts'
import type { StoredActionClip } from './stored.ts'

/** A clip by what it shows, and the class that its corpus says. */
export interface CorpusClass {
  content: string
  corpusClass: string
}

/** The class that a person gave a clip, who did and when (ISO 8601 in UTC). */
export interface GivenClass {
  class: string
  who: string
  at: string
}

interface HeadColumns {
  mean: Uint8Array
  factor: Uint8Array
  weights: Uint8Array
  bias: Uint8Array
  strength: number
}

export type ActionRepository = ReturnType<typeof actionRepository>

/** Results of transfer to action recognition, and what people say of classes. */
export function actionRepository(sql: Sql) {
  const label = ({ content, corpusClass }: CorpusClass): GivenClass | null =>
    sql.get<GivenClass>(
      'SELECT class, who, at FROM action_label WHERE content = ? AND corpus_class = ?',
      content,
      corpusClass,
    ) ?? null

  return {
    /** A result with its clips, and the classifiers by their sources. Returns the id. */
    add(
      result: Omit<ActionsResult, 'id'>,
      clips: readonly StoredActionClip[],
      heads: readonly ActionHead[],
    ): number {
      return sql.transaction(() => {
        const { id } = sql.run(
          'INSERT INTO action_result (result, clips, created_at) VALUES (?, ?, ?)',
          JSON.stringify(result),
          JSON.stringify(clips),
          result.createdAt,
        )
        heads.forEach(({ mean, factor, weights, bias, strength }, source) => {
          sql.run(
            'INSERT INTO action_head (result_id, source, mean, factor, weights, bias, strength) VALUES (?, ?, ?, ?, ?, ?, ?)',
            id,
            source,
            bytesOf(mean),
            bytesOf(factor),
            bytesOf(weights),
            bytesOf(bias),
            strength,
          )
        })
        return id
      })
    },

    /** Newest first. */
    list(): ActionsResult[] {
      return sql
        .all<{ id: number; result: string }>('SELECT id, result FROM action_result ORDER BY id DESC')
        .map(({ id, result }) => ({ id, ...fromJson(storedActionsResult, result) }))
    },

    /** The clips of a result. Throws NOT_FOUND. */
    clips(id: number): StoredActionClip[] {
      const row = found(sql.get<{ clips: string }>('SELECT clips FROM action_result WHERE id = ?', id), () =>
        failures.actionResultUnknown({ resultId: id }),
      )
      return fromJson(storedActionClips, row.clips)
    },

    /** The classifier of a source; null: a comparison of an older version has kept none. */
    head(resultId: number, source: number): ActionHead | null {
      const row = sql.get<HeadColumns>(
        'SELECT mean, factor, weights, bias, strength FROM action_head WHERE result_id = ? AND source = ?',
        resultId,
        source,
      )
      return row === undefined
        ? null
        : {
            mean: floatsOf(row.mean),
            factor: floatsOf(row.factor),
            weights: floatsOf(row.weights),
            bias: floatsOf(row.bias),
            strength: row.strength,
          }
    },

    /** The class that a person gave a clip; null: none. */
    label,

    /** All that people say of classes. */
    labels: (): (CorpusClass & GivenClass)[] =>
      sql.all<CorpusClass & GivenClass>(
        'SELECT content, corpus_class AS corpusClass, class, who, at FROM action_label',
      ),

    /** Gives a clip a class, or (null) the one that its corpus says; returns what was before. */
    setLabel(clip: CorpusClass, given: GivenClass | null): GivenClass | null {
      const before = label(clip)
      if (given === null) {
        sql.run(
          'DELETE FROM action_label WHERE content = ? AND corpus_class = ?',
          clip.content,
          clip.corpusClass,
        )
      } else {
        sql.run(
          'INSERT OR REPLACE INTO action_label (content, corpus_class, class, who, at) VALUES (?, ?, ?, ?, ?)',
          clip.content,
          clip.corpusClass,
          given.class,
          given.who,
          given.at,
        )
      }
      return before
    },
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** A copy: what SQLite gives need not lie at a multiple of four bytes. */
const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer)
