/** A clip as still pictures: one for lists, and one of all frames that the model saw. */
import { replaceFileAtomic } from '../formats/atomic.ts'
import { failures } from './failures.ts'
import { decodeFile, fileUrl, locateFfmpeg } from './ffmpeg.ts'
import { selectFrames } from './frames.ts'
import { SHOW_FRAMES } from './log.ts'
import { sourceOf } from './source.ts'
import type { MediaSource } from './source.ts'

/**
 * Writes a JPEG, 160 pixels wide, of the middle of a clip to `to`, atomically (its folder must exist).
 * `duration` in seconds, as `probe` gives it. Throws as `decodeFile`, and
 * BAD_INPUT for a clip without a frame: no empty picture is kept.
 */
export async function makeThumbnail(
  source: MediaSource | string,
  duration: number,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const middle = Math.max(0, duration / 2 - 0.05)
  const after = ['-vf', `${SHOW_FRAMES},scale=160:-2,format=yuvj420p`]
  const draw = async (
    from: MediaSource | string,
    temporary: string,
    before: string[] = [],
  ): Promise<boolean> => {
    const { frames } = await decodeFile(
      from,
      { before, after: [...after, ...outputJpeg(temporary)] },
      { signal },
    )
    return frames.times.length > 0
  }
  const drawMiddle = (temporary: string): Promise<boolean> => {
    const part = sourceOf(source)
    return part.start === null
      ? draw(source, temporary, ['-ss', middle.toFixed(3)])
      : draw({ ...part, start: part.start + middle }, temporary)
  }
  await replaceFileAtomic(to, async (temporary) => {
    // A seek past the last frame's time yields nothing, and so does one in a file without an index.
    const isDrawn = (await drawMiddle(temporary)) || (await draw(source, temporary))
    if (!isDrawn) {
      throw failures.noFrame(sourceOf(source))
    }
  })
}

/**
 * Writes a JPEG of some frames of a clip side by side to `to`, atomically (its folder must exist): each 96 by
 * 72 pixels, cut to that shape around its middle. `indices` as for `decodeFrames`, one at least. Throws as
 * `decodeFile`, and BAD_INPUT when the clip has fewer frames.
 */
export async function makeFilmstrip(
  source: MediaSource | string,
  indices: readonly number[],
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const { everyFrame } = await locateFfmpeg()
  const filters = [
    selectFrames(indices),
    SHOW_FRAMES,
    'scale=96:72:force_original_aspect_ratio=increase',
    'crop=96:72',
    `tile=${indices.length}x1`,
    'format=yuvj420p',
  ]
  await replaceFileAtomic(to, async (temporary) => {
    const { frames } = await decodeFile(
      source,
      { after: ['-vf', filters.join(','), ...everyFrame, ...outputJpeg(temporary)] },
      { signal },
    )
    if (frames.times.length < indices.length) {
      throw failures.framesMissing({
        path: sourceOf(source).path,
        decoded: frames.times.length,
        wanted: indices.length,
      })
    }
  })
}

/** Arguments of ffmpeg for one picture, whatever its file is called. */
const outputJpeg = (path: string): string[] => ['-frames:v', '1', '-q:v', '4', '-f', 'mjpeg', fileUrl(path)]
