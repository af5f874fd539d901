/**
 * What a clip is, found by decoding it once: headers lie about frame counts, and a clip that can't be decoded
 * to its end should be known at import, not in the middle of a night's training.
 */
import { failures } from './failures.ts'
import { decodeFile } from './ffmpeg.ts'
import type { RunOptions } from './ffmpeg.ts'
import { SHOW_FRAMES } from './log.ts'
import type { FfmpegLog } from './log.ts'
import { sourceOf } from './source.ts'
import type { MediaSource } from './source.ts'

export interface Probe {
  /**
   * Seconds from the start, as a player shows it, to the end of the last frame. The first may come later than
   * 0.
   */
  duration: number
  /** Mean frames per second over the clip. */
  fps: number
  /** Frames that decoding yields; frame indices run from 0 to this. */
  frameCount: number
  /** Pixels as shown, after rotation. */
  width: number
  height: number
  /** ffmpeg's names, such as `h264` and `yuv420p`. */
  codec: string
  pixelFormat: string
  /** Whether some of it could not be decoded as it was meant: a lost packet, say. */
  damaged: boolean
  /** True where Chromium plays the file itself; otherwise a proxy is needed (`makeProxy`). */
  playable: boolean
}

/** The part of a clip's declared length, and the seconds, that may be missing of a picture that is whole. */
const MISSING_SHARE = 0.1
const MISSING_SECONDS = 0.5

/**
 * Decodes a whole clip and says what it is. Throws VitrineError with one sentence: NOT_FOUND for no file,
 * BAD_INPUT for an empty file, something that is no video, a file without a video stream (a cover picture is
 * none), a clip that is cut off, and one that takes more than the limits.
 */
export async function probe(
  from: MediaSource | string,
  signal?: AbortSignal,
  limits?: RunOptions['limits'],
): Promise<Probe> {
  const source = sourceOf(from)
  const log = await decodeFile(
    source,
    { after: ['-vf', SHOW_FRAMES, '-f', 'null', '-'] },
    { signal, limits, countsFrames: true },
  )
  const { times, width, height, pixelFormat } = log.frames
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined) {
    throw failures.noFrame(source)
  }
  if (log.decoded === null) {
    throw failures.notDecodable(source)
  }
  const { codec, stream } = log.decoded
  const frameCount = times.length
  const fps = last > first ? (frameCount - 1) / (last - first) : declaredFps(log, stream)
  const duration = last + 1 / fps
  const damaged = isDamaged(log)
  checkEnd(source, log, { duration, damaged })
  return {
    duration,
    fps,
    frameCount,
    width,
    height,
    codec,
    pixelFormat,
    damaged,
    playable: contentTypeOf(log) !== null,
  }
}

const declaredFps = ({ streams }: FfmpegLog, stream: number): number =>
  Number(/([\d.]+) fps/.exec(streams.get(stream)?.description ?? '')?.[1] ?? 25) || 25

const DAMAGE =
  /corrupt (input packet|decoded frame)|Packet corrupt|Error while decoding stream|Error submitting packet|exceeds containing master element/

const isDamaged = ({ problems }: FfmpegLog): boolean => problems.some((line) => DAMAGE.test(line))

/** Throws BAD_INPUT for a clip that ends before its container says so. */
function checkEnd(
  { path, start }: MediaSource,
  log: FfmpegLog,
  { duration, damaged }: Pick<Probe, 'duration' | 'damaged'>,
): void {
  if (endsEarly(log)) {
    throw failures.cutOff({ file: path })
  }
  if (log.declared === null || start !== null) {
    return
  }
  // ffmpeg counts from the first time in the file, some containers from 0: what is before the first is not missing.
  const declared = log.declared.duration
  const missing = declared - Math.max(0, log.declared.start) - duration
  if (missing <= Math.max(MISSING_SECONDS, MISSING_SHARE * declared)) {
    return
  }
  if (damaged) {
    throw failures.damagedBeyondUse({
      file: path,
      decoded: duration.toFixed(1),
      declared: declared.toFixed(1),
    })
  }
  // Sound may rightly outlast the picture.
  if (![...log.streams.values()].some(({ kind }) => kind === 'Audio')) {
    throw failures.cutOff({ file: path })
  }
}

/**
 * Whether the demuxer says that the file ends in the middle of something. A packet is only called corrupt
 * where the file ends within it, but in a transport stream, whose packets may be lost anywhere, and which begins
 * and ends as its recording did.
 */
function endsEarly({ container, problems }: FfmpegLog): boolean {
  const isEnd =
    container === 'mpegts' ? /^$/ : /partial file|ended prematurely|Packet corrupt|corrupt input packet/
  return problems.some((line) => isEnd.test(line))
}

/** What Chromium plays, as tried on it; HEVC is left out because it fails there without a word. */
const PLAYABLE: readonly { container: string; contentType: string; codecs: readonly string[] }[] = [
  { container: 'mp4', contentType: 'video/mp4', codecs: ['h264', 'vp9', 'av1'] },
  { container: 'webm', contentType: 'video/webm', codecs: ['h264', 'vp8', 'vp9', 'av1'] },
]

/** As what a file that was decoded can be given to a browser; null where it does not play it. */
export function contentTypeOf({ container, decoded, frames }: FfmpegLog): string | null {
  const names = container.split(',')
  const kind = PLAYABLE.find((playable) => names.includes(playable.container))
  const isPlayed =
    kind?.codecs.includes(decoded?.codec ?? '') === true &&
    ['yuv420p', 'yuvj420p'].includes(frames.pixelFormat)
  return isPlayed ? kind.contentType : null
}
