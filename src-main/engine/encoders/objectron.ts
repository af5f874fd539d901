/**
 * The built-in frame encoder: the SSD-MobileNetV2 backbone (Open Images v4, Apache-2.0) that lies inside the npm package
 * @mediapipe/objectron as a TensorFlow Lite file, rebuilt as ONNX at first use.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { VitrineError } from '#contract'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { buildBackbone, dimensionOf } from './backbone.ts'
import { readDescriptor, sha256 } from './descriptor.ts'
import type { EncoderDescriptor, FeaturePart, LocatedDescriptor } from './descriptor.ts'
import { readTflite } from './tflite.ts'

const REVISION = 2
const ID = 'objectron-mobilenetv2'
const PACKAGE_VERSION = '0.4.1675468480'
const PACKAGE_FILE = '@mediapipe/objectron/objectron_solution_packed_assets.data'
/** Where the detector lies in the package's file. */
const MODEL_BYTES = { from: 184, to: 9_987_912, sha256: 'd0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6' }
const SIZE = 224

const BOTTLENECK = { layer: 'expanded_conv_16/project', channels: 320 }
const HEAD = { layer: 'Conv_1/Relu6', channels: 1280 }
/** Early layers: a detector's last ones see past colour, which captions name; these still hold it. */
const EARLY = [
  { layer: 'Conv/Relu6', channels: 32 },
  { layer: 'expanded_conv_1/project', channels: 24 },
  { layer: 'expanded_conv_6/project', channels: 64 },
]
const WHOLE_IMAGE: readonly FeaturePart[] = [BOTTLENECK, HEAD, ...EARLY].map((layer) => ({ ...layer, grid: 1 }))
/** The features of grid 2 begin with those of grid 1. */
const PARTS: readonly { grid: 1 | 2; parts: readonly FeaturePart[] }[] = [
  { grid: 1, parts: WHOLE_IMAGE },
  { grid: 2, parts: [...WHOLE_IMAGE, ...[BOTTLENECK, ...EARLY].map((layer) => ({ ...layer, grid: 2 as const }))] },
]

/**
 * Builds the encoder into `directory` (which must exist) unless it is there, whole and of this revision. Returns the
 * descriptor's path, the ONNX file's SHA-256 and the frame size. Throws VitrineError BAD_INPUT when the package's file is
 * not the one that is expected, NOT_FOUND when it is missing, DISK_FULL.
 */
export async function prepareObjectron(directory: string): Promise<{ descriptor: string; checksum: string; size: number }> {
  const descriptorPath = join(directory, `${ID}.json`)
  const existing = await intactEncoder(descriptorPath)
  if (existing) return { descriptor: descriptorPath, checksum: existing.checksum, size: existing.input.size }

  const outputs = PARTS.map(({ grid, parts }) => ({ grid, name: `grid${grid}`, dimension: dimensionOf(parts), parts: [...parts] }))
  const model = readTflite(await loadDetector(packageFile()))
  const onnx = buildBackbone(model, { input: 'image', size: SIZE, layerPrefix: 'FeatureExtractor/MobilenetV2/', outputs })
  const descriptor: EncoderDescriptor = {
    id: ID,
    title: 'SSD-MobileNetV2 backbone (Open Images v4)',
    licence: 'Apache-2.0',
    source: `@mediapipe/objectron ${PACKAGE_VERSION}`,
    revision: REVISION,
    file: `${ID}.onnx`,
    checksum: sha256(onnx),
    input: { name: 'image', size: SIZE, layout: 'NCHW', channels: 'RGB', mean: [127.5, 127.5, 127.5], deviation: [127.5, 127.5, 127.5] },
    outputs,
  }
  // The descriptor comes last: while it is missing or stale, the encoder counts as not built.
  await writeFileAtomic(join(directory, descriptor.file), onnx)
  await writeFileAtomic(descriptorPath, JSON.stringify(descriptor, null, 2) + '\n')
  return { descriptor: descriptorPath, checksum: descriptor.checksum, size: SIZE }
}

/** The detector's TensorFlow Lite bytes inside the package's file; throws VitrineError when they are not the expected ones. */
export async function loadDetector(path: string): Promise<Uint8Array> {
  const remedy = `Install @mediapipe/objectron ${PACKAGE_VERSION} again.`
  let assets: Buffer
  try {
    assets = await readFile(path)
  } catch (error) {
    throw new VitrineError('NOT_FOUND', `The built-in frame encoder's file ${path} can't be read.`, remedy, { cause: error })
  }
  const model = assets.subarray(MODEL_BYTES.from, MODEL_BYTES.to)
  if (sha256(model) !== MODEL_BYTES.sha256) {
    throw new VitrineError('BAD_INPUT', `${path} does not hold the expected network (its SHA-256 differs).`, remedy)
  }
  return model
}

/** Resolved from this file, so that it is found from the sources, from the built bundle and inside Electron alike. */
function packageFile(): string {
  try {
    return createRequire(import.meta.url).resolve(PACKAGE_FILE)
  } catch (error) {
    throw new VitrineError('NOT_FOUND', `The npm package @mediapipe/objectron is not installed.`, 'Run npm ci.', { cause: error })
  }
}

/** The encoder that is there, or null when it has to be built. */
async function intactEncoder(descriptorPath: string): Promise<LocatedDescriptor | null> {
  try {
    const descriptor = await readDescriptor(descriptorPath)
    if (descriptor.id !== ID || descriptor.revision !== REVISION) return null
    return sha256(await readFile(descriptor.path)) === descriptor.checksum ? descriptor : null
  } catch {
    // Missing or damaged: building it again is the repair.
    return null
  }
}
