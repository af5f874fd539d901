/** A frame encoder as a part of an exported graph, against the program's own way from frames to features. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import { sha256 } from '../../../src-main/engine/encoders/descriptor.ts'
import type { EncoderDescriptor, OutputPart } from '../../../src-main/engine/encoders/descriptor.ts'
import { encodeFrames } from '../../../src-main/engine/encoders/encode.ts'
import { framesGraph } from '../../../src-main/engine/encoders/frames-graph.ts'
import { OnnxAssembly } from '../../../src-main/engine/graph/onnx-assembly.ts'
import { createSession, floats } from '../../../src-main/engine/graph/session.ts'
import { tinyNetwork, WIDTH } from './tiny-network.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-frames-graph-'))
})
afterAll(() => rm(folder, { recursive: true }))

const [WIDTH_PX, HEIGHT_PX, MARGIN] = [6, 6, 3]
const part = (change: Partial<OutputPart> = {}): OutputPart => ({
  output: 'map',
  form: 'NCHW',
  pooling: 'mean',
  grid: 1,
  extra: 0,
  channels: 3,
  ...change,
})
const PARTS = [
  part(),
  // Cells whose edges cut pixels.
  part({ grid: 4 }),
  part({ pooling: 'max', grid: 2 }),
  part({ output: 'tokens', form: 'tokens', extra: 1, grid: 2 }),
  part({ output: 'tokens', form: 'tokens', pooling: 'first' }),
  part({ output: 'vector', form: 'vector', pooling: 'none', channels: WIDTH }),
]

async function encoder(
  name: string,
  change: Partial<EncoderDescriptor> & { network?: Parameters<typeof tinyNetwork>[0] } = {},
): Promise<string> {
  const { network, ...described } = change
  const bytes = tinyNetwork(network)
  const parts = described.outputs?.[0]?.parts ?? PARTS
  const dimension = parts.reduce((sum, { channels, grid }) => sum + channels * grid ** 2, 0)
  const descriptor: EncoderDescriptor = {
    id: name,
    title: name,
    licence: 'MIT',
    source: 'a test',
    kind: 'onnx',
    revision: null,
    file: `${name}.onnx`,
    checksum: sha256(bytes),
    externalData: [],
    input: {
      name: 'frames',
      width: WIDTH_PX,
      height: HEIGHT_PX,
      layout: 'NCHW',
      type: 'float32',
      channels: 'BGR',
      mean: [100, 110, 120],
      deviation: [50, 60, 70],
      fit: 'crop',
      margin: MARGIN,
      batch: null,
    },
    map: part(),
    ...described,
    outputs: [{ grid: 1, dimension, parts, layers: [] }],
  }
  await writeFile(join(folder, descriptor.file), bytes)
  const path = join(folder, `${name}.json`)
  await writeFile(path, JSON.stringify(descriptor))
  return path
}

/** Features of some frames by the graph, and by the program. */
async function both(path: string, cells: number, side: number): Promise<[Float32Array, Float32Array]> {
  const random = createRandom(5)
  const count = 3
  const bytes = Uint8Array.from({ length: count * side * side * 3 }, () => Math.floor(256 * random.next()))
  const graph = await framesGraph(path, { grid: 1, cells })
  if (typeof graph === 'string') {
    throw new Error(graph)
  }
  const assembly = new OnnxAssembly()
  graph.addTo(assembly, 'features')
  const output = { name: 'features', shape: ['rows', 'values'], dtype: 'float32' } as const
  const session = await createSession(assembly.encode([graph.input], [output], new Map()))
  const out = await session.run({ frames: { shape: [count, side, side, 3], data: bytes } })
  await session.release()
  const request = { descriptor: path, frames: bytes, count, grid: 1 as const, cells, device: 'cpu' }
  const { features } = await encodeFrames(request, { signal: new AbortController().signal })
  return [floats(out, 'features'), features]
}

it.each([1, 2])(
  'is the same as the program, maps, tokens and vectors, with %d cells a side',
  async (cells) => {
    const [exported, program] = await both(await encoder(`cells-${cells}`), cells, WIDTH_PX + MARGIN)
    expect(exported.length).toBe(program.length)
    program.forEach((feature, i) => {
      expect(exported[i]).toBeCloseTo(feature, 4)
    })
  },
)

it('is the same for a network of bytes whose columns come last', async () => {
  const parts = [part({ form: 'NHWC' }), part({ form: 'NHWC', pooling: 'max', grid: 2 })]
  const path = await encoder('bytes', {
    network: { shape: ['N', 'H', 'W', 3], type: 'UINT8' },
    outputs: [{ grid: 1, dimension: 15, parts, layers: [] }],
    input: {
      name: 'frames',
      width: 4,
      height: 4,
      layout: 'NHWC',
      type: 'uint8',
      channels: 'RGB',
      mean: [0, 0, 0],
      deviation: [1, 1, 1],
      fit: 'squash',
      margin: 0,
      batch: null,
    },
  })
  const [exported, program] = await both(path, 1, 4)
  expect([...exported]).toEqual([...program].map((feature) => expect.closeTo(feature, 4) as number))
})

it('leaves out what may not, or can not, be passed on', async () => {
  const settings = { grid: 1, cells: 1 } as const
  expect(await framesGraph(await encoder('closed', { licence: 'CC-BY-NC-4.0' }), settings)).toBe('licence')
  expect(await framesGraph(await encoder('unsaid', { licence: 'unknown' }), settings)).toBe('licence')
  const externalData = [{ file: 'weights.bin', checksum: sha256('') }]
  expect(await framesGraph(await encoder('beside', { externalData }), settings)).toBe('weights beside')
})
