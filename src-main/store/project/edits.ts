import type { EditHistory, EditState } from '#contract'
import { change } from '../change-schema.ts'
import type { Change } from '../change-schema.ts'
import { applyChange } from './changes.ts'
import type { ChangeTargets } from './changes.ts'
import { failures } from '../failures.ts'
import { found, fromJson, now } from '../sql.ts'
import type { Sql } from '../sql.ts'

interface EditColumns {
  id: number
  label: string
  forward: string
  inverse: string
}

/**
 * The log of what people did. It is in the database with the work itself, so undo and redo survive a restart.
 */
export function editRepository(sql: Sql, targets: ChangeTargets, account: () => string) {
  const toUndo = () =>
    sql.get<EditColumns>(
      'SELECT id, label, forward, inverse FROM edit WHERE undone = 0 ORDER BY id DESC LIMIT 1',
    )
  const toRedo = () =>
    sql.get<EditColumns>('SELECT id, label, forward, inverse FROM edit WHERE undone = 1 ORDER BY id LIMIT 1')
  const state = (): EditState => ({ undo: toUndo()?.label ?? null, redo: toRedo()?.label ?? null })

  const takeBack = (edit: EditColumns): void => {
    applyChange(targets, fromJson(change, edit.inverse), true)
    sql.run('UPDATE edit SET undone = 1 WHERE id = ?', edit.id)
  }
  const makeAgain = (edit: EditColumns): void => {
    applyChange(targets, fromJson(change, edit.forward), true)
    sql.run('UPDATE edit SET undone = 0 WHERE id = ?', edit.id)
  }

  return {
    /**
     * Makes an edit and logs it; durable when it returns. `label` says it to people: `rename "dog" to
     * "pets"`; it is signed with `who`. Cuts redo.
     */
    make(label: string, forward: Change, who: string = account()): EditState {
      return sql.transaction(() => {
        const inverse = applyChange(targets, forward)
        sql.run('DELETE FROM edit WHERE undone = 1')
        sql.run(
          'INSERT INTO edit (at, who, label, forward, inverse) VALUES (?, ?, ?, ?, ?)',
          now(),
          who,
          label,
          JSON.stringify(forward),
          JSON.stringify(inverse),
        )
        return state()
      })
    },

    /** Takes the latest edit back; without one it does nothing. */
    undo(): EditState {
      return sql.transaction(() => {
        const edit = toUndo()
        if (edit) {
          takeBack(edit)
        }
        return state()
      })
    },

    /** Makes the edit that was undone last once more; without one it does nothing. */
    redo(): EditState {
      return sql.transaction(() => {
        const edit = toRedo()
        if (edit) {
          makeAgain(edit)
        }
        return state()
      })
    },

    /** Undoes or redoes until the edit is the latest that holds; null: until none does. Throws NOT_FOUND. */
    goTo(editId: number | null): EditState {
      return sql.transaction(() => {
        if (editId !== null) {
          found(sql.get('SELECT 1 FROM edit WHERE id = ?', editId), () => failures.editUnknown({ editId }))
        }
        const target = editId ?? 0
        for (let edit = toUndo(); edit !== undefined && edit.id > target; edit = toUndo()) {
          takeBack(edit)
        }
        for (let edit = toRedo(); edit !== undefined && edit.id <= target; edit = toRedo()) {
          makeAgain(edit)
        }
        return state()
      })
    },

    /** What undo and redo would do now. */
    state,

    /** A page of the log, latest first; those that are undone come before the rest. */
    history(offset: number, limit: number): EditHistory {
      const { total } = sql.get<{ total: number }>('SELECT count(*) AS total FROM edit')!
      const rows = sql.all<{ id: number; at: string; who: string; label: string; undone: 0 | 1 }>(
        'SELECT id, at, who, label, undone FROM edit ORDER BY id DESC LIMIT ? OFFSET ?',
        limit,
        offset,
      )
      return { total, edits: rows.map((row) => ({ ...row, undone: row.undone === 1 })) }
    },

    /** When the latest edit was made, or null. */
    lastAt(): string | null {
      return sql.get<{ at: string }>('SELECT at FROM edit ORDER BY id DESC LIMIT 1')?.at ?? null
    },
  }
}
