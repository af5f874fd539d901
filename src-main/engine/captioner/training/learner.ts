import type { CompiledLoop } from '../../graph/runtime.ts'
import type { StepLosses } from './step-graph.ts'

/** What the steps of one call came to. */
export interface StepsTaken {
  losses: readonly StepLosses[]
  /** Captions that were learnt from. */
  captions: number
  milliseconds: number
  /** Mean CIDEr-D of the model's own captions, where it learnt from these. */
  reward: number | null
}

/** Takes the steps of a run, in one of the ways in which it learns. */
export interface Learner {
  /** Holds parameters and optimizer slots. */
  readonly loop: CompiledLoop
  /** Takes the steps of one call, after `first` others. `rateOf`: the learning rate of a step, counted from 0. */
  takeSteps(first: number, rateOf: (step: number) => number): Promise<StepsTaken>
}
