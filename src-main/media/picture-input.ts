/** Still pictures: told by what they begin with, and as ffmpeg's input, where each kind has a demuxer of its own. */
import { readFileSync } from 'node:fs'
import { openFile } from '../formats/files.ts'

/** How the files of a kind begin, as Latin-1. */
const KINDS: readonly { begins: RegExp; demuxer: string; contentType: string }[] = [
  { begins: /^\xff\xd8\xff/, demuxer: 'jpeg_pipe', contentType: 'image/jpeg' },
  { begins: /^\x89PNG\r\n/, demuxer: 'png_pipe', contentType: 'image/png' },
  { begins: /^RIFF.{4}WEBP/s, demuxer: 'webp_pipe', contentType: 'image/webp' },
]

/** As what a still picture is given to a browser; null: the file is none. Throws as `openFile`. */
export const pictureType = async (path: string): Promise<string | null> =>
  (await kindOf(path))?.contentType ?? null

/** The demuxer of a still picture, which opens nothing else; null: the file is none. Throws as `openFile`. */
export const pictureDemuxer = async (path: string): Promise<string | null> =>
  (await kindOf(path))?.demuxer ?? null

async function kindOf(path: string): Promise<(typeof KINDS)[number] | undefined> {
  const file = await openFile(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0)
    const head = buffer.toString('latin1', 0, bytesRead)
    return KINDS.find(({ begins }) => begins.test(head))
  } finally {
    await file.close()
  }
}

/** Pictures one after the other. */
export function* readPictures(paths: readonly string[]): Generator<Uint8Array> {
  for (const path of paths) {
    yield readFileSync(path)
  }
}
