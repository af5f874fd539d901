import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listFolder } from '../../../src-main/project/app/folders.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-folders-'))
  mkdirSync(join(folder, 'clips'))
  mkdirSync(join(folder, 'old.vitrine'))
  for (const name of ['b10.mp4', 'b9.mp4', 'captions.tsv', 'notes.docx', '.hidden', 'shot.png']) {
    writeFileSync(join(folder, name), '')
  }
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('lists folders first and then every file, by what it is here', async () => {
  const { path, rest, entries, more } = await listFolder(folder)
  expect({ path, rest, more }).toEqual({ path: folder, rest: '', more: 0 })
  expect(entries.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'clips folder',
    'old.vitrine project',
    'b9.mp4 video',
    'b10.mp4 video',
    'captions.tsv captions',
    'notes.docx other',
    'shot.png picture',
  ])
})

it('shows the nearest folder of a path that is still typed, and what is over', async () => {
  expect(await listFolder(join(folder, 'cli'))).toMatchObject({ path: folder, rest: 'cli' })
  expect(await listFolder(join(folder, 'captions.tsv'))).toMatchObject({ path: folder, rest: 'captions.tsv' })
  expect(await listFolder(join(folder, 'no', 'where'))).toMatchObject({
    path: folder,
    rest: join('no', 'where'),
  })
})

it('lists a thousand files of many, and says how many more there are', async () => {
  for (let i = 0; i < 1100; i++) {
    writeFileSync(join(folder, 'clips', `${i}.mp4`), '')
  }
  const { entries, more } = await listFolder(join(folder, 'clips'))
  expect([entries.length, more]).toEqual([1000, 100])
})
