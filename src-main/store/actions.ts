import type { ActionClip, ActionsResult } from '#contract'
import { failures } from './failures.ts'
import { found, fromJson } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedActionClips, storedActionsResult } from './stored.ts'

/** Results of transfer to action recognition. */
export function actionRepository(sql: Sql) {
  return {
    /** Returns the id. */
    add(result: Omit<ActionsResult, 'id'>, clips: readonly ActionClip[]): number {
      return sql.run(
        'INSERT INTO action_result (result, clips, created_at) VALUES (?, ?, ?)',
        JSON.stringify(result),
        JSON.stringify(clips),
        result.createdAt,
      ).id
    },

    /** Newest first. */
    list(): ActionsResult[] {
      return sql
        .all<{ id: number; result: string }>('SELECT id, result FROM action_result ORDER BY id DESC')
        .map(({ id, result }) => ({ id, ...fromJson(storedActionsResult, result) }))
    },

    /** The clips of a result. Throws NOT_FOUND. */
    clips(id: number): ActionClip[] {
      const row = found(sql.get<{ clips: string }>('SELECT clips FROM action_result WHERE id = ?', id), () =>
        failures.actionResultUnknown({ resultId: id }),
      )
      return fromJson(storedActionClips, row.clips)
    },
  }
}
