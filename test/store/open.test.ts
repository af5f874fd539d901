import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { backUpBeforeMigration, listBackups } from '../../src-main/store/storage/backups.ts'
import { absolutePath, createProject, openProject, storedPath } from '../../src-main/store/index.ts'
import { migrate, MIGRATIONS, schemaOf, userVersion } from '../../src-main/store/migrate.ts'
import { clip, findTopics, temporaryFolder } from './folder.ts'

/** A project folder that holds what `fill` writes into its database. */
function foreignProject(fill: (db: Sqlite.Database) => void): string {
  const folder = join(temporaryFolder(), 'foreign.vitrine')
  mkdirSync(folder)
  const db = new Sqlite(join(folder, 'project.sqlite'))
  fill(db)
  db.close()
  return folder
}

describe('a project', () => {
  it('keeps its content from one opening to the next', async () => {
    const folder = join(temporaryFolder(), 'birds.vitrine')
    const created = await createProject(folder)
    created.store.clips.add([clip('a', ['a bird'])])
    created.close()
    const opened = openProject(folder)
    expect(opened).toMatchObject({ folder, name: 'birds' })
    expect(opened.store.clips.byName('a')).toMatchObject({ name: 'a', split: 'train' })
    opened.close()
    expect(readdirSync(folder)).toEqual(['project.sqlite'])
  })

  it('is not created over something, nor without a place or a fit name', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'full.vitrine'))
    writeFileSync(join(folder, 'full.vitrine', 'mine.txt'), '')
    await expect(createProject(join(folder, 'full.vitrine'))).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(createProject(join(folder, 'name'))).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(createProject(join(folder, 'no', 'where.vitrine'))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    expect(readdirSync(folder)).toEqual(['full.vitrine'])
  })

  it('opens only when it is one, and leaves other files as they are', () => {
    const other = foreignProject((db) => db.exec('CREATE TABLE mine (x)'))
    const text = join(temporaryFolder(), 'text.vitrine')
    mkdirSync(text)
    writeFileSync(
      join(text, 'project.sqlite'),
      'no database at all, but long enough to be mistaken for one '.repeat(20),
    )
    for (const folder of [other, text]) {
      const before = readFileSync(join(folder, 'project.sqlite'))
      expect(() => openProject(folder)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
      expect(readFileSync(join(folder, 'project.sqlite'))).toEqual(before)
    }
    expect(() => openProject(temporaryFolder())).toThrow(/holds no project.sqlite/)
  })

  it('of a newer version is refused and stays untouched', () => {
    const folder = foreignProject((db) =>
      migrate(db, () => {}, [...MIGRATIONS, 'CREATE TABLE future (x ANY) STRICT;']),
    )
    const before = readFileSync(join(folder, 'project.sqlite'))
    expect(() => openProject(folder)).toThrow(expect.objectContaining({ code: 'NEWER_PROJECT' }))
    expect(readFileSync(join(folder, 'project.sqlite'))).toEqual(before)
    expect(readdirSync(folder)).toEqual(['project.sqlite'])
  })

  it('may be open twice, and each sees what the other wrote', async () => {
    const first = await createProject(join(temporaryFolder(), 'twice.vitrine'))
    const second = openProject(first.folder)
    first.store.clips.add([clip('a', [])])
    second.store.clips.add([clip('b', [])])
    expect(first.store.clips.all().map(({ name }) => name)).toEqual(['a', 'b'])
    first.close()
    second.close()
  })
})

describe('migrations', () => {
  it('lead to the schema that is written down', async () => {
    const db = new Sqlite(':memory:')
    migrate(db, () => {})
    await expect(schemaOf(db)).toMatchFileSnapshot('../../src-main/store/schema.sql')
  })

  it('back up first, and a failing one changes nothing', () => {
    const db = new Sqlite(':memory:')
    const backups: number[] = []
    const backUp = () => void backups.push(userVersion(db))
    migrate(db, backUp)
    expect(backups).toEqual([])
    const before = schemaOf(db)
    const orphan = `CREATE TABLE extra (clip_id INTEGER REFERENCES clip) STRICT; INSERT INTO extra VALUES (17);`
    expect(() => migrate(db, backUp, [...MIGRATIONS, orphan])).toThrow(/breaks references of extra/)
    expect(() => migrate(db, backUp, [...MIGRATIONS, 'CREATE TABLE extra (x ANY) STRICT; nonsense'])).toThrow(
      /syntax/,
    )
    expect([userVersion(db), schemaOf(db), backups]).toEqual([
      MIGRATIONS.length,
      before,
      [MIGRATIONS.length, MIGRATIONS.length],
    ])
    migrate(db, backUp, [...MIGRATIONS, 'CREATE TABLE extra (x ANY) STRICT;'])
    expect(userVersion(db)).toBe(MIGRATIONS.length + 1)
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1)
  })

  it('leave a copy of the project as it was, with what was written last', async () => {
    const { folder, store, close } = await createProject(join(temporaryFolder(), 'old.vitrine'))
    onTestFinished(close)
    store.clips.add([clip('a', [])])
    const db = new Sqlite(join(folder, 'project.sqlite'))
    migrate(db, () => backUpBeforeMigration(db, folder), [...MIGRATIONS, 'DELETE FROM clip;'])
    db.close()
    const [backup, ...others] = listBackups(folder)
    expect(others).toEqual([])
    expect(backup).toMatchObject({ reason: 'before-migration', label: `version ${MIGRATIONS.length}` })
    const copy = new Sqlite(backup!.path, { readonly: true })
    expect([userVersion(copy), copy.prepare('SELECT name FROM clip').pluck().all()]).toEqual([
      MIGRATIONS.length,
      ['a'],
    ])
    copy.close()
  })
})

describe('a project of version 1', () => {
  it('is migrated with everything in it: models, what refers to them, and the next id', () => {
    const folder = foreignProject((db) => {
      migrate(db, () => {}, MIGRATIONS.slice(0, 1))
      db.exec(readFileSync(join(import.meta.dirname, 'version-1.sql'), 'utf8'))
    })
    const { store, close } = openProject(folder)
    onTestFinished(close)
    const [second, first] = store.models.list()
    expect(first).toMatchObject({
      id: 1,
      parent: null,
      jobId: 1,
      series: null,
      state: 'ready',
      inputs: null,
      device: 'cpu',
      steps: 20,
      note: 'first',
    })
    expect(first?.settings).toMatchObject({ encoderSize: 96, optimizer: 'adam', selectBy: 'cider' })
    expect(second).toMatchObject({ id: 2, parent: 1, origin: 'corrected', state: 'proposed' })
    expect(store.models.points(1)).toEqual([
      {
        step: 10,
        epoch: 1,
        loss: 3,
        nll: 2,
        topicLoss: 1,
        learningRate: null,
        validation: { nll: 2, bleu4: 0.1, cider: 0.2, topicMap: null, topicLoss: null },
      },
    ])
    expect(store.models.evaluations(1)).toMatchObject([
      { split: 'test', metrics: { CIDEr: 0.5, METEOR: null }, intervals: null },
    ])
    expect(store.generated.get(1, 1)).toMatchObject({
      caption: 'a bird',
      decoding: { method: 'beam', beam: 3, nBest: 1 },
      alternatives: [],
    })
    expect(store.neurons.get(1)?.neurons).toHaveLength(1)
    expect(store.corrections.list()).toMatchObject([{ model: 2, parent: 1, state: 'proposed' }])
    // Model 3 was there once, and its folder may still be.
    expect(store.models.add({ ...first!, jobId: null }).id).toBe(4)
    store.models.setState(4, 'stopped')
    expect(first?.fingerprints).toBeNull()

    expect(store.topics.run()).toMatchObject({
      id: 2,
      origin: 'found',
      request: { k: 2 },
      beta: 0.01,
      phrases: [],
    })
    expect(store.settings.get('topicRule')).toEqual({ topicsPerClip: 2, minShare: 0.2 })
    expect(store.topics.current()).toMatchObject([
      { id: 2, label: 'fish', labelled: true, words: [{ word: 'fish' }, { word: 'sea' }] },
      { id: 3, label: 'dog, bark', labelled: false, words: [{ word: 'dog' }] },
    ])
    expect(store.topics.get(1)).toMatchObject({ label: 'birds', state: 'replaced' })
    const bearing = () => store.topics.vectors([1, 2, 3])
    expect(bearing()).toEqual(
      new Map([
        [1, [0, 1, 2]],
        [2, [2]],
      ]),
    )
    expect(store.topics.ofClip(2)).toMatchObject([
      { topicId: 2, share: 0.9, active: false, source: 'curator' },
      { topicId: 3, active: true, source: 'curator' },
    ])
    expect(store.topics.clipCounts()).toEqual(
      new Map([
        [1, 1],
        [2, 1],
        [3, 2],
      ]),
    )
    store.edits.redo()
    expect(store.topics.get(3)).toMatchObject({ label: 'dogs', labelled: true })
    store.edits.undo()
    expect(store.edits.undo().redo).toBe('b shows no fish')
    expect(bearing()).toEqual(
      new Map([
        [1, [0, 1, 2]],
        [2, [1, 2]],
      ]),
    )
    store.edits.undo()
    expect(store.topics.get(2)).toMatchObject({ label: 'fishes', labelled: true })
    expect(store.edits.undo().undo).toBeNull()
    expect(store.topics.get(2)).toMatchObject({ label: 'sea, fish', labelled: false })
    store.edits.goTo(3)
    expect(bearing()).toEqual(
      new Map([
        [1, [0, 1, 2]],
        [2, [2]],
      ]),
    )
    expect(findTopics({ store }, ['new'], [])).toEqual([5])

    expect(listBackups(folder)).toMatchObject([{ reason: 'before-migration', label: 'version 1' }])
    const db = new Sqlite(join(folder, 'project.sqlite'))
    expect([
      userVersion(db),
      db.pragma('foreign_key_check'),
      db.pragma('integrity_check', { simple: true }),
    ]).toEqual([MIGRATIONS.length, [], 'ok'])
    db.pragma('foreign_keys = ON')
    // What refers to a model refers to the new table.
    expect(() => db.exec('DELETE FROM model WHERE id = 1')).toThrow(/FOREIGN KEY/)
    db.close()
  })
})

describe('stored paths', () => {
  it('are relative to the project and move with it', () => {
    expect(storedPath('/data/p.vitrine', '/data/videos/a b.mp4')).toBe('../videos/a b.mp4')
    expect(absolutePath('/moved/p.vitrine', '../videos/a b.mp4')).toBe('/moved/videos/a b.mp4')
    expect(absolutePath('/moved/p.vitrine', '/elsewhere/a.mp4')).toBe('/elsewhere/a.mp4')
  })
})

describe('jobs of a project of version 6', () => {
  const JOBS = [
    ['features', { frames: 4 }, 'corpus.computeFeatures', { frames: 4 }],
    ['topics', { k: 3 }, 'topics.extract', { k: 3 }],
    ['topics', { ks: [2, 3] }, 'topics.sweep', { ks: [2, 3] }],
    ['topics', {}, 'topics.reassign', {}],
    ['train', { kind: 'baseline' }, 'training.train', { kind: 'baseline' }],
    ['train', { resume: 2 }, 'training.resume', { modelId: 2 }],
    ['train', { modelId: 2, epochs: 1 }, 'training.refine', { modelId: 2, epochs: 1 }],
    ['correct', { corrections: [1, 2] }, 'corrections.learn', { correctionIds: [1, 2] }],
    ['correct', { rerun: 2 }, 'corrections.rerun', { modelId: 2 }],
    ['sample', null, 'corpus.renderSample', null],
  ] as const

  it('were interrupted when they ran, whatever process has their number now, and can be started again', () => {
    const folder = foreignProject((db) => {
      migrate(db, () => {}, MIGRATIONS.slice(0, 6))
      const insert = db.prepare(
        `INSERT INTO job (kind, title, params, state, process, created_at) VALUES (?, 'Work', ?, 'running', ${process.pid}, '')`,
      )
      JOBS.forEach(([kind, params]) => insert.run(kind, JSON.stringify(params)))
    })
    const { store, close } = openProject(folder)
    onTestFinished(close)
    expect(JOBS.map((_, i) => store.jobs.get(i + 1))).toMatchObject(
      JOBS.map(() => ({ state: 'interrupted', restartable: true })),
    )
    expect(JOBS.map((_, i) => store.jobs.request(i + 1))).toEqual(
      JOBS.map(([, , procedure, input]) => ({ procedure, input })),
    )
  })
})

describe('a project of version 5', () => {
  it('knows what captions were imported as, and has those that people removed as removed ones', () => {
    const caption = (captionId: number, position: number, text: string | null) => ({
      kind: 'caption',
      captionId,
      value: text === null ? null : { clipId: 1, position, source: 'human', text },
    })
    const folder = foreignProject((db) => {
      migrate(db, () => {}, MIGRATIONS.slice(0, 5))
      db.exec(`INSERT INTO clip (id, name, split) VALUES (1, 'a', 'train');
        INSERT INTO caption (id, clip_id, position, source, text) VALUES
          (1, 1, 0, 'human', 'a hen runs'), (3, 1, 2, 'human', 'as it came'), (4, 1, 3, 'human', 'was restored')`)
      const edit = db.prepare(
        `INSERT INTO edit (at, who, label, forward, inverse, undone) VALUES ('', '', '', '{}', ?, ?)`,
      )
      edit.run(JSON.stringify({ kind: 'all', changes: [caption(1, 0, 'a hne runs')] }), 0)
      edit.run(JSON.stringify({ kind: 'all', changes: [caption(1, 0, 'a hen rnus')] }), 0)
      edit.run(JSON.stringify({ kind: 'all', changes: [caption(2, 1, 'a cow')] }), 0)
      edit.run(JSON.stringify(caption(4, 3, 'was restored')), 1)
    })
    const { store, close } = openProject(folder)
    onTestFinished(close)
    expect(store.captions.ofClip(1).map(({ text }) => text)).toEqual([
      'a hen runs',
      'as it came',
      'was restored',
    ])
    const db = new Sqlite(join(folder, 'project.sqlite'))
    expect(
      db.prepare('SELECT id, text, imported_text, removed FROM caption ORDER BY id').raw().all(),
    ).toEqual([
      [1, 'a hen runs', 'a hne runs', 0],
      [2, 'a cow', null, 1],
      [3, 'as it came', null, 0],
      [4, 'was restored', null, 0],
    ])
    db.close()
  })
})

describe('a project of version 9', () => {
  it('has what was computed as sets of features, the current one among them', () => {
    const key = (grid: number) => `objectron-mobilenetv2-0123456789ab-frames28-grid${grid}`
    const folder = foreignProject((db) => {
      migrate(db, () => {}, MIGRATIONS.slice(0, 9))
      const settings = { key: key(2), dimension: 2464, encoder: 'objectron-mobilenetv2', frames: 28, grid: 2 }
      db.prepare(`INSERT INTO setting (key, value) VALUES ('features', ?)`).run(JSON.stringify(settings))
      db.prepare(
        `INSERT INTO feature (key, content_hash, path, frames, dimension, frame_times, sha256) VALUES (?, 'a', '', 3, 2464, '[]', '')`,
      ).run(key(2))
      db.prepare(
        `INSERT INTO model (kind, origin, state, settings, seed, topics, feature_key, frames, created_at)
         VALUES ('baseline', 'trained', 'ready', '{}', 1, '[]', ?, 28, '')`,
      ).run(key(1))
    })
    const { store, close } = openProject(folder)
    onTestFinished(close)
    expect(store.settings.get('featureSet')).toBe(key(2))
    const made = {
      kind: 'encoder',
      encoder: 'objectron-mobilenetv2',
      fingerprint: '0123456789ab',
      frames: 28,
    }
    expect([key(1), key(2)].map((one) => store.featureSets.get(one))).toMatchObject([
      { origin: { ...made, grid: 1 }, frames: 28, dimension: 2080, removed: false },
      { origin: { ...made, grid: 2 }, frames: 28, dimension: 2464, removed: false },
    ])
  })
})
