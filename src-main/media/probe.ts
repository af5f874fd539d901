/**
 * What a clip is, found by decoding it once: headers lie about frame counts, and a clip that can't be decoded
 * to its end should be known at import, not in the middle of a night's training.
 */
import { stat } from 'node:fs/promises'
import { failures } from './failures.ts'
import { inputVideo, runFfmpeg } from './ffmpeg.ts'

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
  /** True where Chromium plays the file itself; otherwise a proxy is needed (`makeProxy`). */
  playable: boolean
}

/** Prints a line for each frame that passes; `shownFrames` reads them. */
export const SHOW_FRAMES = 'showinfo=checksum=0'

/**
 * Decodes a whole clip and says what it is. Throws VitrineError with one sentence: NOT_FOUND for no file,
 * BAD_INPUT for an empty file, something that is no video, a file without a video stream, and a clip that is
 * cut off.
 */
export async function probe(path: string, signal?: AbortSignal): Promise<Probe> {
  await checkFile(path)
  const log = await runFfmpeg([...inputVideo(path), '-vf', SHOW_FRAMES, '-f', 'null', '-'], {
    file: path,
    signal,
  })
  const frames = shownFrames(log)
  const { containers, codec, pixelFormat, declaredFps, declaredDuration, hasAudio } = readHeader(log, path)
  const first = frames.times[0]
  const last = frames.times.at(-1)
  if (first === undefined || last === undefined) {
    throw failures.noFrame({ path })
  }
  const frameCount = frames.times.length
  const fps = last > first ? (frameCount - 1) / (last - first) : declaredFps
  const duration = last + 1 / fps
  // Sound may rightly outlast the picture, so with sound only the demuxer's own complaint counts.
  const missingSeconds = declaredDuration - duration
  const hasComplaint = /partial file|ended prematurely|corrupt input packet|Packet corrupt/.test(log)
  if (hasComplaint || (!hasAudio && missingSeconds > Math.max(0.5, 0.1 * declaredDuration))) {
    throw failures.cutOff({ file: path })
  }
  const { width, height } = frames
  return {
    duration,
    fps,
    frameCount,
    width,
    height,
    codec,
    pixelFormat,
    playable: isPlayable(containers, codec, pixelFormat),
  }
}

async function checkFile(path: string): Promise<void> {
  const file = await stat(path).catch((cause: unknown) => {
    throw failures.fileUnreadable({ path }, { cause })
  })
  if (!file.isFile()) {
    throw failures.notAFile({ path })
  }
  if (file.size === 0) {
    throw failures.fileEmpty({ path })
  }
}

/**
 * The frames that passed SHOW_FRAMES in a run: their times in seconds from the clip's start, in order, and
 * their size in pixels (0 when there are none).
 */
export function shownFrames(log: string): { times: number[]; width: number; height: number } {
  const [, numerator = 0, denominator = 1] = /config in time_base: (\d+)\/(\d+)/.exec(log)?.map(Number) ?? []
  const frames = [...log.matchAll(/showinfo.*\] n: *\d+ pts: *(-?\d+) .*? s:(\d+)x(\d+) /g)]
  const times = frames.map((frame) => (Number(frame[1]) * numerator) / denominator)
  return { times, width: Number(frames[0]?.[2] ?? 0), height: Number(frames[0]?.[3] ?? 0) }
}

/** What ffmpeg's log says of the input before it decodes it. */
function readHeader(log: string, path: string) {
  const input = log.slice(0, log.indexOf('Stream mapping:'))
  const containers = /^Input #0, (\S+), from/m.exec(input)?.[1]
  const video = /^ *Stream #0.*?: Video: (.*)$/m.exec(input)?.[1]
  const codec = /^\w+/.exec(video ?? '')?.[0]
  // `h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), 320x240 ...`: parentheses may hold commas.
  const pixelFormat = /^\w+/.exec(
    video
      ?.replace(/\([^)]*\)/g, '')
      .split(',')[1]
      ?.trim() ?? '',
  )?.[0]
  if (!containers || !codec || !pixelFormat) {
    throw failures.notDecodable({ path })
  }
  const [, hours = 0, minutes = 0, seconds = 0] =
    /Duration: (\d+):(\d+):([\d.]+)/.exec(input)?.map(Number) ?? []
  return {
    containers,
    codec,
    pixelFormat,
    declaredFps: Number(/([\d.]+) fps/.exec(video ?? '')?.[1] ?? 25) || 25,
    declaredDuration: hours * 3600 + minutes * 60 + seconds,
    hasAudio: /^ *Stream #0.*?: Audio: /m.test(input),
  }
}

/** What Chromium plays, as tried on it; HEVC is left out because it fails there without a word. */
const PLAYABLE: readonly { container: string; codecs: readonly string[] }[] = [
  { container: 'mp4', codecs: ['h264', 'vp9', 'av1'] },
  { container: 'webm', codecs: ['h264', 'vp8', 'vp9', 'av1'] },
]

/** `containers`: ffmpeg's names for one, with commas between them. */
function isPlayable(containers: string, codec: string, pixelFormat: string): boolean {
  const names = containers.split(',')
  const playable = PLAYABLE.find(({ container }) => names.includes(container))
  return playable?.codecs.includes(codec) === true && ['yuv420p', 'yuvj420p'].includes(pixelFormat)
}
