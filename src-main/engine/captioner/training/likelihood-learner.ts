/** Learning what people said: steps on minibatches of their captions. */
import { captionCount } from '../minibatch.ts'
import { CallPace } from './call-pace.ts'
import { DataLoader } from './data-loader.ts'
import type { DataLoaderOptions } from './data-loader.ts'
import type { Learner, StepsTaken } from './learner.ts'
import type { TrainingStep } from './step.ts'

interface LikelihoodOptions extends Omit<DataLoaderOptions, 'endOfCall' | 'shapes'> {
  step: TrainingStep
  /** The next step after `step` at which something is to be done between calls. */
  nextStop(step: number): number
}

export class LikelihoodLearner implements Learner {
  readonly #step: TrainingStep
  readonly #loader: DataLoader
  readonly #pace = new CallPace()

  constructor({ step, nextStop, ...data }: LikelihoodOptions) {
    this.#step = step
    this.#loader = new DataLoader({
      ...data,
      shapes: step.shapes,
      endOfCall: (from) => Math.min(nextStop(from), from + this.#pace.stepsPerCall),
    })
  }

  get loop() {
    return this.#step.loop
  }

  /** Takes the steps of one call, while the minibatches of the next are loaded. */
  async takeSteps(first: number, rateOf: (step: number) => number): Promise<StepsTaken> {
    const { bucket, batches, feeds } = await this.#loader.load(first)
    const rates = batches.map((_, k) => rateOf(first + k))
    const startedAt = performance.now()
    const running = this.#step.run(bucket, first, feeds, rates)
    this.#loader.loadAhead(first + batches.length)
    const losses = await running
    const milliseconds = performance.now() - startedAt
    this.#pace.record(batches.length, milliseconds)
    const captions = batches.reduce((count, { entries }) => count + captionCount(entries), 0)
    return { losses, captions, milliseconds, reward: null }
  }
}
