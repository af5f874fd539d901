/**
 * A project that somebody sent: whatever its database and its folder say, nothing outside of it is written,
 * deleted or shown, and what is wrong with it is said in a sentence.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorkbench, TINY } from './workbench.ts'
import type { Workbench } from './workbench.ts'

let bench: Workbench
let project: string
/** Where nothing may be written. */
let outside: string

beforeEach(async () => {
  bench = await createWorkbench()
  project = (await bench.openPrepared('topics')).project
  outside = await mkdtemp(join(bench.folder, 'outside-'))
  await writeFile(join(outside, 'secret.txt'), 'do not show')
})
afterEach(() => bench.close())

/** Closes the project, changes its database as no Vitrine would, and opens it again. */
async function reopenWith(...statements: string[]): Promise<void> {
  await bench.client.project.close()
  const db = new Sqlite(join(project, 'project.sqlite'))
  statements.forEach((statement) => db.exec(statement))
  db.close()
  await bench.client.project.open({ path: project })
}

async function firstClip(): Promise<number> {
  const { rows } = await bench.client.corpus.clips({})
  return rows[0]!.id
}

/** The sentence that a call fails with, or the job that it starts. */
const failureOf = (started: Promise<{ jobId: number }>): Promise<string> =>
  started.then(bench.failure, (error: Error) => error.message)

const media = (clipId: number, kind: 'thumbnail' | 'filmstrip' | 'video') =>
  bench.app.mediaFile(clipId, kind, new AbortController().signal)

test('a content hash that is a path names no file', async () => {
  await reopenWith(
    "UPDATE feature SET content_hash = '../../../evil' WHERE content_hash = (SELECT content_hash FROM clip ORDER BY name LIMIT 1)",
    "UPDATE clip SET content_hash = '../../../evil' WHERE id = (SELECT id FROM clip ORDER BY name LIMIT 1)",
  )
  const clipId = await firstClip()
  for (const kind of ['thumbnail', 'filmstrip', 'video'] as const) {
    await expect(media(clipId, kind)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
  await bench.finished(await bench.client.corpus.computeFeatures({ frames: 2, grid: 1 }))
  for (const folder of [project, bench.folder, join(bench.folder, '..')]) {
    expect((await readdir(folder)).filter((name) => name.includes('evil'))).toEqual([])
  }
})

test('only videos are shown, whatever the project calls one', async () => {
  const clipId = await firstClip()
  // Made with the features, of the clip as it was: without them each has to be made of what the project names now.
  await rm(join(project, 'thumbnails'), { recursive: true })
  for (const path of [join(outside, 'secret.txt'), '/etc/passwd', '../outside/secret.txt', outside]) {
    await reopenWith(`UPDATE clip SET path = '${path}', playable = 1 WHERE id = ${clipId}`)
    for (const kind of ['thumbnail', 'filmstrip', 'video'] as const) {
      await expect(media(clipId, kind)).rejects.toMatchObject({ name: 'VitrineError' })
    }
  }
  await reopenWith(`UPDATE clip SET path = 'a' || char(0) || 'b' WHERE id = ${clipId}`)
  await expect(media(clipId, 'video')).rejects.toMatchObject({ name: 'VitrineError' })
})

test('a video elsewhere is shown, as what it is and not as what it is called', async () => {
  const elsewhere = join(outside, 'page.html')
  await rename(join(project, '..', 'sample', 'clips', 'clip0001.mp4'), elsewhere)
  const clipId = await firstClip()
  await reopenWith(`UPDATE clip SET path = '${elsewhere}', playable = 0 WHERE id = ${clipId}`)
  expect(await media(clipId, 'video')).toEqual({ path: elsewhere, contentType: 'video/mp4' })
  // It is looked at again when another file takes its place.
  await writeFile(elsewhere, 'do not show')
  await expect(media(clipId, 'video')).rejects.toMatchObject({ code: 'BAD_INPUT' })
})

test('features and models outside of the project are not read', async () => {
  await reopenWith(`UPDATE feature SET path = '../../../../../../etc/hostname'`)
  const message = await failureOf(bench.client.training.train({ settings: { ...TINY, epochs: 1 } }))
  expect(message).toMatch(/would lie outside of its folder/)
  await reopenWith(`UPDATE feature SET path = '${join(outside, 'secret.txt')}'`)
  expect(await failureOf(bench.client.training.train({ settings: { ...TINY, epochs: 1 } }))).toMatch(
    /would lie outside of its folder/,
  )
})

test('settings of features that are a path free nothing', async () => {
  const kept = join(project, 'models', '1', 'model.json')
  await mkdir(join(kept, '..'), { recursive: true })
  await writeFile(kept, '{}')
  for (const key of ['../../outside', '../models', '..', '../../../../etc']) {
    await reopenWith(`UPDATE feature SET key = '${key}'`)
    await expect(bench.client.storage.free({ parts: [{ part: 'features', key }] })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
  }
  expect(existsSync(kept)).toBe(true)
  expect(await readdir(outside)).toEqual(['secret.txt'])
})

test.skipIf(process.platform === 'win32')('links that lead out of the project are not followed', async () => {
  const folders = ['thumbnails', 'filmstrips', 'features', 'models', 'runs']
  for (const folder of folders) {
    await rm(join(project, folder), { recursive: true, force: true })
    await symlink(outside, join(project, folder))
  }
  await mkdir(join(outside, '1'))
  const clipId = await firstClip()
  await expect(media(clipId, 'thumbnail')).rejects.toThrow(/thumbnails is a link that leads out/)
  await expect(media(clipId, 'filmstrip')).rejects.toThrow(/filmstrips is a link that leads out/)
  expect(await bench.failure(await bench.client.corpus.computeFeatures({ frames: 2, grid: 1 }))).toMatch(
    /features is a link that leads out/,
  )
  expect(await failureOf(bench.client.training.train({ settings: { ...TINY, epochs: 1 } }))).toMatch(
    /feature files are gone|leads out/,
  )
  expect((await readdir(outside)).sort()).toEqual(['1', 'secret.txt'])
  expect(existsSync(join(outside, '1'))).toBe(true)
})

test.skipIf(process.platform === 'win32')(
  'a picture that is a link to another file is made anew',
  async () => {
    const clipId = await firstClip()
    const { path } = await media(clipId, 'thumbnail')
    await rm(path)
    await symlink(join(outside, 'secret.txt'), path)
    await expect(media(clipId, 'thumbnail')).rejects.toThrow(/leads out/)
    await rm(path)
    await writeFile(path, '')
    await media(clipId, 'thumbnail')
    expect((await readFile(path)).length).toBeGreaterThan(100)
  },
)

test('values that are not of their kind are said in a sentence', async () => {
  const wrongValue = /project\.sqlite holds a value that is not of its kind/
  await expect(reopenWith(`UPDATE setting SET value = '{"key":7}' WHERE key = 'featureSet'`)).rejects.toThrow(
    wrongValue,
  )
  await expect(reopenWith(`UPDATE setting SET value = '["text"]' WHERE key = 'featureSet'`)).rejects.toThrow(
    wrongValue,
  )
  await reopenWith(`DELETE FROM setting WHERE key = 'featureSet'`, 'DROP TABLE finding')
  await expect(bench.client.corpus.findings({})).rejects.toThrow(/lacks what Vitrine keeps in it/)
})

test('a video that was away for one run is used at the next', async () => {
  const clip = join(project, '..', 'sample', 'clips', 'clip0001.mp4')
  await rename(clip, join(outside, 'away.mp4'))
  const settings = { frames: 2, grid: 1 } as const
  const first = await bench.finished(await bench.client.corpus.computeFeatures(settings))
  expect(first.notices.join(' ')).toMatch(/clip0001\.mp4 does not exist any more/)
  await rename(join(outside, 'away.mp4'), clip)
  const second = await bench.finished(await bench.client.corpus.computeFeatures(settings))
  expect(second.result).toMatchObject({ computed: 1 })
  expect(second.notices).toEqual([])
  const { rows } = await bench.client.corpus.clips({})
  expect(rows.filter(({ problem }) => problem !== null)).toEqual([])
})
