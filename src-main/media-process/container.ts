/** Opens a file with FFmpeg's demuxers, and finds the video in it. */
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_TIMED_THUMBNAILS,
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import { avGetCodecName, Dictionary, FormatContext, InputFormat } from 'node-av/lib'
import type { Stream } from 'node-av/lib'
import type { VitrineError } from '../common/failures.ts'
import { throwFileError } from '../common/files/file-errors.ts'
import { statFile } from '../formats/files.ts'
import { failures } from '../media/failures.ts'
import { CONTAINERS } from '../media/limits.ts'
import type { PictureDemuxer } from '../media/picture-kinds.ts'

export interface Container {
  path: string
  size: number
  format: FormatContext
  /** The names of its demuxer. */
  names: readonly string[]
  /** The first video stream that is no cover picture. */
  video: Stream
  /** The first stream of sound. */
  sound: Stream | null
  /** Seconds at which the clock of the file begins. */
  startTime: number
}

/** Opens a file for as long as `work` takes. Throws NOT_FOUND and BAD_INPUT. */
export async function withContainer<Result>(
  path: string,
  demuxer: PictureDemuxer | null,
  work: (container: Container) => Promise<Result>,
): Promise<Result> {
  const { size } = await statFile(path)
  if (size === 0) {
    throw failures.fileEmpty({ path })
  }
  const format = openFormat(path, demuxer)
  if (format === null) {
    throw await whyNotOpened(path)
  }
  try {
    return await work({ path, size, format, ...streamsOf(format, path) })
  } finally {
    format.closeInputSync()
  }
}

/** The same file once more, from its start; the caller closes its format. */
export function openAgain({ path, names }: Container): Container {
  const demuxer = names.find((name) => name.endsWith('_pipe')) as PictureDemuxer | undefined
  const format = openFormat(path, demuxer ?? null)
  if (format === null) {
    throw failures.notAVideo({ file: path })
  }
  return { path, size: 0, format, ...streamsOf(format, path) }
}

/**
 * Only listed containers are opened, and only files: no playlist makes FFmpeg open or fetch anything else. Null where
 * that fails.
 */
function openFormat(path: string, demuxer: PictureDemuxer | null): FormatContext | null {
  using options = Dictionary.fromObject({
    protocol_whitelist: 'file',
    format_whitelist: demuxer ?? CONTAINERS.join(','),
  })
  const forced = demuxer === null ? null : InputFormat.findInputFormat(demuxer)
  const format = new FormatContext()
  if (format.openInputSync(fileUrl(path), forced, options) < 0) {
    return null
  }
  if (format.findStreamInfoSync() < 0) {
    format.closeInputSync()
    return null
  }
  return format
}

/** FFmpeg's name for a file: with the protocol in front, no path is taken for another protocol. */
export const fileUrl = (path: string): string => `file:${resolve(path)}`

/** Bytes that tell a container. */
const HEAD_BYTES = 64 * 1024

/** What is wrong with a file that does not open, by what it begins with. */
async function whyNotOpened(path: string): Promise<VitrineError> {
  const file = await open(path).catch(throwFileError(path))
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    const names = InputFormat.probe(buffer.subarray(0, bytesRead))?.name?.split(',')
    if (names === undefined) {
      return failures.notAVideo({ file: path })
    }
    // A container that is known and still does not open lacks its index, which stands at its end.
    return names.some((name) => CONTAINERS.includes(name))
      ? failures.cutOff({ file: path })
      : failures.containerRefused({ file: path })
  } finally {
    await file.close()
  }
}

function streamsOf(
  format: FormatContext,
  path: string,
): Pick<Container, 'names' | 'video' | 'sound' | 'startTime'> {
  const { streams } = format
  const video = streams.find(
    ({ codecpar, disposition }) =>
      codecpar.codecType === AVMEDIA_TYPE_VIDEO && (disposition & COVER_PICTURES) === 0,
  )
  if (video === undefined) {
    throw failures.noVideoStream({ file: path })
  }
  const sound = streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_AUDIO) ?? null
  const { startTime } = format
  return {
    names: format.iformat?.name?.split(',') ?? [],
    video,
    sound,
    startTime: startTime === AV_NOPTS_VALUE ? 0 : Number(startTime) / 1e6,
  }
}

const COVER_PICTURES = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS

/** From here on only packets of these streams are read. */
export function readOnly({ format }: Container, wanted: readonly (Stream | null)[]): void {
  for (const stream of format.streams) {
    if (!wanted.some((other) => other?.index === stream.index)) {
      stream.discard = AVDISCARD_ALL
    }
  }
}

/** FFmpeg's name of a stream's codec, such as `h264`. */
export const codecOf = ({ codecpar }: Stream): string => avGetCodecName(codecpar.codecId) ?? ''
