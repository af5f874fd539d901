import type { CaptionerSettings } from '#contract'

/**
 * Between validations that are far apart, the curves get a point after this many steps or this share of the
 * run.
 */
const POINT_EVERY = { steps: 50, share: 1 / 200 }

type ScheduleSettings = Pick<
  CaptionerSettings,
  'epochs' | 'rewardEpochs' | 'checkEvery' | 'learningRate' | 'rewardRate' | 'schedule'
>

/** Steps of an epoch: of people's captions, and of one that learns from scores. */
interface BatchesPerEpoch {
  likelihood: number
  reward: number
}

/** The steps that learn in one way. */
interface Stage {
  /** Steps and epochs before them. */
  first: number
  epochs: number
  /** Steps up to their last. */
  end: number
  batchesPerEpoch: number
}

/** What happens at which step of a run: people's captions are learnt, then the model's own by their scores. */
export class Schedule {
  readonly totalSteps: number
  readonly #settings: ScheduleSettings
  readonly #likelihood: Stage
  readonly #reward: Stage
  readonly #stepsPerPoint: number

  constructor(settings: ScheduleSettings, batchesPerEpoch: BatchesPerEpoch) {
    const { epochs, rewardEpochs } = settings
    const { likelihood, reward } = batchesPerEpoch
    const first = epochs * likelihood
    this.#likelihood = { first: 0, epochs: 0, end: first, batchesPerEpoch: likelihood }
    this.#reward = { first, epochs, end: first + rewardEpochs * reward, batchesPerEpoch: reward }
    this.#settings = settings
    this.totalSteps = this.#reward.end
    this.#stepsPerPoint = Math.max(POINT_EVERY.steps, Math.ceil(POINT_EVERY.share * this.totalSteps))
  }

  /** Whether the next step after `step` learns from scores; there may be none. */
  rewardsAfter(step: number): boolean {
    return step >= this.#reward.first
  }

  /** Whether step `step`, counted from 1, learnt from scores. */
  rewardedAt(step: number): boolean {
    return step > this.#reward.first
  }

  /** Epochs that `step` steps are. */
  epochsAt(step: number): number {
    const { first, epochs, batchesPerEpoch } = this.#stageOf(step)
    return epochs + (step - first) / batchesPerEpoch
  }

  /** Steps of the stage before step `step`, counted from 0: of how many epochs, and how many of this one. */
  placeInReward(step: number): { epoch: number; batch: number } {
    const { first, batchesPerEpoch } = this.#reward
    const taken = step - first
    return { epoch: Math.floor(taken / batchesPerEpoch), batch: taken % batchesPerEpoch }
  }

  /** Whether a validation follows step `step`, counted from 1. */
  validatesAfter(step: number): boolean {
    const stage = this.#stageOf(step)
    return step > 0 && ((step - stage.first) % this.#stepsPerValidation(stage) === 0 || step === stage.end)
  }

  /** Whether the curves get a point of the training losses alone after step `step`. */
  addsPointAfter(step: number): boolean {
    return step % this.#stepsPerPoint === 0 && !this.validatesAfter(step)
  }

  /** The next step after `step` at which something is to be done between calls. */
  nextStop(step: number): number {
    const stage = this.rewardsAfter(step) ? this.#reward : this.#likelihood
    const nextMultiple = (period: number, from: number): number =>
      from + (Math.floor((step - from) / period) + 1) * period
    return Math.min(
      stage.end,
      nextMultiple(this.#stepsPerValidation(stage), stage.first),
      nextMultiple(this.#stepsPerPoint, 0),
    )
  }

  /** The learning rate of a step, counted from 0, before plateaus. */
  learningRate(step: number): number {
    const { learningRate, rewardRate, schedule } = this.#settings
    if (this.rewardsAfter(step)) {
      const { first, end } = this.#reward
      return cosineDecay(rewardRate, step - first, end - first)
    }
    return schedule === 'cosine' ? cosineDecay(learningRate, step, this.#likelihood.end) : learningRate
  }

  #stepsPerValidation({ batchesPerEpoch }: Stage): number {
    return Math.max(1, Math.round(this.#settings.checkEvery * batchesPerEpoch))
  }

  /** Of the step that was taken last. */
  #stageOf(step: number): Stage {
    return this.rewardedAt(step) ? this.#reward : this.#likelihood
  }
}

/** From `learningRate` to 0 along half a cosine. */
export const cosineDecay = (learningRate: number, step: number, totalSteps: number): number =>
  (learningRate / 2) * (1 + Math.cos((Math.PI * step) / totalSteps))
