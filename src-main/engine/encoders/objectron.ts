/**
 * The built-in frame encoder that is the default: the SSD-MobileNetV2 backbone (Open Images v4, Apache-2.0), which the npm package
 * `@mediapipe/objectron` holds as a TensorFlow Lite file, rebuilt as ONNX at first use.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { BUILT_IN_ENCODER } from '#contract'
import { encoderOf } from './building.ts'
import { sha256 } from './descriptor.ts'
import type { FeaturePart } from './descriptor.ts'
import { failures } from './failures.ts'
import { readTflite } from './tflite.ts'
import { tfliteLayers } from './tflite-layers.ts'

const PACKAGE = { name: '@mediapipe/objectron', version: '0.4.1675468480' }
const PACKAGE_FILE = `${PACKAGE.name}/objectron_solution_packed_assets.data`
/** Where the detector lies in the package's file. */
const MODEL_BYTES = {
  from: 184,
  to: 9_987_912,
  sha256: 'd0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6',
}

/**
 * What a frame's features consist of, in this order. The averages of the last two layers say what kind of
 * thing is to be seen; a detector's last layers have nearly forgotten colour, so the strongest response
 * anywhere of three earlier ones is added: on the sample corpus a linear probe names the colour of a single
 * shape in 38 of 100 clips without them, and in all with them. Averages over a 2x2 grid of a middle layer say
 * where things are.
 */
const WHOLE_IMAGE: readonly FeaturePart[] = [
  { layer: 'expanded_conv_16/project', channels: 320, pooling: 'mean', grid: 1 },
  { layer: 'Conv_1/Relu6', channels: 1280, pooling: 'mean', grid: 1 },
  { layer: 'expanded_conv_2/expand', channels: 144, pooling: 'max', grid: 1 },
  { layer: 'expanded_conv_3/expand', channels: 144, pooling: 'max', grid: 1 },
  { layer: 'expanded_conv_6/expand', channels: 192, pooling: 'max', grid: 1 },
]
const QUARTERS: FeaturePart = { layer: 'expanded_conv_12/add', channels: 96, pooling: 'mean', grid: 2 }

export const objectron = encoderOf({
  id: BUILT_IN_ENCODER,
  title: 'SSD-MobileNetV2 backbone (Open Images v4)',
  licence: 'Apache-2.0',
  package: PACKAGE,
  size: 224,
  mean: 127.5,
  deviation: 127.5,
  layerPrefix: 'FeatureExtractor/MobilenetV2/',
  wholeImage: WHOLE_IMAGE,
  quarters: QUARTERS,
  revision: 1,
  load: async () => tfliteLayers(readTflite(await loadDetector(packageFile()))),
})

/**
 * The detector's TensorFlow Lite bytes inside the package's file; throws VitrineError when they are not the
 * expected ones.
 */
export async function loadDetector(path: string): Promise<Uint8Array> {
  let assets: Buffer
  try {
    assets = await readFile(path)
  } catch (error) {
    throw failures.packageUnreadable({ path, ...PACKAGE }, { cause: error })
  }
  const model = assets.subarray(MODEL_BYTES.from, MODEL_BYTES.to)
  if (sha256(model) !== MODEL_BYTES.sha256) {
    throw failures.packageChanged({ path, ...PACKAGE })
  }
  return model
}

/**
 * Resolved from this file, so that it is found from the sources, from the built bundle and inside Electron
 * alike.
 */
function packageFile(): string {
  try {
    return createRequire(import.meta.url).resolve(PACKAGE_FILE)
  } catch (error) {
    throw failures.packageMissing({ name: PACKAGE.name }, { cause: error })
  }
}
