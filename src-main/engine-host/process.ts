import { fork } from 'node:child_process'
import type { EngineProcess, EngineSettings } from './client.ts'
import { heapEnvironment } from './heap.ts'
import { inspectorFlags } from './inspector.ts'

/**
 * Starts the engine as a Node process. `entry`: path of engine/main.ts or of its built form. Its output goes
 * to standard error, because standard output belongs to the command line's results; nowhere when it is
 * `quiet`. It ends with this process: by the kill on exit, or, when this process was killed, by the closed
 * channel.
 */
export function startNodeEngine(entry: string, { quiet = false }: EngineSettings = {}): EngineProcess {
  const output = quiet ? 'ignore' : 2
  const child = fork(entry, [], {
    serialization: 'advanced',
    env: { ...process.env, ...heapEnvironment },
    // The quiet ones run beside the engine that is to be debugged, whose port they would take.
    execArgv: quiet ? [] : inspectorFlags(),
    stdio: ['ignore', output, output, 'ipc'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    pid: child.pid,
    // A failed send means that the process is going; onExit tells the client.
    postMessage: (message) => void (child.connected && child.send(message, () => {})),
    onMessage: (listener) =>
      void child.on('message', (message) => listener(message as Parameters<typeof listener>[0])),
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
