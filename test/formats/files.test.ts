import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFolder } from '../../src-main/formats/files.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a folder is made with those above it, and again without harm', async () => {
  const deep = join(folder, 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(deep)))
  await makeFolder(deep)
  expect((await stat(deep)).isDirectory()).toBe(true)
})

test('what is in the way is named, and nothing is tried for ever', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  await expect(makeFolder(file)).rejects.toThrow(/file exists already/)
  await expect(makeFolder(join(file, 'a'))).rejects.toThrow(/leads through, a file/)
  await expect(makeFolder(join(folder, 'n'.repeat(300), 'a'))).rejects.toThrow(/too long a name/)
})

test.skipIf(process.platform !== 'linux')('nothing can be made below /proc', async () => {
  await expect(makeFolder('/proc/no/such/place')).rejects.toThrow(/\/proc\/no may not be read or written/)
})
