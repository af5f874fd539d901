import { failures } from './failures.ts'
import { decodeFile, locateFfmpeg } from './ffmpeg.ts'
import { bytesOfShape, fittingFilters, shapeOf } from './frame-size.ts'
import type { FrameSize } from './frame-size.ts'
import { SHOW_FRAMES } from './log.ts'

/**
 * The index of the first frame of each of `segments` equal parts of a clip: floor(i frameCount / segments). A
 * clip with fewer frames than segments gives all its frames, once each.
 */
export function segmentStarts(frameCount: number, segments: number): number[] {
  const n = Math.min(frameCount, segments)
  return Array.from({ length: n }, (_, i) => Math.floor((i * frameCount) / n))
}

/** The ffmpeg filter that lets only the frames of these indices through. */
export const selectFrames = (indices: readonly number[]): string =>
  `select=${indices.map((index) => `eq(n\\,${index})`).join('+')}`

export interface FrameRequest {
  path: string
  /** The part of it, in seconds of the file; not given, or null: all of it. */
  start?: number | null
  end?: number | null
  /** Frame indices, counted in decoded frames from 0, ascending without repeats. */
  indices: readonly number[]
  size: FrameSize
  signal?: AbortSignal | undefined
}

export interface DecodedFrames {
  /** RGB bytes, [n, height, width, 3], in the order of `indices`. */
  frames: Uint8Array
  /** Seconds from the clip's start, [n]. */
  times: number[]
}

/**
 * Decodes chosen frames of a clip in one run of ffmpeg. Frames are turned upright by the clip's rotation and
 * scaled to `size`.
 * Throws VitrineError BAD_INPUT when the clip has fewer frames than asked for, NOT_FOUND when it is gone;
 * CancelledError on abort.
 */
export async function decodeFrames({
  path,
  start = null,
  end = null,
  indices,
  size,
  signal,
}: FrameRequest): Promise<DecodedFrames> {
  const { everyFrame } = await locateFfmpeg()
  const shape = shapeOf(size)
  const frameBytes = bytesOfShape(shape)
  const frames = new Uint8Array(indices.length * frameBytes)
  if (indices.length === 0) {
    return { frames, times: [] }
  }
  const filters = [selectFrames(indices), ...fittingFilters(shape), 'format=rgb24', SHOW_FRAMES]
  let filled = 0
  const count = ['-frames:v', String(indices.length)]
  const {
    frames: { times },
  } = await decodeFile(
    { path, start, end },
    { after: ['-vf', filters.join(','), ...everyFrame, ...count, '-f', 'rawvideo', 'pipe:1'] },
    {
      signal,
      onOutput(chunk) {
        frames.set(chunk.subarray(0, frames.length - filled), filled)
        filled += chunk.length
      },
    },
  )
  if (filled !== frames.length || times.length < indices.length) {
    throw failures.framesMissing({ path, decoded: Math.floor(filled / frameBytes), wanted: indices.length })
  }
  return { frames, times: times.slice(0, indices.length) }
}
