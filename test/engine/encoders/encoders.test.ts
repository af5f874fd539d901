import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildBackbone, cellAverages } from '../../../src-main/engine/encoders/backbone.ts'
import { loadCenternet, modelsFolder } from '../../../src-main/engine/encoders/centernet.ts'
import { readDescriptor, sha256 } from '../../../src-main/engine/encoders/descriptor.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import type { LayerGraph } from '../../../src-main/engine/encoders/layers.ts'
import { ort } from '../../../src-main/engine/onnx-runtime.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { engineContext } from '../context.ts'
import { evaluateNode } from './tensorflow-js.ts'
import type { FeatureMap, GraphModel } from './tensorflow-js.ts'

const SIZE = 256
const FRAME = SIZE * SIZE * 3
const context = engineContext()
const prepare = (directory: string) =>
  encoderHandlers['encoders.prepare']({ directory, id: 'centernet-mobilenetv3' }, context)

let folder: string
let descriptor: string
let network: LayerGraph
/** The same, as it is stored. */
let model: { graph: GraphModel; weights: Uint8Array }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-encoders-'))
  descriptor = (await prepare(folder)).descriptor
  network = await loadCenternet(modelsFolder())
  model = {
    graph: JSON.parse(await readFile(join(modelsFolder(), 'centernet.json'), 'utf8')) as GraphModel,
    weights: await readFile(join(modelsFolder(), 'centernet.bin')),
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const encode = async (frames: Uint8Array, grid: 1 | 2 = 1) =>
  encoderHandlers['encoders.encode'](
    { descriptor, frames, count: frames.length / FRAME, grid, device: 'cpu' },
    context,
  )

/** A grey frame with a square of one colour. */
function square(
  left: number,
  top: number,
  [red, green, blue]: readonly [number, number, number],
): Uint8Array {
  const frame = new Uint8Array(FRAME).fill(120)
  for (let y = top; y < top + 90; y++) {
    for (let x = left; x < left + 90; x++) {
      frame.set([red, green, blue], 3 * (y * SIZE + x))
    }
  }
  return frame
}
const RED = [220, 30, 40] as const
const leftRed = square(10, 60, RED)
const rightRed = square(124, 60, RED)
const leftBlue = square(10, 60, [30, 60, 220])

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0)
const length = (a: ArrayLike<number>) => Math.sqrt(dot(a, a))
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => dot(a, b) / length(a) / length(b)

describe('encoders.prepare', () => {
  it('writes an encoder whose checksum is true, and keeps it', async () => {
    const { checksum, file } = await readDescriptor(descriptor)
    const network = join(dirname(descriptor), file)
    expect(sha256(await readFile(network))).toBe(checksum)
    const before = await stat(network)
    expect(await prepare(folder)).toMatchObject({
      descriptor,
      fingerprint: checksum,
      size: { width: SIZE, height: SIZE, fit: 'squash' },
    })
    expect((await stat(network)).ino).toBe(before.ino)
  })

  it('rebuilds a damaged network, or one of another design, to the same bytes', async () => {
    const { checksum, file } = await readDescriptor(descriptor)
    const network = join(dirname(descriptor), file)
    await writeFile(network, (await readFile(network)).subarray(0, 1000))
    await prepare(folder)
    expect(sha256(await readFile(network))).toBe(checksum)

    const text = await readFile(descriptor, 'utf8')
    await writeFile(descriptor, text.replace('"revision": 2', '"revision": 0'))
    await prepare(folder)
    expect(await readFile(descriptor, 'utf8')).toBe(text)
  })

  it("refuses a package file with other contents, and one that is missing, by the file's name", async () => {
    const wrong = join(folder, 'models')
    await cp(modelsFolder(), wrong, { recursive: true, filter: (path) => !path.includes('face') })
    const weights = join(wrong, 'centernet.bin')
    const bytes = await readFile(weights)
    bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1
    await writeFile(weights, bytes)
    await expect(loadCenternet(wrong)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(weights) as string,
    })
    await rm(weights)
    await expect(loadCenternet(wrong)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(weights) as string,
    })
  })
})

/** A map [1, channels, side, side] of the rebuilt network, of unit length, for a small picture. */
async function rebuiltMap(
  picture: FeatureMap,
  { layer, channels, side }: { layer: string; channels: number; side: number },
): Promise<Float32Array> {
  const outputs = [{ name: 'map', parts: [{ layer, channels, pooling: 'mean' as const, grid: side }] }]
  const session = await ort.InferenceSession.create(
    buildBackbone(network, { input: 'image', size: picture.side, layerPrefix: '', outputs }),
  )
  const area = picture.side ** 2
  const planes = Float32Array.from(
    picture.values,
    (_, i) => picture.values[(i % area) * 3 + Math.floor(i / area)] ?? NaN,
  )
  const { map } = await session.run({
    image: new ort.Tensor('float32', planes, [1, 3, picture.side, picture.side]),
  })
  await session.release()
  return map?.data as Float32Array
}

describe('cells of a frame', () => {
  const inCells = async (frame: Uint8Array, cells: number) => {
    const { features, dimension } = await encoderHandlers['encoders.encode'](
      { descriptor, frames: frame, count: 1, grid: 2, cells, device: 'cpu' },
      context,
    )
    return Array.from({ length: cells ** 2 }, (_, i) => features.slice(i * dimension, (i + 1) * dimension))
  }

  it('each have what the frame is as a whole, and what is seen in them', async () => {
    const { features: whole } = await encode(leftRed, 2)
    const grey = await inCells(new Uint8Array(FRAME).fill(120), 2)
    const red = await inCells(leftRed, 2)
    for (const cell of red) {
      expect(cell.subarray(0, whole.length)).toEqual(whole)
    }
    // The square lies on the left, a little above the middle.
    const likeness = red.map((cell, i) =>
      cosine(cell.subarray(whole.length), grey[i]!.subarray(whole.length)),
    )
    expect(Math.max(likeness[0]!, likeness[2]!)).toBeLessThan(Math.min(likeness[1]!, likeness[3]!))
  })

  it('are means of smaller ones', async () => {
    const [large, small] = [await inCells(leftRed, 2), await inCells(leftRed, 4)]
    const [first] = large
    const parts = [0, 1, 4, 5].map((cell) => small[cell]!)
    const mean = first!.map((_, j) => parts.reduce((sum, part) => sum + part[j]!, 0) / 4)
    first!.forEach((value, j) => {
      expect(value).toBeCloseTo(mean[j]!, 5)
    })
  })
})

describe('the rebuilt network', () => {
  // In turn: strides, depthwise convolutions and a residual sum; channels weighed by their means (squeeze and excite) at a
  // 5x5 kernel; hard-swish; all of the backbone.
  it.each([
    'MobilenetV3/expanded_conv_2/add',
    'MobilenetV3/expanded_conv_4/add',
    'MobilenetV3/expanded_conv_6/expand/hard_swish/mul_1',
    'extern1/hard_swish/mul_1',
  ])('agrees with TensorFlow.js at %s', async (name) => {
    const layer = `tower_0/${name}`
    const random = createRandom(7)
    const picture = {
      side: 40,
      channels: 3,
      values: Float32Array.from({ length: 40 * 40 * 3 }, () => random.below(256)),
    }
    const expected = await evaluateNode(model.graph, model.weights, picture, layer)
    const actual = await rebuiltMap(picture, { layer, ...expected })
    const { side, channels, values } = expected
    const inPlanes = Float32Array.from(
      { length: actual.length },
      (_, i) => values[(i % side ** 2) * channels + Math.floor(i / side ** 2)] ?? NaN,
    )
    expect(cosine(actual, inPlanes)).toBeGreaterThan(0.99999)
  })

  it('names a layer that is not there, or that it has no operator for', () => {
    const build = (layer: string) => () =>
      buildBackbone(network, {
        input: 'image',
        size: 32,
        layerPrefix: 'tower_0/',
        outputs: [{ name: 'map', parts: [{ layer, channels: 4, pooling: 'mean', grid: 1 }] }],
      })
    expect(build('nowhere')).toThrow(/no layer tower_0\/nowhere/)
    expect(build('wh')).toThrow(/not supported \(Identity\)/)
    expect(build('MobilenetV3/expanded_conv_2/add')).toThrow(/has 24 channels, not 4/)
  })

  it('divides any map into cells of equal weight', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), (side, grid) => {
        const matrix = cellAverages(side, grid)
        const [pixels, cells] = [side * side, grid * grid]
        const total = (count: number, entry: (i: number) => number | undefined) =>
          Array.from({ length: count }, (_, i) => entry(i) ?? NaN).reduce((sum, value) => sum + value, 0)
        for (let cell = 0; cell < cells; cell++) {
          expect(total(pixels, (pixel) => matrix[pixel * cells + cell])).toBeCloseTo(1)
        }
        for (let pixel = 0; pixel < pixels; pixel++) {
          expect(total(cells, (cell) => matrix[pixel * cells + cell])).toBeCloseTo((grid / side) ** 2)
        }
      }),
    )
    // A 3x3 map in 2x2 cells: the corner counts whole, its edge neighbours half, the middle a quarter.
    const corner = [1, 0.5, 0, 0.5, 0.25, 0, 0, 0, 0]
    expect(corner.map((_, pixel) => cellAverages(3, 2)[pixel * 4])).toEqual(
      corner.map((share) => Math.fround(share / 2.25)),
    )
  })
})

describe('pooling by maximum', () => {
  it('gives the largest value of each cell', async () => {
    const part = { layer: 'tower_0/MobilenetV3/expanded_conv_1/expand/Relu', channels: 64, grid: 2 }
    const outputs = [
      { name: 'mean', parts: [{ ...part, pooling: 'mean' as const, grid: 8 }] },
      { name: 'max', parts: [{ ...part, pooling: 'max' as const }] },
    ]
    const session = await ort.InferenceSession.create(
      buildBackbone(network, { input: 'image', size: 16, layerPrefix: '', outputs }),
    )
    const random = createRandom(9)
    const image = Float32Array.from({ length: 3 * 16 * 16 }, () => random.below(256))
    const { mean, max } = await session.run({ image: new ort.Tensor('float32', image, [1, 3, 16, 16]) })
    const [map, cells] = [mean?.data as Float32Array, max?.data as Float32Array]
    const expected = Array.from({ length: 64 * 4 }, (_, i) => {
      const [channel, row, column] = [i >> 2, (i >> 1) & 1, i & 1]
      const values = Array.from(
        { length: 16 },
        (_, k) => map[channel * 64 + (row * 4 + (k >> 2)) * 8 + column * 4 + (k & 3)] ?? NaN,
      )
      return Math.max(...values)
    })
    expect(cosine(cells, expected)).toBeCloseTo(1, 6)
    await session.release()
  })
})

describe('encoders.encode', () => {
  it('gives vectors of the length and parts that the descriptor states, each part of unit length', async () => {
    const { outputs } = await readDescriptor(descriptor)
    expect(outputs.map(({ grid, dimension }) => [grid, dimension])).toEqual([
      [1, 2064],
      [2, 2416],
    ])
    const [whole, quartered] = [await encode(leftRed, 1), await encode(leftRed, 2)]
    expect([whole.dimension, whole.features.length, quartered.dimension, quartered.features.length]).toEqual([
      2064, 2064, 2416, 2416,
    ])
    let at = 0
    for (const { channels, grid } of outputs[1]?.layers ?? []) {
      expect(length(quartered.features.subarray(at, (at += channels * grid * grid)))).toBeCloseTo(1, 5)
    }
    expect(quartered.features.subarray(0, 2064)).toEqual(whole.features)
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

  it('tells colours apart, and with grid 2 left from right', async () => {
    const [red, moved, blue] = await Promise.all(
      [leftRed, rightRed, leftBlue].map(async (frame) => (await encode(frame, 2)).features),
    )
    if (!red || !moved || !blue) {
      throw new Error('three frames were encoded')
    }
    const [early, quarters] = [
      [1728, 2064],
      [2064, 2416],
    ] as const
    const likeness = (a: Float32Array, b: Float32Array, [from, to]: readonly [number, number]) =>
      cosine(a.subarray(from, to), b.subarray(from, to))
    expect(likeness(red, blue, early)).toBeLessThan(likeness(red, moved, early))
    expect(likeness(red, moved, quarters)).toBeLessThan(likeness(red, blue, quarters))
  })

  it('accepts no frames, and refuses a wrong byte count', async () => {
    expect((await encode(new Uint8Array())).features).toHaveLength(0)
    const wrong = encoderHandlers['encoders.encode'](
      { descriptor, frames: leftRed, count: 2, grid: 1, device: 'cpu' },
      context,
    )
    await expect(wrong).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('not 2 RGB frames of 256x256') as string,
    })
  })

  it('stops when it is cancelled', async () => {
    const cancelled = encoderHandlers['encoders.encode'](
      { descriptor, frames: leftRed, count: 1, grid: 1, device: 'cpu' },
      engineContext(AbortSignal.abort()),
    )
    await expect(cancelled).rejects.toMatchObject({ name: 'CancelledError' })
  })
})
