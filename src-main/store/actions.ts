import type { ActionsResult } from '#contract'
import { fromJson } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedActionsResult } from './stored.ts'

/** Results of transfer to action recognition. */
export function actionRepository(sql: Sql) {
  return {
    add(result: ActionsResult): void {
      sql.run(
        'INSERT INTO action_result (result, created_at) VALUES (?, ?)',
        JSON.stringify(result),
        result.createdAt,
      )
    },

    /** Newest first. */
    list(): ActionsResult[] {
      return sql
        .all<{ result: string }>('SELECT result FROM action_result ORDER BY id DESC')
        .map((row) => fromJson(storedActionsResult, row.result))
    },
  }
}
