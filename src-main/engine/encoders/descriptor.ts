/** What a frame encoder is: an ONNX file, and this description of it in a JSON file beside it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { failures } from './failures.ts'

const perChannel = z.tuple([z.number(), z.number(), z.number()])

/**
 * One stretch of the feature vector: a layer's map, pooled over each cell of a grid x grid division,
 * L2-normalised as a whole.
 */
const featurePart = z.object({
  layer: z.string(),
  channels: z.number().int().positive(),
  pooling: z.enum(['mean', 'max']),
  grid: z.number().int().positive(),
})
export type FeaturePart = z.infer<typeof featurePart>

const encoderDescriptor = z.object({
  id: z.string(),
  title: z.string(),
  licence: z.string(),
  source: z.string(),
  /** Counts changes to how the ONNX file is built; another number means that it has to be built again. */
  revision: z.number().int(),
  /** The ONNX file, in the descriptor's folder, and its SHA-256. */
  file: z.string(),
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
  input: z.object({
    name: z.string(),
    /** Width and height in pixels. */
    size: z.number().int().positive(),
    layout: z.enum(['NCHW', 'NHWC']),
    channels: z.enum(['RGB', 'BGR']),
    /** The network sees (byte - mean) / deviation; in the order of `channels`. */
    mean: perChannel,
    deviation: perChannel,
  }),
  /**
   * One output [N, dimension] for each grid on offer. `parts` follow each other in the vector; inside a part
   * the index is channel x grid^2 + row x grid + column.
   */
  outputs: z
    .array(
      z.object({
        grid: z.number().int(),
        name: z.string(),
        dimension: z.number().int().positive(),
        parts: z.array(featurePart),
      }),
    )
    .min(1),
})
export type EncoderDescriptor = z.infer<typeof encoderDescriptor>

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
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
