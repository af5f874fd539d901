/** What a source is, from its container and its packets; of its pictures only the first is decoded. */
import { avGetPixFmtName } from 'node-av/lib'
import type { Packet, Stream } from 'node-av/lib'
import type { Inspection } from '../media/contract.ts'
import { failures } from '../media/failures.ts'
import type { Limits } from '../media/limits.ts'
import { contentTypeOf } from '../media/playable.ts'
import { framesBetween, lookAt, wholeOf } from '../media/source.ts'
import type { SourceContent, MediaSource } from '../media/source.ts'
import { codecOf } from './container.ts'
import type { Container } from './container.ts'
import { openDecoder } from './decoder.ts'
import type { FrameDecoder } from './decoder.ts'
import { checkEnd } from './ends.ts'
import { sizeUpright } from './filter.ts'
import { orWhenLost } from './folder.ts'
import { withVideo } from './video.ts'
import type { Video } from './video.ts'
import type { Watch } from './watch.ts'

export async function inspect(source: MediaSource, limits: Limits, watch: Watch): Promise<Inspection> {
  const content = await lookAt(source.path)
  return content.kind === 'frames'
    ? inspectFolder(source, content.files, limits, watch)
    : inspectFile(source, content, limits, watch)
}

async function inspectFolder(
  source: MediaSource,
  all: readonly string[],
  limits: Limits,
  watch: Watch,
): Promise<Inspection> {
  const { files, fps } = framesBetween(all, source)
  if (files.length === 0) {
    throw failures.noFrameBetween({ path: source.path })
  }
  const { picture, place } = await firstPictureOf(source.path, files, limits, watch)
  return {
    ...picture,
    damaged: picture.damaged || place > 0,
    kind: 'frames',
    duration: files.length / fps,
    fps,
    frameCount: files.length,
    contentType: null,
  }
}

/** The first picture of a folder that can be decoded, and its place. */
async function firstPictureOf(
  path: string,
  files: readonly string[],
  limits: Limits,
  watch: Watch,
): Promise<{ picture: Inspection; place: number }> {
  for (const [place, file] of files.entries()) {
    const picture = await orWhenLost(watch, null, () => inspect(wholeOf(file), limits, watch))
    if (picture !== null) {
      return { picture, place }
    }
  }
  throw failures.noFrame({ path })
}

interface FirstPicture {
  width: number
  height: number
  pixelFormat: string
}

async function inspectFile(
  source: MediaSource,
  content: Exclude<SourceContent, { kind: 'frames' }>,
  limits: Limits,
  watch: Watch,
): Promise<Inspection> {
  const demuxer = content.kind === 'picture' ? content.demuxer : null
  // Of a picture that is cut off there is nothing but this to tell by.
  const isStrict = content.kind === 'picture'
  const first = createFirstPicture(source.path, { limits, isStrict })
  try {
    return await withVideo(source, { demuxer, limits, watch, onPacket: first.onPacket }, async (video) => {
      const whole = first.result()
      const picture = whole ?? pictureOfPart(video, limits)
      await checkEnd(video, watch)
      const { container, list } = video
      const codec = codecOf(container.video)
      return {
        kind: content.kind,
        ...clockOf(video),
        ...picture,
        codec,
        hasSound: container.sound !== null,
        damaged: list.damagedAt.size > 0 || whole === null,
        contentType: contentTypeOf({
          container: container.names.join(','),
          codec,
          pixelFormat: picture.pixelFormat,
          soundCodec: container.sound && codecOf(container.sound),
        }),
      }
    })
  } finally {
    first[Symbol.dispose]()
  }
}

/** What there is of a picture of which a part is missing. Throws BAD_INPUT where there is nothing. */
function pictureOfPart({ source: { path }, container, packets }: Video, limits: Limits): FirstPicture {
  using first = createFirstPicture(path, { limits, isStrict: false })
  for (const packet of packets()) {
    first.onPacket(packet, null, container)
  }
  const picture = first.result()
  if (picture === null) {
    throw failures.noFrame({ path })
  }
  return picture
}

/** Decodes packets as they are read until the first picture is there: so it is known that the file can be decoded. */
function createFirstPicture(file: string, options: { limits: Limits; isStrict: boolean }) {
  let decoder: FrameDecoder | null = null
  let picture: FirstPicture | null = null
  const decode = (packet: Packet | null): void => {
    for (const { frame } of decoder?.decode(packet) ?? []) {
      picture ??= {
        ...sizeUpright(frame),
        pixelFormat: avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '',
      }
    }
  }
  return {
    onPacket(packet: Packet, _: unknown, { video }: Container): void {
      if (picture === null) {
        decoder ??= openDecoder(video, { file, ...options })
        decode(packet)
      }
    },
    /** Null where there is none. */
    result(): FirstPicture | null {
      if (picture === null) {
        decode(null)
      }
      return picture
    },
    [Symbol.dispose]: () => decoder?.[Symbol.dispose](),
  }
}

/** Length and rate of what is between the bounds. */
function clockOf({
  source,
  container: { video },
  list,
  first,
  end,
  secondsOf,
}: Video): Pick<Inspection, 'duration' | 'fps' | 'frameCount'> {
  const frameCount = end - first
  const last = secondsOf(end - 1)
  const span = last - secondsOf(first)
  const fps = span > 0 ? (frameCount - 1) / span : declaredFps(video)
  const isLast = end === list.shownAt.length
  const lasts = isLast && list.lastDuration > 0 ? list.lastDuration * video.timeBase.toDouble() : 1 / fps
  const limit = source.end === null ? Infinity : source.end - (source.start ?? 0)
  return { duration: Math.min(last + lasts, limit), fps, frameCount }
}

/** The rate of a video of one frame, which has none but what is declared. */
function declaredFps({ avgFrameRate, rFrameRate }: Stream): number {
  const rates = [avgFrameRate, rFrameRate].filter(({ num, den }) => num > 0 && den > 0)
  return rates[0]?.toDouble() ?? 25
}
