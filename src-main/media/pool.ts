/**
 * Media processes: as many as there is work for, at most one a core, each with one file at a time. One that dies, or
 * is silent for too long, takes the file that it works on along and nothing else; the next file gets a new process.
 * One that has served long is ended, so that nothing adds up; so is one without work.
 */
import { availableParallelism } from 'node:os'
import { createChildClient } from '../child/client.ts'
import type { ChildClient, ChildExit, ChildProcess } from '../child/client.ts'
import { CancelledError } from '../common/failures.ts'
import type { VitrineError } from '../common/failures.ts'
import type { FromMedia, MediaMethods, MediaProgress, ToMedia } from './contract.ts'
import { failures } from './failures.ts'
import type { Limits } from './limits.ts'

export type MediaProcess = ChildProcess<ToMedia, FromMedia>

/** Starts a media process, which the system holds to the limits where it can. */
export type StartMedia = (limits: Pick<Limits, 'memoryBytes' | 'seconds'>) => MediaProcess

/** Calls that a process serves at most, and milliseconds: the system counts its time, and a file is to have nearly all of that. */
const CALLS_OF_A_PROCESS = 500
const LIFE_OF_A_PROCESS = 10 * 60_000
/** Milliseconds without work after which a process ends. */
const IDLE = 30_000

interface Worker {
  client: ChildClient<MediaMethods, MediaProgress>
  calls: number
  began: number
  /** The file that it works on. */
  file: string
  idleTimer: NodeJS.Timeout | null
}

interface PoolCall<M extends keyof MediaMethods> {
  method: M
  params: MediaMethods[M]['params']
  /** The file that failures are about. */
  file: string
  signal?: AbortSignal | undefined
  onProgress?: ((progress: MediaProgress) => void) | undefined
}

export interface Pool {
  /** Calls a method in the next process that is free. Throws what it throws, CancelledError, BAD_INPUT. */
  call<M extends keyof MediaMethods>(call: PoolCall<M>): Promise<MediaMethods[M]['result']>
  close(): Promise<void>
}

export function createPool(start: StartMedia, limits: Limits, atOnce: number = availableParallelism()): Pool {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  const waiting: ((worker: Worker) => void)[] = []
  let closed = false

  const end = (worker: Worker): Promise<void> => {
    clearTimeout(worker.idleTimer ?? undefined)
    all.delete(worker)
    return worker.client.close()
  }

  const begin = (): Worker => {
    const worker: Worker = {
      client: createChildClient<MediaMethods, MediaProgress>(
        () => start(limits),
        (_, exit) => endedWith(worker.file, exit),
      ),
      calls: 0,
      began: performance.now(),
      file: '',
      idleTimer: null,
    }
    all.add(worker)
    return worker
  }

  const take = (signal: AbortSignal | undefined): Worker | Promise<Worker> => {
    const worker = idle.pop() ?? (all.size < atOnce ? begin() : null)
    if (worker === null) {
      return waitInTurn(waiting, signal)
    }
    clearTimeout(worker.idleTimer ?? undefined)
    return worker
  }

  const giveBack = async (worker: Worker): Promise<void> => {
    let next = worker
    if (worker.calls >= CALLS_OF_A_PROCESS || performance.now() - worker.began > LIFE_OF_A_PROCESS) {
      await end(worker)
      next = begin()
    }
    const waiter = waiting.shift()
    if (waiter !== undefined) {
      waiter(next)
      return
    }
    idle.push(next)
    next.idleTimer = setTimeout(() => {
      idle.splice(idle.indexOf(next), 1)
      void end(next)
    }, IDLE).unref()
  }

  return {
    async call({ method, params, file, signal, onProgress }) {
      const worker = await take(signal)
      worker.calls++
      worker.file = file
      const silence = watchSilence(limits.secondsWithoutFrame)
      try {
        if (closed) {
          throw new CancelledError()
        }
        return await worker.client.call(method, params, {
          signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
          onProgress(progress) {
            silence.heard()
            onProgress?.(progress)
          },
        })
      } catch (error) {
        const isSilent = silence.signal.aborted && signal?.aborted !== true
        throw isSilent ? failures.noProgress({ file, seconds: limits.secondsWithoutFrame }) : error
      } finally {
        silence.end()
        await giveBack(worker)
      }
    },
    async close() {
      closed = true
      await Promise.all([...all].map(end))
    },
  }
}

/** Resolves when those that wait longer have had their turn. Throws CancelledError on abort. */
function waitInTurn(waiting: ((worker: Worker) => void)[], signal: AbortSignal | undefined): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      waiting.splice(waiting.indexOf(served), 1)
      reject(new CancelledError())
    }
    const served = (worker: Worker): void => {
      signal?.removeEventListener('abort', leave)
      resolve(worker)
    }
    waiting.push(served)
    signal?.addEventListener('abort', leave, { once: true })
  })
}

/** Its signal aborts when nothing was heard for so many seconds, and a little more: a process that can still tell
 * what it waits for tells it first. */
function watchSilence(seconds: number) {
  const controller = new AbortController()
  const timer = setTimeout(
    () => {
      controller.abort(new CancelledError())
    },
    1000 * seconds + 2000,
  )
  return {
    signal: controller.signal,
    heard: () => void timer.refresh(),
    end: () => {
      clearTimeout(timer)
    },
  }
}

function endedWith(file: string, { code, signal }: ChildExit): VitrineError {
  return signal === null
    ? failures.endedWithExitCode({ file, exitCode: String(code) })
    : failures.endedBySignal({ file, signal })
}
