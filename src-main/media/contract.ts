/** What main may ask of a media process, and what is known of a source. */
import type { FromChild, ToChild } from '../child/messages.ts'
import type { FrameSize } from './frame-size.ts'
import type { Limits } from './limits.ts'
import type { Take } from './sample/scene.ts'
import type { MediaSource, SourceKind } from './source.ts'

/** What a source is, read from its container: of its pictures, only the first is decoded. */
export interface Inspection {
  kind: SourceKind
  /**
   * Seconds from the source's start, as a player shows it, to the end of its last frame. The first may come later
   * than 0.
   */
  duration: number
  /** Mean frames per second. */
  fps: number
  /** Frames between the source's bounds; frame indices run from 0 to this. */
  frameCount: number
  /** Pixels as shown, after rotation. */
  width: number
  height: number
  /** FFmpeg's names, such as `h264` and `yuv420p`. */
  codec: string
  pixelFormat: string
  hasSound: boolean
  /** Whether the container marks some of it as damaged: a lost packet, say. Other damage shows in decoding. */
  damaged: boolean
  /** As what a browser can be given the file itself; null where it does not play it and a proxy is needed. */
  contentType: string | null
}

export interface FrameRequest {
  source: MediaSource
  /** Frame indices, ascending without repeats. */
  indices: readonly number[]
  size: FrameSize
}

export interface DecodedFrames {
  /** RGB bytes, [n, height, width, 3], in the order of `indices`. */
  frames: Uint8Array
  /** Seconds from the source's start, [n]. */
  times: number[]
  /** Indices of all frames of the source that can't be decoded; in their place stands the one before, or after. */
  lost: number[]
}

/** How far a long call is: frames done, of all. */
export interface MediaProgress {
  done: number
  total: number
}

/** Files that are written are temporary ones of the caller's. */
export interface MediaMethods {
  /** The version of FFmpeg's libraries; fails where they do not load. */
  version: { params: null; result: string }
  inspect: { params: { source: MediaSource; limits: Limits }; result: Inspection }
  decodeFrames: { params: FrameRequest & { limits: Limits }; result: DecodedFrames }
  makeThumbnail: { params: { source: MediaSource; to: string; limits: Limits }; result: null }
  makeFilmstrip: {
    params: { source: MediaSource; indices: readonly number[]; to: string; limits: Limits }
    result: null
  }
  makeProxy: { params: { source: MediaSource; to: string; limits: Limits }; result: null }
  /** Draws and encodes a clip of the sample corpus. */
  renderTake: { params: { take: Take; seed: number; to: string; limits: Limits }; result: null }
}

export type ToMedia = ToChild<keyof MediaMethods>
export type FromMedia = FromChild<MediaProgress>
