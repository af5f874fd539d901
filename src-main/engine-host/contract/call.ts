/** What a call of the engine is, whichever the method: how it is cancelled and paused, what it reports. */
import type { TrainingPoint } from '#contract'

/** How far a call is. `total`: in the same unit as `done`; null while nobody knows. */
export interface EngineProgress {
  phase: string
  done: number
  total: number | null
  unit: string
  /** A point of a training's curves, when one was reached. */
  point?: TrainingPoint
}

/**
 * What a method's implementation gets beside its params: cancel and progress. Check `signal` in the innermost
 * loop. `unpaused()` resolves at once, or when a paused call goes on or is cancelled; a pausable method
 * awaits it between steps.
 */
export interface EngineContext {
  signal: AbortSignal
  progress(progress: EngineProgress): void
  unpaused(): Promise<void>
}

/** A method: what goes in and what comes out. */
export interface EngineCall {
  params: unknown
  result: unknown
}

/** The implementations of a family's methods. */
export type Handlers<Methods extends Record<keyof Methods, EngineCall>> = {
  [M in keyof Methods]: (
    params: Methods[M]['params'],
    context: EngineContext,
  ) => Promise<Methods[M]['result']>
}
