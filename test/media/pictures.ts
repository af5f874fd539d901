import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { SHOW_FRAMES } from '../../src-main/media/program/log.ts'

/** The size in pixels of the JPEG at `path`, which is decoded; 0 for a file that holds none. */
export async function pictureSize(path: string): Promise<{ width: number; height: number }> {
  const input = ['-f', 'jpeg_pipe', '-i', fileUrl(path)]
  const { frames } = await runFfmpeg([...input, '-vf', SHOW_FRAMES, '-f', 'null', '-'], { file: path })
  return { width: frames.width, height: frames.height }
}

/** The bytes of the same picture as RGB, scaled to a square of `size` pixels. */
export async function pictureBytes(path: string, size: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  const input = ['-f', 'jpeg_pipe', '-i', fileUrl(path)]
  await runFfmpeg(
    [...input, '-vf', `scale=${size}:${size}`, '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
    {
      file: path,
      onOutput: (chunk) => chunks.push(chunk),
    },
  )
  return Buffer.concat(chunks)
}
