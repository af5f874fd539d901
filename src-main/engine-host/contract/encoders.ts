/** Frame encoders: from pictures to features. */
import type { Handlers } from './call.ts'

export interface EncoderMethods {
  /**
   * Rebuilds the built-in frame encoder as ONNX into `directory` (made if need be) when it is not there yet.
   * `descriptor` is the path of its description, `checksum` the network's SHA-256, `size` the width and
   * height of its frames in pixels. Throws NOT_FOUND or BAD_INPUT when the package that holds the network is
   * missing or not the one that is expected, DISK_FULL.
   */
  'encoders.prepare': {
    params: { directory: string }
    result: { descriptor: string; checksum: string; size: number }
  }
  /**
   * Frames to features. `frames`: RGB bytes [count, size, size, 3]; returns [count, F] row-major, F being
   * `dimension`. Throws NOT_FOUND or BAD_INPUT for an encoder that is missing or damaged, has no such grid,
   * or takes frames of another size.
   */
  'encoders.encode': {
    params: { descriptor: string; frames: Uint8Array; count: number; grid: 1 | 2 }
    result: { features: Float32Array; dimension: number }
  }
}

export type EncoderHandlers = Handlers<EncoderMethods>
