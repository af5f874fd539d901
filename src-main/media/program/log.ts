/**
 * What ffmpeg says. Its log is for people, and titles, comments and file names of a video stand in it: so every
 * line must carry its level and, where it has one, its speaker, and is only read for what that speaker says.
 */
import { StringDecoder } from 'node:string_decoder'

/** The filter that prints a line for each frame that passes. */
export const SHOW_FRAMES = 'showinfo=checksum=0'

/** The option that puts the level in front of each line. */
export const WITH_LEVELS = ['-loglevel', 'level+info'] as const

/** The frames that passed SHOW_FRAMES. */
export interface ShownFrames {
  /** In seconds from the clip's start, in order. */
  times: number[]
  /** Of the first, in pixels; 0 without frames. */
  width: number
  height: number
  /** Of the first, by ffmpeg's name, such as `yuv420p`; empty without frames. */
  pixelFormat: string
}

/** One of the input's streams. */
export interface StreamFacts {
  kind: string
  /** What is said of it, such as `h264 (High), yuv420p, 320x240, 25 fps`. */
  description: string
}

export interface FfmpegLog {
  /** ffmpeg's names for the container, such as `mov,mp4,m4a,3gp,3g2,mj2`; empty where none was opened. */
  container: string
  /** The input's streams by their place. */
  streams: Map<number, StreamFacts>
  /** The stream whose frames were shown, and the name of its codec; null where nothing was decoded. */
  decoded: { stream: number; codec: string } | null
  /** Seconds, as the container says them: its length, and the time at which it starts. Null: not said. */
  declared: { duration: number; start: number } | null
  frames: ShownFrames
  /** Warnings and errors in order, without the name of the file; at most the first and the last hundred. */
  problems: string[]
}

/** Lines of this kind carry nothing else than what stands before them. */
const MOST_PROBLEMS = 200
/** A longer line is cut: no sentence of ffmpeg's own is. */
const LONGEST_LINE = 4096

const LINE = /^((?:\[[^\]]* @ 0x[0-9a-f]+\] )*)\[(\w+)\] ?(.*)$/
const INPUT = /^Input #0, (\S+), from /
const DURATION = /^ {2}Duration: (?:(\d+):(\d+):([\d.]+)|N\/A)(?:, start: (-?[\d.]+))?/
const STREAM =
  /^ {2,4}Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (Video|Audio|Subtitle|Data|Attachment): (.*)$/
const MAPPING = /^ {2}Stream #0:(\d+) -> #0:0 \((\w+) /
const TIME_BASE = /^config in time_base: (\d+)\/(\d+)/
const FRAME = /^n: *\d+ pts: *(-?\d+) .*? fmt:(\w+) .*? s:(\d+)x(\d+) /

/**
 * Reads a log as it comes; `fileNames` are left out of what it keeps. `onFrame` hears how many frames were
 * shown so far.
 */
export function createLogReader(fileNames: readonly string[], onFrame: (count: number) => void = () => {}) {
  const log: FfmpegLog = {
    container: '',
    streams: new Map(),
    decoded: null,
    declared: null,
    frames: { times: [], width: 0, height: 0, pixelFormat: '' },
    problems: [],
  }
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let secondsPerTick = 0

  const readFrame = (text: string): void => {
    const timeBase = TIME_BASE.exec(text)
    if (timeBase !== null && log.frames.times.length === 0) {
      secondsPerTick = Number(timeBase[1]) / Number(timeBase[2])
    }
    const frame = FRAME.exec(text)
    if (frame === null) {
      return
    }
    const [, ticks, pixelFormat = '', width, height] = frame
    if (log.frames.times.length === 0) {
      Object.assign(log.frames, { width: Number(width), height: Number(height), pixelFormat })
    }
    onFrame(log.frames.times.push(Number(ticks) * secondsPerTick))
  }

  /** Lines about the input are indented by two; what videos say of themselves stands deeper. */
  const readInput = (text: string): void => {
    log.container ||= INPUT.exec(text)?.[1] ?? ''
    const duration = DURATION.exec(text)
    if (duration !== null) {
      log.declared ??= declaredBy(duration)
    }
    const stream = STREAM.exec(text)
    if (stream !== null && log.decoded === null) {
      const [, place, kind = '', description = ''] = stream
      log.streams.set(Number(place), { kind, description })
    }
    const mapping = MAPPING.exec(text)
    if (mapping !== null) {
      log.decoded ??= { stream: Number(mapping[1]), codec: mapping[2] ?? '' }
    }
  }

  const readProblem = (text: string): void => {
    if (log.problems.length >= MOST_PROBLEMS) {
      log.problems.splice(MOST_PROBLEMS / 2, 1)
    }
    log.problems.push(fileNames.reduce((line, name) => line.replaceAll(name, 'the file'), text))
  }

  const readLine = (line: string): void => {
    const [, speaker = '', level = '', text = ''] = LINE.exec(line.slice(0, LONGEST_LINE)) ?? []
    if (['warning', 'error', 'fatal', 'panic'].includes(level)) {
      readProblem(text)
    } else if (speaker.startsWith('[Parsed_showinfo_')) {
      readFrame(text)
    } else if (speaker === '') {
      readInput(text)
    }
  }

  return {
    log,
    push(chunk: Buffer): void {
      const lines = (rest + decoder.write(chunk)).split(/\r?\n/)
      rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
      lines.forEach(readLine)
    },
    end(): void {
      readLine(rest)
      rest = ''
    },
  }
}

function declaredBy([, hours, minutes, seconds, start]: RegExpExecArray): FfmpegLog['declared'] {
  return hours === undefined
    ? null
    : {
        duration: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
        start: Number(start ?? 0),
      }
}
