/** Encoders that come with the program: made out of what npm packages hold, at their first use. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { makeFolder } from '../../formats/files.ts'
import { buildBackbone, dimensionOf } from './backbone.ts'
import { DESCRIPTOR, NETWORK, readDescriptor, sha256 } from './descriptor.ts'
import type { EncoderDescriptor, FeaturePart, OutputPart } from './descriptor.ts'
import type { LayerGraph } from './layers.ts'

/** The descriptor of an encoder as it is built, but for the checksum of what was built. */
export type EncoderDesign = Omit<EncoderDescriptor, 'checksum'>

export interface BuiltInEncoder {
  design: EncoderDesign
  /** Makes the ONNX file; the same bytes every time. Throws NOT_FOUND or BAD_INPUT for a package that is not as expected. */
  build(): Promise<Uint8Array>
}

/** A network that an npm package holds, and what of it makes the features of a frame. */
interface Backbone {
  id: string
  title: string
  licence: string
  package: { name: string; version: string }
  /** Width and height of the frames that it sees. */
  size: number
  /** It sees (byte - mean) / deviation, in each channel. */
  mean: number
  deviation: number
  /** What its layers' names begin with. */
  layerPrefix: string
  /** In the order of the features: of the whole image, and what grid 2 adds. */
  wholeImage: readonly FeaturePart[]
  quarters: FeaturePart
  /** Layers that cells of a frame are read from; left out: it sees none. */
  cells?: { layers: readonly Pick<FeaturePart, 'layer' | 'channels'>[]; side: number }
  /** Counts changes to the network that the rest of this description does not show. */
  revision: number
  /** Throws NOT_FOUND or BAD_INPUT for a package that is not as expected. */
  load(): Promise<LayerGraph>
}

/** The encoder that a backbone is made into: the network gives finished vectors, an output for each grid. */
export function encoderOf({
  wholeImage,
  quarters,
  cells,
  size,
  mean,
  deviation,
  ...backbone
}: Backbone): BuiltInEncoder {
  const design: EncoderDesign = {
    id: backbone.id,
    title: backbone.title,
    kind: 'onnx',
    licence: backbone.licence,
    source: `${backbone.package.name} ${backbone.package.version}`,
    revision: backbone.revision,
    file: NETWORK,
    externalData: [],
    input: {
      name: 'image',
      width: size,
      height: size,
      layout: 'NCHW',
      type: 'float32',
      channels: 'RGB',
      mean: [mean, mean, mean],
      deviation: [deviation, deviation, deviation],
      fit: 'squash',
      margin: 0,
      batch: null,
    },
    outputs: [outputOf(1, wholeImage), outputOf(2, [...wholeImage, quarters])],
    ...(cells && { map: mapOf(cells.layers) }),
  }
  return {
    design,
    build: async () =>
      buildBackbone(await backbone.load(), {
        input: design.input.name,
        size,
        layerPrefix: backbone.layerPrefix,
        outputs: design.outputs.map(({ grid, layers }) => ({ name: outputName(grid), parts: layers })),
        map: cells && { name: MAP, ...cells },
      }),
  }
}

function outputOf(grid: 1 | 2, layers: readonly FeaturePart[]): EncoderDesign['outputs'][number] {
  const dimension = dimensionOf(layers)
  const vector = { form: 'vector', pooling: 'none', grid: 1, extra: 0, channels: dimension } as const
  return { grid, dimension, parts: [{ output: outputName(grid), ...vector }], layers: [...layers] }
}

/** The output that has the map. */
const MAP = 'map'

const mapOf = (layers: readonly Pick<FeaturePart, 'channels'>[]): OutputPart => ({
  output: MAP,
  form: 'NCHW',
  pooling: 'mean',
  grid: 1,
  extra: 0,
  channels: layers.reduce((sum, { channels }) => sum + channels, 0),
})

const outputName = (grid: number): string => `grid${grid}`

/**
 * Builds an encoder into `folder` unless it is there, whole and of this design. Throws what building throws, DISK_FULL.
 */
export async function prepareBuiltIn(
  { design, build }: BuiltInEncoder,
  folder: string,
): Promise<EncoderDescriptor> {
  const existing = await intactEncoder(design, folder)
  if (existing) {
    return existing
  }
  const onnx = await build()
  const descriptor: EncoderDescriptor = { ...design, checksum: sha256(onnx) }
  await makeFolder(folder)
  // The descriptor comes last: while it is missing or stale, the encoder counts as not built.
  await writeFileAtomic(join(folder, descriptor.file), onnx)
  await writeFileAtomic(join(folder, DESCRIPTOR), JSON.stringify(descriptor, null, 2) + '\n')
  return descriptor
}

/** The encoder that is there, or null when it has to be built. */
async function intactEncoder(design: EncoderDesign, folder: string): Promise<EncoderDescriptor | null> {
  try {
    const descriptor = await readDescriptor(join(folder, DESCRIPTOR))
    const { checksum } = descriptor
    if (!isDeepStrictEqual(descriptor, { ...design, checksum })) {
      return null
    }
    return sha256(await readFile(join(folder, descriptor.file))) === checksum ? descriptor : null
  } catch {
    // Missing or damaged: building it again is the repair.
    return null
  }
}
