/** Folders as they come: with pipes, loops and links among the videos, and files that are none. */
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BY_LOOKS, findVideos } from '../../../src-main/project/corpus/videos.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let sample: string
let here: string
let clips: string

beforeAll(async () => {
  bench = await createWorkbench()
  sample = (await bench.openPrepared('imported')).sample
})
afterAll(() => bench.close())

beforeEach(async () => {
  here = await mkdtemp(join(bench.folder, 'odd-'))
  clips = join(here, 'clips')
  await mkdir(clips)
  await bench.client.project.create({ path: join(here, 'p.vitrine') })
})

const copy = (name: string, to: string) => cp(join(sample, 'clips', `${name}.mp4`), to)

async function captionsOf(...names: string[]): Promise<string> {
  const path = join(here, 'captions.tsv')
  await writeFile(path, names.map((name) => `${name}\ta man rides\n`).join(''))
  return path
}

describe.skipIf(process.platform === 'win32')('among the videos', () => {
  test('pipes, loops and links to nothing are left out and named, and nothing waits for them', async () => {
    await copy('clip0001', join(clips, 'good.mp4'))
    execFileSync('mkfifo', [join(clips, 'pipe.mp4')])
    await symlink('self.mp4', join(clips, 'self.mp4'))
    await symlink('/nowhere/at/all.mp4', join(clips, 'dangling.mp4'))
    await symlink('/dev/zero', join(clips, 'device.mp4'))
    await mkdir(join(clips, 'folder.mp4'))
    await symlink('..', join(clips, 'folder.mp4', 'up'))
    const { notices, result } = await bench.finished(
      await bench.client.corpus.import({ videos: clips, captions: await captionsOf('good') }),
    )
    expect(result).toMatchObject({ added: 1 })
    const leftOut = notices.filter((notice) => notice.startsWith('Left out'))
    expect(leftOut).toHaveLength(4)
    expect(leftOut.join(' ')).toMatch(/dangling\.mp4 does not exist/)
    expect(leftOut.join(' ')).toMatch(/self\.mp4 is a symbolic link that leads back to itself/)
  })

  test('a linked folder is gone into once, and a folder keeps its own name beside a link to it', async () => {
    await mkdir(join(here, 'elsewhere', 'deep'), { recursive: true })
    await copy('clip0001', join(here, 'elsewhere', 'deep', 'v1.mp4'))
    await mkdir(join(clips, 'own'))
    await copy('clip0002', join(clips, 'own', 'v2.mp4'))
    await symlink(join(here, 'elsewhere'), join(clips, 'a-link'))
    await symlink(join(here, 'elsewhere'), join(clips, 'b-link'))
    await symlink('own', join(clips, 'a-link-to-own'))
    await symlink('..', join(here, 'elsewhere', 'round'))
    const { videos } = await findVideos(clips)
    expect(videos.map(({ name }) => name)).toEqual(['a-link/deep/v1', 'own/v2'])
  })

  test.skipIf(process.getuid?.() === 0)(
    'a folder that may not be read is named, and the rest is used',
    async () => {
      await mkdir(join(clips, 'locked'), { mode: 0o000 })
      await copy('clip0001', join(clips, 'good.mp4'))
      const problems: string[] = []
      const { videos } = await findVideos(clips, BY_LOOKS, ({ message }) => problems.push(message))
      expect(videos).toHaveLength(1)
      expect(problems).toEqual([`${join(clips, 'locked')} may not be read or written: permission denied.`])
      await rm(join(clips, 'locked'), { recursive: true })
    },
  )
})

describe.skipIf(process.platform === 'win32')('a file that is none', () => {
  const FILES: [string, (path: string) => unknown, RegExp][] = [
    ['a pipe', (path) => execFileSync('mkfifo', [path]), /a pipe, a socket or a device/],
    ['a device', (path) => symlink('/dev/zero', path), /a pipe, a socket or a device/],
    // Folders of subtitles and of split lists are read; an empty one is none.
    ['an empty folder', (path) => mkdir(path), /is a folder, not a file|holds no (captions|splits)/],
    ['a loop', (path) => symlink(path, path), /leads back to itself/],
  ]
  test.each(FILES)('%s is refused as captions, split and vectors', async (_, make, words) => {
    await copy('clip0001', join(clips, 'good.mp4'))
    const captions = await captionsOf('good')
    const odd = join(here, 'odd.csv')
    await make(odd)
    const { corpus, topics } = bench.client
    expect(await bench.failure(await corpus.import({ videos: clips, captions: odd }))).toMatch(words)
    expect(await bench.failure(await corpus.import({ videos: clips, captions, split: odd }))).toMatch(words)
    await bench.finished(await corpus.import({ videos: clips, captions }))
    expect(await bench.failure(await topics.importVectors({ path: odd }))).toMatch(words)
    const array = join(here, 'odd.npy')
    await make(array)
    expect(await bench.failure(await topics.importVectors({ path: array }))).toMatch(words)
  })
})

test('paths are read as people write them', async () => {
  await copy('clip0001', join(clips, 'good.mp4'))
  const captions = await captionsOf('good')
  const asAddress = (path: string) => `file://${path}`
  await bench.finished(
    await bench.client.corpus.import({ videos: asAddress(clips), captions: asAddress(captions) }),
  )
  expect((await bench.client.corpus.clips({})).total).toBe(1)
  await expect(bench.client.project.open({ path: 'file://elsewhere/p.vitrine' })).rejects.toThrow(
    /names no file of this machine/,
  )
  await expect(bench.client.project.open({ path: '~/no-such-project.vitrine' })).rejects.toThrow(
    /^\/.*no-such-project\.vitrine does not exist/,
  )
})

test('a path that is too long for a project is refused in a sentence', async () => {
  const name = `${'n'.repeat(300)}.vitrine`
  await expect(bench.client.project.create({ path: join(here, name) })).rejects.toThrow(/too long/)
  const deep = join(here, ...Array.from({ length: 10 }, () => 'd'.repeat(60)))
  await mkdir(deep, { recursive: true })
  await expect(bench.client.project.create({ path: join(deep, 'p.vitrine') })).rejects.toThrow(
    /too long a path for a project/,
  )
})
