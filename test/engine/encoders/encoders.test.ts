import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildBackbone, cellAverages } from '../../../src-main/engine/encoders/backbone.ts'
import { readDescriptor, sha256 } from '../../../src-main/engine/encoders/descriptor.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { loadDetector } from '../../../src-main/engine/encoders/objectron.ts'
import { readTflite } from '../../../src-main/engine/encoders/tflite.ts'
import type { TfliteModel } from '../../../src-main/engine/encoders/tflite.ts'
import { createRandom } from '../../../src-main/engine/random.ts'
import { evaluateLayer } from './naive.ts'

const SIZE = 224
const FRAME = SIZE * SIZE * 3
const packageFile = createRequire(import.meta.url).resolve('@mediapipe/objectron/objectron_solution_packed_assets.data')
const context = { signal: new AbortController().signal, progress: () => undefined }
const prepare = (directory: string) => encoderHandlers['encoders.prepare']({ directory }, context)

let folder: string
let descriptor: string
let model: TfliteModel
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-encoders-'))
  descriptor = (await prepare(folder)).descriptor
  model = readTflite(await loadDetector(packageFile))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const encode = async (frames: Uint8Array, grid: 1 | 2 = 1) =>
  encoderHandlers['encoders.encode']({ descriptor, frames, count: frames.length / FRAME, grid }, context)

/** A grey frame with a square of one colour. */
function square(left: number, top: number, [red, green, blue]: readonly [number, number, number]): Uint8Array {
  const frame = new Uint8Array(FRAME).fill(120)
  for (let y = top; y < top + 90; y++) for (let x = left; x < left + 90; x++) frame.set([red, green, blue], 3 * (y * SIZE + x))
  return frame
}
const RED = [220, 30, 40] as const
const leftRed = square(10, 60, RED)
const rightRed = square(124, 60, RED)
const leftBlue = square(10, 60, [30, 60, 220])

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0)
const length = (a: ArrayLike<number>) => Math.sqrt(dot(a, a))
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => dot(a, b) / length(a) / length(b)

describe('encoders.prepare', () => {
  it('writes an encoder whose checksum is true, and keeps it', async () => {
    const located = await readDescriptor(descriptor)
    expect(sha256(await readFile(located.path))).toBe(located.checksum)
    const before = await stat(located.path)
    expect(await prepare(folder)).toEqual({ descriptor, checksum: located.checksum, size: SIZE })
    expect((await stat(located.path)).ino).toBe(before.ino)
  })

  it('rebuilds a damaged network to the same bytes', async () => {
    const { path, checksum } = await readDescriptor(descriptor)
    await writeFile(path, (await readFile(path)).subarray(0, 1000))
    await prepare(folder)
    expect(sha256(await readFile(path))).toBe(checksum)
  })

  it("refuses a package file with other contents, and one that is missing, by the file's name", async () => {
    const bytes = await readFile(packageFile)
    bytes[5_000_000] = (bytes[5_000_000] ?? 0) ^ 1
    const wrong = join(folder, 'assets.data')
    await writeFile(wrong, bytes)
    await expect(loadDetector(wrong)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(wrong) as string })
    await expect(loadDetector('/nowhere.data')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('/nowhere.data') as string })
  })
})

describe('the rebuilt network', () => {
  // The first covers the plain convolution; the second also depthwise convolutions, strides, linear layers and a residual sum.
  it.each([
    ['Conv/Relu6', 32, 8],
    ['expanded_conv_2/add', 24, 4],
  ])('agrees with a plain evaluation of the stored weights at %s', async (layer, channels, side) => {
    const size = 16
    const random = createRandom(7)
    const image = { side: size, channels: 3, data: Float64Array.from({ length: size * size * 3 }, () => 2 * random.next() - 1) }
    const expected = evaluateLayer(model, image, `FeatureExtractor/MobilenetV2/${layer}`)
    expect(expected).toMatchObject({ side, channels })

    const outputs = [{ name: 'map', parts: [{ layer, channels, grid: side }] }]
    const session = await ort.InferenceSession.create(buildBackbone(model, { input: 'image', size, layerPrefix: 'FeatureExtractor/MobilenetV2/', outputs }))
    const planes = Float32Array.from({ length: image.data.length }, (_, i) => image.data[(i % 256) * 3 + Math.floor(i / 256)] ?? NaN)
    const { map } = await session.run({ image: new ort.Tensor('float32', planes, [1, 3, size, size]) })
    const actual = map?.data as Float32Array
    const norm = length(expected.data)
    for (let channel = 0; channel < channels; channel++)
      for (let pixel = 0; pixel < side * side; pixel++)
        expect(actual[channel * side * side + pixel]).toBeCloseTo((expected.data[pixel * channels + channel] ?? NaN) / norm, 5)
    await session.release()
  })

  it('divides any map into cells of equal weight', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), (side, grid) => {
        const matrix = cellAverages(side, grid)
        const total = (entries: (pixel: number, cell: number) => number | undefined, pixels: number, cells: number) => {
          let sum = 0
          for (let p = 0; p < pixels; p++) for (let c = 0; c < cells; c++) sum += entries(p, c) ?? NaN
          return sum
        }
        for (let cell = 0; cell < grid * grid; cell++) expect(total((p) => matrix[p * grid * grid + cell], side * side, 1)).toBeCloseTo(1)
        for (let pixel = 0; pixel < side * side; pixel++)
          expect(total((_, c) => matrix[pixel * grid * grid + c], 1, grid * grid)).toBeCloseTo((grid / side) ** 2)
      }),
    )
    // A 3x3 map in 2x2 cells: the corner counts whole, its edge neighbours half, the middle a quarter.
    const corner = [1, 0.5, 0, 0.5, 0.25, 0, 0, 0, 0]
    expect(corner.map((_, pixel) => cellAverages(3, 2)[pixel * 4])).toEqual(corner.map((share) => Math.fround(share / 2.25)))
  })
})

describe('encoders.encode', () => {
  it('gives vectors of the length and parts that the descriptor states, each part of unit length', async () => {
    const { outputs } = await readDescriptor(descriptor)
    expect(outputs.map(({ grid, dimension }) => [grid, dimension])).toEqual([[1, 1720], [2, 3480]])
    const [coarse, fine] = [await encode(leftRed, 1), await encode(leftRed, 2)]
    expect([coarse.dimension, coarse.features.length, fine.dimension, fine.features.length]).toEqual([1720, 1720, 3480, 3480])
    let at = 0
    for (const { channels, grid } of outputs[1]?.parts ?? []) {
      expect(length(fine.features.subarray(at, (at += channels * grid * grid)))).toBeCloseTo(1, 5)
    }
    expect(fine.features.subarray(0, 1720)).toEqual(coarse.features)
  })

  it('gives a frame the same features alone and in any company', async () => {
    const random = createRandom(3)
    const noise = Uint8Array.from({ length: FRAME }, () => random.below(256))
    const all = [leftRed, rightRed, leftBlue, noise, leftRed, noise, rightRed]
    const { features, dimension } = await encode(Buffer.concat(all), 2)
    for (const [i, frame] of all.entries()) {
      expect((await encode(frame, 2)).features).toEqual(features.slice(i * dimension, (i + 1) * dimension))
    }
  })

  it('tells colours apart, and with grid 2 positions better', async () => {
    const features = async (frame: Uint8Array, grid: 1 | 2) => (await encode(frame, grid)).features
    expect(cosine(await features(leftRed, 1), await features(leftBlue, 1))).toBeLessThan(0.995)
    const cells = async (frame: Uint8Array) => (await features(frame, 2)).subarray(1720)
    const whole = async (frame: Uint8Array) => (await features(frame, 2)).subarray(0, 320)
    expect(cosine(await cells(leftRed), await cells(rightRed))).toBeLessThan(cosine(await whole(leftRed), await whole(rightRed)) - 0.05)
  })

  it('accepts no frames, and refuses a wrong byte count', async () => {
    expect((await encode(new Uint8Array())).features).toHaveLength(0)
    const wrong = encoderHandlers['encoders.encode']({ descriptor, frames: leftRed, count: 2, grid: 1 }, context)
    await expect(wrong).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('not 2 RGB frames of 224x224') as string })
  })

  it('stops when it is cancelled', async () => {
    const cancelled = encoderHandlers['encoders.encode'](
      { descriptor, frames: leftRed, count: 1, grid: 1 },
      { ...context, signal: AbortSignal.abort() },
    )
    await expect(cancelled).rejects.toMatchObject({ name: 'CancelledError' })
  })
})
