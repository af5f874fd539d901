import type { EditHistory, EditState, EditStep } from '#contract'
import { change } from '../change-schema.ts'
import type { Change, SingleChange } from '../change-schema.ts'
import { applyChange } from './changes.ts'
import type { ChangeTargets } from './changes.ts'
import { overlap, placeOf, touchedBy } from './touched.ts'
import { failures } from '../failures.ts'
import { found, fromJson, now } from '../sql.ts'
import type { Sql } from '../sql.ts'

interface EditColumns {
  id: number
  who: string
  label: string
  forward: string
  inverse: string
}

export interface Author {
  who: string
  /** ISO 8601. */
  at: string
}

const singleChanges = (one: Change): readonly SingleChange[] => (one.kind === 'all' ? one.changes : [one])

/**
 * The log of what people did. It is in the database with the work itself, so undo and redo survive a restart. Each takes
 * back and makes again what is theirs, in whatever order edits that touch the same things leave free.
 */
export function editRepository(sql: Sql, targets: ChangeTargets, account: () => string) {
  const COLUMNS = 'id, who, label, forward, inverse'
  /** The latest edit that holds of a person, or of anybody. */
  const toUndo = (who: string | null) =>
    sql.get<EditColumns>(
      `SELECT ${COLUMNS} FROM edit WHERE undone = 0 AND (? IS NULL OR who = ?) ORDER BY id DESC LIMIT 1`,
      who,
      who,
    )
  const toRedo = (who: string | null) =>
    sql.get<EditColumns>(
      `SELECT ${COLUMNS} FROM edit WHERE undone = 1 AND (? IS NULL OR who = ?) ORDER BY id LIMIT 1`,
      who,
      who,
    )
  const state = (who: string | null = null): EditState => ({
    undo: toUndo(who)?.label ?? null,
    redo: toRedo(who)?.label ?? null,
  })

  /** The first later edit that holds and touches what an edit touches. */
  function builtOn(edit: EditColumns): EditColumns | null {
    const later = sql.all<EditColumns>(
      `SELECT ${COLUMNS} FROM edit WHERE undone = 0 AND id > ? ORDER BY id`,
      edit.id,
    )
    return overlapping(edit, later)
  }
  /** The last earlier edit that is undone and touches what an edit touches. */
  function missingBelow(edit: EditColumns): EditColumns | null {
    const earlier = sql.all<EditColumns>(
      `SELECT ${COLUMNS} FROM edit WHERE undone = 1 AND id < ? ORDER BY id DESC`,
      edit.id,
    )
    return overlapping(edit, earlier)
  }

  function cutRedo(who: string, touched: readonly string[]): void {
    const undone = sql.all<EditColumns>(`SELECT ${COLUMNS} FROM edit WHERE undone = 1`)
    for (const edit of undone) {
      if (edit.who === who || overlap(touched, touchedBy(fromJson(change, edit.forward)))) {
        sql.run('DELETE FROM edit WHERE id = ?', edit.id)
      }
    }
  }

  /** The single changes of a kind that hold, oldest first, with who made them and when. */
  function* made<Kind extends SingleChange['kind']>(
    kind: Kind,
  ): Generator<Author & { single: Extract<SingleChange, { kind: Kind }> }> {
    const rows = sql.all<Author & { forward: string }>(
      `SELECT who, at, forward FROM edit WHERE undone = 0 AND forward LIKE ? ORDER BY id`,
      `%"${kind}"%`,
    )
    for (const { who, at, forward } of rows) {
      for (const single of singleChanges(fromJson(change, forward))) {
        if (single.kind === kind) {
          yield { who, at, single: single as Extract<SingleChange, { kind: Kind }> }
        }
      }
    }
  }

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
     * Who said last what stands of topics of clips, and when (ISO 8601): by topic and clip. Nobody is known of what came
     * without an edit.
     */
    topicVerdictAuthors(): (topicId: number, clipId: number) => Author | null {
      const authors = new Map<string, Author>()
      for (const { who, at, single } of made('clip.verdicts')) {
        for (const clipId of [...single.set, ...single.cleared]) {
          authors.set(`${single.topicId} ${clipId}`, { who, at })
        }
      }
      return (topicId, clipId) => authors.get(`${topicId} ${clipId}`) ?? null
    },

    /** Who said last what stands of a neuron, and when (ISO 8601), by its model and number; null: nobody is known. */
    judgementAuthors(): (modelId: number, neuron: number) => Author | null {
      const authors = new Map<string, Author>()
      for (const { who, at, single } of made('neuron.judgement')) {
        authors.set(`${single.modelId} ${single.neuron}`, { who, at })
      }
      return (modelId, neuron) => authors.get(`${modelId} ${neuron}`) ?? null
    },

    /** Who put a correction in the queue, by its id; null: nobody did. */
    correctionAuthors(): (correctionId: number) => string | null {
      const authors = new Map<number, string>()
      for (const { who, single } of made('correction.state')) {
        if (single.state === 'queued' && !authors.has(single.correctionId)) {
          authors.set(single.correctionId, who)
        }
      }
      return (correctionId) => authors.get(correctionId) ?? null
    },

    /** Who gave a topic its name last, or accepted it. Nobody is known of names that came without an edit. */
    topicNamers(): (topicId: number) => string | null {
      const namers = new Map<number, string>()
      for (const { who, single } of made('topic')) {
        if (single.set.labelled === true) {
          namers.set(single.topicId, who)
        }
      }
      return (topicId) => namers.get(topicId) ?? null
    },

    /**
     * Makes an edit and logs it; durable when it returns. `label` says it to people: `rename "dog" to
     * "pets"`; it is signed with `who`. Cuts their redo, and that of others who had done something to the same.
     */
    make(label: string, forward: Change, who: string = account()): EditState {
      return sql.transaction(() => {
        const inverse = applyChange(targets, forward)
        cutRedo(who, touchedBy(forward))
        sql.run(
          'INSERT INTO edit (at, who, label, forward, inverse) VALUES (?, ?, ?, ?, ?)',
          now(),
          who,
          label,
          JSON.stringify(forward),
          JSON.stringify(inverse),
        )
        return state(who)
      })
    },

    /**
     * Takes the latest edit back, of a person or (null) of anybody; without one it does nothing. Throws CONFLICT where a
     * later edit builds on it.
     */
    undo(who: string | null = null): EditStep {
      return sql.transaction(() => {
        const edit = toUndo(who)
        if (edit === undefined) {
          return { ...state(who), step: null }
        }
        const later = builtOn(edit)
        if (later !== null) {
          throw failures.editBuiltOn({ label: edit.label, who: later.who, later: later.label })
        }
        takeBack(edit)
        return { ...state(who), step: stepOf(edit) }
      })
    },

    /**
     * Makes the edit that was undone last once more, of a person or (null) of anybody; without one it does nothing. Throws
     * CONFLICT where it is no longer what it was.
     */
    redo(who: string | null = null): EditStep {
      return sql.transaction(() => {
        const edit = toRedo(who)
        if (edit === undefined) {
          return { ...state(who), step: null }
        }
        const other = missingBelow(edit) ?? builtOn(edit)
        if (other !== null) {
          throw failures.editOvertaken({ label: edit.label, who: other.who, other: other.label })
        }
        makeAgain(edit)
        return { ...state(who), step: stepOf(edit) }
      })
    },

    /** Undoes or redoes until the edit is the latest that holds; null: until none does. Throws NOT_FOUND. */
    goTo(editId: number | null): EditState {
      return sql.transaction(() => {
        if (editId !== null) {
          found(sql.get('SELECT 1 FROM edit WHERE id = ?', editId), () => failures.editUnknown({ editId }))
        }
        const target = editId ?? 0
        for (let edit = toUndo(null); edit !== undefined && edit.id > target; edit = toUndo(null)) {
          takeBack(edit)
        }
        const undone = sql.all<EditColumns>(
          `SELECT ${COLUMNS} FROM edit WHERE undone = 1 AND id <= ? ORDER BY id`,
          target,
        )
        // What somebody took back and others built over since stays as it is.
        for (const edit of undone) {
          if (builtOn(edit) === null && missingBelow(edit) === null) {
            makeAgain(edit)
          }
        }
        return state()
      })
    },

    /** What undo and redo would do now, for a person or (null) for anybody. */
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

/** What a step did, and where one sees it: what is there after it may have no address. */
function stepOf({ label, forward, inverse }: EditColumns): NonNullable<EditStep['step']> {
  return { label, place: placeOf(fromJson(change, forward)) ?? placeOf(fromJson(change, inverse)) }
}

/** The first of other edits that touches what an edit touches, or null. */
function overlapping(edit: EditColumns, others: readonly EditColumns[]): EditColumns | null {
  if (others.length === 0) {
    return null
  }
  const touched = touchedBy(fromJson(change, edit.forward))
  return others.find((other) => overlap(touched, touchedBy(fromJson(change, other.forward)))) ?? null
}
