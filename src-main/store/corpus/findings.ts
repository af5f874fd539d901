import type { Finding, FindingKind } from '#contract'
import { findingKind } from '#contract'
import { failures } from '../failures.ts'
import { found } from '../sql.ts'
import type { Sql } from '../sql.ts'

/** A finding as stored: the use case adds the clip's name and the captions as they are now. */
export interface StoredFinding extends Pick<
  Finding,
  'id' | 'kind' | 'clipId' | 'reason' | 'suggestion' | 'score' | 'state'
> {
  /** The caption may be gone; null: the finding is about the whole clip. */
  captionId: number | null
}

const COLUMNS = 'id, kind, clip_id AS clipId, caption_id AS captionId, reason, suggestion, score, state'

/**
 * What was found of a removed clip, and what is open of a removed caption, is out of sight until they are
 * there again.
 */
const OF_WHAT_IS_THERE = `clip_id NOT IN (SELECT id FROM absent_clip)
  AND (state <> 'open' OR caption_id IS NULL OR caption_id IN (SELECT id FROM present_caption))`

export type FindingRepository = ReturnType<typeof findingRepository>

/** What may be wrong with captions, and what people decided of it. */
export function findingRepository(sql: Sql) {
  return {
    /**
     * Stores what a new check found in place of what is open; returns how many are open now. What was decided
     * stays so: a fault of a kind that was accepted in a caption is not reported there again, nor one that
     * was fixed or dropped for the same reason.
     */
    replace(findings: readonly Omit<StoredFinding, 'id' | 'state'>[]): number {
      return sql.transaction(() => {
        sql.run(`DELETE FROM finding WHERE state = 'open'`)
        const key = ({ kind, clipId, captionId }: Pick<StoredFinding, 'kind' | 'clipId' | 'captionId'>) =>
          `${kind}/${clipId}/${captionId}`
        const decided = new Set<string>()
        for (const row of sql.all<StoredFinding>(`SELECT ${COLUMNS} FROM finding`)) {
          decided.add(row.state === 'accepted' ? key(row) : `${key(row)}/${row.reason}`)
        }
        let open = 0
        for (const finding of findings) {
          if (decided.has(key(finding)) || decided.has(`${key(finding)}/${finding.reason}`)) {
            continue
          }
          const { kind, clipId, captionId, reason, suggestion, score } = finding
          sql.run(
            'INSERT INTO finding (kind, clip_id, caption_id, reason, suggestion, score) VALUES (?, ?, ?, ?, ?, ?)',
            kind,
            clipId,
            captionId,
            reason,
            suggestion,
            score,
          )
          open++
        }
        return open
      })
    },

    /** Throws NOT_FOUND. */
    get(findingId: number): StoredFinding {
      return found(sql.get<StoredFinding>(`SELECT ${COLUMNS} FROM finding WHERE id = ?`, findingId), () =>
        failures.findingUnknown({ findingId }),
      )
    },

    /**
     * A page of the queue, the likeliest faults first, and how many there are in all. `kind` null: of all
     * kinds.
     */
    list(query: { kind: FindingKind | null; state: 'open' | 'decided'; offset: number; limit: number }): {
      total: number
      rows: StoredFinding[]
    } {
      const kinds = JSON.stringify(query.kind === null ? findingKind.options : [query.kind])
      const states = JSON.stringify(query.state === 'open' ? ['open'] : ['accepted', 'fixed', 'dropped'])
      const where = `WHERE state IN (SELECT value FROM json_each(?)) AND kind IN (SELECT value FROM json_each(?)) AND ${OF_WHAT_IS_THERE}`
      const { total } = sql.get<{ total: number }>(
        `SELECT count(*) AS total FROM finding ${where}`,
        states,
        kinds,
      )!
      return {
        total,
        rows: sql.all(
          `SELECT ${COLUMNS} FROM finding ${where} ORDER BY score DESC, id LIMIT ? OFFSET ?`,
          states,
          kinds,
          query.limit,
          query.offset,
        ),
      }
    },

    /** How many findings of each kind are open. */
    open(): Record<FindingKind, number> {
      const open = Object.fromEntries(findingKind.options.map((kind) => [kind, 0])) as Record<
        FindingKind,
        number
      >
      for (const { kind, n } of sql.all<{ kind: FindingKind; n: number }>(
        `SELECT kind, count(*) AS n FROM finding WHERE state = 'open' AND ${OF_WHAT_IS_THERE} GROUP BY kind`,
      )) {
        open[kind] = n
      }
      return open
    },

    /** Open findings about a caption. */
    openOfCaption(captionId: number): StoredFinding[] {
      return sql.all(
        `SELECT ${COLUMNS} FROM finding WHERE caption_id = ? AND state = 'open' ORDER BY id`,
        captionId,
      )
    },

    /** Sets the state and returns the one before; null when a later check has found it no more. */
    setState(findingId: number, state: StoredFinding['state']): StoredFinding['state'] | null {
      const before = sql.get<{ state: StoredFinding['state'] }>(
        'SELECT state FROM finding WHERE id = ?',
        findingId,
      )
      if (before) {
        sql.run('UPDATE finding SET state = ? WHERE id = ?', state, findingId)
      }
      return before?.state ?? null
    },
  }
}
