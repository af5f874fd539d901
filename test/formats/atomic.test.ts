import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  recoverLeftovers,
  removeWithLeftovers,
  replaceFolderAtomic,
  writeFileAtomic,
} from '../../src-main/formats/atomic.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-atomic-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('writeFileAtomic', () => {
  it('replaces a file and leaves nothing else behind', async () => {
    const inner = await mkdtemp(join(folder, 'inner-'))
    const path = join(inner, 'a.bin')
    await writeFileAtomic(path, 'first')
    await writeFileAtomic(path, new TextEncoder().encode('second'))
    expect(await readFile(path, 'utf8')).toBe('second')
    expect(await readdir(inner)).toEqual(['a.bin'])
  })

  it('removes its temporary file when the rename fails', async () => {
    const inner = await mkdtemp(join(folder, 'inner-'))
    const target = join(inner, 'taken')
    await replaceFolderAtomic(target, (into) => writeFile(join(into, 'x'), 'x'))
    await expect(writeFileAtomic(target, 'data')).rejects.toThrow()
    expect(await readdir(inner)).toEqual(['taken'])
    expect(await readdir(target)).toEqual(['x'])
  })

  it('puts nothing in the place of a pipe, a device or a folder', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    await mkdir(join(folder, 'taken'))
    await expect(writeFileAtomic(pipe, 'x')).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(writeFileAtomic(join(folder, 'taken'), 'x')).rejects.toMatchObject({ code: 'BAD_INPUT' })
    const replaced = replaceFolderAtomic(pipe, () => Promise.resolve())
    await expect(replaced).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect([
      (await lstat(pipe)).isFIFO(),
      (await readdir(folder)).filter((name) => name.startsWith('.')),
    ]).toEqual([true, []])
    await rm(pipe)
  })

  it('says what is wrong with the place, by the name of the file that was to be', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    const long = join(folder, 'n'.repeat(300))
    await expect(writeFileAtomic(join(folder, 'nowhere', 'f'), '')).rejects.toThrow(/nowhere does not exist/)
    await expect(writeFileAtomic(join(file, 'f'), '')).rejects.toThrow(
      /a-file\/f is, or leads through, a file/,
    )
    await expect(writeFileAtomic(long, '')).rejects.toThrow(/n is too long a name/)
    await expect(replaceFolderAtomic(long, async () => {})).rejects.toThrow(/n is too long a name/)
    await expect(writeFileAtomic(folder, '')).rejects.toMatchObject({ name: 'VitrineError' })
  })
})

describe('replaceFolderAtomic', () => {
  it('swaps the whole folder, and keeps the old one when filling fails', async () => {
    const parent = await mkdtemp(join(folder, 'swap-'))
    const target = join(parent, 'model')
    await replaceFolderAtomic(target, (into) => writeFile(join(into, 'one'), '1'))
    await replaceFolderAtomic(target, (into) => writeFile(join(into, 'two'), '2'))
    expect(await readdir(target)).toEqual(['two'])
    const failed = replaceFolderAtomic(target, async (into) => {
      await writeFile(join(into, 'three'), '3')
      throw new Error('stopped')
    })
    await expect(failed).rejects.toThrow('stopped')
    expect(await readdir(target)).toEqual(['two'])
    expect(await readdir(parent)).toEqual(['model'])
  })
})

describe('what a killed writer left', () => {
  it('is removed; a folder that was moved aside and not replaced comes back', async () => {
    const parent = await mkdtemp(join(folder, 'left-'))
    const id = '01234567-89ab-cdef-0123-456789abcdef'
    const makeFolder = async (name: string) => {
      await mkdir(join(parent, name))
      await writeFile(join(parent, name, 'x'), name)
    }
    for (const name of [
      'kept',
      `.kept.${id}.old`,
      `.kept.${id}.tmp`,
      `.gone.${id}.old`,
      `.gone.${id}.tmp`,
      `.new.${id}.tmp`,
      '.lone.tmp',
    ]) {
      await makeFolder(name)
    }
    await recoverLeftovers(parent, 'kept')
    expect((await readdir(parent)).sort()).toEqual([
      `.gone.${id}.old`,
      `.gone.${id}.tmp`,
      '.lone.tmp',
      `.new.${id}.tmp`,
      'kept',
    ])
    await recoverLeftovers(parent)
    expect((await readdir(parent)).sort()).toEqual(['.lone.tmp', 'gone', 'kept'])
    expect(await readFile(join(parent, 'gone', 'x'), 'utf8')).toBe(`.gone.${id}.old`)
    expect(await readFile(join(parent, 'kept', 'x'), 'utf8')).toBe('kept')
  })

  it('goes with the folder that is removed, and nothing else does', async () => {
    const parent = await mkdtemp(join(folder, 'removed-'))
    const id = '01234567-89ab-cdef-0123-456789abcdef'
    for (const name of ['3', `.3.${id}.tmp`, `.3.${id}.old`, '30', `.30.${id}.tmp`]) {
      await mkdir(join(parent, name, 'inner'), { recursive: true })
    }
    await removeWithLeftovers(join(parent, '3'))
    await removeWithLeftovers(join(parent, '4'))
    await removeWithLeftovers(join(parent, 'missing', '3'))
    expect((await readdir(parent)).sort()).toEqual([`.30.${id}.tmp`, '30'])
  })
})
