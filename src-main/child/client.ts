/**
 * Main's side of a child process. A process is started at the first call and again after it died. Three
 * promises hold whatever the process does: every call settles; a cancelled call ends within seconds even when
 * native code is stuck (the process is killed then); and a dead process fails all that was pending, at once.
 */
import { CancelledError, toError } from '../common/failures.ts'
import type { VitrineError } from '../common/failures.ts'
import type { ChildMethods, FromChild, ToChild } from './messages.ts'

/** How a process ended: its exit code, or the signal that ended it. */
export interface ChildExit {
  code: number | null
  signal: string | null
}

/** A running child process, whatever started it: Node's fork or Electron's utilityProcess. */
export interface ChildProcess<ToIt, FromIt> {
  readonly pid: number | undefined
  postMessage(message: ToIt): void
  onMessage(listener: (message: FromIt) => void): void
  /** Called once, also when the process could not be started. */
  onExit(listener: (exit: ChildExit) => void): void
  /** Ends the process at once, without asking it. */
  kill(): void
}

/** Holds a call (true) or lets it go on (false). */
export type Pause = (paused: boolean) => void

export interface ChildCallOptions<Progress> {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  /**
   * For a pausable method: called with the way to pause the call once it is on its way, and with null when it
   * has ended.
   */
  onPausable?: (pause: Pause | null) => void
}

export interface ChildClient<Methods extends ChildMethods<Methods>, Progress> {
  /**
   * Calls a method of the process. Throws what the method throws as the same VitrineError; CancelledError when
   * `signal` aborts; what `diedError` makes of it when the process ends meanwhile. What `onProgress` throws
   * cancels the call and is thrown by it.
   */
  call<M extends keyof Methods & string>(
    method: M,
    params: Methods[M]['params'],
    options?: ChildCallOptions<Progress>,
  ): Promise<Methods[M]['result']>
  /**
   * Ends the process; pending calls reject with CancelledError and later ones too. Resolves when it is gone.
   */
  close(): Promise<void>
}

/**
 * Milliseconds that a cancelled call has to answer before the process is killed; a training writes a
 * checkpoint in them.
 */
const CANCEL_GRACE = 5000

interface Pending {
  method: string
  /** Why it was cancelled: what the call rejects with. */
  cancelled: Error | null
  cancel(reason: Error): void
  onProgress: ((progress: unknown) => void) | undefined
  resolve(result: unknown): void
  reject(error: Error): void
}

type AnyProcess<Method, Progress> = ChildProcess<ToChild<Method>, FromChild<Progress>>

interface Running<Method, Progress> {
  child: AnyProcess<Method, Progress>
  /** The calls on their way, by id. */
  pending: Map<number, Pending>
  gone: Promise<void>
}

/**
 * A client of a child process; `spawn` starts one when it is needed, `diedError` says in words that one ended in
 * the middle of a method.
 */
export function createChildClient<Methods extends ChildMethods<Methods>, Progress>(
  spawn: () => AnyProcess<keyof Methods & string, Progress>,
  diedError: (method: string, exit: ChildExit) => VitrineError,
): ChildClient<Methods, Progress> {
  let running: Running<keyof Methods & string, Progress> | null = null
  let closed = false
  let lastId = 0

  const launch = () => {
    const child = spawn()
    const pending = new Map<number, Pending>()
    const { promise: gone, resolve: markGone } = Promise.withResolvers<void>()
    const launched = { child, pending, gone }
    child.onMessage((message) => receive(message, pending))
    child.onExit((exit) => {
      if (running === launched) {
        running = null
      }
      for (const call of pending.values()) {
        call.reject(call.cancelled ?? (closed ? new CancelledError() : diedError(call.method, exit)))
      }
      pending.clear()
      markGone()
    })
    return launched
  }

  return {
    async call(method, params, { signal, onProgress, onPausable } = {}) {
      if (closed || signal?.aborted) {
        throw new CancelledError()
      }
      const { child, pending } = (running ??= launch())
      const id = ++lastId
      const { call, outcome } = createCall(child, id, method, onProgress as Pending['onProgress'])
      const onAbort = () => call.cancel(new CancelledError())
      pending.set(id, call)
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        child.postMessage({ type: 'call', id, method, params })
        onPausable?.((paused) => child.postMessage({ type: 'pause', id, paused }))
        return await outcome
      } finally {
        signal?.removeEventListener('abort', onAbort)
        onPausable?.(null)
      }
    },

    async close() {
      closed = true
      if (!running) {
        return
      }
      const { child, gone } = running
      child.kill()
      await gone
    },
  }
}

/** A call as it waits for its answer; `outcome` is what it comes to. */
function createCall<Method extends string, Progress>(
  child: AnyProcess<Method, Progress>,
  id: number,
  method: Method,
  onProgress: Pending['onProgress'],
): { call: Pending; outcome: Promise<unknown> } {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  let grace: NodeJS.Timeout | undefined
  const call: Pending = {
    method,
    cancelled: null,
    cancel(reason) {
      if (call.cancelled) {
        return
      }
      call.cancelled = reason
      child.postMessage({ type: 'cancel', id })
      grace = setTimeout(() => child.kill(), CANCEL_GRACE)
    },
    onProgress,
    resolve,
    reject,
  }
  return { call, outcome: promise.finally(() => clearTimeout(grace)) }
}

/** Hands a message of the process to the call that it is about; one that is settled hears nothing more. */
function receive(message: FromChild, pending: Map<number, Pending>): void {
  const call = pending.get(message.id)
  if (!call) {
    return
  }
  if (message.type === 'progress') {
    reportProgress(call, message.progress)
    return
  }
  pending.delete(message.id)
  if (call.cancelled) {
    call.reject(call.cancelled)
  } else if (message.type === 'result') {
    call.resolve(message.result)
  } else if (message.failure === 'cancelled') {
    call.reject(new CancelledError())
  } else {
    call.reject(toError(message.failure))
  }
}

function reportProgress(call: Pending, progress: unknown): void {
  if (call.cancelled) {
    return
  }
  try {
    call.onProgress?.(progress)
  } catch (error) {
    // Whoever listens can't take it in (a full disk, say): the call has failed, and with it nothing else.
    call.cancel(error as Error)
  }
}
