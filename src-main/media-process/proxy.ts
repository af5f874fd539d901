/**
 * A copy that every browser plays: the same frames at the same times from the source's start, and its sound. A file
 * is read once for both, in its own order, so that neither has to wait long for the other.
 */
import { AV_CHANNEL_LAYOUT_STEREO } from 'node-av/constants'
import { Rational } from 'node-av/lib'
import type { Frame, Packet, Stream } from 'node-av/lib'
import { VitrineError } from '../common/failures.ts'
import type { ChildContext } from '../child/messages.ts'
import type { MediaProgress } from '../media/contract.ts'
import type { Limits } from '../media/limits.ts'
import { framesBetween, lookAt, wholeOf } from '../media/source.ts'
import type { SourceContent, MediaSource } from '../media/source.ts'
import { openAgain, readOnly } from './container.ts'
import { openDecoder } from './decoder.ts'
import type { FrameDecoder } from './decoder.ts'
import { createMp4 } from './encoder.ts'
import type { Encoder, Mp4 } from './encoder.ts'
import { createPictureFilter, createSoundFilter } from './filter.ts'
import type { FrameFilter } from './filter.ts'
import { filterChosen } from './frames.ts'
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

const PICTURES = 'crop=trunc(iw/2)*2:trunc(ih/2)*2,scale=out_range=tv,format=yuv420p'
const SAMPLE_RATE = 48_000

export async function makeProxy(request: ProxyRequest): Promise<void> {
  const { source } = request
  const content = await lookAt(source.path)
  using filter = createPictureFilter(PICTURES, source.path)
  using mp4 = createMp4(request.to, { file: source.path })
  await (content.kind === 'frames'
    ? encodeFolder(request, content.files, mp4, filter)
    : encodeFile(request, content, mp4, filter))
  mp4.finish()
}

async function encodeFolder(
  { source, limits, context }: ProxyRequest,
  all: readonly string[],
  mp4: Mp4,
  filter: FrameFilter,
): Promise<void> {
  const { files, fps } = framesBetween(all, source)
  const watch = createWatch(source.path, limits, context, files.length)
  const { width, height } = await inspect(wholeOf(files[0] ?? source.path), limits, watch)
  const timeBase = new Rational(1000, Math.round(1000 * fps))
  const encoder = mp4.addVideo(videoSettings({ width, height, timeBase, frameRate: timeBase.inv() }))
  for (const [number, path] of files.entries()) {
    await filterChosen({ source: wholeOf(path), indices: [0], limits, watch, filter }, (frame) => {
      frame.pts = BigInt(number)
      encoder.encode(frame)
    })
  }
}

async function encodeFile(
  { source, limits, context }: ProxyRequest,
  content: Exclude<SourceContent, { kind: 'frames' }>,
  mp4: Mp4,
  filter: FrameFilter,
): Promise<void> {
  const demuxer = content.kind === 'picture' ? content.demuxer : null
  const { width, height, fps } = await inspect(source, limits, createWatch(source.path, limits, context))
  const reading = createWatch(source.path, limits, context)
  await withVideo(source, { demuxer, limits, watch: reading }, async (video) => {
    const watch = createWatch(source.path, limits, context, video.end - video.first)
    const frameRate = new Rational(Math.round(1000 * fps), 1000)
    const { timeBase } = video.container.video
    const pictures = mp4.addVideo(videoSettings({ width, height, timeBase, frameRate }))
    const sound = openSound(video, limits, mp4)
    await encodeBoth(video, { limits, watch, filter, pictures, sound })
  })
}

const videoSettings = (settings: {
  width: number
  height: number
  timeBase: Rational
  frameRate: Rational
}): Parameters<Mp4['addVideo']>[0] => ({
  ...settings,
  width: 2 * Math.floor(settings.width / 2),
  height: 2 * Math.floor(settings.height / 2),
  preset: 'veryfast',
  threads: 0,
})

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
