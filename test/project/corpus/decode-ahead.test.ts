import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { hashMedia } from '../../../src-main/media/hash.ts'
import { fileUrl, runFfmpeg } from '../../../src-main/media/program/ffmpeg.ts'
import { decodeAhead } from '../../../src-main/project/corpus/decode-ahead.ts'
import { contentOf } from '../../../src-main/store/index.ts'
import { openMedia } from '../../media/open.ts'

const media = openMedia()
const signal = new AbortController().signal

/** A video of 3 seconds with 16 MB that are no pictures behind them. */
async function largeVideo(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-ahead-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'long.mp4')
  await runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=duration=3:size=160x120', fileUrl(path)], { file: path })
  const free = Buffer.alloc(16 * 2 ** 20)
  free.writeUInt32BE(free.length)
  free.write('free', 4)
  await appendFile(path, free)
  return path
}

const partsOf = (path: string, fileHash: string, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const bounds = { start: i / 10, end: i / 10 + 1 }
    return { name: `part ${i}`, path, ...bounds, contentHash: contentOf(fileHash, bounds), frameCount: 25 }
  })

/** Bytes that this process has read so far: media processes count their own. */
const bytesRead = async (): Promise<number> =>
  Number(/rchar: (\d+)/.exec(await readFile('/proc/self/io', 'utf8'))?.[1])

it.skipIf(process.platform !== 'linux')(
  'the file of many parts is hashed once for all, and again when it changes',
  { timeout: 60_000 },
  async () => {
    const path = await largeVideo()
    const parts = partsOf(path, await hashMedia(path), 16)
    const { size } = await stat(path)
    const before = await bytesRead()
    const outcomes: string[] = []
    for await (const decoded of decodeAhead(media, parts, { frames: 2, size: 8, stack: null }, signal)) {
      outcomes.push('error' in decoded ? decoded.error.message : `${decoded.frames.times.length} frames`)
    }
    expect(outcomes).toEqual(parts.map(() => '2 frames'))
    expect((await bytesRead()) - before).toBeLessThan(2 * size)

    const left = decodeAhead(media, parts, { frames: 2, size: 8, stack: null }, signal)
    expect(await left.next()).toMatchObject({ value: { video: { name: 'part 0' } } })
    await appendFile(path, 'written to meanwhile')
    const messages: string[] = []
    for await (const decoded of left) {
      messages.push('error' in decoded ? decoded.error.message : 'decoded')
    }
    expect(messages.at(-1)).toMatch(/changed/)
  },
)
