import { fork, spawn } from 'node:child_process'
import type { ChildProcess as NodeChildProcess, StdioOptions } from 'node:child_process'
import type { ChildProcess } from './client.ts'

interface StartOptions {
  /** Drops what the process writes; else it goes to standard error, as standard output is for results. */
  quiet?: boolean
  /** Environment variables in addition to this process's own. */
  env?: Readonly<Record<string, string>>
  execArgv?: string[]
  /** What the system holds the process to, on Linux only: bytes of memory, and seconds of all its threads. */
  limits?: { memoryBytes: number; seconds: number }
}

/**
 * Starts a Node process that runs `entry`. It ends with this process: by the kill on exit, or, when this process
 * was killed, by the closed channel.
 */
export function startNodeProcess<ToIt, FromIt>(
  entry: string,
  options: StartOptions = {},
): ChildProcess<ToIt, FromIt> {
  const child = launch(entry, options)
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    pid: child.pid,
    // A failed send means that the process is going; onExit tells the client.
    postMessage: (message) => void (child.connected && child.send(message as object, () => {})),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromIt)),
    onExit(listener) {
      let reported = false
      const report = (code: number | null, signal: string | null) => {
        process.removeListener('exit', kill)
        if (!reported) {
          listener({ code, signal })
        }
        reported = true
      }
      child.once('exit', report)
      child.once('error', () => {
        // Not started (`error` without a pid): there will be no `exit`.
        if (child.pid === undefined) {
          report(null, null)
        }
      })
    },
    kill,
  }
}

/** In Electron this process's program is Electron, which would open another window; Node does not look at it. */
const AS_NODE = { ELECTRON_RUN_AS_NODE: '1' }

function launch(
  entry: string,
  { quiet = false, env, execArgv = [], limits }: StartOptions,
): NodeChildProcess {
  const output = quiet ? 'ignore' : 2
  const stdio: StdioOptions = ['ignore', output, output, 'ipc']
  const common = { serialization: 'advanced' as const, env: { ...process.env, ...AS_NODE, ...env }, stdio }
  if (limits === undefined || process.platform !== 'linux') {
    return fork(entry, [], { ...common, execArgv })
  }
  // The shell sets the limits and is then replaced by the program, which keeps its channel.
  const script = `ulimit -d ${limits.memoryBytes / 1024} -t ${limits.seconds} 2>/dev/null; exec "$0" "$@"`
  return spawn('/bin/sh', ['-c', script, process.execPath, ...execArgv, entry], common)
}
