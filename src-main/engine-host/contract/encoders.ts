/** Frame encoders: from pictures to features. `directory` is the folder of a person's encoders, one folder each. */
import type { Encoder, EncoderChoices, EncoderDraft, FrameFilter, FrameFit } from '#contract'
import type { Handlers } from './call.ts'

/** An encoder that is ready to run. */
export interface PreparedEncoder {
  /** The path of its description. */
  descriptor: string
  title: string
  licence: string
  /** Where it is from. */
  source: string
  /** Lower-case hexadecimal: with another one its features would be others. */
  fingerprint: string
  /** That frames are decoded to, and how. */
  size: { width: number; height: number; fit: FrameFit; filter?: FrameFilter | undefined }
  /** What a clip encoder takes at once; null: it sees single frames. */
  stack: { length: number; stride: number } | null
  grids: { grid: 1 | 2; dimension: number }[]
  /** How many values a cell adds, where frames are cut into cells; 0: it sees none. */
  cellDimension: number
}

/** Why a frame encoder can't be part of an exported model. */
export type NotExported = 'licence' | 'stacks' | 'weights beside' | 'operators'

/** An encoder as the engine knows it; `fingerprint` null: it is not built yet, or can't be used. */
export type KnownEncoder = Omit<Encoder, 'speed'> & { fingerprint: string | null }

export interface EncoderMethods {
  /** Those that come with the program, then those that were added, by name. */
  'encoders.list': { params: { directory: string }; result: KnownEncoder[] }
  /**
   * What an ONNX file, or a folder in the layout of the Hugging Face hub, is, and the encoder that would be made of it. Throws BAD_INPUT for a file that is none, or that no
   * encoder can be made of; NOT_FOUND.
   */
  'encoders.inspect': {
    params: { directory: string; path: string; choices: EncoderChoices }
    result: EncoderDraft
  }
  /** Copies it, whole or not at all. Throws as `encoders.inspect`; CONFLICT for a name that is taken; DISK_FULL. */
  'encoders.add': {
    params: {
      directory: string
      path: string
      choices: EncoderChoices
      id: string
      title: string | null
      licence: string
      /** Where it is from, where the name of its file or folder doesn't say it. */
      source?: string
    }
    result: KnownEncoder
  }
  /** Throws NOT_FOUND, and BAD_INPUT for one that comes with the program. */
  'encoders.remove': { params: { directory: string; id: string }; result: null }
  /**
   * Has an encoder ready: one that comes with the program is built where it is missing. Throws NOT_FOUND for one that is not
   * there; NOT_FOUND or BAD_INPUT when the package that holds a network is missing or not as expected; DISK_FULL.
   */
  'encoders.prepare': { params: { directory: string; id: string }; result: PreparedEncoder }
  /**
   * Frames to features. `frames`: RGB bytes [count, height, width, 3]; `stacks`: the places of the frames that make each
   * feature, of an encoder that takes stacks; else each makes one. `cells`: rows and columns that each is cut into, one where
   * it is left out; every cell makes a feature. Returns [features, F] row-major, F being `dimension`. Throws NOT_FOUND or BAD_INPUT for an encoder that is missing or damaged, has no such grid,
   * or takes frames of another size.
   */
  'encoders.encode': {
    params: {
      descriptor: string
      frames: Uint8Array
      count: number
      stacks?: number[][] | null
      grid: 1 | 2
      cells?: number
      device: string
    }
    result: { features: Float32Array; dimension: number }
  }
  /** Frames as the network gets them, stretched to bytes: RGB [count, height, width, 3]. */
  'encoders.look': {
    params: { descriptor: string; frames: Uint8Array; count: number }
    result: { pictures: Uint8Array; width: number; height: number }
  }
  /**
   * Encodes made-up frames on a device for about a second. Ask an engine process of its own: a driver may hang or
   * crash. A device that can't be used is a result with its reason, no error; `frameMs`: milliseconds a frame.
   */
  'encoders.measure': {
    params: { descriptor: string; device: string }
    result: { frameMs: number | null; reason: string | null }
  }
}

export type EncoderHandlers = Handlers<EncoderMethods>
