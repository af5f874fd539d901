/** Still pictures: told by what they begin with. For each kind FFmpeg has a demuxer of its own. */
import { openFile } from '../formats/files.ts'
import { failures } from './failures.ts'

export type PictureDemuxer = 'jpeg_pipe' | 'png_pipe' | 'webp_pipe'

/** How the files of a kind begin, as Latin-1. */
const KINDS: readonly { begins: RegExp; demuxer: PictureDemuxer; contentType: string }[] = [
  { begins: /^\xff\xd8\xff/, demuxer: 'jpeg_pipe', contentType: 'image/jpeg' },
  { begins: /^\x89PNG\r\n/, demuxer: 'png_pipe', contentType: 'image/png' },
  { begins: /^RIFF.{4}WEBP/s, demuxer: 'webp_pipe', contentType: 'image/webp' },
]

/** As what a still picture is given to a browser; null: the file is none. Throws as `openFile`. */
export const pictureType = async (path: string): Promise<string | null> =>
  (await kindOf(path))?.contentType ?? null

/**
 * The demuxer of a still picture, which opens nothing else; null: the file is none. Throws as `openFile`, and
 * BAD_INPUT for an animated WebP, which FFmpeg can't decode.
 */
export const pictureDemuxer = async (path: string): Promise<PictureDemuxer | null> =>
  (await kindOf(path))?.demuxer ?? null

async function kindOf(path: string): Promise<(typeof KINDS)[number] | undefined> {
  const file = await openFile(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0)
    const head = buffer.subarray(0, bytesRead)
    if (isAnimatedWebp(head)) {
      throw failures.animatedWebp({ path })
    }
    return KINDS.find(({ begins }) => begins.test(head.toString('latin1')))
  } finally {
    await file.close()
  }
}

/** https://developers.google.com/speed/webp/docs/riff_container: the second flag of the extended header. */
const isAnimatedWebp = (head: Buffer): boolean =>
  /^RIFF.{4}WEBPVP8X/s.test(head.toString('latin1')) && ((head[20] ?? 0) & 0b10) !== 0
