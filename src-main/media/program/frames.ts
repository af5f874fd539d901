import type { DecodedFrames } from '../contract.ts'
import { failures } from '../failures.ts'
import type { MediaSource, PictureDemuxer } from '../source.ts'
import { boundsFilter } from './bounds.ts'
import { decodeFile, everyFrame } from './ffmpeg.ts'
import type { RunOptions } from './ffmpeg.ts'
import { SHOW_FRAMES } from './log.ts'

/** The ffmpeg filters that let only some frames of a source through; `indices` as for `decodeFrames`. */
export const selectFrames = (source: MediaSource, indices: readonly number[]): string[] => [
  ...boundsFilter(source),
  `select=${indices.map((index) => `eq(n\\,${index})`).join('+')}`,
]

interface ProgramFrameRequest {
  source: MediaSource
  demuxer?: PictureDemuxer | undefined
  indices: readonly number[]
  size: number
}

/**
 * Decodes chosen frames of a video or picture in one run of ffmpeg, which counts them as it decodes them. Throws as
 * `decodeFile`, and BAD_INPUT when there are fewer frames than asked for: the program does not say which are lost.
 */
export async function decodeFrames(
  { source, demuxer, indices, size }: ProgramFrameRequest,
  options: Pick<RunOptions, 'signal' | 'limits'>,
): Promise<DecodedFrames> {
  const { path, start } = source
  const frameBytes = size * size * 3
  const frames = new Uint8Array(indices.length * frameBytes)
  const filters = [
    ...selectFrames(source, indices),
    `scale=${size}:${size}:flags=bicubic+accurate_rnd+bitexact`,
    'format=rgb24',
    SHOW_FRAMES,
  ]
  let filled = 0
  const count = ['-frames:v', String(indices.length)]
  const after = ['-vf', filters.join(','), ...(await everyFrame()), ...count, '-f', 'rawvideo', 'pipe:1']
  const {
    frames: { times },
  } = await decodeFile(
    { path, demuxer, after },
    {
      ...options,
      onOutput(chunk) {
        frames.set(chunk.subarray(0, frames.length - filled), filled)
        filled += chunk.length
      },
    },
  )
  if (filled !== frames.length || times.length < indices.length) {
    throw failures.framesMissing({ path, decoded: Math.floor(filled / frameBytes), wanted: indices.length })
  }
  return { frames, times: times.slice(0, indices.length).map((time) => time - (start ?? 0)), lost: [] }
}
