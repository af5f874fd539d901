/** A source as still pictures: one for lists, and one of all frames that the model saw. */
import { writeFile } from 'node:fs/promises'
import {
  AV_CODEC_FLAG_QSCALE,
  AV_CODEC_ID_MJPEG,
  AV_PIX_FMT_RGB24,
  AVCOL_RANGE_JPEG,
} from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib'
import { sideBySide } from '../common/pictures.ts'
import { failures } from '../media/failures.ts'
import type { Limits } from '../media/limits.ts'
import type { MediaSource } from '../media/source.ts'
import { check, made } from './check.ts'
import { createPictureFilter } from './filter.ts'
import { decodeFrames, filterChosen } from './frames.ts'
import { inspect } from './inspect.ts'
import type { Watch } from './watch.ts'

interface PictureRequest {
  source: MediaSource
  indices: readonly number[]
  /** Where the JPEG is written to. */
  to: string
  limits: Limits
  watch: Watch
}

/** The middle of a source, 160 pixels wide. */
export async function makeThumbnail({
  source,
  to,
  limits,
  watch,
}: Omit<PictureRequest, 'indices'>): Promise<void> {
  const { frameCount } = await inspect(source, limits, watch)
  const indices = [Math.floor((frameCount - 1) / 2)]
  using filter = createPictureFilter('scale=160:-2,format=yuvj420p', source.path)
  let picture: Buffer | null = null
  await filterChosen({ source, indices, limits, watch, filter }, (frame) => {
    picture = encodeJpeg(frame, source.path)
  })
  if (picture === null) {
    throw failures.noFrame({ path: source.path })
  }
  await writeFile(to, picture)
}

/** Frames side by side, each 96 by 72 pixels, cut to that shape around its middle. */
export async function makeFilmstrip({ source, indices, to, limits, watch }: PictureRequest): Promise<void> {
  const size = { width: 96, height: 72, fit: 'crop' as const }
  const { frames } = await decodeFrames({ source, indices, size }, limits, watch)
  const row = Buffer.from(sideBySide(frames, size.width, size.height).buffer)
  using strip = Frame.fromVideoBuffer(row, {
    width: size.width * indices.length,
    height: size.height,
    format: AV_PIX_FMT_RGB24,
  })
  using filter = createPictureFilter('scale=flags=accurate_rnd:out_range=pc,format=yuvj420p', source.path)
  for (const picture of filter.filter(strip)) {
    await writeFile(to, encodeJpeg(picture, source.path))
  }
}

/** FFmpeg's quality 4 of 2 to 31, times what it calls a lambda. */
const QUALITY = 4 * 118

function encodeJpeg(frame: Frame, file: string): Buffer {
  const codec = made(Codec.findEncoder(AV_CODEC_ID_MJPEG), file)
  using context = new CodecContext()
  context.allocContext3(codec)
  context.width = frame.width
  context.height = frame.height
  context.pixelFormat = frame.format as typeof context.pixelFormat
  context.colorRange = AVCOL_RANGE_JPEG
  context.timeBase = new Rational(1, 25)
  context.setFlags(AV_CODEC_FLAG_QSCALE)
  context.globalQuality = QUALITY
  check(context.open2Sync(codec), file)
  frame.quality = QUALITY
  frame.pts = 0n
  check(context.sendFrameSync(frame), file)
  check(context.sendFrameSync(null), file)
  using packet = new Packet()
  packet.alloc()
  check(context.receivePacketSync(packet), file)
  return Buffer.from(made(packet.data, file))
}
