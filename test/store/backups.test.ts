import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openProject } from '../../src-main/store/index.ts'
import type { OpenProject } from '../../src-main/store/index.ts'
import { findBackup, listBackups } from '../../src-main/store/storage/backups.ts'
import { previewRestore, restoreBackup } from '../../src-main/store/storage/restore.ts'
import { TABLES } from '../../src-main/store/tables.ts'
import { clip, findTopics, foreignDatabase, temporaryFolder, temporaryProject } from './folder.ts'

const describeTopic = ({ store }: OpenProject, description: string): void => {
  store.edits.make(`say "${description}"`, {
    kind: 'all',
    changes: [{ kind: 'topic', topicId: 1, set: { description } }],
  })
}

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

  it('has no job at work, whoever of its owners lives', async () => {
    const { folder, store, backUp } = await temporaryProject()
    const jobId = store.jobs.add('import', 'Import', { procedure: 'corpus.import', input: {} })
    store.jobs.begin(jobId, '2026-01-01T00:00:00.000Z')
    const backup = await backUp({ reason: 'before-import' })
    await restoreBackup(folder, backup)
    expect(store.jobs.interruptAbandoned()).toBe(true)
    expect(store.jobs.get(jobId)).toMatchObject({ state: 'interrupted', restartable: true })
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
