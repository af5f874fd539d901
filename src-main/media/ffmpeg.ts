/**
 * The one door to ffmpeg. Everything here needs the ffmpeg program alone: clips are probed by decoding them,
 * so that what is counted is what the model will see, and no ffprobe is needed (ffmpeg-static ships none).
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { CancelledError } from '../common/failures.ts'
import type { VitrineError } from '../common/failures.ts'
import { failures } from './failures.ts'

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
  const { exit } = await spawned(path, ['-version'], {
    file: path,
    onOutput: (chunk) => (text += chunk.toString()),
  })
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

export interface RunOptions {
  /** The file that errors are about. */
  file: string
  signal?: AbortSignal | undefined
  /** Chunks for ffmpeg's input `pipe:0`. A chunk may be reused as soon as the next one is asked for. */
  input?: Iterable<Uint8Array>
  /** Gets what ffmpeg writes to `pipe:1`. */
  onOutput?: (chunk: Buffer) => void
}

/**
 * Runs ffmpeg with `args` and returns its log. Throws CancelledError when the signal aborts (ffmpeg is
 * killed), and a VitrineError that names `file` when ffmpeg fails: NOT_FOUND, BAD_INPUT, DISK_FULL or
 * TOOL_MISSING.
 */
export async function runFfmpeg(args: readonly string[], options: RunOptions): Promise<string> {
  const { path } = await locateFfmpeg()
  const { exit, log } = await spawned(path, ['-nostdin', '-hide_banner', '-nostats', '-y', ...args], options)
  if (exit !== 0) {
    throw explain(options.file, log)
  }
  return log
}

/**
 * The arguments that open a file as input and take its first video stream. Only files are allowed, so that no
 * playlist makes ffmpeg fetch anything.
 */
export function inputVideo(path: string): string[] {
  return ['-protocol_whitelist', 'file', '-i', fileUrl(path), '-map', '0:v:0']
}

/**
 * ffmpeg's name for a file: with the protocol in front, no path is taken for an option or another protocol.
 */
export function fileUrl(path: string): string {
  return `file:${resolve(path)}`
}

async function spawned(
  path: string,
  args: readonly string[],
  options: RunOptions,
): Promise<{ exit: number | null; log: string }> {
  const { signal, input, onOutput } = options
  if (signal?.aborted) {
    throw new CancelledError()
  }
  const child = spawn(path, args, {
    stdio: [input ? 'pipe' : 'ignore', onOutput ? 'pipe' : 'ignore', 'pipe'],
    windowsHide: true,
  })
  const kill = (): boolean => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  const log: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => log.push(chunk))
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
  if (exit.value === 0 && inputEnd.status === 'rejected') {
    throw inputEnd.reason
  }
  return { exit: exit.value, log: Buffer.concat(log).toString() }
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

/** What a failed run means to a person, from ffmpeg's log. */
function explain(file: string, log: string): VitrineError {
  const encoder = /Unknown encoder '([^']+)'/.exec(log)?.[1]
  if (encoder) {
    return failures.encoderMissing({ encoder, file })
  }
  if (log.includes('No space left on device')) {
    return failures.diskFull({ file })
  }
  if (log.includes('No such file or directory')) {
    return failures.fileMissing({ file })
  }
  if (log.includes('Permission denied')) {
    return failures.permissionDenied({ file })
  }
  if (/matches no streams|does not contain any stream/.test(log)) {
    return failures.noVideoStream({ file })
  }
  if (log.includes('misdetection possible')) {
    return failures.notAVideo({ file })
  }
  if (/moov atom not found|EBML header parsing failed|End of file/.test(log)) {
    return failures.cutOff({ file })
  }
  if (log.includes('Invalid data found when processing input')) {
    return failures.notAVideo({ file })
  }
  const reason = log.trimEnd().split('\n').at(-1)?.trim() ?? ''
  return reason === '' ? failures.ffmpegSilent({ file }) : failures.ffmpegFailed({ file, reason })
}
