/**
 * The built-in encoder for real pictures: the backbone of a CenterNet on MobileNetV3, trained to find COCO's 80 kinds of
 * things, which the npm package `@vladmandic/human` (MIT) holds as a graph model of TensorFlow.js.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { encoderOf } from './building.ts'
import { sha256 } from './descriptor.ts'
import type { FeaturePart } from './descriptor.ts'
import { failures } from './failures.ts'
import type { LayerGraph } from './layers.ts'
import { readTensorflowJs } from './tensorflow-js.ts'

const PACKAGE = { name: '@vladmandic/human', version: '3.3.6' }
/** The model's two files, and their SHA-256. */
const GRAPH = {
  file: 'centernet.json',
  sha256: 'bfb942eaacc5becf738d536663bc4580a0ae9e560722306e6d4dd7fe4a09de05',
}
const WEIGHTS = {
  file: 'centernet.bin',
  sha256: '1b635a15009071f506f9f2b3519b31c072c534888989f30d269ffd44734ef7ef',
}

/** Width and height: larger ones see a little more, for time that grows with the area (docs/encoders.md). */
const SIZE = 256

const block = (number: number, layer: string): string => `MobilenetV3/expanded_conv_${number}/${layer}`

/**
 * What a frame's features consist of, in this order. The averages of three late layers say what kind of thing is to be
 * seen. Such layers have nearly forgotten colour, so the strongest response anywhere of three early ones is added.
 * Averages over a 2x2 grid of a middle layer say where things are.
 */
const WHOLE_IMAGE: readonly FeaturePart[] = [
  { layer: 'extern1/hard_swish/mul_1', channels: 480, pooling: 'mean', grid: 1 },
  { layer: block(14, 'expand/hard_swish/mul_1'), channels: 720, pooling: 'mean', grid: 1 },
  { layer: block(12, 'expand/hard_swish/mul_1'), channels: 528, pooling: 'mean', grid: 1 },
  { layer: block(2, 'expand/Relu'), channels: 72, pooling: 'max', grid: 1 },
  { layer: block(3, 'expand/Relu'), channels: 72, pooling: 'max', grid: 1 },
  { layer: block(6, 'expand/hard_swish/mul_1'), channels: 192, pooling: 'max', grid: 1 },
]
const QUARTERS: FeaturePart = { layer: block(11, 'add'), channels: 88, pooling: 'mean', grid: 2 }
/** The layers that say what kind of thing is to be seen, cell by cell. */
const CELLS = { layers: WHOLE_IMAGE.filter(({ pooling }) => pooling === 'mean'), side: 4 }

export const centernet = encoderOf({
  id: 'centernet-mobilenetv3',
  title: 'CenterNet-MobileNetV3 backbone (COCO)',
  licence: 'MIT',
  package: PACKAGE,
  size: SIZE,
  mean: 0,
  deviation: 1,
  layerPrefix: 'tower_0/',
  wholeImage: WHOLE_IMAGE,
  quarters: QUARTERS,
  cells: CELLS,
  revision: 2,
  load: () => loadCenternet(modelsFolder()),
})

/** The network in the package's folder of models; throws VitrineError when it is not the expected one. */
export async function loadCenternet(folder: string): Promise<LayerGraph> {
  const graph = await readChecked(folder, GRAPH)
  const weights = await readChecked(folder, WEIGHTS)
  return readTensorflowJs(graph.toString(), weights)
}

async function readChecked(folder: string, expected: { file: string; sha256: string }): Promise<Buffer> {
  const path = join(folder, expected.file)
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw failures.packageUnreadable({ path, ...PACKAGE }, { cause: error })
  }
  if (sha256(bytes) !== expected.sha256) {
    throw failures.packageChanged({ path, ...PACKAGE })
  }
  return bytes
}

/**
 * Resolved from this file, so that it is found from the sources, from the built bundle and inside Electron
 * alike; by way of the package's code, since the package names no other file.
 */
export function modelsFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(PACKAGE.name)), '..', 'models')
  } catch (error) {
    throw failures.packageMissing({ name: PACKAGE.name }, { cause: error })
  }
}
