/** A video or picture as still pictures: one for lists, and one of all frames that the model saw. */
import { failures } from '../failures.ts'
import type { MediaSource, PictureDemuxer } from '../source.ts'
import { decodeFile, everyFrame, fileUrl } from './ffmpeg.ts'
import type { RunOptions } from './ffmpeg.ts'
import { selectFrames } from './frames.ts'
import { SHOW_FRAMES } from './log.ts'

type Options = Pick<RunOptions, 'signal' | 'limits'>

/** Writes a JPEG, 160 pixels wide, of the frame at a second of the file, or else of the first, to `to`. */
export async function drawThumbnail(
  { path, demuxer, at, to }: { path: string; demuxer: PictureDemuxer | undefined; at: number; to: string },
  options: Options,
): Promise<void> {
  const after = ['-vf', `${SHOW_FRAMES},scale=160:-2,format=yuvj420p`, ...outputJpeg(to)]
  const draw = async (before: readonly string[]): Promise<boolean> => {
    const { frames } = await decodeFile({ path, demuxer, before, after }, options)
    return frames.times.length > 0
  }
  // A seek past the last frame's time yields nothing, and so does one in a file without an index.
  const isDrawn = (demuxer === undefined && (await draw(['-ss', at.toFixed(3)]))) || (await draw([]))
  if (!isDrawn) {
    throw failures.noFrame({ path })
  }
}

/** Writes a JPEG of some frames side by side to `to`: each 96 by 72 pixels, cut to that shape around its middle. */
export async function drawFilmstrip(
  {
    source,
    demuxer,
    indices,
    to,
  }: { source: MediaSource; demuxer: PictureDemuxer | undefined; indices: readonly number[]; to: string },
  options: Options,
): Promise<void> {
  const { path } = source
  const filters = [
    ...selectFrames(source, indices),
    SHOW_FRAMES,
    'scale=96:72:force_original_aspect_ratio=increase',
    'crop=96:72',
    `tile=${indices.length}x1`,
    'format=yuvj420p',
  ]
  const after = ['-vf', filters.join(','), ...(await everyFrame()), ...outputJpeg(to)]
  const { frames } = await decodeFile({ path, demuxer, after }, options)
  if (frames.times.length < indices.length) {
    throw failures.framesMissing({ path, decoded: frames.times.length, wanted: indices.length })
  }
}

/** Arguments of ffmpeg for one picture, whatever its file is called. */
const outputJpeg = (path: string): string[] => ['-frames:v', '1', '-q:v', '4', '-f', 'mjpeg', fileUrl(path)]
