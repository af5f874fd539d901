/**
 * What a frame encoder is: a network in a file, and this description of it in `descriptor.json` beside it. All that
 * runs an encoder goes by its description; what is built in and what people add are described alike.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { encoderId } from '#contract'
import { failures } from './failures.ts'

export const DESCRIPTOR = 'descriptor.json'
/** What an encoder's ONNX file is called in its folder, whatever it was called before. */
export const NETWORK = 'network.onnx'

/** Of frames that an encoder takes, in pixels. */
export const LARGEST_SIDE = 4096

const size = z.number().int().min(1).max(LARGEST_SIDE)
const count = z.number().int().positive()
const perChannel = z.tuple([z.number(), z.number(), z.number()])
const checksum = z.string().regex(/^[0-9a-f]{64}$/)
/** A file in the encoder's own folder, and nowhere else. */
const FILE_NAME = /^(?![.])[^/\\:]+$/
const fileName = z.string().regex(FILE_NAME)
/** Whether an encoder can keep a file of this name. */
export const isFileName = (name: string): boolean => FILE_NAME.test(name)

/** A layer's map inside the network, pooled over each cell of a grid x grid division, L2-normalised as a whole. */
const featurePart = z.object({
  layer: z.string(),
  channels: count,
  pooling: z.enum(['mean', 'max']),
  grid: count,
})
export type FeaturePart = z.infer<typeof featurePart>

/** How frames are put into the network. */
const frameInput = z.object({
  name: z.string(),
  /** In pixels. */
  width: size,
  height: size,
  layout: z.enum(['NCHW', 'NHWC']),
  /** Of its elements; `uint8` takes bytes as they are. */
  type: z.enum(['float32', 'float16', 'uint8']),
  channels: z.enum(['RGB', 'BGR']),
  /** The network sees (byte - mean) / deviation; in the order of `channels`. */
  mean: perChannel,
  deviation: perChannel,
  /** What becomes of a frame of another shape: it is squashed, cut at its longer sides, or set between black bars. */
  fit: z.enum(['squash', 'crop', 'letterbox']),
  /**
   * Frames are scaled to `width + margin` by `height + margin`, and the middle is taken; ImageNet's networks are used to a
   * margin of an eighth or so.
   */
  margin: z.number().int().min(0).max(1024),
  /** How frames are scaled; bicubic where it is left out. */
  filter: z.enum(['bicubic', 'bilinear', 'lanczos']).optional(),
  /** Frames, or stacks, that it takes at a time, always; null: any number. */
  batch: count.nullable(),
  /**
   * Of a clip encoder: `length` frames, each `stride` frames of the clip after the one before. `channelsFirst`: [N, C, T, H,
   * W]; else a stack is frames in the layout above, one after the other.
   */
  stack: z.object({ length: count, stride: count, channelsFirst: z.boolean() }).optional(),
})
export type FrameInput = z.infer<typeof frameInput>

/** One stretch of the feature vector, made of an output of the network. */
const outputPart = z.object({
  /** The output's name. */
  output: z.string(),
  /**
   * `vector` [N, F]; `NCHW` and `NHWC`, maps; `tokens` [N, T, F], of which the last ones are a square map and those before
   * are called `extra`.
   */
  form: z.enum(['vector', 'NCHW', 'NHWC', 'tokens']),
  /** `none` for a vector; `first` is the first token, which networks are trained to say all with. */
  pooling: z.enum(['none', 'mean', 'max', 'first']),
  grid: count,
  /** Tokens before those of the map. */
  extra: z.number().int().min(0).max(1024),
  /** F, or the map's channels: the stretch has `channels` times grid^2 values. */
  channels: count,
})
export type OutputPart = z.infer<typeof outputPart>

export const encoderDescriptor = z.object({
  id: encoderId,
  title: z.string(),
  licence: z.string(),
  source: z.string(),
  /** How it is run, by ONNX Runtime: `onnx` sees frames, `clip-onnx` stacks of them. */
  kind: z.enum(['onnx', 'clip-onnx']),
  /**
   * Of one that is built here: counts changes to how, another number means that it has to be built again. Null: a person
   * added it.
   */
  revision: z.number().int().nullable(),
  /** The ONNX file, in the descriptor's folder, and its SHA-256. */
  file: fileName,
  checksum,
  /** Files that hold weights of the network, beside it. */
  externalData: z.array(z.object({ file: fileName, checksum })),
  input: frameInput,
  /**
   * A vector for each grid on offer. `parts` follow each other in it; inside a part the index is channel x grid^2 + row x
   * grid + column. `layers`: what the network itself has pooled, where it is known.
   */
  outputs: z
    .array(
      z.object({
        grid: z.union([z.literal(1), z.literal(2)]),
        dimension: count,
        parts: z.array(outputPart).min(1),
        layers: z.array(featurePart),
      }),
    )
    .min(1),
  /**
   * The map that the cells of a frame are read from (cells.ts), of a network whose vectors come ready-made; else they are
   * read from the maps that its quarters are pooled of.
   */
  map: outputPart.optional(),
})
export type EncoderDescriptor = z.infer<typeof encoderDescriptor>

/** F: how many values a part adds to the vector. */
export const lengthOf = ({ channels, grid }: Pick<OutputPart, 'channels' | 'grid'>): number =>
  channels * grid ** 2

/** How many values the parts have together. */
export const dimensionOfParts = (parts: readonly OutputPart[]): number =>
  parts.reduce((sum, part) => sum + lengthOf(part), 0)

/** The size that frames are decoded to. */
export const decodedSize = ({ width, height, margin }: FrameInput): { width: number; height: number } => ({
  width: width + margin,
  height: height + margin,
})

/**
 * What makes its features what they are: one word, the same only for the same network, fed and read in the same way.
 * That of a built-in encoder is its network's checksum. A field that comes with a later version has to be left out
 * here where it has its default, or all features would count as those of another encoder.
 */
export function fingerprintOf({ revision, input, outputs, ...network }: EncoderDescriptor): string {
  const { checksum: file, externalData } = network
  return revision === null ? sha256(JSON.stringify({ file, externalData, input, outputs })) : file
}

/**
 * Reads a descriptor. Throws VitrineError: NOT_FOUND when the file is missing, BAD_INPUT when it is not a
 * descriptor.
 */
export async function readDescriptor(path: string): Promise<EncoderDescriptor> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw failures.descriptorUnreadable({ path }, { cause: error })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw failures.notJson({ path }, { cause: error })
  }
  const parsed = encoderDescriptor.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw failures.notADescriptor({ path, field: issue?.path.join('.') ?? '', reason: issue?.message ?? '' })
  }
  return parsed.data
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
