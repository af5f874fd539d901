import type { EditState } from '#contract'
import { applyChange, change } from './changes.ts'
import type { Change, ChangeTargets } from './changes.ts'
import { fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'

interface EditColumns {
  id: number
  label: string
  forward: string
  inverse: string
}

export type EditRepository = ReturnType<typeof editRepository>

/** The log of what people did. It is in the database with the work itself, so undo and redo survive a restart. */
export function editRepository(sql: Sql, targets: ChangeTargets, who: string) {
  const toUndo = () => sql.get<EditColumns>('SELECT id, label, forward, inverse FROM edit WHERE undone = 0 ORDER BY id DESC LIMIT 1')
  const toRedo = () => sql.get<EditColumns>('SELECT id, label, forward, inverse FROM edit WHERE undone = 1 ORDER BY id LIMIT 1')
  const state = (): EditState => ({ undo: toUndo()?.label ?? null, redo: toRedo()?.label ?? null })

  return {
    /** Makes an edit and logs it; durable when it returns. `label` says it to people: `rename topic 3 to "colours"`. Cuts redo. */
    make(label: string, forward: Change): EditState {
      return sql.transaction(() => {
        const inverse = applyChange(targets, forward)
        sql.run('DELETE FROM edit WHERE undone = 1')
        sql.run(
          'INSERT INTO edit (at, who, label, forward, inverse) VALUES (?, ?, ?, ?, ?)',
          now(), who, label, JSON.stringify(forward), JSON.stringify(inverse),
        )
        return state()
      })
    },

    /** Takes the latest edit back; without one it does nothing. */
    undo(): EditState {
      return sql.transaction(() => {
        const edit = toUndo()
        if (edit) {
          applyChange(targets, fromJson(change, edit.inverse))
          sql.run('UPDATE edit SET undone = 1 WHERE id = ?', edit.id)
        }
        return state()
      })
    },

    /** Makes the edit that was undone last once more; without one it does nothing. */
    redo(): EditState {
      return sql.transaction(() => {
        const edit = toRedo()
        if (edit) {
          applyChange(targets, fromJson(change, edit.forward))
          sql.run('UPDATE edit SET undone = 0 WHERE id = ?', edit.id)
        }
        return state()
      })
    },

    /** What undo and redo would do now. */
    state,

    /** When the latest edit was made, or null. */
    lastAt(): string | null {
      return sql.get<{ at: string }>('SELECT at FROM edit ORDER BY id DESC LIMIT 1')?.at ?? null
    },
  }
}
