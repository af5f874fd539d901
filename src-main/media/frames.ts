import type { FrameFilter, FrameFit } from '#contract'
import { failures } from './failures.ts'
import { decodeFile, locateFfmpeg } from './ffmpeg.ts'
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

/**
 * Pixels of a frame, and what becomes of one of another shape: it is squashed, cut at its longer sides, or set between
 * black bars. A number: the side of a square that it is squashed into, as frame encoders are usually fed.
 */
export type FrameSize =
  number | { width: number; height: number; fit: FrameFit; filter?: FrameFilter | undefined }

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

/** The filters that bring a frame to a size; `by` says how it is scaled. */
const FITTING: Record<FrameFit, (size: { width: number; height: number }, by: string) => string[]> = {
  squash: ({ width, height }, by) => [`scale=${width}:${height}:${by}`],
  // Rounded down, as the image processors of the models do that are fed so.
  crop: ({ width, height }, by) => [
    `scale='max(${width},trunc(${height}*iw/ih))':'max(${height},trunc(${width}*ih/iw))':${by}`,
    `crop=${width}:${height}:trunc((iw-ow)/2):trunc((ih-oh)/2)`,
  ],
  letterbox: ({ width, height }, by) => [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:${by}`,
    `pad=${width}:${height}:-1:-1:black`,
  ],
}

export interface DecodedFrames {
  /** RGB bytes, [n, height, width, 3], in the order of `indices`. */
  frames: Uint8Array
  /** Seconds from the clip's start, [n]. */
  times: number[]
}

const shapeOf = (size: FrameSize): Exclude<FrameSize, number> =>
  typeof size === 'number' ? { width: size, height: size, fit: 'squash' } : size

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
  const frameBytes = shape.width * shape.height * 3
  const frames = new Uint8Array(indices.length * frameBytes)
  if (indices.length === 0) {
    return { frames, times: [] }
  }
  const filters = [
    selectFrames(indices),
    ...FITTING[shape.fit](shape, `flags=${shape.filter ?? 'bicubic'}+accurate_rnd+bitexact`),
    'format=rgb24',
    SHOW_FRAMES,
  ]
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
