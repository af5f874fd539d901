/** A tiny vision model in the layout of the Hugging Face hub: what CLIP's and VideoMAE's folders hold, small. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import onnxProto from 'onnx-proto'
import { ints, node, valueOf } from '../engine/encoders/tiny-network.ts'

const { ModelProto, TensorProto } = onnxProto.onnx

export const SIDE = 8

/** Files by their paths in the folder. */
export type ModelFiles = Readonly<Record<string, Uint8Array>>

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

/** Values of a frame: the largest of each channel in each of 4 x 4 cells. */
export const DIMENSION = 48

/** From `pixel_values` [N, 3, 8, 8] to `image_embeds` [N, DIMENSION]. */
export const tinyNetwork = (): Uint8Array =>
  maximaNetwork({
    shape: ['batch_size', 3, SIDE, SIDE],
    maps: 3,
    cell: SIDE / 4,
    output: 'image_embeds',
    dimension: DIMENSION,
  })

/** A clip encoder as they are exported, with all sizes open: the largest value of each channel in each frame. */
const tinyClipNetwork = (frames: number): Uint8Array =>
  maximaNetwork({
    shape: ['batch_size', 'num_frames', 'num_channels', 'height', 'width'],
    maps: 3 * frames,
    cell: SIDE,
    output: 'pooler_output',
    dimension: 3 * frames,
  })

interface MaximaNetwork {
  /** Of the input, which holds as many maps of SIDE x SIDE as `maps` says. */
  shape: readonly (number | string)[]
  maps: number
  /** Of each map the largest value of every cell of so many pixels a side is given. */
  cell: number
  output: string
  dimension: number
}

function maximaNetwork({ shape, maps, cell, output, dimension }: MaximaNetwork): Uint8Array {
  const { FLOAT, INT64 } = TensorProto.DataType
  return ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'maxima',
      node: [
        node('Reshape', ['pixel_values', 'maps'], 'squares'),
        node('MaxPool', ['squares'], 'maxima', [
          ints('kernel_shape', [cell, cell]),
          ints('strides', [cell, cell]),
        ]),
        node('Reshape', ['maxima', 'vector'], output),
      ],
      initializer: [
        { name: 'maps', dataType: INT64, dims: [4], int64Data: [0, maps, SIDE, SIDE] },
        { name: 'vector', dataType: INT64, dims: [2], int64Data: [0, dimension] },
      ],
      input: [valueOf('pixel_values', FLOAT, shape)],
      output: [valueOf(output, FLOAT)],
    },
  }).finish()
}

/** What `preprocessor_config.json` of openai/clip-vit-base-patch32 says, for pictures of 8 pixels. */
export const CLIP_PREPROCESSOR = {
  crop_size: SIDE,
  do_center_crop: true,
  do_normalize: true,
  do_resize: true,
  feature_extractor_type: 'CLIPFeatureExtractor',
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  size: SIDE,
}

/** The folder of a model as those have it that convert for transformers.js. */
export const tinyModel = (): ModelFiles => ({
  'config.json': json({ model_type: 'clip', vision_config: { image_size: SIDE } }),
  'preprocessor_config.json': json(CLIP_PREPROCESSOR),
  'README.md': Buffer.from('---\nlibrary_name: transformers.js\nlicense: mit\n---\n\nA tiny model.\n'),
  'onnx/vision_model.onnx': tinyNetwork(),
  'onnx/text_model.onnx': Buffer.alloc(5000, 1),
})

export function writeModel(folder: string, files: ModelFiles): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

/** The folder of a clip encoder that takes `frames` frames, such as VideoMAE's. */
export const tinyClipModel = (frames: number): ModelFiles => ({
  'config.json': json({ model_type: 'videomae', image_size: SIDE, num_frames: frames }),
  'preprocessor_config.json': json({
    image_processor_type: 'VideoMAEImageProcessor',
    size: { shortest_edge: SIDE },
    crop_size: { height: SIDE, width: SIDE },
    image_mean: [0, 0, 0],
    image_std: [1, 1, 1],
  }),
  'onnx/model.onnx': tinyClipNetwork(frames),
})
