import type { MediaSource } from '../source.ts'
import { decodeFile, everyFrame, fileUrl } from './ffmpeg.ts'
import type { RunOptions } from './ffmpeg.ts'

/** Writes a copy of a source that every browser plays. Throws as `decodeFile`. */
export async function encodeProxy(
  source: MediaSource,
  to: string,
  options: Pick<RunOptions, 'signal' | 'limits'>,
): Promise<void> {
  const picture = ['-vf', 'crop=trunc(iw/2)*2:trunc(ih/2)*2', '-pix_fmt', 'yuv420p']
  const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-c:a', 'aac']
  const output = ['-movflags', '+faststart', '-f', 'mp4', fileUrl(to)]
  await decodeFile(
    source,
    { after: ['-map', '0:a:0?', ...(await everyFrame()), ...picture, ...codecs, ...output] },
    options,
  )
}
