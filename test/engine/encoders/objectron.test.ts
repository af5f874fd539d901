import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import { buildBackbone } from '../../../src-main/engine/encoders/backbone.ts'
import { sha256 } from '../../../src-main/engine/encoders/descriptor.ts'
import { loadDetector, objectron } from '../../../src-main/engine/encoders/objectron.ts'
import { tfliteLayers } from '../../../src-main/engine/encoders/tflite-layers.ts'
import { readTflite } from '../../../src-main/engine/encoders/tflite.ts'
import { ort } from '../../../src-main/engine/onnx-runtime.ts'
import { evaluateLayer } from './naive.ts'

const LAYER_PREFIX = 'FeatureExtractor/MobilenetV2/'
const packageFile = createRequire(import.meta.url).resolve(
  '@mediapipe/objectron/objectron_solution_packed_assets.data',
)

// The first covers the plain convolution; the second also depthwise convolutions, strides, linear layers and a residual sum.
it.each([
  ['Conv/Relu6', 32, 8],
  ['expanded_conv_2/add', 24, 4],
])('agrees with a plain evaluation of the stored weights at %s', async (layer, channels, side) => {
  const model = readTflite(await loadDetector(packageFile))
  const size = 16
  const random = createRandom(7)
  const image = {
    side: size,
    channels: 3,
    data: Float64Array.from({ length: size * size * 3 }, () => 2 * random.next() - 1),
  }
  const expected = evaluateLayer(model, image, LAYER_PREFIX + layer)
  expect(expected).toMatchObject({ side, channels })

  const outputs = [{ name: 'map', parts: [{ layer, channels, pooling: 'mean' as const, grid: side }] }]
  const session = await ort.InferenceSession.create(
    buildBackbone(tfliteLayers(model), { input: 'image', size, layerPrefix: LAYER_PREFIX, outputs }),
  )
  const planes = Float32Array.from(
    { length: image.data.length },
    (_, i) => image.data[(i % 256) * 3 + Math.floor(i / 256)] ?? NaN,
  )
  const { map } = await session.run({ image: new ort.Tensor('float32', planes, [1, 3, size, size]) })
  const norm = Math.sqrt(expected.data.reduce((sum, value) => sum + value * value, 0))
  const wanted = Array.from(
    { length: channels * side * side },
    (_, i) => (expected.data[(i % side ** 2) * channels + Math.floor(i / side ** 2)] ?? NaN) / norm,
  )
  const values = map?.data as Float32Array
  expect(Math.max(...wanted.map((value, i) => Math.abs(value - (values[i] ?? NaN))))).toBeLessThan(1e-5)
  await session.release()
})

it('is rebuilt to the bytes that it always had, so that features of earlier versions go on', async () => {
  expect(sha256(await objectron.build())).toBe(
    'd7187f06737b69180d8e02e1555f6c3ff5a706b36d7071fe8302bbd5208830bf',
  )
})
