/** A clip as still pictures: one for lists, and one of all frames that the model saw. */
import { replaceFileAtomic } from '../formats/atomic.ts'
import { fileUrl, inputVideo, locateFfmpeg, runFfmpeg } from './ffmpeg.ts'
import { selectFrames } from './frames.ts'

/**
 * Writes a JPEG, 160 pixels wide, of the middle of a clip to `to`, atomically (its folder must exist).
 * `duration` in seconds, as `probe` gives it. Throws as `runFfmpeg`.
 */
export async function makeThumbnail(
  path: string,
  duration: number,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  // A seek past the last frame's time yields nothing: the half of a clip of one frame is its start.
  const middle = Math.max(0, duration / 2 - 0.05).toFixed(3)
  await replaceFileAtomic(to, async (temporary) => {
    await runFfmpeg(
      ['-ss', middle, ...inputVideo(path), '-vf', 'scale=160:-2,format=yuvj420p', ...outputJpeg(temporary)],
      { file: path, signal },
    )
  })
}

/**
 * Writes a JPEG of some frames of a clip side by side to `to`, atomically (its folder must exist): each 96 by
 * 72 pixels, cut to that shape around its middle. `indices` as for `decodeFrames`, one at least. Throws as
 * `runFfmpeg`.
 */
export async function makeFilmstrip(
  path: string,
  indices: readonly number[],
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const { everyFrame } = await locateFfmpeg()
  const filters = [
    selectFrames(indices),
    'scale=96:72:force_original_aspect_ratio=increase',
    'crop=96:72',
    `tile=${indices.length}x1`,
    'format=yuvj420p',
  ]
  await replaceFileAtomic(to, async (temporary) => {
    await runFfmpeg(
      [...inputVideo(path), '-vf', filters.join(','), ...everyFrame, ...outputJpeg(temporary)],
      { file: path, signal },
    )
  })
}

/** Arguments of ffmpeg for one picture, whatever its file is called. */
const outputJpeg = (path: string): string[] => ['-frames:v', '1', '-q:v', '4', '-f', 'mjpeg', fileUrl(path)]
