import { replaceFileAtomic } from '../formats/atomic.ts'
import { fileUrl, inputFile, runFfmpeg } from './ffmpeg.ts'

/**
 * Writes a JPEG, 160 pixels wide, of the middle of a clip to `to`, atomically (its folder must exist). `duration` in seconds, as `probe` gives
 * it. Throws as `runFfmpeg`.
 */
export async function makeThumbnail(path: string, duration: number, to: string, signal?: AbortSignal): Promise<void> {
  // A seek past the last frame's time yields nothing: the half of a clip of one frame is its start.
  const middle = Math.max(0, duration / 2 - 0.05).toFixed(3)
  await replaceFileAtomic(to, async (temporary) => {
    await runFfmpeg(
      ['-ss', middle, ...inputFile(path), '-map', '0:v:0', '-frames:v', '1', '-vf', 'scale=160:-2,format=yuvj420p', '-q:v', '4', '-f', 'mjpeg', fileUrl(temporary)],
      { file: path, signal },
    )
  })
}
