/**
 * The one door to the ffmpeg program, the way in where FFmpeg's libraries do not load, or where VITRINE_FFMPEG
 * names one. Everything here needs that program alone: clips are known by decoding them, and no ffprobe is needed
 * (ffmpeg-static ships none).
 */
import { spawn } from 'node:child_process'
import { constants, readFileSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { CancelledError } from '../../common/failures.ts'
import type { VitrineError } from '../../common/failures.ts'
import { isFolder, statFile } from '../../formats/files.ts'
import { failures } from '../failures.ts'
import { frameFiles } from '../frame-folder.ts'
import { CONTAINERS, LIMITS } from '../limits.ts'
import type { Limits } from '../limits.ts'
import { pictureDemuxer } from '../picture-kinds.ts'
import { FOLDER_FPS } from '../source.ts'
import type { MediaSource } from '../source.ts'
import { createLogReader, WITH_LEVELS } from './log.ts'
import type { FfmpegLog } from './log.ts'

/**
 * The ffmpeg in use. `version` is what it says of itself, such as `5.1.9-0+deb12u1` or `N-110226-g7b1c2a`.
 */
export interface Ffmpeg {
  path: string
  version: string
  from: 'VITRINE_FFMPEG' | 'ffmpeg-static' | 'PATH'
  /** The option that lets every frame through with its own time: its name changed in ffmpeg 5.1. */
  everyFrame: readonly string[]
}

const located = new Map<string, Promise<Ffmpeg>>()

/**
 * The ffmpeg to use: the program that VITRINE_FFMPEG names, else the one inside ffmpeg-static where its
 * binary is there, else the first on PATH. Throws VitrineError TOOL_MISSING when there is none, or when it
 * does not run.
 */
export async function locateFfmpeg(): Promise<Ffmpeg> {
  const key = `${process.env.VITRINE_FFMPEG ?? ''}\n${process.env.PATH ?? ''}`
  let found = located.get(key)
  if (!found) {
    found = findFfmpeg()
    located.set(key, found)
    // Someone may install it meanwhile: only success is remembered.
    found.catch(() => located.delete(key))
  }
  return found
}

async function findFfmpeg(): Promise<Ffmpeg> {
  const configured = process.env.VITRINE_FFMPEG
  if (configured) {
    if (!(await isProgram(configured))) {
      throw failures.notAProgram({ path: configured })
    }
    return describe(configured, 'VITRINE_FFMPEG')
  }
  const bundled = await ffmpegStatic()
  if (bundled) {
    return describe(bundled, 'ffmpeg-static')
  }
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    if (folder && (await isProgram(path))) {
      return describe(path, 'PATH')
    }
  }
  throw failures.ffmpegMissing()
}

/** The binary of the optional package ffmpeg-static, which is there only when its download ran. */
async function ffmpegStatic(): Promise<string | null> {
  try {
    const { default: path } = await import('ffmpeg-static')
    return typeof path === 'string' && (await isProgram(path)) ? path : null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      return null
    }
    throw error
  }
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function describe(path: string, from: Ffmpeg['from']): Promise<Ffmpeg> {
  let text = ''
  const exit = await spawned(path, ['-version'], { onOutput: (chunk) => (text += chunk.toString()) })
  const version = /^ffmpeg version (\S+)/m.exec(text)?.[1]
  if (exit !== 0 || !version) {
    throw failures.notFfmpeg({ path })
  }
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? []
  const isBefore51 = major !== undefined && Number(major) * 100 + Number(minor) < 501
  return {
    path,
    version,
    from,
    everyFrame: isBefore51 ? ['-vsync', 'passthrough'] : ['-fps_mode', 'passthrough'],
  }
}

/** The option of an output that lets every frame through with its own time. */
export const everyFrame = async (): Promise<readonly string[]> => (await locateFfmpeg()).everyFrame

export interface RunOptions {
  /** The file that errors are about. */
  file: string
  signal?: AbortSignal | undefined
  /** Chunks for ffmpeg's input `pipe:0`. A chunk may be reused as soon as the next one is asked for. */
  input?: Iterable<Uint8Array>
  /** Gets what ffmpeg writes to `pipe:1`. */
  onOutput?: (chunk: Buffer) => void
  /** Whether every frame is shown, so that too many of them, or none for long, end the run. */
  countsFrames?: boolean
  limits?: Partial<Limits> | undefined
}

/**
 * Runs ffmpeg with `args` and returns what it said. Throws CancelledError when the signal aborts (ffmpeg is
 * killed), and a VitrineError that names `file` when ffmpeg fails or takes more than LIMITS: NOT_FOUND,
 * BAD_INPUT, DISK_FULL or TOOL_MISSING.
 */
export async function runFfmpeg(args: readonly string[], options: RunOptions): Promise<FfmpegLog> {
  const { file, signal, countsFrames = false } = options
  const limits = { ...LIMITS, ...options.limits }
  const { path } = await locateFfmpeg()
  const watch = createWatch(limits, countsFrames)
  const reader = createLogReader([fileUrl(file), file], watch.onFrame)
  try {
    const exit = await spawned(path, [...commonOptions(limits), ...args], {
      ...options,
      signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal,
      onLog: reader.push,
    })
    reader.end()
    if (exit !== 0) {
      throw explain(file, reader.log)
    }
    return reader.log
  } catch (error) {
    const exceeded = watch.exceeded()
    throw exceeded !== null && signal?.aborted !== true ? limitFailure(exceeded, file, limits) : error
  } finally {
    watch.end()
  }
}

const commonOptions = (limits: Limits): string[] => [
  ...['-nostdin', '-hide_banner', '-nostats', '-y', ...WITH_LEVELS],
  // The last resort for a run that outlives this process: seconds of all its threads together.
  ...['-timelimit', String(Math.ceil(limits.seconds * availableParallelism()))],
  ...['-max_alloc', String(limits.blockBytes)],
]

/**
 * Decodes a source by ffmpeg: `before` and `after` are options of its input and its output, which gets the first
 * video stream that is not a cover picture. Throws as `runFfmpeg`, and where there is no file.
 */
export async function decodeFile(
  { path, start, end, fps = FOLDER_FPS }: MediaSource,
  { before = [], after }: { before?: readonly string[]; after: readonly string[] },
  options: Omit<RunOptions, 'file'> = {},
): Promise<FfmpegLog> {
  const limits = ['-max_pixels', String(options.limits?.pixels ?? LIMITS.pixels)]
  const part = [
    ...(start === null ? [] : ['-ss', String(start)]),
    ...(end === null ? [] : ['-t', String(end - (start ?? 0))]),
  ]
  const frames = (await isFolder(path)) ? await frameFiles(path) : []
  if (frames[0] !== undefined) {
    const kind = (await pictureDemuxer(frames[0])) ?? 'jpeg_pipe'
    const pipe = ['-protocol_whitelist', 'pipe', '-f', kind, '-framerate', String(fps)]
    return runFfmpeg([...before, ...part, ...pipe, ...limits, '-i', 'pipe:0', ...after], {
      ...options,
      input: readPictures(frames),
      file: path,
    })
  }
  const { size } = await statFile(path)
  if (size === 0) {
    throw failures.fileEmpty({ path })
  }
  const input = [...before, ...part, ...(await onlyFile(path)), ...limits, '-i', fileUrl(path)]
  return runFfmpeg([...input, '-map', '0:V:0', ...after], { ...options, file: path })
}

/** Pictures one after the other. */
function* readPictures(paths: readonly string[]): Generator<Uint8Array> {
  for (const path of paths) {
    yield readFileSync(path)
  }
}

/** Only listed containers and pictures, and only files: no playlist makes ffmpeg open or fetch anything else. */
async function onlyFile(path: string): Promise<string[]> {
  const picture = await pictureDemuxer(path)
  const formats = picture === null ? ['-format_whitelist', CONTAINERS.join(',')] : ['-f', picture]
  return ['-protocol_whitelist', 'file', ...formats]
}

/**
 * ffmpeg's name for a file: with the protocol in front, no path is taken for an option or another protocol.
 */
export function fileUrl(path: string): string {
  return `file:${resolve(path)}`
}

type Exceeded = 'seconds' | 'secondsWithoutFrame' | 'frames'

/** Watches over a run; its signal aborts when the run takes more than the limits. */
function createWatch(limits: Limits, countsFrames: boolean) {
  const controller = new AbortController()
  let exceeded: Exceeded | null = null
  const exceed = (limit: Exceeded): void => {
    exceeded ??= limit
    controller.abort(new CancelledError())
  }
  const after = (seconds: number, limit: Exceeded): NodeJS.Timeout =>
    setTimeout(() => {
      exceed(limit)
    }, 1000 * seconds)
  const whole = after(limits.seconds, 'seconds')
  const withoutFrame = countsFrames ? after(limits.secondsWithoutFrame, 'secondsWithoutFrame') : undefined
  return {
    signal: controller.signal,
    exceeded: (): Exceeded | null => exceeded,
    onFrame(count: number): void {
      withoutFrame?.refresh()
      if (count > limits.frames) {
        exceed('frames')
      }
    },
    end(): void {
      clearTimeout(whole)
      clearTimeout(withoutFrame)
    },
  }
}

function limitFailure(exceeded: Exceeded, file: string, limits: Limits): VitrineError {
  switch (exceeded) {
    case 'seconds':
      return failures.tookTooLong({ file, seconds: limits.seconds })
    case 'secondsWithoutFrame':
      return failures.noProgress({ file, seconds: limits.secondsWithoutFrame })
    case 'frames':
      return failures.tooManyFrames({ file, frames: limits.frames })
  }
}

interface SpawnOptions {
  signal?: AbortSignal | undefined
  input?: Iterable<Uint8Array>
  onOutput?: (chunk: Buffer) => void
  onLog?: (chunk: Buffer) => void
}

/** Runs a program to its end and returns its exit code. Throws CancelledError, TOOL_MISSING. */
async function spawned(
  path: string,
  args: readonly string[],
  { signal, input, onOutput, onLog }: SpawnOptions,
): Promise<number | null> {
  if (signal?.aborted) {
    throw new CancelledError()
  }
  const child = spawn(...withMemoryLimit(path, args), {
    stdio: [input ? 'pipe' : 'ignore', onOutput ? 'pipe' : 'ignore', 'pipe'],
    windowsHide: true,
    // Colours would stand between level and text; and each arena of glibc reserves 64 MB of the limit.
    env: { ...process.env, AV_LOG_FORCE_NOCOLOR: '1', MALLOC_ARENA_MAX: '4' },
  })
  const kill = (): boolean => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  child.stderr?.on('data', onLog ?? (() => {}))
  if (onOutput) {
    child.stdout?.on('data', onOutput)
  }
  const closing = new Promise<number | null>((done, fail) => {
    child.on('error', fail)
    child.on('close', done)
  })
  const feeding = input ? feed(child.stdin, input) : Promise.resolve()
  // The input failing because ffmpeg ended is a consequence: ffmpeg's own exit is the news.
  const [exit, inputEnd] = await Promise.allSettled([closing, feeding])
  signal?.removeEventListener('abort', kill)
  if (signal?.aborted) {
    throw new CancelledError()
  }
  if (exit.status === 'rejected') {
    throw failures.notStarted({ path }, { cause: exit.reason })
  }
  if (exit.value !== null && NOT_STARTED.has(exit.value)) {
    throw failures.notStarted({ path })
  }
  if (exit.value === 0 && inputEnd.status === 'rejected') {
    throw inputEnd.reason
  }
  return exit.value
}

/** What a shell ends with that could not run a program, or did not find it (POSIX, XCU 2.8.2); ffmpeg never does. */
const NOT_STARTED: ReadonlySet<number> = new Set([126, 127])

/**
 * A program with its arguments, held to LIMITS.memoryBytes by the shell that it takes the place of; elsewhere
 * than on Linux the system has no such limit.
 */
function withMemoryLimit(path: string, args: readonly string[]): [program: string, args: string[]] {
  if (process.platform !== 'linux') {
    return [path, [...args]]
  }
  const limit = `ulimit -v ${LIMITS.memoryBytes / 1024} 2>/dev/null; exec "$0" "$@"`
  return ['/bin/sh', ['-c', limit, path, ...args]]
}

async function feed(stdin: NodeJS.WritableStream | null, input: Iterable<Uint8Array>): Promise<void> {
  if (!stdin) {
    throw new Error('ffmpeg was started without an input pipe')
  }
  // Each write below reports its own error; without a listener the stream would throw it as well.
  stdin.on('error', () => {})
  try {
    for (const chunk of input) {
      await new Promise<void>((done, fail) => {
        stdin.write(chunk, (error) => (error ? fail(error) : done()))
      })
    }
  } finally {
    stdin.end()
  }
}

/** What ffmpeg says, and what it means to a person; the first that it said counts. */
const EXPLANATIONS: readonly [said: RegExp, failure: (values: { file: string }) => VitrineError][] = [
  [/No space left on device|Disk quota exceeded/, failures.diskFull],
  [/Format not on whitelist/, failures.containerRefused],
  [/No such file or directory/, failures.fileMissing],
  [/Permission denied/, failures.permissionDenied],
  [/Cannot allocate memory/, failures.tooMuchMemory],
  [/exceeds specified max pixel count/, failures.tooManyPixels],
  [/matches no streams|does not contain any stream/, failures.noVideoStream],
  [/misdetection possible/, failures.notAVideo],
  [/moov atom not found|EBML header parsing failed|End of file/, failures.cutOff],
  [/Invalid data found when processing input/, failures.notAVideo],
]

/** What a failed run means to a person, from ffmpeg's log. */
function explain(file: string, { problems }: FfmpegLog): VitrineError {
  const complaints = problems.join('\n')
  const encoder = /Unknown encoder '([^']+)'/.exec(complaints)?.[1]
  if (encoder) {
    return failures.encoderMissing({ encoder, file })
  }
  const known = EXPLANATIONS.find(([text]) => text.test(complaints))
  if (known !== undefined) {
    return known[1]({ file })
  }
  const reason = problems.at(-1)?.trim().replace(/\.$/, '') ?? ''
  return reason === '' ? failures.ffmpegSilent({ file }) : failures.ffmpegFailed({ file, reason })
}
