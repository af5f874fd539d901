/** A clip as still pictures: one for lists, and one of all frames that the model saw. */
import { failures } from '../failures.ts'
import type { MediaSource } from '../source.ts'
import { decodeFile, everyFrame, fileUrl } from './ffmpeg.ts'
import type { RunOptions } from './ffmpeg.ts'
import { selectFrames } from './frames.ts'
import { SHOW_FRAMES } from './log.ts'
import { probe } from './probe.ts'

type Options = Pick<RunOptions, 'signal' | 'limits'>

/** Writes a JPEG, 160 pixels wide, of the middle of a source to `to`. Throws as `decodeFile`. */
export async function drawThumbnail(source: MediaSource, to: string, options: Options): Promise<void> {
  const { frameCount } = await probe(source, options)
  await draw(source, [Math.floor((frameCount - 1) / 2)], { filters: ['scale=160:-2'], to, options })
}

/** Writes a JPEG of frames side by side to `to`: each 96 by 72 pixels, cut to that shape around its middle. */
export async function drawFilmstrip(
  source: MediaSource,
  indices: readonly number[],
  to: string,
  options: Options,
): Promise<void> {
  const filters = [
    'scale=96:72:force_original_aspect_ratio=increase',
    'crop=96:72',
    `tile=${indices.length}x1`,
  ]
  await draw(source, indices, { filters, to, options })
}

async function draw(
  source: MediaSource,
  indices: readonly number[],
  { filters, to, options }: { filters: readonly string[]; to: string; options: Options },
): Promise<void> {
  const chain = [selectFrames(indices), SHOW_FRAMES, ...filters, 'format=yuvj420p'].join(',')
  const picture = ['-frames:v', '1', '-q:v', '4', '-f', 'mjpeg', fileUrl(to)]
  const { frames } = await decodeFile(
    source,
    { after: ['-vf', chain, ...(await everyFrame()), ...picture] },
    options,
  )
  if (frames.times.length < indices.length) {
    throw failures.framesMissing({
      path: source.path,
      decoded: frames.times.length,
      wanted: indices.length,
    })
  }
}
