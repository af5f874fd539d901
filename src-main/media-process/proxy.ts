/**
 * A copy that every browser plays: the same frames at the same times from the source's start, and its sound. A file
 * is read once for both, in its own order, so that neither has to wait long for the other.
 */
import { AV_CHANNEL_LAYOUT_STEREO } from 'node-av/constants'
import { Rational } from 'node-av/lib'
import type { CodecParameters, Frame, Packet, Stream } from 'node-av/lib'
import { VitrineError } from '../common/failures.ts'
import type { ChildContext } from '../child/messages.ts'
import type { MediaProgress } from '../media/contract.ts'
import type { Limits } from '../media/limits.ts'
import { framesBetween, lookAt } from '../media/source.ts'
import type { SourceContent, MediaSource } from '../media/source.ts'
import { openAgain, readOnly } from './container.ts'
import { openDecoder } from './decoder.ts'
import type { FrameDecoder } from './decoder.ts'
import { createMp4 } from './encoder.ts'
import type { Encoder, Mp4 } from './encoder.ts'
import { createPictureFilter, createSoundFilter } from './filter.ts'
import type { FrameFilter } from './filter.ts'
import { decodePictures } from './folder.ts'
import { inspect } from './inspect.ts'
import { packetsOf } from './packets.ts'
import { withVideo } from './video.ts'
import type { Video } from './video.ts'
import { createWatch } from './watch.ts'
import type { Watch } from './watch.ts'

interface ProxyRequest {
  source: MediaSource
  to: string
  limits: Limits
  context: ChildContext<MediaProgress>
}

/** What brings pictures to the size and form of the copy; those of another size, whole, stand between black bars. */
const fittedTo = ({ width, height }: Size): string =>
  [
    'crop=trunc(iw/2)*2:trunc(ih/2)*2',
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_range=tv`,
    'format=yuv420p',
    `pad=${width}:${height}:-1:-1:black`,
  ].join(',')
const SAMPLE_RATE = 48_000

/** Pixels: even numbers. */
interface Size {
  width: number
  height: number
}

export async function makeProxy(request: ProxyRequest): Promise<void> {
  const { source, limits, context } = request
  const content = await lookAt(source.path)
  const { width, height, fps } = await inspect(source, limits, createWatch(source.path, limits, context))
  const size = { width: 2 * Math.floor(width / 2), height: 2 * Math.floor(height / 2) }
  using filter = createPictureFilter(fittedTo(size), source.path)
  using mp4 = createMp4(request.to, { file: source.path })
  const copy = { mp4, filter, size, fps }
  await (content.kind === 'frames'
    ? encodeFolder(request, content.files, copy)
    : encodeFile(request, content, copy))
  mp4.finish()
}

interface Copy {
  mp4: Mp4
  filter: FrameFilter
  /** Of its pictures. */
  size: Size
  /** Frames a second of the source. */
  fps: number
}

async function encodeFolder(
  { source, limits, context }: ProxyRequest,
  all: readonly string[],
  { mp4, filter, size, fps }: Copy,
): Promise<void> {
  const { path } = source
  const { files } = framesBetween(all, source)
  const watch = createWatch(path, limits, context, files.length)
  const timeBase = new Rational(1000, Math.round(1000 * fps))
  const encoder = mp4.addVideo({ ...ENCODING, ...size, timeBase, frameRate: timeBase.inv() })
  await decodePictures({
    path,
    files,
    indices: [...files.keys()],
    limits,
    watch,
    onFrame(frame, number) {
      encodeFrame(frame, BigInt(number), filter, encoder)
    },
  })
}

async function encodeFile(
  { source, limits, context }: ProxyRequest,
  content: Exclude<SourceContent, { kind: 'frames' }>,
  { mp4, filter, size, fps }: Copy,
): Promise<void> {
  const demuxer = content.kind === 'picture' ? content.demuxer : null
  const reading = createWatch(source.path, limits, context)
  await withVideo(source, { demuxer, limits, watch: reading }, async (video) => {
    const watch = createWatch(source.path, limits, context, video.end - video.first)
    const frameRate = new Rational(Math.round(1000 * fps), 1000)
    const { timeBase } = video.container.video
    const pixelAspect = aspectUpright(video.container.video.codecpar, size)
    const pictures = mp4.addVideo({ ...ENCODING, ...size, timeBase, frameRate, pixelAspect })
    const sound = openSound(video, limits, mp4)
    await encodeBoth(video, { limits, watch, filter, pictures, sound })
  })
}

/** The width of a pixel by its height in the picture of a size that was turned upright. */
function aspectUpright({ width, height, sampleAspectRatio }: CodecParameters, upright: Size): Rational {
  const isTurned = width > height !== upright.width > upright.height
  return isTurned && sampleAspectRatio.num > 0 ? sampleAspectRatio.inv() : sampleAspectRatio
}

const ENCODING = { preset: 'veryfast', threads: 0 } as const

interface Sound {
  stream: Stream
  decoder: FrameDecoder
  filter: FrameFilter
  encoder: Encoder
}

/** Null where there is none, or none that can be decoded. */
function openSound({ container, source }: Video, limits: Limits, mp4: Mp4): Sound | null {
  const stream = container.sound
  if (stream === null) {
    return null
  }
  try {
    const decoder = openDecoder(stream, { file: source.path, limits })
    const encoder = mp4.addSound({ sampleRate: SAMPLE_RATE, channelLayout: AV_CHANNEL_LAYOUT_STEREO })
    const length = source.end === null ? '' : `:end=${source.end - (source.start ?? 0)}`
    const filters = [
      `atrim=start=0${length}`,
      `aresample=${SAMPLE_RATE}:async=1:first_pts=0`,
      `aformat=sample_fmts=fltp:sample_rates=${SAMPLE_RATE}:channel_layouts=stereo`,
      `asetnsamples=n=${encoder.frameSize}:p=0`,
    ]
    return { stream, decoder, encoder, filter: createSoundFilter(filters.join(','), source.path) }
  } catch (error) {
    if (!(error instanceof VitrineError)) {
      throw error
    }
    return null
  }
}

interface Both {
  limits: Limits
  watch: Watch
  filter: FrameFilter
  pictures: Encoder
  sound: Sound | null
}

async function encodeBoth(video: Video, { limits, watch, filter, pictures, sound }: Both): Promise<void> {
  const { source, container, list } = video
  const again = openAgain(container)
  using decoder = openDecoder(container.video, { file: source.path, limits })
  const startsAt = container.startTime + (source.start ?? 0)
  const ticks = Math.round(startsAt / container.video.timeBase.toDouble())
  const inside = { from: list.shownAt[video.first] ?? 0, to: list.shownAt[video.end - 1] ?? 0 }
  let number = 0
  const encodePictures = (packet: Packet | null): void => {
    for (const { frame, shownAt } of decoder.decode(packet)) {
      const time = list.isTimed && shownAt !== null ? shownAt : (list.shownAt[number] ?? inside.to + 1)
      number++
      if (time >= inside.from && time <= inside.to) {
        encodeFrame(frame, BigInt(time - ticks), filter, pictures)
        watch.frame()
      }
    }
  }
  try {
    readOnly(again, [again.video, sound?.stream ?? null])
    for (const [packet, facts] of packetsOf(again)) {
      if (facts !== null) {
        encodePictures(packet)
      } else if (sound !== null) {
        encodeSound(sound, packet, startsAt)
      }
      await watch.step()
    }
    encodePictures(null)
    if (sound !== null) {
      encodeSound(sound, null, startsAt)
    }
  } finally {
    again.format.closeInputSync()
    sound?.decoder[Symbol.dispose]()
    sound?.filter[Symbol.dispose]()
  }
}

function encodeFrame(frame: Frame | null, time: bigint, filter: FrameFilter, encoder: Encoder): void {
  if (frame !== null) {
    frame.pts = time
  }
  for (const filtered of filter.filter(frame)) {
    encoder.encode(filtered)
  }
}

/** `startsAt`: seconds of the file's clock that are the source's start. */
function encodeSound(
  { stream, decoder, filter, encoder }: Sound,
  packet: Packet | null,
  startsAt: number,
): void {
  const secondsPerTick = stream.timeBase.toDouble()
  for (const { frame, shownAt } of decoder.decode(packet)) {
    const seconds = (shownAt ?? 0) * secondsPerTick - startsAt
    encodeFrame(frame, BigInt(Math.round(seconds * frame.sampleRate)), filter, encoder)
  }
  if (packet === null) {
    encodeFrame(null, 0n, filter, encoder)
  }
}
