/** What a media process does when it dies, hangs or takes too much: one file fails, the next one goes on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createMediaTools } from '../../src-main/media/create.ts'
import type { Limits } from '../../src-main/media/limits.ts'
import type { MediaProcess } from '../../src-main/media/pool.ts'
import { mediaStarter } from '../../src-main/media/process.ts'
import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { wholeOf } from '../../src-main/media/source.ts'
import { mediaEntry } from '../../src-main/paths.ts'

let folder: string
let clip: string
let long: string

async function make(name: string, seconds: number): Promise<string> {
  const path = join(folder, name)
  const source = ['-f', 'lavfi', '-i', `testsrc2=duration=${seconds}:size=320x240`]
  await runFfmpeg([...source, '-c:v', 'mpeg4', fileUrl(path)], { file: path })
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-pool-'))
  clip = await make('clip.avi', 1)
  long = await make('long.avi', 300)
})
afterAll(() => rm(folder, { recursive: true }))

/** Tools with one process at a time, and the processes that they started. */
function openOne(limits: Partial<Limits> = {}) {
  const processes: MediaProcess[] = []
  const start = mediaStarter(mediaEntry)
  const media = createMediaTools(
    (all) => {
      const started = start(all)
      processes.push(started)
      return started
    },
    { atOnce: 1, limits },
  )
  onTestFinished(() => media.close())
  /** Makes a long call, which is at work when this resolves. */
  const beginWork = async (signal?: AbortSignal): Promise<{ ended: Promise<unknown> }> => {
    const { promise: working, resolve } = Promise.withResolvers<void>()
    const to = join(folder, 'proxy.mp4')
    const ended = media.makeProxy(wholeOf(long), to, { signal, onProgress: () => resolve() })
    await Promise.race([working, ended])
    return { ended: ended.catch((error: unknown) => error) }
  }
  return { media, processes, beginWork }
}

describe('a media process', () => {
  it('that dies takes its file along, which is named, and the next file has a new one', async () => {
    const { media, processes, beginWork } = openOne()
    const { ended } = await beginWork()
    const waiting = media.inspect(wholeOf(clip))
    processes[0]?.kill()
    expect(await ended).toMatchObject({
      code: 'BAD_INPUT',
      message: `${long} made the process that reads it end (signal SIGKILL).`,
    })
    expect(await waiting).toMatchObject({ frameCount: 25 })
    expect(processes).toHaveLength(2)
  })

  it('serves on after a call that was cancelled', async () => {
    const { media, processes, beginWork } = openOne()
    const controller = new AbortController()
    const { ended } = await beginWork(controller.signal)
    controller.abort()
    expect(await ended).toMatchObject({ name: 'CancelledError' })
    expect(await media.inspect(wholeOf(clip))).toMatchObject({ frameCount: 25 })
    expect(processes).toHaveLength(1)
  })

  it('holds a file to the limits of memory', async () => {
    const { media } = openOne({ memoryBytes: 50 * 2 ** 20 })
    await expect(media.makeProxy(wholeOf(long), join(folder, 'p.mp4'))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
  })

  it('that is missing leaves media to the ffmpeg program', async () => {
    const media = createMediaTools(mediaStarter(join(folder, 'no-such-entry.js')))
    onTestFinished(() => media.close())
    expect(await media.describe()).toMatchObject({ path: expect.any(String) })
    expect(await media.inspect(wholeOf(clip))).toMatchObject({ kind: 'video', frameCount: 25 })
  })
})
