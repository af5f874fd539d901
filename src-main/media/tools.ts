/** The door to media: what a file is, its frames, and what is made of them. */
import type { DecodedFrames, FrameRequest, Inspection, MediaProgress } from './contract.ts'
import type { Take } from './sample/scene.ts'
import type { MediaSource } from './source.ts'

interface CallOptions {
  signal?: AbortSignal | undefined
}

/**
 * Every method throws CancelledError on abort, and a VitrineError that names the file: NOT_FOUND, BAD_INPUT (what
 * is no video, cut off, made the process end, or takes more than the limits), DISK_FULL, or TOOL_MISSING. What is
 * written to `to` is whole or not there; its folder must be.
 */
export interface MediaTools {
  /** What decodes. Throws TOOL_MISSING where there is nothing. */
  describe(): Promise<MediaEngine>
  /** What a source is, without decoding all of it. */
  inspect(source: MediaSource, options?: CallOptions): Promise<Inspection>
  /** Chosen frames, turned upright and scaled. */
  decodeFrames(request: FrameRequest, options?: CallOptions): Promise<DecodedFrames>
  /** Writes a JPEG, 160 pixels wide, of the middle of a source. */
  makeThumbnail(source: MediaSource, to: string, options?: CallOptions): Promise<void>
  /**
   * Writes a JPEG of some frames side by side: each 96 by 72 pixels, cut to that shape around its middle.
   * `indices` as for `decodeFrames`, one at least.
   */
  makeFilmstrip(
    source: MediaSource,
    indices: readonly number[],
    to: string,
    options?: CallOptions,
  ): Promise<void>
  /**
   * Writes a copy that every browser plays: H.264 4:2:0 (and AAC) in mp4, index first, with the same frames at the
   * same times from the source's start, turned upright; sides are cut to even numbers.
   */
  makeProxy(
    source: MediaSource,
    to: string,
    options?: CallOptions & { onProgress?: (progress: MediaProgress) => void },
  ): Promise<void>
  /** Draws and encodes a clip of the sample corpus; the same take and seed give the same bytes. */
  renderTake(take: Take, seed: number, to: string, options?: CallOptions): Promise<void>
  /** Ends the processes; what is under way rejects with CancelledError. */
  close(): Promise<void>
}

/** What decodes: `version` is what FFmpeg says of itself, `path` is of the program. */
export interface MediaEngine {
  from: 'node-av' | 'VITRINE_FFMPEG' | 'ffmpeg-static' | 'PATH'
  version: string
  path: string | null
}
