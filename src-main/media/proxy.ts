import { replaceFileAtomic } from '../formats/atomic.ts'
import { decodeFile, fileUrl, locateFfmpeg } from './ffmpeg.ts'
import type { MediaSource } from './source.ts'

/**
 * Writes a copy of a clip that every browser plays to `to`, atomically (its folder must exist): H.264 4:2:0
 * (and AAC) in mp4, index first. It has the same frames at the same times, turned upright; sides are cut to
 * even numbers. Throws as `runFfmpeg`.
 */
export async function makeProxy(
  source: MediaSource | string,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const { everyFrame } = await locateFfmpeg()
  await replaceFileAtomic(to, async (temporary) => {
    const picture = ['-vf', 'crop=trunc(iw/2)*2:trunc(ih/2)*2', '-pix_fmt', 'yuv420p']
    const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-c:a', 'aac']
    const output = ['-movflags', '+faststart', '-f', 'mp4', fileUrl(temporary)]
    await decodeFile(
      source,
      { after: ['-map', '0:a:0?', ...everyFrame, ...picture, ...codecs, ...output] },
      { signal },
    )
  })
}
