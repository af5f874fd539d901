/** A project goes into one file and comes out of it elsewhere, with all that people and models made. */
import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import Sqlite from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { openArchive } from '../../../src-main/formats/archive/read.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let project: string
let sample: string
let folder: string

async function open(stage: 'imported' | 'trained'): Promise<void> {
  bench = await createWorkbench()
  ;({ project, sample } = await bench.openPrepared(stage))
  folder = await mkdtemp(join(bench.folder, 'elsewhere-'))
}

async function archive(name: string, media = true) {
  const to = join(folder, name)
  const job = await bench.finished(await bench.client.storage.archive({ to, media }))
  return { to, notices: job.notices }
}

async function unarchive(file: string, to: string, videos: string | null = null) {
  const job = await bench.finished(await bench.client.storage.unarchive({ archive: file, to, videos }))
  if (job.result?.kind !== 'unarchive') {
    throw new Error('it made no project')
  }
  return { ...job.result.taken, notices: job.notices }
}

/** All rows of a project, but for what is of the place that it stands in, or of the program that has it open. */
function rowsOf(path: string): Record<string, unknown[]> {
  const db = new Sqlite(join(path, 'project.sqlite'), { readonly: true })
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .pluck()
    .all() as string[]
  const ofPlace = /^(clip_search|job$|table_write$|import_change$)/
  const rows = Object.fromEntries(
    tables
      .filter((name) => !ofPlace.test(name))
      .map((name) => {
        const found = db.prepare(`SELECT * FROM "${name}"`).all() as Record<string, unknown>[]
        return [name, name === 'clip' ? found.map((row) => ({ ...row, path: '' })) : found]
      }),
  )
  db.close()
  return rows
}

describe('a project with its videos', () => {
  beforeEach(async () => {
    await open('trained')
    return bench.close
  })

  it('comes out elsewhere as it went in, when all it came from is gone', async () => {
    const { client } = bench
    const [first] = (await client.corpus.clips({})).rows
    await client.corpus.addCaption({ clipId: first!.id, text: 'typed "by" hand, 猫' })
    await writeFile(join(project, 'notes.txt'), 'of a person')
    await mkdir(join(project, 'features', 'linked'))
    await symlink('/etc/hostname', join(project, 'features', 'linked', 'secret.npy'))
    const { to, notices } = await archive('a.vitrine.zip')
    expect(notices).toEqual(['1 file that Vitrine did not make stay out: notes.txt.'])
    const before = rowsOf(project)
    const packed = await openArchive(to)
    packed.close()
    expect(packed.files.map(({ name }) => name)).not.toContain('features/linked/secret.npy')
    await client.project.close()
    await rm(project, { recursive: true })
    await rm(sample, { recursive: true })

    const made = await unarchive(to, join(folder, 'deep', 'another name.vitrine'))
    expect(made).toMatchObject({ project: join(folder, 'deep', 'another name.vitrine'), notices: [] })
    expect(made.media).toMatchObject({ found: 0, missing: 0 })
    expect(rowsOf(made.project)).toEqual(before)
    expect(await readdir(join(folder, 'deep'))).toEqual(['another name.vitrine'])

    await client.project.open({ path: made.project })
    expect((await client.jobs.list()).filter(({ state }) => state === 'interrupted')).toEqual([])
    const check = await bench.finished(await client.storage.check({}))
    expect(check.result).toMatchObject({ findings: [] })
    // The model works on the features that came along, and videos are decoded for what else is asked of them.
    await bench.finished(await client.review.generate({ split: 'test' }))
    expect((await bench.app.mediaFile(first!.id, 'thumbnail', new AbortController().signal)).path).toContain(
      made.project,
    )
    expect((await client.corpus.clip({ clipId: first!.id })).captions.map(({ text }) => text)).toContain(
      'typed "by" hand, 猫',
    )
  })

  it('is packed again from where it came out, and an archive stays that may not be replaced', async () => {
    const { to } = await archive('a.zip')
    await expect(bench.client.storage.archive({ to })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(
      bench.client.storage.archive({ to: join(project, 'models', 'a.zip') }),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
    const made = await unarchive(to, folder)
    await bench.client.project.open({ path: made.project })
    const again = await archive('b.zip')
    expect(again.notices).toEqual([])
    const [one, two] = [await openArchive(to), await openArchive(again.to)]
    one.close()
    two.close()
    const media = ({ files }: typeof one) =>
      files.flatMap(({ name, sha256 }) => (name.startsWith('media/') ? [`${name} ${sha256}`] : []))
    expect(media(two)).toEqual(media(one))
    expect(media(one).length).toBeGreaterThan(0)
  })
})

describe('a project without its videos', () => {
  beforeEach(async () => {
    await open('imported')
    return bench.close
  })

  it('finds them where they were, or by their content in a folder that is named, or says that it lacks them', async () => {
    const { to } = await archive('a.zip', false)
    const clips = (await bench.client.project.summary())!.clips
    expect((await unarchive(to, join(folder, 'same.vitrine'))).media).toEqual({
      inside: 0,
      found: clips,
      missing: 0,
    })
    const renamed = join(folder, 'renamed')
    await rename(join(sample, 'clips'), renamed)
    for (const [i, name] of (await readdir(renamed)).entries()) {
      await rename(join(renamed, name), join(renamed, `${i}.bin`))
    }
    const lacking = await unarchive(to, join(folder, 'lacking.vitrine'))
    expect(lacking.media).toEqual({ inside: 0, found: 0, missing: clips })
    expect(lacking.notices).toEqual([
      expect.stringMatching(/can't be found: clip0001\.mp4, .*Import the folder/),
    ])
    await writeFile(join(renamed, '0.bin'), 'another file')
    const found = await unarchive(to, join(folder, 'found.vitrine'), renamed)
    expect(found.media).toEqual({ inside: 0, found: clips - 1, missing: 1 })
    await bench.client.project.open({ path: found.project })
    const check = await bench.finished(await bench.client.storage.check({}))
    expect(check.result).toMatchObject({ findings: [{ part: 'videos' }] })
  })

  it('knows videos of a Windows machine, which no path of this one names', async () => {
    const db = new Sqlite(join(project, 'project.sqlite'))
    db.prepare(
      `UPDATE clip SET path = 'D:\\videos\\' || name || '.mp4' WHERE name IN ('clip0001', 'clip0002')`,
    ).run()
    db.close()
    const { to, notices } = await archive('a.zip')
    expect(notices).toEqual([expect.stringMatching(/^2 videos of clips can't be found/)])
    expect((await unarchive(to, folder, join(sample, 'clips'))).media).toMatchObject({ found: 2, missing: 0 })
  })

  it('packs no other file of the machine that a project calls a video', async () => {
    const secret = join(folder, 'id_rsa')
    await writeFile(secret, 'a secret')
    await symlink(secret, join(folder, 'linked.mp4'))
    const db = new Sqlite(join(project, 'project.sqlite'))
    db.prepare(`UPDATE clip SET path = ? WHERE name = 'clip0001'`).run(secret)
    db.prepare(`UPDATE clip SET path = ? WHERE name = 'clip0002'`).run(join(folder, 'linked.mp4'))
    db.close()
    const { notices } = await archive('a.zip')
    expect(notices).toEqual(["2 videos of clips can't be found, and so not packed: id_rsa, linked.mp4."])
  })

  it('leaves nothing where its place is taken, the work is stopped, or the archive is not of a project', async () => {
    const { to } = await archive('a.zip', false)
    const place = await mkdtemp(join(folder, 'place-'))
    await mkdir(join(place, 'p.vitrine'))
    await writeFile(join(place, 'p.vitrine', 'mine'), '')
    expect(await bench.failure(await bench.client.storage.unarchive({ archive: to, to: place }))).toMatch(
      /is there already/,
    )
    const started = await bench.client.storage.unarchive({ archive: to, to: join(place, 'q.vitrine') })
    await bench.client.jobs.cancel(started)
    expect(await bench.app.jobs.finished(started.jobId)).toMatchObject({ state: 'cancelled' })
    const about = { name: 'x', at: '2026-01-01T00:00:00.000Z', sources: [] }
    for (const [files, reason] of [
      [{ 'project.sqlite': 'SQLite format 3' }, /holds no project/],
      [
        { 'about.json': JSON.stringify(about), 'project.sqlite': 'no database' },
        /no project that can be opened/,
      ],
      [{ 'about.json': JSON.stringify(about), 'project.sqlite': '', 'locks/a': '' }, /"locks\/a"/],
      [{ 'about.json': JSON.stringify(about), 'project.sqlite': '', 'project.sqlite-wal': '' }, /-wal"/],
      [{ 'about.json': '{', 'project.sqlite': '' }, /holds no project/],
    ] as const) {
      const file = join(folder, 'bad.zip')
      await writeZip(file, files)
      const job = await bench.client.storage.unarchive({ archive: file, to: join(place, 'r.vitrine') })
      expect(await bench.failure(job)).toMatch(reason)
    }
    expect(await readdir(place)).toEqual(['p.vitrine'])
    expect(existsSync(join(place, 'p.vitrine', 'mine'))).toBe(true)
  })
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** An archive whose list is right, of whatever files. */
async function writeZip(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  const zip = new ZipFile()
  const listed = Object.entries(files).map(([name, text]) => {
    zip.addBuffer(Buffer.from(text), name)
    return { name, bytes: text.length, sha256: sha256(text), modified: 0 }
  })
  zip.addBuffer(
    Buffer.from(JSON.stringify({ format: 'vitrine-archive', version: 1, files: listed })),
    'contents.json',
  )
  zip.end()
  await rm(path, { force: true })
  await pipeline(zip.outputStream, createWriteStream(path))
}
