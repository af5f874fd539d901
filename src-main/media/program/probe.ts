/**
 * What a clip is, found by decoding it once: the program says little of a container's structure, so what is
 * counted is what it decodes.
 */
import type { Inspection } from '../contract.ts'
import { failures } from '../failures.ts'
import { contentTypeOf } from '../playable.ts'
import { pictureDemuxer } from '../picture-kinds.ts'
import type { MediaSource, SourceKind } from '../source.ts'
import { isFolder } from '../../formats/files.ts'
import { decodeFile } from './ffmpeg.ts'
import type { RunOptions } from './ffmpeg.ts'
import { SHOW_FRAMES } from './log.ts'
import type { FfmpegLog } from './log.ts'

/** The part of a clip's declared length, and the seconds, that may be missing of a picture that is whole. */
const MISSING_SHARE = 0.1
const MISSING_SECONDS = 0.5

/**
 * Decodes a whole clip and says what it is. Throws VitrineError with one sentence: NOT_FOUND for no file,
 * BAD_INPUT for an empty file, something that is no video, a file without a video stream (a cover picture is
 * none), a clip that is cut off, and one that takes more than the limits.
 */
export async function probe(
  source: MediaSource,
  options: Pick<RunOptions, 'signal' | 'limits'>,
): Promise<Inspection> {
  const log = await decodeFile(
    source,
    { after: ['-vf', SHOW_FRAMES, '-f', 'null', '-'] },
    { ...options, countsFrames: true },
  )
  const { times, width, height, pixelFormat } = log.frames
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined) {
    const { path, start } = source
    throw start === null ? failures.noFrame({ path }) : failures.noFrameBetween({ path })
  }
  if (log.decoded === null) {
    throw failures.notDecodable({ path: source.path })
  }
  const { codec, stream } = log.decoded
  const frameCount = times.length
  const fps = last > first ? (frameCount - 1) / (last - first) : declaredFps(log, stream)
  const duration = last + 1 / fps
  const damaged = isDamaged(log)
  checkEnd(source, log, { duration, damaged })
  const kind = await kindOf(source.path)
  return {
    kind,
    duration,
    fps,
    frameCount,
    width,
    height,
    codec,
    pixelFormat,
    hasSound: hasSound(log),
    damaged,
    contentType:
      kind === 'frames'
        ? null
        : contentTypeOf({ container: log.container, codec, pixelFormat, soundCodec: null }),
  }
}

async function kindOf(path: string): Promise<SourceKind> {
  if (await isFolder(path)) {
    return 'frames'
  }
  return (await pictureDemuxer(path)) === null ? 'video' : 'picture'
}

const hasSound = ({ streams }: FfmpegLog): boolean =>
  [...streams.values()].some(({ kind }) => kind === 'Audio')

const declaredFps = ({ streams }: FfmpegLog, stream: number): number =>
  Number(/([\d.]+) fps/.exec(streams.get(stream)?.description ?? '')?.[1] ?? 25) || 25

const DAMAGE =
  /corrupt (input packet|decoded frame)|Packet corrupt|Error while decoding stream|Error submitting packet|exceeds containing master element/

const isDamaged = ({ problems }: FfmpegLog): boolean => problems.some((line) => DAMAGE.test(line))

/** Throws BAD_INPUT for a clip that ends before its container says so. */
function checkEnd(
  { path, start }: MediaSource,
  log: FfmpegLog,
  { duration, damaged }: Pick<Inspection, 'duration' | 'damaged'>,
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
  // Sound and subtitles may rightly outlast the picture.
  if (![...log.streams.values()].some(({ kind }) => ['Audio', 'Subtitle'].includes(kind))) {
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
