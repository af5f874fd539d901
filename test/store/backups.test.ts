import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { openProject } from '../../src-main/store/index.ts'
import type { OpenProject } from '../../src-main/store/index.ts'
import { findBackup, listBackups } from '../../src-main/store/storage/backups.ts'
import { previewRestore, restoreBackup } from '../../src-main/store/storage/restore.ts'
import { TABLES } from '../../src-main/store/tables.ts'
import { clip, findTopics, foreignDatabase, temporaryFolder, temporaryProject } from './folder.ts'
import { pagesOf, spoil } from './spoil.ts'

const describeTopic = ({ store }: OpenProject, description: string): void => {
  store.edits.make(`say "${description}"`, {
    kind: 'all',
    changes: [{ kind: 'topic', topicId: 1, set: { description } }],
  })
}

/** How long a busy machine may take to begin, in milliseconds. */
const PATIENCE = { timeout: 20_000 }

describe('backups', () => {
  it('are whole files made while others write, and sound where those go on', async () => {
    const project = await temporaryProject()
    project.store.clips.add([clip('a', ['one'])])
    const other = openProject(project.folder)
    const made = project.backUp({ reason: 'by-hand', label: 'Vor dem Aufräumen: 1/2' })
    for (let i = 0; i < 20; i++) {
      other.store.clips.add([clip(`b${i}`, ['two'])])
    }
    const backup = await made
    other.close()
    expect(backup).toMatchObject({ reason: 'by-hand', label: 'Vor dem Aufräumen 1 2' })
    expect(readdirSync(join(project.folder, 'backups'))).toEqual([backup.name])
    const copy = new Sqlite(backup.path, { readonly: true })
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(copy.prepare('SELECT count(*) FROM clip WHERE name = ?').pluck().get('a')).toBe(1)
    copy.close()
  })

  it('of their own accord are the last seven; one that says nothing new is not made', async () => {
    const project = await temporaryProject()
    findTopics(project, ['dog'], [])
    const named = await project.backUp({ reason: 'by-hand' })
    const automatic: string[] = []
    for (let i = 0; i < 9; i++) {
      describeTopic(project, `${i}`)
      automatic.push((await project.backUp({ reason: 'daily' })).name)
    }
    expect((await project.backUp({ reason: 'before-import' })).name).toBe(automatic.at(-1))
    expect(listBackups(project.folder).map(({ name }) => name)).toEqual([
      ...automatic.slice(2).reverse(),
      named.name,
    ])
  })

  it('that are made at a time and say the same become one', async () => {
    const project = await temporaryProject()
    for (let round = 0; round < 5; round++) {
      project.store.clips.add([clip(`clip ${round}`, ['one'])])
      const made = await Promise.all([
        project.backUp({ reason: 'daily' }),
        project.backUp({ reason: 'before-import' }),
        project.backUp({ reason: 'daily' }),
      ])
      const listed = listBackups(project.folder)
      expect(listed).toHaveLength(round + 1)
      expect(new Set(made.map(({ path }) => path))).toEqual(new Set([listed[0]?.path]))
    }
  })

  it('of a damaged database take no place', async () => {
    const project = await temporaryProject()
    project.store.clips.add(Array.from({ length: 400 }, (_, i) => clip(`clip ${i}`, ['some words'])))
    project.close()
    truncateSync(join(project.folder, 'project.sqlite'), 40 * 4096)
    expect(() => openProject(project.folder)).toThrow(/is damaged/)
    expect(listBackups(project.folder)).toEqual([])
  })
})

describe('a backup', () => {
  it('is restored with everything in it, is shown before, and can be taken back', async () => {
    const project = await temporaryProject()
    const { folder, store } = project
    store.clips.add([clip('a', ['one'])])
    findTopics(project, ['dog'], [])
    describeTopic(project, 'first')
    const backup = await project.backUp({ reason: 'by-hand' })
    describeTopic(project, 'second')
    store.clips.add([clip('b', ['two', 'three'])])
    const later = await project.backUp({ reason: 'before-restore' })

    const preview = previewRestore(folder, backup)
    expect(preview.now).toMatchObject({ clips: 2, captions: 3, edits: 2 })
    expect(preview.then).toMatchObject({ clips: 1, captions: 1, edits: 1 })
    expect(preview.lostEdits).toMatchObject({ total: 1, edits: [{ label: 'say "second"' }] })

    // Another program that has the project open sees the change, and that all of it may be another.
    expect(store.writtenElsewhere()).toEqual(new Set())
    await restoreBackup(folder, backup)
    expect([...(store.writtenElsewhere() ?? [])]).toEqual(expect.arrayContaining([...TABLES]))
    expect(store.clips.all().map(({ name }) => name)).toEqual(['a'])
    expect(store.topics.get(1).description).toBe('first')
    expect(store.edits.undo().undo).toBeNull()
    store.clips.add([clip('c', [])])
    expect(store.clips.byName('c')?.id).toBe(3)

    await restoreBackup(folder, later)
    expect(store.clips.all().map(({ name }) => name)).toEqual(['a', 'b'])
    expect(store.topics.get(1).description).toBe('second')
  })

  it('of an older version is migrated on its way; models whose files are gone are named', async () => {
    const project = await temporaryProject()
    const { folder, store } = project
    const old = foreignDatabase()
    mkdirSync(join(folder, 'backups'))
    writeFileSync(join(folder, 'backups', 'version-1.sqlite'), old.serialize())
    const [backup] = listBackups(folder)
    expect(previewRestore(folder, backup!)).toMatchObject({ modelsWithoutFiles: [1, 2], then: { models: 2 } })
    await restoreBackup(folder, backup!)
    expect(store.models.list().map(({ id }) => id)).toEqual([2, 1])
  })

  it('is not restored while a program works on the project, and then has no job at work', async () => {
    const { folder, store, backUp } = await temporaryProject()
    const id = store.jobs.add('import', 'Import', { procedure: 'corpus.import', input: {} })
    store.jobs.begin(id, '2026-01-01T00:00:00.000Z')
    const backup = await backUp({ reason: 'before-import' })
    await expect(restoreBackup(folder, backup)).rejects.toMatchObject({ key: 'store.jobElsewhere' })
    const ended = { id, kind: 'import', title: 'Import', endedAt: '2026-01-02T00:00:00.000Z' } as const
    store.jobs.save({ ...ended, state: 'cancelled', notices: [], restartable: true })
    await restoreBackup(folder, backup)
    // Its owner lives.
    expect(store.jobs.interruptAbandoned()).toBe(true)
    expect(store.jobs.get(id)).toMatchObject({ state: 'interrupted', restartable: true })
  })

  it.skipIf(process.platform === 'win32')('is none where it is a link, and none lie elsewhere', async () => {
    const { folder, backUp } = await temporaryProject()
    const { path } = await backUp({ reason: 'by-hand' })
    const outside = temporaryFolder()
    renameSync(path, join(outside, 'a.sqlite'))
    symlinkSync(join(outside, 'a.sqlite'), path)
    expect(listBackups(folder)).toEqual([])
    rmSync(join(folder, 'backups'), { recursive: true })
    symlinkSync(outside, join(folder, 'backups'))
    await expect(backUp({ reason: 'daily' })).rejects.toThrow(/backups is a link that leads out/)
    expect(() => listBackups(folder)).toThrow(/backups is a link that leads out/)
    expect(readdirSync(outside)).toEqual(['a.sqlite'])
  })

  it('takes the place of a damaged database, which is kept', async () => {
    const project = await temporaryProject()
    project.store.clips.add([clip('a', ['one'])])
    const backup = await project.backUp({ reason: 'by-hand' })
    project.close()
    truncateSync(join(project.folder, 'project.sqlite'), 5000)
    expect(previewRestore(project.folder, backup).now).toBeNull()
    await restoreBackup(project.folder, backup)
    const opened = openProject(project.folder)
    expect(opened.store.clips.count()).toBe(1)
    opened.close()
    const kept = readdirSync(project.folder).find((name) => name.startsWith('damaged-'))
    expect(existsSync(join(project.folder, kept ?? '', 'project.sqlite'))).toBe(true)
  })

  it('takes the place of a database that is damaged in part, which is kept; no id of a model comes again', async () => {
    const project = await temporaryProject()
    const { folder, store } = project
    store.clips.add([clip('a', ['one'])])
    const backup = await project.backUp({ reason: 'by-hand' })
    store.clips.add(Array.from({ length: 400 }, (_, i) => clip(`clip ${i}`, ['some words'])))
    project.close()
    mkdirSync(join(folder, 'models', '7'), { recursive: true })
    spoil(folder, pagesOf(folder, 'caption', 'leaf')[2]!)
    await restoreBackup(folder, backup)
    const kept = readdirSync(folder).find((name) => name.startsWith('damaged-'))
    expect(statSync(join(folder, kept ?? '', 'project.sqlite')).size).toBeGreaterThan(backup.bytes)
    const restored = new Sqlite(join(folder, 'project.sqlite'), { readonly: true })
    expect(restored.prepare('SELECT count(*) FROM clip').pluck().get()).toBe(1)
    expect(restored.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'model'`).pluck().get()).toBe(7)
    restored.close()
  })

  it('that is the oldest of seven is restored, and stays', async () => {
    const project = await temporaryProject()
    const { folder, store } = project
    for (let i = 0; i < 7; i++) {
      store.clips.add([clip(`clip ${i}`, [])])
      await project.backUp({ reason: 'daily' })
    }
    store.clips.add([clip('in no backup', [])])
    const oldest = listBackups(folder).at(-1)!
    await restoreBackup(folder, oldest)
    expect(store.clips.all().map(({ name }) => name)).toEqual(['clip 0'])
    const [latest, ...others] = listBackups(folder)
    expect(others.at(-1)).toEqual(oldest)
    await restoreBackup(folder, latest!)
    expect(store.clips.byName('in no backup')).not.toBeNull()
  })

  it('waits for what another program is writing, and is not restored over it', async () => {
    const project = await temporaryProject()
    const { folder, store } = project
    store.clips.add([clip('a', [])])
    const backup = await project.backUp({ reason: 'by-hand' })
    store.clips.add([clip('b', [])])
    const other = new Sqlite(join(folder, 'project.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    const restoring = restoreBackup(folder, backup)
    const isBackedUp = () => listBackups(folder).some(({ reason }) => reason === 'before-restore')
    await vi.waitUntil(isBackedUp, PATIENCE)
    other.exec(`UPDATE clip SET name = 'c' WHERE name = 'b'; COMMIT`)
    await expect(restoring).rejects.toMatchObject({ key: 'store.changedMeanwhile' })
    expect(store.clips.all().map(({ name }) => name)).toEqual(['a', 'c'])

    other.exec('BEGIN IMMEDIATE')
    const again = restoreBackup(folder, backup)
    await vi.waitUntil(() => listBackups(folder).length === 3, PATIENCE)
    other.exec('ROLLBACK')
    other.close()
    await again
    expect(store.clips.all().map(({ name }) => name)).toEqual(['a'])
  })

  it('that is another database in use is restored with what its log holds', async () => {
    const { folder, store } = await temporaryProject()
    const other = await temporaryProject()
    other.store.clips.add([clip('in the log alone', [])])
    await restoreBackup(folder, findBackup(folder, join(other.folder, 'project.sqlite')))
    expect(store.clips.all().map(({ name }) => name)).toEqual(['in the log alone'])
  })

  it('is refused when it is none, and the project stays as it was', async () => {
    const project = await temporaryProject()
    project.store.clips.add([clip('a', [])])
    const foreign = join(project.folder, 'foreign.sqlite')
    new Sqlite(foreign).exec('CREATE TABLE x (y)').close()
    const backup = findBackup(project.folder, foreign)
    expect(() => previewRestore(project.folder, backup)).toThrow(/is not a backup/)
    await expect(restoreBackup(project.folder, backup)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(() => findBackup(project.folder, 'nowhere')).toThrow(/has no backup nowhere/)
    expect(project.store.clips.count()).toBe(1)
  })
})
