/** Networks that take stacks of frames: how they lie in the input, and which frames make which feature. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { encoder } from '#contract'
import type { EncoderChoices } from '#contract'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { OnnxBuilder } from '../../../src-main/engine/encoders/onnx.ts'
import type { Value } from '../../../src-main/engine/encoders/onnx.ts'
import { engineContext } from '../context.ts'

const context = engineContext()
const SIDE = 8
const AREA = SIDE * SIDE
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-stacks-'))
  return () => {
    rmSync(folder, { recursive: true })
  }
})

/** A network that gives its input as it is, as one vector of a stack of 2 frames. */
async function addNetwork(
  shape: readonly (number | string)[],
  choices: EncoderChoices = {},
): Promise<string> {
  const builder = new OnnxBuilder()
  const pixels = builder.input('clip', shape)
  const dimension = 2 * 3 * AREA
  builder.output('vector', builder.reshape(pixels, [0, dimension]), ['N', dimension])
  const path = join(folder, 'stacks.onnx')
  writeFileSync(path, builder.build('stacks'))
  const draft = await encoderHandlers['encoders.inspect']({ directory: folder, path, choices }, context)
  await encoderHandlers['encoders.add'](
    {
      directory: folder,
      path,
      choices: { preset: 'raw', ...choices },
      id: 'mine',
      title: null,
      licence: 'MIT',
    },
    context,
  )
  expect(draft.grids).toEqual([{ grid: 1, dimension }])
  return (await encoderHandlers['encoders.prepare']({ directory: folder, id: 'mine' }, context)).descriptor
}

/** A network of stacks of so many frames, by the file itself, that gives the mean of each frame's colours. */
async function addStill(length: number): Promise<void> {
  const builder = new OnnxBuilder()
  const pixels = builder.input('clip', ['N', length, 3, SIDE, SIDE])
  const flat = builder.reshape(pixels, [0, 3 * length, SIDE, SIDE])
  const vector = builder.reshape(builder.globalAverage(flat), [0, 3 * length])
  builder.output('embedding', builder.concat(Array<Value>(8).fill(vector), 1), ['N', 24 * length])
  const path = join(folder, 'still.onnx')
  writeFileSync(path, builder.build('still'))
  const request = { directory: folder, path, choices: {}, id: 'mine', title: null, licence: 'MIT' }
  await encoderHandlers['encoders.add'](request, context)
}

/** Three frames; no two values of any are alike, but for what a byte can tell. */
const frames = Uint8Array.from({ length: 3 * AREA * 3 }, (_, i) => (i * 7) % 251)
const valueOf = (frame: number, pixel: number, channel: number) =>
  frames[(frame * AREA + pixel) * 3 + channel]!

const encode = async (descriptor: string, stacks: number[][] | null) =>
  encoderHandlers['encoders.encode'](
    { descriptor, frames, count: 3, stacks, grid: 1, device: 'cpu' },
    context,
  )

const range = (n: number) => Array.from({ length: n }, (_, i) => i)
/** The vector of a stack, as the layout has it. */
const LAYOUTS: [string, (number | string)[], (stack: number[]) => number[]][] = [
  [
    'frames, then colours (VideoMAE)',
    ['N', 2, 3, SIDE, SIDE],
    (stack) =>
      stack.flatMap((frame) => range(3).flatMap((c) => range(AREA).map((p) => valueOf(frame, p, c)))),
  ],
  [
    'colours, then frames (C3D)',
    ['N', 3, 2, SIDE, SIDE],
    (stack) =>
      range(3).flatMap((c) => stack.flatMap((frame) => range(AREA).map((p) => valueOf(frame, p, c)))),
  ],
  [
    'colours last (I3D in TensorFlow)',
    ['N', 2, SIDE, SIDE, 3],
    (stack) =>
      stack.flatMap((frame) => range(AREA).flatMap((p) => range(3).map((c) => valueOf(frame, p, c)))),
  ],
]

describe.each(LAYOUTS)('a stack with %s', (_, shape, vectorOf) => {
  it('is put together of the frames that are named, in their order', async () => {
    const { features, dimension } = await encode(await addNetwork(shape), [
      [0, 1],
      [1, 2],
      [2, 2],
    ])
    const rows = range(3).map((row) => Array.from(features.subarray(row * dimension, (row + 1) * dimension)))
    expect(rows).toEqual([vectorOf([0, 1]), vectorOf([1, 2]), vectorOf([2, 2])])
  })
})

it('is as long as a person says, where the file leaves it open', async () => {
  const descriptor = await addNetwork(['N', 'T', 3, SIDE, SIDE], { stack: 2, stride: 4 })
  const { dimension } = await encode(descriptor, [[0, 2]])
  expect(dimension).toBe(2 * 3 * AREA)
  const prepared = await encoderHandlers['encoders.prepare']({ directory: folder, id: 'mine' }, context)
  expect(prepared.stack).toMatchObject({ length: 2, stride: 4 })
  const speed = await encoderHandlers['encoders.measure']({ descriptor, device: 'cpu' }, context)
  expect(speed).toMatchObject({ reason: null, frameMs: expect.any(Number) as number })
})

it.each([null, [[0]], [[0, 3]], [[0, 1, 2]]])('gets no other stacks: %j', async (stacks) => {
  const descriptor = await addNetwork(['N', 2, 3, SIDE, SIDE])
  await expect(encode(descriptor, stacks)).rejects.toMatchObject({ key: 'engine.encoders.notStacks' })
})

it.each([1, 200])('of %i frames is one that can be listed', async (length) => {
  await addStill(length)
  const listed = await encoderHandlers['encoders.list']({ directory: folder }, context)
  const added = listed.find(({ id }) => id === 'mine')
  expect(encoder.parse({ ...added, speed: null })).toMatchObject({
    problem: null,
    input: { stack: { length } },
  })
})
