/** Archives: what is packed comes out as it was; what is broken or hostile is refused in one sentence, and leaves nothing. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { isPortablePath, portableName, spelling } from '../../src-main/formats/archive/names.ts'
import { openArchive } from '../../src-main/formats/archive/read.ts'
import { writeArchive } from '../../src-main/formats/archive/write.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-archive-'))
})
afterAll(() => rm(folder, { recursive: true }))

const { signal } = new AbortController()
let archives = 0
const newPath = (): string => join(folder, `${++archives}.zip`)

async function packed(files: Record<string, string>): Promise<string> {
  const path = newPath()
  const members = Object.entries(files).map(([name, text], i) => ({
    name,
    content: { text },
    deflate: i % 2 === 0,
  }))
  await writeArchive(path, members, { signal })
  return path
}

async function unpacked(path: string, into: string): Promise<void> {
  const archive = await openArchive(path)
  try {
    await archive.unpack(into, { placeOf: ({ name }) => name, signal })
  } finally {
    archive.close()
  }
}

/** A zip of another program: members, with the attributes that Unix gives them. */
async function zipped(members: readonly { name: string; text: string; mode?: number }[]): Promise<string> {
  const path = newPath()
  const zip = new ZipFile()
  for (const { name, text, mode = 0o100644 } of members) {
    zip.addBuffer(Buffer.from(text), name, { mode })
  }
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
  return path
}

const SHA_OF_HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
const listing = (files: object[]): { name: string; text: string } => ({
  name: 'contents.json',
  text: JSON.stringify({ format: 'vitrine-archive', version: 1, files }),
})
const listed = (name: string, bytes = 5, sha256 = SHA_OF_HELLO) => ({ name, bytes, sha256, modified: 0 })

/** Replaces a name by one of the same length, in the local header and in the directory. */
async function renamed(path: string, from: string, to: string): Promise<string> {
  const bytes = await readFile(path)
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) {
    bytes.write(to, at)
  }
  await writeFile(path, bytes)
  return path
}

it('gives back what was packed, byte by byte, whatever the names', async () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 40 }).map(portableName)
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'binary', maxLength: 3000 })), {
        selector: ([first]) => spelling(first),
        maxLength: 8,
      }),
      async (files) => {
        const path = await packed(Object.fromEntries(files.map(([file, text]) => [`d/${file}`, text])))
        const into = await mkdtemp(join(folder, 'into-'))
        await unpacked(path, into)
        for (const [file, text] of files) {
          expect(await readFile(join(into, 'd', file))).toEqual(Buffer.from(text))
        }
        expect(files.length === 0 ? [] : await readdir(join(into, 'd'))).toHaveLength(files.length)
      },
    ),
    { numRuns: 25 },
  )
})

it('makes names that every system takes, and keeps those that are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const portable = portableName(name)
      expect(isPortablePath(portable)).toBe(true)
      expect(portableName(portable)).toBe(portable)
    }),
  )
  for (const kept of ['a man, cooking.mp4', 'ключ 1.avi', '猫.webm', '.hidden', 'a'.repeat(190)]) {
    expect(portableName(kept)).toBe(kept)
  }
  for (const unfit of [
    '..',
    '.',
    '',
    'a/../b',
    '/a',
    'C:/a',
    'a\\b',
    'con.mp4',
    'LPT1',
    'a.',
    'a ',
    'a\nb',
  ]) {
    expect(isPortablePath(unfit)).toBe(false)
  }
})

describe('an archive that is broken', () => {
  it('is refused wherever it is cut off', async () => {
    const path = await packed({ 'a.txt': 'x'.repeat(5000), 'b.txt': 'hello' })
    const { size } = await stat(path)
    for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
      const cut = newPath()
      await writeFile(cut, await readFile(path))
      await truncate(cut, Math.floor(share * size))
      await expect(openArchive(cut)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    }
  })

  it('is noticed by a single byte of a file that is another', async () => {
    const path = await zipped([{ name: 'a.txt', text: 'hellp' }, listing([listed('a.txt')])])
    const into = await mkdtemp(join(folder, 'into-'))
    await expect(unpacked(path, into)).rejects.toThrow(/damaged: "a.txt" in it is not what was packed/)
  })

  it('lacks a file, holds one that is not listed, or is none of ours', async () => {
    const hello = { name: 'a.txt', text: 'hello' }
    await expect(openArchive(await zipped([listing([listed('a.txt')])]))).rejects.toThrow(/lacks "a.txt"/)
    await expect(openArchive(await zipped([hello, listing([])]))).rejects.toThrow(/does not name/)
    await expect(openArchive(await zipped([hello]))).rejects.toThrow(/no archive of a project/)
    await expect(openArchive(await zipped([{ name: 'contents.json', text: '{"files": 3' }]))).rejects.toThrow(
      /no archive of a project/,
    )
    await expect(
      openArchive(
        await zipped([{ name: 'contents.json', text: '{"format":"vitrine-archive","version":2}' }]),
      ),
    ).rejects.toThrow(/newer version/)
  })
})

describe('an archive that is hostile', () => {
  it('writes nothing outside, by no name', async () => {
    for (const [harmless, hostile] of [
      ['aa/aa/aa.txt', '../../evil.t'],
      ['aaaaaaaaa', '/tmp/evil'],
      ['aaaaaaa', 'C:/evil'],
      ['aaaaaaaaa', '..\\..\\evi'],
      ['aaaa/aa', 'x/../..'],
      ['aaaaaaa', 'con.txt'],
    ] as const) {
      const path = await renamed(
        await zipped([{ name: harmless, text: 'hello' }, listing([listed(harmless)])]),
        harmless,
        hostile,
      )
      const failure: unknown = await openArchive(path).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'BAD_INPUT' })
    }
  })

  it('has no links, and no name twice in the eyes of any disk', async () => {
    const link = { name: 'a', text: '/etc/passwd', mode: 0o120777 }
    await expect(openArchive(await zipped([link, listing([listed('a', 11)])]))).rejects.toThrow(/a link/)
    const twice = [
      { name: 'A.txt', text: 'hello' },
      { name: 'a.txt', text: 'hello' },
    ]
    await expect(
      openArchive(await zipped([...twice, listing([listed('a.txt'), listed('A.txt')])])),
    ).rejects.toThrow(/twice/)
  })

  it('is no bomb', async () => {
    const zeros = '\0'.repeat(120e6)
    const path = await packed({ zeros })
    await expect(openArchive(path)).rejects.toThrow(/would unpack to 120 MB, from \d+ kB/)
  })
})

it('stops when it is told to, and leaves what it was writing unfinished', async () => {
  const source = join(folder, 'large')
  await writeFile(source, Buffer.alloc(32e6))
  const stop = new AbortController()
  const path = newPath()
  await expect(
    writeArchive(path, [{ name: 'large', content: { path: source }, deflate: false }], {
      signal: stop.signal,
      onBytes: () => {
        stop.abort()
      },
    }),
  ).rejects.toThrow('cancelled')
  await expect(
    writeArchive(newPath(), [{ name: 'gone', content: { path: join(folder, 'gone') }, deflate: true }], {
      signal,
    }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
