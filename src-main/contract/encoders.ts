import * as z from 'zod'
import { hubModel, modelName, modelRevision, precision } from './hub.ts'
import { jobStarted } from './jobs.ts'
import { path, procedure } from './procedure.ts'

/** What a frame encoder is called among a person's encoders: the name of its folder. */
export const encoderId = z
  .string()
  .max(64)
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'An encoder is called by up to 64 small letters, digits, points, dashes and underscores',
  )

/** The one that is used where none is named, and for pictures. */
export const BUILT_IN_ENCODER = 'objectron-mobilenetv2'
export const PICTURE_ENCODER = 'centernet-mobilenetv3'

/** Where ONNX Runtime may run an encoder. */
export const encoderDevice = z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'])
export type EncoderDevice = z.infer<typeof encoderDevice>

const perChannel = z.tuple([z.number(), z.number(), z.number()])

/** How frames are put into a network: what can't be read from its file. */
export const encoderPreset = z.enum(['imagenet', 'clip', 'siglip', 'dino', 'raw'])
export type EncoderPreset = z.infer<typeof encoderPreset>

/** What becomes of a frame of another shape: it is squashed, cut at its longer sides, or set between black bars. */
export const frameFit = z.enum(['squash', 'crop', 'letterbox'])
export type FrameFit = z.infer<typeof frameFit>

/** How frames are scaled. */
export const frameFilter = z.enum(['bicubic', 'bilinear', 'lanczos'])
export type FrameFilter = z.infer<typeof frameFilter>

/**
 * Of frames that a clip encoder takes at once, where a person says it: how many, and how many frames of the
 * clip there are from one to the next.
 */
const stackLength = z.number().int().min(2).max(128)
const stride = z.number().int().min(1).max(128)

const channelValue = z.number().min(-1e6).max(1e6)
const side = z.number().int().min(8).max(4096)
const outputName = z.string().min(1).max(500)

/** What a person chooses of an ONNX file; what is not given is read from it, or is as the preset has it. */
export const encoderChoices = z.object({
  preset: encoderPreset.optional(),
  channels: z.enum(['RGB', 'BGR']).optional(),
  /** The network sees (byte * scale - mean) / deviation, channel by channel. */
  scale: z.number().positive().max(1e6).optional(),
  mean: z.tuple([channelValue, channelValue, channelValue]).optional(),
  deviation: z.tuple([channelValue, channelValue, channelValue]).optional(),
  fit: frameFit.optional(),
  filter: frameFilter.optional(),
  /** Frames are scaled to so many pixels more than the network takes, and the middle is taken. */
  margin: z.number().int().min(0).max(1024).optional(),
  /** Where the file leaves them open. */
  width: side.optional(),
  height: side.optional(),
  layout: z.enum(['NCHW', 'NHWC', 'NTCHW', 'NCTHW', 'NTHWC']).optional(),
  /** Of a network that takes stacks of frames: how many, where the file leaves it open. */
  stack: stackLength.optional(),
  stride: stride.optional(),
  /** Which of its outputs make the features, in this order. */
  outputs: z.array(outputName).min(1).max(50).optional(),
  /** Of maps and tokens: their mean, their maximum, or the first token. */
  pooling: z.enum(['mean', 'max', 'first']).optional(),
  /** Of a folder that holds several networks. */
  precision: precision.optional(),
})
export type EncoderChoices = z.infer<typeof encoderChoices>

/** How frames are put into a network, all told. */
export const encoderInput = z.object({
  name: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  layout: z.enum(['NCHW', 'NHWC']),
  type: z.enum(['float32', 'float16', 'uint8']),
  channels: z.enum(['RGB', 'BGR']),
  /** The network sees (byte - mean) / deviation. */
  mean: perChannel,
  deviation: perChannel,
  fit: frameFit,
  margin: z.number().int(),
  /** Bicubic where it is left out. */
  filter: frameFilter.optional(),
  /** Frames, or stacks of frames, that it takes at a time, always; null: any number. */
  batch: z.number().int().nullable(),
  /** Left out: it sees single frames. Else `layout` is that of each, and the colours come before them, or after. */
  stack: z
    .object({ length: z.number().int(), stride: z.number().int(), channelsFirst: z.boolean() })
    .optional(),
})
export type EncoderInput = z.infer<typeof encoderInput>

/** Values of a frame, whole image or with a 2x2 grid. */
const grids = z.array(z.object({ grid: z.union([z.literal(1), z.literal(2)]), dimension: z.number().int() }))

/** A frame encoder that a person has. */
export const encoder = z.object({
  id: z.string(),
  title: z.string(),
  licence: z.string(),
  source: z.string(),
  builtIn: z.boolean(),
  /** On the disk; 0: it is built at its first use. */
  bytes: z.number(),
  /** Null where its description can't be read. */
  input: encoderInput.nullable(),
  grids,
  /** Values that a cell of a frame adds; 0: it sees no cells. */
  cellDimension: z.number().int(),
  /** The device that ran it fastest on this machine; null: it was not tried. */
  speed: z.object({ device: z.string(), frameMs: z.number() }).nullable(),
  /** Why it can't be used; null: it can. */
  problem: z.string().nullable(),
})
export type Encoder = z.infer<typeof encoder>

/** What was read of an ONNX file, and the encoder that would be made of it. */
export const encoderDraft = z.object({
  path: z.string(),
  /** Of the file and of those that hold its weights. */
  files: z.array(z.object({ file: z.string(), bytes: z.number() })),
  sha256: z.string(),
  input: encoderInput,
  /** The file leaves width and height open. */
  anySize: z.boolean(),
  /** Null: a folder of the Hugging Face hub's layout says itself how frames are put into it. */
  preset: encoderPreset.nullable(),
  outputs: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      /** As it was for one frame. */
      shape: z.array(z.number().int()),
      /** Null: it can't be made into features. */
      form: z.enum(['vector', 'NCHW', 'NHWC', 'tokens']).nullable(),
      chosen: z.boolean(),
    }),
  ),
  grids,
  /** A name that is free, and a title, after the file. */
  id: z.string(),
  title: z.string(),
  /** As the model's page has it; null: nothing says it. */
  licence: z.string().nullable(),
})
export type EncoderDraft = z.infer<typeof encoderDraft>

const encoderPath = { path, choices: encoderChoices.default({}) }

export const addEncoderRequest = z.object({
  ...encoderPath,
  id: encoderId,
  title: z.string().trim().min(1).max(200).optional(),
  /** As the one who made it names it, such as `Apache-2.0`, or what a person knows of it. */
  licence: z
    .string()
    .trim()
    .min(1, 'Say under which licence the network is, or that it is not known')
    .max(200),
})

export const fetchModelRequest = z.object({
  id: modelName,
  /** The commit. */
  revision: z
    .string()
    .length(40)
    .regex(/^[0-9a-f]{40}$/),
  precision,
  /** What the encoder is called from then on; left out: as the model. */
  encoder: encoderId.optional(),
})
export type FetchModelRequest = z.input<typeof fetchModelRequest>

/** What was fetched of a model so far: a try that goes on, or one that ended early. */
export const encoderDownload = z.object({
  /** Of its folder. */
  name: z.string(),
  model: z.string(),
  precision: precision.nullable(),
  /** That are here. */
  bytes: z.number(),
  /** When something of it came last: ISO 8601 in UTC. */
  changedAt: z.string(),
  /** By this program or another one. */
  isFetched: z.boolean(),
})
export type EncoderDownload = z.infer<typeof encoderDownload>

const oneEncoder = z.object({ id: encoderId })

/** What came of trying an encoder. */
export const encoderTest = z.object({
  /** ISO 8601 in UTC. */
  at: z.string(),
  /** Values of a frame. */
  dimension: z.number().int(),
  /** Milliseconds a frame on each device, and where it can't run, why not. */
  devices: z.array(
    z.object({ device: z.string(), frameMs: z.number().nullable(), reason: z.string().nullable() }),
  ),
  /** The clips of the open project whose frames were put into it; none without a project. */
  clips: z.array(z.string()),
  /** Some of them, each with those that are most like it: 1 is the same. */
  neighbours: z.array(
    z.object({
      clip: z.string(),
      nearest: z.array(z.object({ clip: z.string(), likeness: z.number() })),
    }),
  ),
  /** The PNG file of `clips` as the network gets them, side by side; null without any. */
  picture: z.string().nullable(),
})
export type EncoderTest = z.infer<typeof encoderTest>

export const encodersProcedures = {
  /** Those that come with the program, then those that were added, by name. */
  list: procedure.output(z.array(encoder)),
  /** What an ONNX file is, and the encoder that would be made of it; nothing is kept. Throws BAD_INPUT, NOT_FOUND. */
  inspect: procedure.input(z.object(encoderPath)).output(encoderDraft),
  /**
   * Copies an ONNX file, with the files of its weights, among the person's encoders. Throws CONFLICT for a
   * known name.
   */
  add: procedure.input(addEncoderRequest).output(encoder),
  /**
   * Asks the hub for a model, and for a conversion of it where it has no ONNX files; fetches none of its files.
   * This and `fetchModel` alone make requests to another machine. Throws NOT_FOUND, BAD_INPUT, CONFLICT where
   * the hub is busy, NOT_READY where HF_HUB_OFFLINE is set.
   */
  findModel: procedure
    .input(z.object({ name: modelName, revision: modelRevision.nullable().default(null) }))
    .output(hubModel),
  /** Fetches a model and adds it as an encoder. What has come stays when that ends early, and it goes on from there. */
  fetchModel: procedure.input(fetchModelRequest).output(jobStarted),
  /** What was fetched of models so far, by name. */
  downloads: procedure.output(z.array(encoderDownload)),
  /** Throws NOT_FOUND, and CONFLICT while it is fetched. */
  removeDownload: procedure.input(z.object({ name: z.string().min(1).max(255) })).output(z.void()),
  /** Features that it computed stay. Throws NOT_FOUND, BAD_INPUT for one that comes with the program. */
  remove: procedure.input(oneEncoder).output(z.void()),
  /** Tries it on every device, and on some clips of the open project. */
  test: procedure.input(oneEncoder).output(jobStarted),
  /** What came of the last test, with its picture as a data address; null: it was not tried. */
  lastTest: procedure
    .input(oneEncoder)
    .output(encoderTest.extend({ pictureUrl: z.string().nullable() }).nullable()),
}
