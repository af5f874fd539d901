/** A video's decoder, and the frames that it gives. */
import { AV_FRAME_FLAG_CORRUPT, AV_NOPTS_VALUE, AVERROR_EAGAIN } from 'node-av/constants'
import { Codec, CodecContext, Frame } from 'node-av/lib'
import type { Packet, Stream } from 'node-av/lib'
import { failures } from '../media/failures.ts'
import type { Limits } from '../media/limits.ts'
import { check } from './check.ts'

export interface DecodedFrame {
  /** Good until the next one comes. */
  frame: Frame
  /** When it is shown, in ticks; null: not said. */
  shownAt: number | null
  /** Whether all of it was decoded as it was meant. */
  isWhole: boolean
}

export interface FrameDecoder extends Disposable {
  /** Decodes a packet, or with null what is still to come; what can't be decoded gives no frame. */
  decode(packet: Packet | null): Generator<DecodedFrame>
  /** Forgets what came, to begin at another key frame. */
  restart(): void
}

interface DecoderOptions {
  file: string
  limits: Limits
  /** Whether a picture of which a part is missing is none: JPEG's decoder else makes one up, and says nothing of it. */
  isStrict?: boolean
}

/**
 * Opens a decoder with one thread: files are decoded side by side. Throws BAD_INPUT where FFmpeg has none, or
 * pictures are larger than the limit.
 */
export function openDecoder(
  { codecpar, timeBase }: Stream,
  { file, limits, isStrict = false }: DecoderOptions,
): FrameDecoder {
  const codec = Codec.findDecoder(codecpar.codecId)
  if (codec === null) {
    throw failures.notDecodable({ path: file })
  }
  if (codecpar.width * codecpar.height > limits.pixels) {
    throw failures.tooManyPixels({ file })
  }
  const context = new CodecContext()
  context.allocContext3(codec)
  check(context.parametersToContext(codecpar), file)
  context.pktTimebase = timeBase
  context.threadCount = 1
  context.setOption('max_pixels', limits.pixels)
  if (isStrict) {
    check(context.setOption('err_detect', 'explode'), file)
  }
  if (context.open2Sync(codec) < 0) {
    throw failures.notDecodable({ path: file })
  }
  const frame = new Frame()
  frame.alloc()

  function* received(): Generator<DecodedFrame> {
    while (context.receiveFrameSync(frame) >= 0) {
      const { bestEffortTimestamp: time, decodeErrorFlags, flags } = frame
      yield {
        frame,
        shownAt: time === AV_NOPTS_VALUE ? null : Number(time),
        isWhole: decodeErrorFlags === 0 && (flags & AV_FRAME_FLAG_CORRUPT) === 0,
      }
    }
  }

  return {
    *decode(packet) {
      // A decoder that is full takes the packet after its frames were taken.
      if (context.sendPacketSync(packet) === AVERROR_EAGAIN) {
        yield* received()
        context.sendPacketSync(packet)
      }
      yield* received()
    },
    restart() {
      context.flushBuffers()
    },
    [Symbol.dispose]() {
      frame.free()
      context.freeContext()
    },
  }
}
