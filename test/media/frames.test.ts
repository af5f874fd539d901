import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wholeOf } from '../../src-main/media/source.ts'
import { openMedia } from './open.ts'
import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { segmentStarts } from '../../src-main/media/frames.ts'
import { hashFile } from '../../src-main/formats/hash.ts'
import { pictureBytes, pictureSize } from './pictures.ts'

const FRAMES = 50
const REAL = resolve(import.meta.dirname, '../../../shared/data')
const media = openMedia()
let folder: string
let coded: string

/** Frames whose number is written as brightness: frame i is plain grey of level 4 i + 20. */
function* brightnessCode(): Iterable<Uint8Array> {
  for (let i = 0; i < FRAMES; i++) {
    yield new Uint8Array(96 * 64 * 3).fill(4 * i + 20)
  }
}

const frameNumbers = (frames: Uint8Array, size: number): number[] =>
  Array.from(
    { length: frames.length / (size * size * 3) },
    (_, i) => Math.round(((frames[i * size * size * 3] ?? 0) - 20) / 4) + 0,
  )

async function convert(name: string, ...options: string[]): Promise<string> {
  const path = join(folder, name)
  await runFfmpeg(['-i', fileUrl(coded), ...options, fileUrl(path)], { file: path })
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-media-'))
  coded = join(folder, 'coded.mp4')
  const input = '-f rawvideo -pix_fmt rgb24 -s 96x64 -r 25 -i pipe:0'.split(' ')
  const output = '-c:v libx264 -pix_fmt yuv420p -crf 5 -movflags +faststart'.split(' ')
  await runFfmpeg([...input, ...output, fileUrl(coded)], { file: coded, input: brightnessCode() })
})
afterAll(() => rm(folder, { recursive: true }))

describe('segmentStarts', () => {
  it('gives the first frame of each equal segment, and never a frame twice', () => {
    expect(segmentStarts(10, 4)).toEqual([0, 2, 5, 7])
    expect(segmentStarts(3, 28)).toEqual([0, 1, 2])
  })
})

describe('decodeFrames', () => {
  it('yields exactly the frames asked for, with their times', async () => {
    const indices = [0, 1, 7, 8, 23, 49]
    const { frames, times } = await media.decodeFrames({ source: wholeOf(coded), indices, size: 32 })
    expect(frameNumbers(frames, 32)).toEqual(indices)
    expect(times.map((time) => Math.round(time * 25))).toEqual(indices)
  })

  it('keeps counting by frame where the frame rate varies', async () => {
    // Frames 10 to 39 last three times as long.
    const slow = await convert(
      'slow.mkv',
      '-vf',
      "setpts='if(lt(N,10),N,if(lt(N,40),10+3*(N-10),N+60))/25/TB'",
      '-fps_mode',
      'passthrough',
      '-c:v',
      'libx264',
      '-crf',
      '5',
    )
    const { frames, times } = await media.decodeFrames({
      source: wholeOf(slow),
      indices: [9, 11, 45],
      size: 16,
    })
    expect(frameNumbers(frames, 16)).toEqual([9, 11, 45])
    expect(times[1]).toBeCloseTo(13 / 25, 2)
    expect(times[2]).toBeCloseTo(105 / 25, 2)
  })

  it('says so when the clip has fewer frames than asked for', async () => {
    await expect(
      media.decodeFrames({ source: wholeOf(coded), indices: [10, 60], size: 16 }),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
  })

  it('stops when cancelled', async () => {
    await expect(
      media.decodeFrames({ source: wholeOf(coded), indices: [1], size: 16 }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'CancelledError' })
  })
})

describe('inspect', () => {
  it('knows frames, rate, size and what a browser plays', async () => {
    expect(await media.inspect(wholeOf(coded))).toEqual({
      kind: 'video',
      duration: 2,
      fps: 25,
      frameCount: FRAMES,
      width: 96,
      height: 64,
      codec: 'h264',
      pixelFormat: 'yuv420p',
      hasSound: false,
      damaged: false,
      contentType: 'video/mp4',
    })
  })

  it('gives the size after rotation', async () => {
    const turned = await convert('turned.mp4', '-c', 'copy', '-metadata:s:v:0', 'rotate=90')
    expect(await media.inspect(wholeOf(turned))).toMatchObject({ width: 64, height: 96 })
  })

  it('rejects what is no whole video, with the reason', async () => {
    const text = join(folder, 'text.mp4')
    await writeFile(text, 'this is not a video\n')
    const empty = join(folder, 'empty.mp4')
    await writeFile(empty, '')
    const sound = join(folder, 'sound.mp4')
    await runFfmpeg(['-f', 'lavfi', '-i', 'sine=duration=1', fileUrl(sound)], { file: sound })
    await expect(media.inspect(wholeOf(text))).rejects.toThrow(/text\.mp4 is not a video/)
    await expect(media.inspect(wholeOf(empty))).rejects.toThrow(/empty \(0 bytes\)/)
    await expect(media.inspect(wholeOf(sound))).rejects.toThrow(/no video stream/)
    await expect(media.inspect(wholeOf(join(folder, 'gone.mp4')))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it.each([
    ['cut.mp4', '-movflags', '+faststart'],
    ['late-index.mp4'],
    ['cut.mkv'],
    ['cut.webm', '-c:v', 'libvpx', '-b:v', '1M'],
    ['cut.avi', '-c:v', 'mpeg4'],
  ])('rejects the truncated clip %s', async (name, ...options) => {
    const path = join(folder, name)
    await runFfmpeg(
      ['-f', 'lavfi', '-i', 'testsrc=duration=2', '-pix_fmt', 'yuv420p', ...options, fileUrl(path)],
      { file: path },
    )
    await truncate(path, Math.floor(statSync(path).size * 0.6))
    await expect(media.inspect(wholeOf(path))).rejects.toThrow(/cut off/)
  })
})

/** The size at which a player shows a video. */
async function shownSize(path: string): Promise<string> {
  const picture: Buffer[] = []
  const square = ['-frames:v', '1', '-vf', 'scale=iw*sar:ih', '-c:v', 'ppm', '-f', 'image2pipe', 'pipe:1']
  await runFfmpeg(['-i', fileUrl(path), ...square], { file: path, onOutput: (chunk) => picture.push(chunk) })
  return Buffer.concat(picture).toString('latin1').split('\n')[1] ?? ''
}

describe('proxies and thumbnails', () => {
  it('copies the form of pixels that are not square, turned with the picture', async () => {
    const wide = await convert('wide.mkv', '-c:v', 'mpeg4', '-vf', 'setsar=4/3')
    const turned = join(folder, 'turned-wide.mp4')
    const turning = ['-c', 'copy', '-metadata:s:v:0', 'rotate=90']
    await runFfmpeg(['-i', fileUrl(wide), ...turning, fileUrl(turned)], { file: wide })
    for (const [original, size] of [
      [wide, '128 64'],
      [turned, '48 96'],
    ] as const) {
      const proxy = `${original}.proxy`
      await media.makeProxy(wholeOf(original), proxy)
      expect(await shownSize(original)).toBe(size)
      expect(await shownSize(proxy)).toBe(size)
    }
  })

  it.each([
    ['mpeg4.avi', 'mpeg4'],
    ['mjpeg.avi', 'mjpeg'],
  ])('makes %s playable, frame for frame', async (name, codec) => {
    const original = await convert(name, '-c:v', codec, '-q:v', '2')
    expect(await media.inspect(wholeOf(original))).toMatchObject({
      codec,
      contentType: null,
      frameCount: FRAMES,
    })
    const proxy = join(folder, `${name}.proxy`)
    await media.makeProxy(wholeOf(original), proxy)
    expect(await media.inspect(wholeOf(proxy))).toMatchObject({
      codec: 'h264',
      contentType: 'video/mp4',
      frameCount: FRAMES,
      duration: 2,
    })
    const { frames } = await media.decodeFrames({ source: wholeOf(proxy), indices: [3, 30], size: 16 })
    expect(frameNumbers(frames, 16)).toEqual([3, 30])
  })

  it('keeps the sound, at its time', async () => {
    const original = join(folder, 'sound.avi')
    const inputs = [
      '-f',
      'lavfi',
      '-i',
      'testsrc=duration=3:size=96x64',
      '-f',
      'lavfi',
      '-i',
      'sine=duration=3',
    ]
    await runFfmpeg([...inputs, '-c:v', 'mpeg4', '-c:a', 'mp3', fileUrl(original)], { file: original })
    for (const [source, seconds] of [
      [wholeOf(original), 3],
      [{ path: original, start: 1, end: 2 }, 1],
    ] as const) {
      const proxy = join(folder, 'sound.mp4')
      await media.makeProxy(source, proxy)
      const { frameCount, hasSound, contentType } = await media.inspect(wholeOf(proxy))
      expect({ frameCount, hasSound, contentType }).toEqual({
        frameCount: 25 * seconds,
        hasSound: true,
        contentType: 'video/mp4',
      })
      const volume: Buffer[] = []
      const heard = ['-i', fileUrl(proxy), '-map', '0:a', '-f', 's16le', '-ac', '1', '-ar', '8000', 'pipe:1']
      await runFfmpeg(heard, { file: proxy, onOutput: (chunk) => volume.push(chunk) })
      const samples = Buffer.concat(volume).length / 2
      expect(samples / 8000).toBeGreaterThan(seconds - 0.15)
      expect(samples / 8000).toBeLessThan(seconds + 0.15)
    }
  })

  it('leaves nothing behind when a clip is bad, and a JPEG when it is good', async () => {
    const bad = join(folder, 'bad.mp4')
    await writeFile(bad, 'nonsense')
    const before = readdirSync(folder).length
    await expect(media.makeThumbnail(wholeOf(bad), join(folder, 'bad.jpg'))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    expect(readdirSync(folder)).toHaveLength(before)
    const good = join(folder, 'good.jpg')
    await media.makeThumbnail(wholeOf(coded), good)
    expect(await pictureSize(good)).toMatchObject({ width: 160 })
  })

  it('shows the frames asked for side by side, in order', async () => {
    const strip = join(folder, 'strip.jpg')
    await media.makeFilmstrip(wholeOf(coded), [0, 20, 45], strip)
    expect(await pictureSize(strip)).toEqual({ width: 3 * 96, height: 72 })
    const frames = await pictureBytes(strip, 9)
    const levels = [1, 4, 7].map((column) => ((frames[column * 3] ?? 0) - 20) / 4)
    levels.forEach((level, i) => {
      expect(Math.abs(level - ([0, 20, 45][i] ?? NaN))).toBeLessThan(1)
    })
  })
})

describe('hashFile', () => {
  it('is SHA-256 of the content', async () => {
    const path = join(folder, 'abc.txt')
    await writeFile(path, 'abc')
    expect(await hashFile(path)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})

describe.skipIf(!existsSync(REAL))('real clips (skipped where the shared test data is missing)', () => {
  const clips = existsSync(REAL)
    ? ['msvd/clips', 'actions'].flatMap((part) =>
        readdirSync(join(REAL, part)).map((name) => join(REAL, part, name)),
      )
    : []
  it.each(clips)('%s', async (path) => {
    const { frameCount, duration, contentType } = await media.inspect(wholeOf(path))
    expect(contentType !== null).toBe(path.endsWith('.mp4'))
    const { frames, times } = await media.decodeFrames({
      source: wholeOf(path),
      indices: segmentStarts(frameCount, 28),
      size: 32,
    })
    expect(frames).toHaveLength(28 * 32 * 32 * 3)
    expect(times.every((time, i) => time < duration && time > (times[i - 1] ?? -1))).toBe(true)
    await media.makeThumbnail(wholeOf(path), join(folder, 'real.jpg'))
  })
})
