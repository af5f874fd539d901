import type { DecodedFrames, FrameRequest } from '../contract.ts'
import { failures } from '../failures.ts'
import { fittingTo } from '../frame-size.ts'
import { decodeFile, everyFrame } from './ffmpeg.ts'
import type { RunOptions } from './ffmpeg.ts'
import { SHOW_FRAMES } from './log.ts'

/** The ffmpeg filter that lets only the frames of these indices through. */
export const selectFrames = (indices: readonly number[]): string =>
  `select=${indices.map((index) => `eq(n\\,${index})`).join('+')}`

/**
 * Decodes chosen frames in one run of ffmpeg, which counts them as it decodes them. Throws as `decodeFile`, and
 * BAD_INPUT when there are fewer frames than asked for: the program does not say which are lost.
 */
export async function decodeFrames(
  { source, indices, size }: FrameRequest,
  options: Pick<RunOptions, 'signal' | 'limits'>,
): Promise<DecodedFrames> {
  const { filters: fitting, bytes: frameBytes } = fittingTo(size)
  const frames = new Uint8Array(indices.length * frameBytes)
  if (indices.length === 0) {
    return { frames, times: [], lost: [] }
  }
  const filters = [selectFrames(indices), ...fitting, SHOW_FRAMES]
  let filled = 0
  const count = ['-frames:v', String(indices.length)]
  const after = ['-vf', filters.join(','), ...(await everyFrame()), ...count, '-f', 'rawvideo', 'pipe:1']
  const {
    frames: { times },
  } = await decodeFile(
    source,
    { after },
    {
      ...options,
      onOutput(chunk) {
        frames.set(chunk.subarray(0, frames.length - filled), filled)
        filled += chunk.length
      },
    },
  )
  if (filled !== frames.length || times.length < indices.length) {
    throw failures.framesMissing({
      path: source.path,
      decoded: Math.floor(filled / frameBytes),
      wanted: indices.length,
    })
  }
  return { frames, times: times.slice(0, indices.length), lost: [] }
}
