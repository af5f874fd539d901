import type { CaptionerSettings } from '#contract'

/**
 * Between validations that are far apart, the curves get a point after this many steps or this share of the
 * run.
 */
const POINT_EVERY = { steps: 50, share: 1 / 200 }

/** What happens at which step of a run. */
export class Schedule {
  readonly batchesPerEpoch: number
  readonly totalSteps: number
  readonly #settings: Pick<CaptionerSettings, 'learningRate' | 'schedule'>
  readonly #stepsPerValidation: number
  readonly #stepsPerPoint: number

  constructor(
    settings: Pick<CaptionerSettings, 'epochs' | 'checkEvery' | 'learningRate' | 'schedule'>,
    batchesPerEpoch: number,
  ) {
    this.batchesPerEpoch = batchesPerEpoch
    this.totalSteps = settings.epochs * batchesPerEpoch
    this.#settings = settings
    this.#stepsPerValidation = Math.max(1, Math.round(settings.checkEvery * batchesPerEpoch))
    this.#stepsPerPoint = Math.max(POINT_EVERY.steps, Math.ceil(POINT_EVERY.share * this.totalSteps))
  }

  /** Whether a validation follows step `step`, counted from 1. */
  validatesAfter(step: number): boolean {
    return step > 0 && (step % this.#stepsPerValidation === 0 || step === this.totalSteps)
  }

  /** Whether the curves get a point of the training losses alone after step `step`. */
  addsPointAfter(step: number): boolean {
    return step % this.#stepsPerPoint === 0 && !this.validatesAfter(step)
  }

  /** The next step after `step` at which something is to be done between calls. */
  nextStop(step: number): number {
    const nextMultiple = (period: number): number => (Math.floor(step / period) + 1) * period
    return Math.min(
      this.totalSteps,
      nextMultiple(this.#stepsPerValidation),
      nextMultiple(this.#stepsPerPoint),
    )
  }

  /** The learning rate of a step, counted from 0, before plateaus. */
  learningRate(step: number): number {
    const { learningRate, schedule } = this.#settings
    return schedule === 'cosine' ? cosineDecay(learningRate, step, this.totalSteps) : learningRate
  }
}

/** From `learningRate` to 0 along half a cosine. */
export const cosineDecay = (learningRate: number, step: number, totalSteps: number): number =>
  (learningRate / 2) * (1 + Math.cos((Math.PI * step) / totalSteps))
