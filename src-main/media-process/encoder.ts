/** Writes mp4 files: H.264 pictures, and AAC sound. */
import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLTP,
  AVFMT_FLAG_BITEXACT,
} from 'node-av/constants'
import { Codec, CodecContext, FormatContext, Packet, Rational } from 'node-av/lib'
import type { Frame, Stream } from 'node-av/lib'
import { failures } from '../media/failures.ts'
import { check } from './check.ts'
import { fileUrl } from './container.ts'

export interface Mp4 extends Disposable {
  /** The streams have to be added before the first frame. */
  /** A frame is shown until the next one; the last one for as long as `frameRate` says. */
  addVideo(settings: VideoSettings): Encoder
  addSound(settings: SoundSettings): Encoder
  /** Writes what is still to come, and the index. */
  finish(): void
}

/** Takes frames in their order; their times are in the time base of its settings. */
export interface Encoder {
  encode(frame: Frame): void
  /** Samples that a frame of sound must have; 0: any number. */
  frameSize: number
}

interface VideoSettings {
  width: number
  height: number
  timeBase: Rational
  frameRate: Rational
  /** The width of a pixel by its height; left out: it is square, or not known. */
  pixelAspect?: Rational
  preset: 'superfast' | 'veryfast'
  /** 0: as many as x264 likes. */
  threads: number
}

interface SoundSettings {
  sampleRate: number
  channelLayout: CodecContext['channelLayout']
}

interface OpenEncoder {
  context: CodecContext
  stream: Stream
  /** Ticks that a packet lasts which says nothing itself. */
  lastsFor: bigint
}

/** Ticks that a picture is shown at the rate of its encoder; 0 for sound, which has none. */
function ticksOfFrame({ framerate, timeBase }: CodecContext): bigint {
  const ticks = framerate.num > 0 ? 1 / (framerate.toDouble() * timeBase.toDouble()) : 0
  return BigInt(Math.round(ticks))
}

/** `isExact`: no dates or versions, so that the same frames give the same bytes. Failures are about `file`. */
export function createMp4(to: string, { file, isExact = false }: { file: string; isExact?: boolean }): Mp4 {
  const format = new FormatContext()
  check(format.allocOutputContext2(null, 'mp4', fileUrl(to)), file)
  // The index comes first, so that a player need not read to the end to begin.
  check(format.setOption('movflags', '+faststart'), file)
  if (isExact) {
    format.setFlags(AVFMT_FLAG_BITEXACT)
  }
  const packet = new Packet()
  packet.alloc()
  const opened: OpenEncoder[] = []
  let isBegun = false

  const write = ({ context, stream, lastsFor }: OpenEncoder, frame: Frame | null): void => {
    begin()
    check(context.sendFrameSync(frame), file)
    while (context.receivePacketSync(packet) >= 0) {
      packet.streamIndex = stream.index
      packet.duration ||= lastsFor
      packet.rescaleTs(context.timeBase, stream.timeBase)
      check(format.interleavedWriteFrameSync(packet), file)
    }
  }
  const begin = (): void => {
    if (!isBegun) {
      isBegun = true
      check(format.openOutputSync(), file)
      check(format.writeHeaderSync(), file)
    }
  }
  const add = (name: 'libx264' | 'aac', configure: (context: CodecContext) => void): Encoder => {
    const codec = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0])
    if (codec === null) {
      throw failures.encoderMissing({ encoder: name, file })
    }
    const context = new CodecContext()
    context.allocContext3(codec)
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
    if (isExact) {
      context.setFlags(AV_CODEC_FLAG_BITEXACT)
    }
    configure(context)
    check(context.open2Sync(codec), file)
    const stream = format.newStream()
    stream.timeBase = context.timeBase
    check(context.parametersFromContext(stream.codecpar), file)
    const added = { context, stream, lastsFor: ticksOfFrame(context) }
    opened.push(added)
    return {
      encode: (frame) => {
        write(added, frame)
      },
      frameSize: context.frameSize,
    }
  }

  return {
    addVideo: ({ width, height, timeBase, frameRate, pixelAspect, preset, threads }) =>
      add('libx264', (context) => {
        context.width = width
        context.height = height
        context.pixelFormat = AV_PIX_FMT_YUV420P
        context.timeBase = timeBase
        context.framerate = frameRate
        if (pixelAspect !== undefined) {
          context.sampleAspectRatio = pixelAspect
        }
        context.threadCount = threads
        check(context.setOption('preset', preset), file)
        check(context.setOption('crf', 20), file)
      }),
    addSound: ({ sampleRate, channelLayout }) =>
      add('aac', (context) => {
        context.sampleRate = sampleRate
        context.sampleFormat = AV_SAMPLE_FMT_FLTP
        context.channelLayout = channelLayout
        context.timeBase = new Rational(1, sampleRate)
      }),
    finish() {
      for (const encoder of opened) {
        write(encoder, null)
      }
      check(format.writeTrailerSync(), file)
      format.closeOutputSync()
    },
    [Symbol.dispose]() {
      opened.forEach(({ context }) => {
        context.freeContext()
      })
      packet.free()
      format.freeContext()
    },
  }
}
