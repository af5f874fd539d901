/** Frames whose number is written in them as two greys, so that a wrong one shows: chosen, of parts, and beside damage. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchFrames } from '../../src-main/media-process/frame-matching.ts'
import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { wholeOf } from '../../src-main/media/source.ts'
import type { MediaSource } from '../../src-main/media/source.ts'
import { openMedia } from '../media/open.ts'

const FRAMES = 100
const SIZE = 16

const media = openMedia()
let folder: string
let coded: string

/** The left half of a frame is grey by the last digit of its number, the right half by the first. */
function* numberedFrames(): Iterable<Uint8Array> {
  for (let number = 0; number < FRAMES; number++) {
    const row = new Uint8Array(64 * 3).fill(greyOf(number % 10))
    row.fill(greyOf(Math.floor(number / 10)), 32 * 3)
    yield Uint8Array.from({ length: 48 * row.length }, (_, i) => row[i % row.length]!)
  }
}

const greyOf = (digit: number): number => 20 + 22 * digit
const digitAt = (frame: Uint8Array, column: number): number =>
  Math.round(((frame[3 * (SIZE * (SIZE / 2) + column)] ?? 0) - 20) / 22)

/** Encodes the code with groups of ten pictures. */
async function encode(name: string, ...options: string[]): Promise<string> {
  const path = join(folder, name)
  const input = '-f rawvideo -pix_fmt rgb24 -s 64x48 -r 25 -i pipe:0'.split(' ')
  const groups = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-crf', '5', '-g', '10', '-sc_threshold', '0']
  await runFfmpeg([...input, ...groups, ...options, fileUrl(path)], { file: path, input: numberedFrames() })
  return path
}

/** The numbers that are written in the frames, and what else is said of them. */
async function read(source: MediaSource, indices: readonly number[]) {
  const { frames, times, lost } = await media.decodeFrames({ source, indices, size: SIZE })
  const numbers = indices.map((_, i) => {
    const frame = frames.subarray(i * SIZE * SIZE * 3)
    return digitAt(frame, 3) + 10 * digitAt(frame, SIZE - 4) + 0
  })
  return { numbers, times, lost }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-chosen-'))
  coded = await encode('coded.mp4')
})
afterAll(() => rm(folder, { recursive: true }))

describe('chosen frames', () => {
  it.each([
    ['closed.mp4', []],
    ['open.mkv', ['-x264-params', 'open-gop=1']],
    ['broadcast.ts', []],
    ['every-picture-a-key.avi', ['-c:v', 'mjpeg', '-q:v', '2', '-pix_fmt', 'yuvj420p']],
    ['fields.mpg', ['-c:v', 'mpeg2video', '-bf', '2', '-q:v', '2']],
    ['packed.avi', ['-c:v', 'mpeg4', '-bf', '2', '-q:v', '2']],
    ['hidden.webm', ['-c:v', 'libvpx', '-auto-alt-ref', '1', '-lag-in-frames', '16', '-b:v', '2M']],
  ])('are those that were asked for, whichever they are: %s', async (name, options) => {
    const path = await encode(name, ...options)
    expect((await media.inspect(wholeOf(path))).frameCount).toBe(FRAMES)
    const chosen = fc.uniqueArray(fc.integer({ min: 0, max: FRAMES - 1 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(chosen, async (places) => {
        const indices = places.toSorted((a, b) => a - b)
        const { numbers, times, lost } = await read(wholeOf(path), indices)
        expect(numbers).toEqual(indices)
        expect(lost).toEqual([])
        expect(times.map((time) => Math.round(25 * (time - times[0]!)))).toEqual(
          indices.map((index) => index - indices[0]!),
        )
      }),
      { numRuns: 15 },
    )
  })

  it('of a part are counted, and timed, from its start', async () => {
    const part = { path: coded, start: 1, end: 3 }
    expect(await media.inspect(part)).toMatchObject({ frameCount: 50, duration: 2, fps: 25 })
    const { numbers, times } = await read(part, [0, 20, 49])
    expect(numbers).toEqual([25, 45, 74])
    expect(times.map((time) => Math.round(25 * time))).toEqual([0, 20, 49])
    const between = { path: coded, start: 1.01, end: 1.02 }
    expect(await media.inspect(between)).toMatchObject({ frameCount: 1 })
    expect((await read(between, [0])).numbers).toEqual([25])
    await expect(media.inspect({ path: coded, start: 9, end: 10 })).rejects.toThrow(/no frame between/)
  })

  it('of a folder come by the numbers in their names', async () => {
    const frames = join(folder, 'frames')
    await mkdir(frames)
    for (const number of [1, 2, 10, 11]) {
      const to = join(frames, `img_${number}.png`)
      const select = ['-vf', `select=eq(n\\,${number})`, '-frames:v', '1', '-f', 'image2']
      await runFfmpeg(['-i', fileUrl(coded), ...select, fileUrl(to)], { file: to })
    }
    await writeFile(join(frames, 'notes.txt'), 'not a frame')
    expect(await media.inspect(wholeOf(frames))).toMatchObject({ kind: 'frames', frameCount: 4, fps: 25 })
    expect((await read(wholeOf(frames), [0, 1, 2, 3])).numbers).toEqual([1, 2, 10, 11])
    const part = { path: frames, start: 1, end: 3, fps: 1 }
    expect(await media.inspect(part)).toMatchObject({ frameCount: 2, duration: 2, fps: 1 })
    expect((await read(part, [0, 1])).numbers).toEqual([2, 10])
    const proxy = join(folder, 'frames.mp4')
    await media.makeProxy(wholeOf(frames), proxy)
    expect(await media.inspect(wholeOf(proxy))).toMatchObject({ frameCount: 4, contentType: 'video/mp4' })
  })
})

describe('lost frames', () => {
  it('are told, and the one before stands in for each', async () => {
    const path = await encode('damaged.mp4', '-movflags', '+faststart')
    const bytes = await readFile(path)
    // The pictures lie in the order of their file: a stretch in the middle becomes nonsense.
    const middle = bytes.indexOf('mdat') + 8
    const half = Math.floor((bytes.length - middle) / 2) + middle
    bytes.fill(0x5a, half, half + Math.floor(bytes.length / 12))
    await writeFile(path, bytes)
    const indices = Array.from({ length: FRAMES }, (_, i) => i)
    const { numbers, lost } = await read(wholeOf(path), indices)
    expect(lost.length).toBeGreaterThan(0)
    expect(lost.length).toBeLessThan(FRAMES / 2)
    const whole = indices.filter((index) => !lost.includes(index))
    const before = (index: number): number => whole.findLast((place) => place < index) ?? whole[0]!
    expect(lost.map((index) => numbers[index])).toEqual(lost.map((index) => numbers[before(index)]))
    // From the next key frame on all is as it was; before it, pictures may build on what is lost.
    const nextKey = 10 * Math.ceil((lost.at(-1)! + 1) / 10)
    const outside = indices.filter((index) => index < lost[0]! || index >= nextKey)
    expect(outside.map((index) => numbers[index])).toEqual(outside)
  })

  it('are matched by their times, or counted where times mean nothing', () => {
    const whole = (shownAt: number) => ({ shownAt, isWhole: true })
    const shownAt = [0, 10, 20, 30]
    expect(matchFrames({ shownAt, isTimed: true }, [whole(0), whole(10), whole(30)])).toEqual({
      numberOf: [0, 1, 1, 2],
      lost: [2],
    })
    expect(matchFrames({ shownAt, isTimed: true }, [{ shownAt: 0, isWhole: false }, whole(10)])).toEqual({
      numberOf: [1, 1, 1, 1],
      lost: [0, 2, 3],
    })
    expect(matchFrames({ shownAt, isTimed: true }, [whole(1), whole(11), whole(21), whole(31)])).toEqual({
      numberOf: [0, 1, 2, 3],
      lost: [],
    })
  })
})
