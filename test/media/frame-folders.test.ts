/** Folders of frames of which some are broken, missing or of another size; and what is made of such videos. */
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { wholeOf } from '../../src-main/media/source.ts'
import { openMedia } from './open.ts'
import { pictureSize } from './pictures.ts'

const media = openMedia()

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-frames-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** Bytes of grey pictures: that of number i is of level 15 i + 20, all over. */
function* greys(count: number, pixels: number): Iterable<Uint8Array> {
  for (let i = 0; i < count; i++) {
    yield new Uint8Array(pixels * 3).fill(15 * i + 20)
  }
}

interface Greys {
  count: number
  size?: string
  codec?: readonly string[]
}

async function write(path: string, { count, size = '96x72', codec = [] }: Greys): Promise<void> {
  const [width = 0, height = 0] = size.split('x').map(Number)
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-r', '25', '-i', 'pipe:0']
  await runFfmpeg([...input, ...codec, fileUrl(path)], { file: path, input: greys(count, width * height) })
}

const numberOf = (level: number): number => Math.round((level - 20) / 15) + 0

/** The numbers of grey squares. */
const numbersOf = (frames: Uint8Array, size: number): number[] =>
  Array.from({ length: frames.length / (size * size * 3) }, (_, i) => numberOf(frames[i * size * size * 3]!))

async function numbersInVideo(path: string): Promise<number[]> {
  const { frameCount } = await media.inspect(wholeOf(path))
  const indices = Array.from({ length: frameCount }, (_, i) => i)
  const { frames } = await media.decodeFrames({ source: wholeOf(path), indices, size: 16 })
  // The middle of each.
  return Array.from({ length: frameCount }, (_, i) => numberOf(frames[(i * 256 + 8 * 16 + 8) * 3]!))
}

/** The numbers in a strip of frames, each at its middle. */
async function numbersInStrip(path: string, count: number): Promise<number[]> {
  expect(await pictureSize(path)).toEqual({ width: 96 * count, height: 72 })
  const chunks: Buffer[] = []
  const input = ['-f', 'jpeg_pipe', '-i', fileUrl(path), '-vf', 'format=rgb24', '-f', 'rawvideo', 'pipe:1']
  await runFfmpeg(input, { file: path, onOutput: (chunk) => chunks.push(chunk) })
  const row = Buffer.concat(chunks).subarray(36 * 96 * count * 3)
  return Array.from({ length: count }, (_, i) => numberOf(row[(96 * i + 48) * 3]!))
}

const FIRST_TO = (count: number) => Array.from({ length: count }, (_, i) => i)

it('frames of a folder that are broken are lost, and those beside them stand in', async () => {
  const folder = await temporaryFolder()
  const frames = join(folder, 'v')
  await mkdir(frames)
  await write(join(frames, 'f%02d.jpg'), { count: 12, codec: ['-start_number', '0', '-q:v', '1'] })
  await truncate(join(frames, 'f00.jpg'))
  await writeFile(join(frames, 'f05.jpg'), 'no picture')
  // Half of one: its lower part would be what the decoder makes up.
  await truncate(join(frames, 'f06.jpg'), (await readFile(join(frames, 'f06.jpg'))).length - 60)
  await mkdir(join(frames, 'f99.jpg'))
  const source = wholeOf(frames)
  expect(await media.inspect(source)).toMatchObject({ kind: 'frames', frameCount: 12, damaged: true })
  const all = await media.decodeFrames({ source, indices: FIRST_TO(12), size: 16 })
  const shown = [1, 1, 2, 3, 4, 4, 4, 7, 8, 9, 10, 11]
  expect(numbersOf(all.frames, 16)).toEqual(shown)
  expect(all.lost).toEqual([0, 5, 6])
  const some = await media.decodeFrames({ source, indices: [2, 6, 9], size: 16 })
  expect([numbersOf(some.frames, 16), some.lost]).toEqual([
    [2, 4, 9],
    [0, 5, 6],
  ])
  const strip = join(folder, 'strip.jpg')
  await media.makeFilmstrip(source, FIRST_TO(12), strip)
  expect(await numbersInStrip(strip, 12)).toEqual(shown)
  const proxy = join(folder, 'proxy.mp4')
  await media.makeProxy(source, proxy)
  expect(await numbersInVideo(proxy)).toEqual(shown)
})

it('a folder without a whole frame is refused, and so is one of fewer than were asked for', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'f1.jpg'), 'no picture')
  await writeFile(join(folder, 'f2.jpg'), '')
  const source = wholeOf(folder)
  await expect(media.inspect(source)).rejects.toThrow('holds no frame that can be decoded')
  await expect(media.decodeFrames({ source, indices: [0, 1], size: 16 })).rejects.toThrow(
    'holds no frame that can be decoded',
  )
  await expect(media.decodeFrames({ source, indices: [0, 2], size: 16 })).rejects.toThrow(
    'yields 2 of the 2 frames',
  )
})

it('frames of several sizes make one copy and one strip', async () => {
  const folder = await temporaryFolder()
  const frames = join(folder, 'v')
  await mkdir(frames)
  await write(join(frames, 'a%02d.png'), { count: 4, codec: ['-start_number', '0'] })
  await write(join(frames, 'b%02d.png'), { count: 4, size: '64x128', codec: ['-start_number', '0'] })
  const strip = join(folder, 'strip.jpg')
  await media.makeFilmstrip(wholeOf(frames), FIRST_TO(8), strip)
  expect(await numbersInStrip(strip, 8)).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
  const proxy = join(folder, 'proxy.mp4')
  await media.makeProxy(wholeOf(frames), proxy)
  expect(await media.inspect(wholeOf(proxy))).toMatchObject({ width: 96, height: 72, frameCount: 8 })
  expect(await numbersInVideo(proxy)).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
})

it('a recording that changes its size midway makes one copy', async () => {
  const folder = await temporaryFolder()
  const codec = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', '0', '-f', 'mpegts']
  await write(join(folder, 'a.ts'), { count: 8, codec })
  await write(join(folder, 'b.ts'), { count: 8, size: '64x128', codec })
  const both = join(folder, 'both.ts')
  await writeFile(
    both,
    Buffer.concat([await readFile(join(folder, 'a.ts')), await readFile(join(folder, 'b.ts'))]),
  )
  const proxy = join(folder, 'proxy.mp4')
  await media.makeProxy(wholeOf(both), proxy)
  expect(await numbersInVideo(proxy)).toEqual([...FIRST_TO(8), ...FIRST_TO(8)])
})

it('the strip of a damaged video has each frame in its place', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'damaged.avi')
  await write(path, { count: 15, codec: ['-c:v', 'mjpeg', '-q:v', '2'] })
  const bytes = await readFile(path)
  // The eighth picture; the first such mark is that of the index.
  const chunk = nthIndexOf(bytes, Buffer.from('00dc'), 9)
  bytes.fill(0, chunk + 8, chunk + 8 + bytes.readUInt32LE(chunk + 4))
  await writeFile(path, bytes)
  const { lost } = await media.decodeFrames({ source: wholeOf(path), indices: FIRST_TO(15), size: 16 })
  expect(lost).toEqual([7])
  const strip = join(folder, 'strip.jpg')
  await media.makeFilmstrip(wholeOf(path), FIRST_TO(15), strip)
  expect(await numbersInStrip(strip, 15)).toEqual([0, 1, 2, 3, 4, 5, 6, 6, 8, 9, 10, 11, 12, 13, 14])
})

it.each([
  ['jpg', ['-q:v', '1']],
  ['png', []],
  ['webp', ['-c:v', 'libwebp', '-quality', '90']],
])('a picture that is cut off is damaged, as a clip and as a frame: %s', async (extension, codec) => {
  const folder = await temporaryFolder()
  const path = join(folder, `f1.${extension}`)
  const noise = ['-f', 'lavfi', '-i', 'testsrc2=size=192x144,noise=alls=50', '-frames:v', '1']
  await runFfmpeg([...noise, ...codec, '-update', '1', fileUrl(path)], { file: path })
  const bytes = await readFile(path)
  expect(await media.inspect(wholeOf(path))).toMatchObject({ damaged: false })
  await writeFile(join(folder, `f2.${extension}`), bytes.subarray(0, bytes.length / 2))
  const source = wholeOf(folder)
  const { lost, frames } = await media.decodeFrames({ source, indices: [0, 1], size: 16 })
  expect(lost).toEqual([1])
  expect(frames.subarray(768)).toEqual(frames.subarray(0, 768))
  const facts = await media.inspect(wholeOf(join(folder, `f2.${extension}`))).catch(() => null)
  expect(facts?.damaged ?? true).toBe(true)
})

it('a JPEG without the mark of its end, as some programs write it, is whole', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'f1.jpg')
  await write(path, { count: 1, codec: ['-update', '1'] })
  await truncate(path, (await readFile(path)).length - 2)
  expect(await media.inspect(wholeOf(path))).toMatchObject({ damaged: false })
})

function nthIndexOf(bytes: Buffer, part: Buffer, n: number): number {
  let at = -1
  for (let i = 0; i < n; i++) {
    at = bytes.indexOf(part, at + 1)
  }
  return at
}
