/** Verdicts and notes of several people: how those of older projects come to have an author. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { openProject } from '../../src-main/store/index.ts'
import { migrate, MIGRATIONS } from '../../src-main/store/migrate.ts'
import { temporaryFolder } from './folder.ts'

/** Migrations up to the one that gives verdicts their authors. */
const BEFORE = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex((migration) => migration.includes('CREATE TABLE caption_verdict_new')),
)
const MODEL = `INSERT INTO model (id, kind, origin, state, settings, seed, topics, feature_key, frames, created_at)
  VALUES (1, 'baseline', 'trained', 'ready', '{}', 1, '[]', 'k', 4, '2026-01-01');`

interface OldEdit {
  who: string
  /** The clip, and what its caption is said to be; null: the verdict is taken back. */
  judge?: [number, string | null]
  note?: [number, string]
  undone?: boolean
}

/** A project in which one verdict a caption, and one note a clip, stood, as edits one after the other left them. */
function oldProject(edits: readonly OldEdit[], strangers: readonly string[] = []): string {
  const folder = join(temporaryFolder(), 'old.vitrine')
  mkdirSync(folder)
  const db = new Sqlite(join(folder, 'project.sqlite'))
  migrate(db, () => {}, BEFORE)
  db.exec(MODEL)
  const values = new Map<string, unknown>()
  for (let clip = 1; clip <= 5; clip++) {
    db.exec(`INSERT INTO clip (id, name, split) VALUES (${clip}, 'clip${clip}', 'test');
      INSERT INTO generated_caption (model_id, clip_id, caption, log_probability, word_count, words, topics)
      VALUES (1, ${clip}, 'a bird', -1, 2, '[]', '[]');`)
  }
  edits.forEach(({ who, judge, note, undone = false }, i) => {
    const [clipId, given] = judge ?? note ?? [0, null]
    const changed =
      judge === undefined
        ? (text: unknown) => ({ kind: 'clip.note', clipId, note: text ?? '' })
        : (value: unknown) => ({ kind: 'caption.verdict', modelId: 1, clipId, value: value ?? null })
    const value = judge === undefined || given === null ? given : { caption: 'a bird', verdict: given }
    const name = `${judge === undefined ? 'note' : 'verdict'}/${clipId}`
    const all = (change: object): string => JSON.stringify({ kind: 'all', changes: [change] })
    db.prepare('INSERT INTO edit (at, who, label, forward, inverse, undone) VALUES (?, ?, ?, ?, ?, ?)').run(
      `2026-01-0${i + 1}`,
      who,
      'edit',
      all(changed(value)),
      all(changed(values.get(name))),
      Number(undone),
    )
    if (!undone) {
      values.set(name, value)
    }
  })
  for (const [name, value] of values) {
    const [what, clip] = name.split('/')
    if (what === 'note' && value !== '') {
      db.prepare('INSERT INTO clip_note VALUES (?, ?)').run(Number(clip), value)
    } else if (what === 'verdict' && value !== null) {
      db.prepare('INSERT INTO caption_verdict VALUES (1, ?, ?, ?)').run(
        Number(clip),
        'a bird',
        (value as { verdict: string }).verdict,
      )
    }
  }
  for (const statement of strangers) {
    db.exec(statement)
  }
  db.close()
  return folder
}

it('gives each person the last word that they had, and what nobody signed stays', () => {
  const project = openProject(
    oldProject(
      [
        { who: 'Ann', judge: [1, 'right'] },
        { who: 'Bob', judge: [1, 'wrong'] },
        { who: 'Ann', judge: [2, 'right'] },
        { who: 'Ann', judge: [2, 'nearly'] },
        { who: 'Bob', judge: [3, 'wrong'], undone: true },
        { who: 'Ann', judge: [4, 'skip'] },
        { who: 'Bob', judge: [4, null] },
        { who: 'Ann', note: [1, 'look'] },
        { who: 'Bob', note: [1, 'look again'] },
      ],
      [
        "INSERT INTO caption_verdict VALUES (1, 5, 'a bird', 'nearly')",
        "INSERT INTO clip_note VALUES (5, 'odd')",
      ],
    ),
  )
  onTestFinished(project.close)
  const { store } = project
  expect(store.verdicts.ofModel(1)).toEqual(
    new Map([
      [
        1,
        [
          { who: 'Ann', verdict: 'right', at: '2026-01-01' },
          { who: 'Bob', verdict: 'wrong', at: '2026-01-02' },
        ],
      ],
      [2, [{ who: 'Ann', verdict: 'nearly', at: '2026-01-04' }]],
      [5, [{ who: 'unknown', verdict: 'nearly', at: null }]],
    ]),
  )
  expect([store.verdicts.notesOn(1), store.verdicts.notesOn(5)]).toEqual([
    [
      { who: 'Ann', note: 'look', at: '2026-01-08' },
      { who: 'Bob', note: 'look again', at: '2026-01-09' },
    ],
    [{ who: 'unknown', note: 'odd', at: null }],
  ])
  // Bob takes his own back, and Ann's stays: not what he had overwritten comes back as his.
  store.edits.undo('Bob')
  expect(store.verdicts.notesOn(1)).toMatchObject([{ who: 'Ann', note: 'look' }])
  store.edits.undo('Bob')
  store.edits.undo('Bob')
  expect(store.verdicts.ofModel(1).get(1)).toMatchObject([{ who: 'Ann', verdict: 'right' }])
  store.edits.redo('Bob')
  expect(store.verdicts.ofModel(1).get(1)).toMatchObject([{ who: 'Ann' }, { who: 'Bob', verdict: 'wrong' }])
  store.edits.undo('Ann')
  store.edits.undo('Ann')
  store.edits.undo('Ann')
  expect(store.verdicts.ofModel(1).get(2)).toMatchObject([{ verdict: 'right' }])
})
