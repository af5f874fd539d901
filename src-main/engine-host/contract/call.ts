/** What a call of the engine is, whichever the method: how it is cancelled and paused, what it reports. */
import type { TrainingPoint } from '#contract'
import type { ChildContext, ChildHandlers, ChildMethods } from '../../child/messages.ts'

/** How far a call is. `total`: in the same unit as `done`; null while nobody knows. */
export interface EngineProgress {
  phase: string
  done: number
  total: number | null
  unit: string
  /** A point of a training's curves, when one was reached. */
  point?: TrainingPoint
  /** Of a training, once it is known and before its first step. */
  plan?: RunPlan
}

/** What a training will take: epochs, steps of each, and seconds for all of it, as a step was measured. */
export interface RunPlan {
  epochs: number
  stepsPerEpoch: number
  seconds: number
}

/** What a method's implementation gets beside its params. */
export type EngineContext = ChildContext<EngineProgress>

/** The implementations of a family's methods. */
export type Handlers<Methods extends ChildMethods<Methods>> = ChildHandlers<Methods, EngineProgress>
