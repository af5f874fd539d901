/** ONNX files of all kinds as encoders: what is read of them, what they compute, and what is refused. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { BUILT_IN_ENCODER } from '#contract'
import type { EncoderChoices } from '#contract'
import { DESCRIPTOR } from '../../../src-main/engine/encoders/descriptor.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { engineContext } from '../context.ts'
import { tinyNetwork, WIDTH, weight, weights } from './tiny-network.ts'
import type { TinyNetwork } from './tiny-network.ts'

const context = engineContext()
let folder: string
let directory: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-registry-'))
  directory = join(folder, 'encoders')
  return () => rm(folder, { recursive: true, force: true })
})

async function network(kind: TinyNetwork = {}, name = 'My Net.onnx'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, tinyNetwork(kind))
  return path
}
const inspect = (path: string, choices: EncoderChoices = {}) =>
  encoderHandlers['encoders.inspect']({ directory, path, choices }, context)
const add = (path: string, choices: EncoderChoices = {}, id = 'mine') =>
  encoderHandlers['encoders.add']({ directory, path, choices, id, title: null, licence: 'MIT' }, context)
const prepare = (id = 'mine') => encoderHandlers['encoders.prepare']({ directory, id }, context)

/** The features of frames of one colour each. */
async function encode(colours: readonly (readonly [number, number, number])[], grid: 1 | 2 = 1) {
  const { descriptor, size } = await prepare()
  const pixels = size.width * size.height
  const frames = Uint8Array.from(
    colours.flatMap((colour) => Array.from({ length: pixels }, () => colour).flat()),
  )
  return encoderHandlers['encoders.encode'](
    { descriptor, frames, count: colours.length, grid, device: 'cpu' },
    context,
  )
}

describe('an ONNX file', () => {
  it('says its input and outputs itself, and what it leaves open is chosen', async () => {
    const draft = await inspect(await network(), { width: 32 })
    expect(draft).toMatchObject({
      id: 'my-net',
      title: 'My Net',
      anySize: true,
      preset: 'imagenet',
      input: {
        name: 'frames',
        layout: 'NCHW',
        type: 'float32',
        width: 32,
        height: 32,
        fit: 'crop',
        margin: 5,
        batch: null,
      },
      outputs: [
        { name: 'map', shape: [1, 3, 32, 32], form: 'NCHW', chosen: false },
        { name: 'label', type: 'int64', form: null, chosen: false },
        { name: 'vector', shape: [1, WIDTH], form: 'vector', chosen: true },
        { name: 'tokens', shape: [1, 1025, 3], form: 'tokens', chosen: false },
      ],
      grids: [{ grid: 1, dimension: WIDTH }],
    })
    expect(await inspect(await network(), { outputs: ['map', 'vector'] })).toMatchObject({
      input: { width: 224, height: 224, margin: 32 },
      grids: [
        { grid: 1, dimension: 3 + WIDTH },
        { grid: 2, dimension: 3 + WIDTH + 12 },
      ],
    })
    expect(await inspect(await network({ shape: [1, 20, 30, 3] }))).toMatchObject({
      anySize: false,
      input: { layout: 'NHWC', width: 30, height: 20, batch: 1 },
    })
  })

  it.each<[string, TinyNetwork, EncoderChoices, RegExp]>([
    ['with a second input', { secondInput: true }, {}, /takes the inputs frames, input_ids/],
    ['of whole numbers', { type: 'INT64' }, {}, /input frames of .* is of the type int64/],
    ['of stacks of colours anywhere', { shape: ['N', 'T', 'C', 16, 16] }, {}, /16, 16\], which does not say/],
    ['of no frames', { shape: ['N', 3] }, {}, /has the shape \[\?, 3\]: frames are/],
    ['of one colour', { shape: ['N', 1, 16, 16] }, {}, /in which no place is for three colours/],
    ['of colours anywhere', { shape: ['N', 'C', 'H', 'W'] }, {}, /does not say where the colours are/],
    ['with an operator of its own', { operator: 'MyOwnOp' }, {}, /needs the operator MyOwnOp/],
    [
      'without its weights',
      { external: 'weights.bin' },
      {},
      /takes weights from weights.bin, which is not beside it/,
    ],
    ['with weights elsewhere', { external: '../weights.bin' }, {}, /which does not lie beside it/],
    [
      'of another size',
      { shape: ['N', 3, 16, 16] },
      { width: 32 },
      /takes frames of 16 pixels a side, not 32/,
    ],
    [
      'without the output',
      {},
      { outputs: ['heat'] },
      /has no output heat: it has map, label, vector, tokens/,
    ],
    [
      'whose output is no use',
      {},
      { outputs: ['label'] },
      /output label of .* is no vector, map or sequence/,
    ],
    ['of more pixels than can be', { shape: [1, 3, 8, 5000] }, {}, /frames of 5000 pixels a side; 4096 are/],
    ['of bytes with a mean', { type: 'UINT8' }, { mean: [1, 2, 3] }, /takes bytes \(uint8\) as they are/],
  ])('%s is refused in words, and nothing is added', async (_, kind, choices, words) => {
    const path = await network(kind)
    await expect(add(path, choices)).rejects.toThrow(words)
    await expect(readdir(directory)).rejects.toThrow(/ENOENT/)
  })

  it('that is none is refused by its name', async () => {
    const path = join(folder, 'notes.onnx')
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('no network at all'),
      Buffer.from(tinyNetwork()).subarray(0, 300),
    ]) {
      await writeFile(path, bytes)
      await expect(inspect(path)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: /notes\.onnx/ as unknown as string,
      })
    }
  })
})

describe('an encoder that was added', () => {
  it.each([
    ['float32', 'FLOAT'],
    ['float16', 'FLOAT16'],
  ] as const)('of %s sees colours in the order and by the scale that it was given', async (_, type) => {
    const choices: EncoderChoices = { preset: 'siglip', channels: 'BGR', width: 8, outputs: ['map'] }
    await add(await network({ type }), choices)
    const { features } = await encode([[255, 0, 51]])
    // Blue, green and red of -1 to 1.
    expect([...features].map((value) => Number(value.toFixed(3)))).toEqual([-0.6, -1, 1])
  })

  it('of bytes gets them as they are', async () => {
    await add(await network({ type: 'UINT8' }), { width: 8, outputs: ['map'] })
    expect([...(await encode([[7, 8, 255]])).features]).toEqual([7, 8, 255])
  })

  it('makes one vector of several outputs, each pooled', async () => {
    await add(await network(), {
      preset: 'raw',
      width: 8,
      outputs: ['vector', 'tokens', 'map'],
      pooling: 'first',
    })
    const { features, dimension } = await encode(
      [
        [10, 20, 30],
        [1, 1, 1],
      ],
      2,
    )
    const vector = (colour: readonly number[]) =>
      Array.from({ length: WIDTH }, (_, place) =>
        colour.reduce((sum, value, channel) => sum + value * weight(channel, place), 0),
      )
    const cells = (colour: readonly number[]) => colour.flatMap((value) => [value, value, value, value])
    const expected = [
      [10, 20, 30],
      [1, 1, 1],
    ].flatMap((colour) => [...vector(colour), 1, 1, 1, ...colour, ...cells(colour), ...cells(colour)])
    expect(dimension).toBe(WIDTH + 3 + 3 + 12 + 12)
    expect([...features].map((value) => Number(value.toFixed(3)))).toEqual(
      expected.map((value) => Number(value.toFixed(3))),
    )
  })

  it('sees the cells of a frame where it gives a map, and says so where it gives none', async () => {
    const choices: EncoderChoices = { preset: 'raw', outputs: ['map'] }
    expect(await add(await network({ shape: ['N', 3, 16, 16] }), choices)).toMatchObject({
      cellDimension: 3,
    })
    const { descriptor } = await prepare()
    // From left to right the first colour rises from 0 to 15.
    const frames = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) =>
      i % 3 === 0 ? Math.floor(i / 3) % 16 : 100,
    )
    const encodeCells = (of: string) =>
      encoderHandlers['encoders.encode'](
        { descriptor: of, frames, count: 1, grid: 1, cells: 2, device: 'cpu' },
        context,
      )
    const { features, dimension } = await encodeCells(descriptor)
    expect(dimension).toBe(6)
    const [whole, left, right] = [
      [7.5, 100, 100],
      [3.5, 100, 100],
      [11.5, 100, 100],
    ]
    expect([...features]).toEqual([left, right, left, right].flatMap((cell) => [...whole!, ...cell!]))

    await add(await network({ shape: ['N', 3, 16, 16] }), { preset: 'raw' }, 'vectors')
    await expect(encodeCells((await prepare('vectors')).descriptor)).rejects.toThrow(
      /vectors gives no map of a frame/,
    )
  })

  it('made for a fixed number of frames takes any', async () => {
    await add(await network({ shape: [3, 3, 8, 8] }), { preset: 'raw', outputs: ['map'] })
    const colours = [1, 2, 3, 4].map((value) => [value, value, value] as const)
    expect([...(await encode(colours)).features]).toEqual(colours.flat())
  })

  it('keeps its weights beside it, and notices when they are altered', async () => {
    await writeFile(join(folder, 'weights.bin'), weights())
    const { bytes } = await add(await network({ external: 'weights.bin' }), { preset: 'raw', width: 8 })
    expect(bytes).toBe(tinyNetwork({ external: 'weights.bin' }).length + weights().length)
    await rm(join(folder, 'weights.bin'))
    const kept = join(dirname((await prepare()).descriptor), 'weights.bin')
    await writeFile(
      kept,
      weights().map((byte, place) => (place === 6 ? byte ^ 1 : byte)),
    )
    await expect(encode([[1, 1, 1]])).rejects.toThrow(/weights\.bin is damaged/)
    await writeFile(kept, weights())
    expect((await encode([[1, 1, 1]])).features[0]).toBeCloseTo(weight(0, 0) + weight(1, 0) + weight(2, 0), 5)
  })

  it('of the same name with other weights beside the same file sees with its own', async () => {
    const file = join(folder, 'weights.bin')
    const choices: EncoderChoices = { preset: 'raw', width: 8 }
    await writeFile(file, weights())
    await add(await network({ external: 'weights.bin' }), choices)
    const [before] = (await encode([[0, 1, 0]])).features
    await encoderHandlers['encoders.remove']({ directory, id: 'mine' }, context)
    await writeFile(file, new Uint8Array(new Float32Array(3 * WIDTH).fill(7).buffer))
    await add(await network({ external: 'weights.bin' }), choices)
    expect([before, (await encode([[0, 1, 0]])).features[0]]).toEqual([weight(1, 0), 7])
  })

  it('of a file whose name no other system allows is usable', async () => {
    await add(await network({}, 'run 12:30.onnx'), { width: 8 })
    expect((await encode([[1, 1, 1]])).dimension).toBe(WIDTH)
  })

  it('has another fingerprint when it is fed otherwise', async () => {
    const path = await network()
    await add(path, { width: 8 }, 'one')
    await add(path, { width: 8 }, 'same')
    await add(path, { width: 8, channels: 'BGR' }, 'other')
    const [one, same, other] = await Promise.all(
      ['one', 'same', 'other'].map(async (id) => (await prepare(id)).fingerprint),
    )
    expect([one === same, one === other]).toEqual([true, false])
  })

  it('is listed after the built-in one, keeps its name to itself, and can be removed', async () => {
    await add(await network(), { width: 8 })
    await expect(add(await network(), { width: 8 })).rejects.toThrow(/an encoder called mine already/)
    await writeFile(join(directory, 'mine', DESCRIPTOR), '{}')
    const listed = await encoderHandlers['encoders.list']({ directory }, context)
    expect(listed.map(({ id, builtIn, problem }) => [id, builtIn, problem === null])).toEqual([
      [BUILT_IN_ENCODER, true, true],
      ['centernet-mobilenetv3', true, true],
      ['mine', false, false],
    ])
    await encoderHandlers['encoders.remove']({ directory, id: 'mine' }, context)
    await expect(prepare()).rejects.toThrow(/There is no frame encoder called mine/)
    await expect(
      encoderHandlers['encoders.remove']({ directory, id: BUILT_IN_ENCODER }, context),
    ).rejects.toThrow(/comes with the program/)
  })
})
