/** What a project's folder holds beside the database: checked, mended and freed; and backups that make themselves. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeSafetensors } from '../../../src-main/formats/safetensors.ts'
import { requireSpace } from '../../../src-main/project/space.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let project: string
let sample: string
beforeEach(async () => {
  bench = await createWorkbench()
  ;({ project, sample } = await bench.openPrepared('imported'))
  return bench.close
})

/** Writes a file of the project that was last changed two hours ago. */
function oldFile(path: string, content = 'left'): string {
  const file = join(project, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  const then = Date.now() / 1000 - 7200
  utimesSync(file, then, then)
  return file
}

async function findings(repair: boolean) {
  const { result } = await bench.finished(await bench.client.storage.check({ repair }))
  return result?.kind === 'check' ? result.findings : []
}

/** Changes the database behind the program's back. */
function tamper(sql: string): void {
  const db = new Sqlite(join(project, 'project.sqlite'))
  db.pragma('foreign_keys = OFF')
  db.exec(sql)
  db.close()
}

const TEMPORARY = '0a0a0a0a-0000-4000-8000-000000000000.tmp'

describe('a check', () => {
  it('finds nothing in a project that is sound', async () => {
    expect(await findings(false)).toEqual([])
  })

  it('finds what killed programs and older versions left, and repair removes that and nothing else', async () => {
    const left = [
      oldFile(`features/k/.a.npy.${TEMPORARY}`),
      oldFile(`models/.7.${TEMPORARY}/model.json`),
      oldFile('models/7/model.json'),
      oldFile('features/k/abc.npy'),
      oldFile('thumbnails/abc.jpg', ''),
    ]
    const kept = [oldFile('thumbnails/def.jpg', 'a picture'), oldFile('notes.txt')]
    const young = join(project, `.new.${TEMPORARY}`)
    writeFileSync(young, 'being written')
    expect((await findings(false)).map(({ part, mended }) => [part, mended])).toEqual([
      ['leftovers', false],
      ['strays', false],
      ['pictures', false],
    ])
    expect(left.every((file) => existsSync(file))).toBe(true)
    expect((await findings(true)).every(({ mended }) => mended)).toBe(true)
    expect(left.filter((file) => existsSync(file))).toEqual([])
    expect([...kept, young].every((file) => existsSync(file))).toBe(true)
    expect(existsSync(join(project, 'models', '7'))).toBe(false)
    expect(await findings(false)).toEqual([])
  })

  it('leaves the files of a model alone that only a backup names', async () => {
    tamper(
      `INSERT INTO model (id, kind, origin, state, settings, seed, topics, feature_key, frames, created_at)
       VALUES (7, 'baseline', 'trained', 'stopped', '{}', 1, '[]', 'k', 4, '2026-01-01')`,
    )
    await bench.client.storage.backUp({})
    tamper('DELETE FROM model')
    const file = oldFile('models/7/model.json')
    await findings(true)
    expect(existsSync(file)).toBe(true)
  })

  it('leaves whole models alone that nothing names, and all where a database that may name them can’t be read', async () => {
    const model = join(project, 'models', '7')
    mkdirSync(model, { recursive: true })
    const parameters = new Map([['a', { shape: [1], data: new Float32Array(1) }]])
    writeFileSync(join(model, 'parameters.safetensors'), Buffer.concat(encodeSafetensors(parameters)))
    const [description, log] = [oldFile('models/7/model.json', '{}'), oldFile('runs/7/log.jsonl')]
    const lost = oldFile('runs/8/checkpoint.safetensors')
    mkdirSync(join(project, 'damaged-20260101T000000Z'))
    expect(await findings(true)).toEqual([])
    rmSync(join(project, 'damaged-20260101T000000Z'), { recursive: true })
    expect((await findings(true)).map(({ part }) => part)).toEqual(['strays'])
    expect([description, log, lost].map((file) => existsSync(file))).toEqual([true, true, false])
  })

  it('leaves the trash alone, and misses nothing of models that it was emptied of', async () => {
    tamper(
      `INSERT INTO model (id, kind, origin, state, settings, seed, topics, feature_key, frames, created_at, trashed_at, emptied)
       SELECT id, 'baseline', 'trained', 'ready', '{}', 1, '[]', 'k', 4, '2026-01-01', '2026-01-02', id = 8
       FROM (SELECT 7 AS id UNION SELECT 8)`,
    )
    const trashed = [oldFile('models/7/model.json'), oldFile('runs/7/log.jsonl')]
    expect(await findings(true)).toEqual([])
    const { parts } = await bench.client.storage.report()
    expect(parts.find(({ part }) => part === 'trash')).toMatchObject({ files: 2, freeable: 0 })
    await bench.client.storage.free({
      parts: [
        { part: 'trash', key: null },
        { part: 'leftovers', key: null },
      ],
    })
    expect(trashed.every((file) => existsSync(file))).toBe(true)
  })

  it('finds references to nothing and a search that lacks captions, and repair mends both after a backup', async () => {
    tamper(`
      INSERT INTO caption (clip_id, position, source, text) VALUES (9999, 0, 'human', 'of no clip');
      INSERT INTO clip_search (clip_search) VALUES ('delete-all');
    `)
    const search = async () => (await bench.client.corpus.clips({ search: 'red' })).total
    expect(await search()).toBe(0)
    expect((await findings(false)).map(({ part }) => part)).toEqual(['references', 'search'])
    const [references] = await findings(true)
    const [, file = ''] = /They are in (\S+) now/.exec(references?.message ?? '') ?? []
    expect(readFileSync(join(project, file), 'utf8')).toContain('of no clip')
    expect(await search()).toBeGreaterThan(0)
    expect(await findings(false)).toEqual([])
    expect(await bench.client.storage.backups({})).toMatchObject([{ reason: 'before-repair' }, {}])
  })

  it('finds clips whose video is away, and a backup that is damaged', async () => {
    rmSync(join(sample, 'clips'), { recursive: true })
    const { path } = await bench.client.storage.backUp({})
    writeFileSync(path, 'no database')
    expect((await findings(true)).map(({ part, mended }) => [part, mended])).toEqual([
      ['videos', false],
      ['backups', false],
    ])
  })
})

describe('backups', () => {
  it('are made daily while the project is used, and before an import', async () => {
    // It was opened, and there was none.
    await bench.client.project.close()
    await bench.client.project.open({ path: project })
    const reasons = async () => (await bench.client.storage.backups({})).map(({ reason }) => reason)
    expect(await reasons()).toEqual(['daily'])
    const importCaptions = async (file: string): Promise<void> => {
      await bench.finished(await bench.client.corpus.import({ captions: join(sample, file) }))
    }
    // It brings nothing that is not there.
    await importCaptions('captions.tsv')
    expect(await reasons()).toEqual(['daily'])
    writeFileSync(join(sample, 'more.tsv'), 'clip0001\tsomething new\n')
    await importCaptions('more.tsv')
    expect(await reasons()).toEqual(['before-import', 'daily'])
    for (const name of readdirSync(join(project, 'backups'))) {
      const long = Date.now() / 1000 - 25 * 3600
      utimesSync(join(project, 'backups', name), long, long)
    }
    await bench.client.project.close()
    await bench.client.project.open({ path: project })
    await bench.client.project.close()
    await bench.client.project.open({ path: project })
    expect(await reasons()).toEqual(['daily', 'before-import', 'daily'])
  })

  it('are not restored under a job that runs', async () => {
    const { name } = await bench.client.storage.backUp({})
    const job = await bench.client.storage.check({})
    await expect(bench.client.storage.restore({ backup: name })).rejects.toMatchObject({ code: 'CONFLICT' })
    await bench.finished(job)
    expect(await bench.client.storage.restore({ backup: name })).toMatchObject({ path: project })
  })
})

describe('room on the disk', () => {
  it('is looked for before long work begins', async () => {
    await expect(requireSpace(project, 1e18, 'features')).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/^The features may take 1000000 TB; the disk of .* has .* free\.$/),
    })
    await expect(requireSpace(project, 1, 'features')).resolves.toBeUndefined()
    const need = (frames: number) => bench.client.storage.need({ stage: 'features', frames, grid: 2 })
    const [few, many] = [await need(4), await need(8)]
    expect(few).toMatchObject({ needed: 16 * (128 + 4 * 4 * 2464), fits: true })
    expect(many.needed).toBeGreaterThan(few.needed)
  })
})
