/** What main and a child process say to each other, by structured clone. */
import type { Failure } from '#contract'

/** A method of a child process: what goes in and what comes out. */
export interface ChildCall {
  params: unknown
  result: unknown
}

/** Method name to what goes in and what comes out. */
export type ChildMethods<Methods> = Record<keyof Methods, ChildCall>

/**
 * What a method's implementation gets beside its params: cancel and progress. Check `signal` in the innermost
 * loop. `unpaused()` resolves at once, or when a paused call goes on or is cancelled; a pausable method
 * awaits it between steps.
 */
export interface ChildContext<Progress> {
  signal: AbortSignal
  progress(progress: Progress): void
  unpaused(): Promise<void>
}

/** The implementations of methods. */
export type ChildHandlers<Methods extends ChildMethods<Methods>, Progress> = {
  [M in keyof Methods]: (
    params: Methods[M]['params'],
    context: ChildContext<Progress>,
  ) => Promise<Methods[M]['result']>
}

export type ToChild<Method = string> =
  | { type: 'call'; id: number; method: Method; params: unknown }
  | { type: 'cancel'; id: number }
  | { type: 'pause'; id: number; paused: boolean }
export type FromChild<Progress = unknown> =
  | { type: 'progress'; id: number; progress: Progress }
  | { type: 'result'; id: number; result: unknown }
  | { type: 'error'; id: number; failure: Failure | 'cancelled' }
