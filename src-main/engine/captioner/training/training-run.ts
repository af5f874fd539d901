import type { TrainingPoint } from '#contract'
import { CancelledError } from '../../../common/failures.ts'
import type { EngineContext, EngineResult } from '../../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../../cancellation.ts'
import { failures } from '../failures.ts'
import { captionCount } from '../minibatch.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { parameterTable } from '../parameters.ts'
import type { CallPace } from './call-pace.ts'
import type { CheckpointWriter } from './checkpoints.ts'
import type { DataLoader } from './data-loader.ts'
import type { TrainingProgress, Validation } from './progress.ts'
import type { RunLog } from './run-log.ts'
import type { Schedule } from './schedule.ts'
import { parametersOf } from './step.ts'
import type { StepLosses } from './step-graph.ts'
import type { TrainingStep } from './step.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { Validator } from './validator.ts'

interface RunParts {
  /** As the run began; the parameters are in the step's loop. */
  model: CaptionerModel
  schedule: Schedule
  progress: TrainingProgress
  loader: DataLoader
  pace: CallPace
  validator: Validator
  step: TrainingStep
  checkpoints: CheckpointWriter
  log: RunLog
  stopwatch: Stopwatch
}

/** What a run comes to. */
type RunFigures = Pick<EngineResult<'captioner.train'>, 'steps' | 'captionsPerSecond' | 'seconds' | 'best'>

/** A training run from where it stands to its end. */
export class TrainingRun {
  readonly #parts: RunParts
  readonly #context: EngineContext
  readonly #parameterNames: readonly string[]

  constructor(parts: RunParts, context: EngineContext) {
    this.#parts = parts
    this.#context = context
    this.#parameterNames = [...parameterTable(parts.model.architecture).keys()]
  }

  /**
   * Trains until all steps are taken, or validation has not become better for long; the model of the best
   * validation has been written then. A run that is cancelled leaves a checkpoint. Throws DIVERGED, naming
   * the step.
   */
  async toItsEnd(): Promise<RunFigures> {
    const { progress, checkpoints, stopwatch } = this.#parts
    try {
      await this.#loop()
    } catch (error) {
      // Also in the middle of a validation, which is then taken anew.
      if (error instanceof CancelledError && progress.step > 0) {
        await this.#checkpoint(null)
      }
      throw error
    }
    await checkpoints.settled()
    const { step: steps, captionsPerSecond, best } = progress
    if (!best) {
      throw new Error('training ended without a validation')
    }
    return { steps, captionsPerSecond, seconds: stopwatch.seconds, best }
  }

  async #loop(): Promise<void> {
    const { schedule, progress, checkpoints } = this.#parts
    for (;;) {
      if (schedule.validatesAfter(progress.step) && !progress.hasPoint) {
        await this.#validate()
      }
      if (this.#isOver()) {
        return
      }
      await this.#unpaused()
      throwIfCancelled(this.#context.signal)
      await this.#takeSteps()
      if (schedule.addsPointAfter(progress.step)) {
        await this.#addPoint(null)
      }
      if (checkpoints.isDue) {
        await this.#checkpoint(null)
      }
    }
  }

  #isOver(): boolean {
    const { model, schedule, progress } = this.#parts
    return (
      progress.step >= schedule.totalSteps || progress.checksSinceBest >= model.architecture.settings.patience
    )
  }

  /** Waits while the run is paused; that time is not its own. */
  async #unpaused(): Promise<void> {
    await this.#parts.stopwatch.exclude(() => this.#context.unpaused())
  }

  /** Takes the steps of one call, while the minibatches of the next are loaded. */
  async #takeSteps(): Promise<void> {
    const { progress, loader, pace, step, log } = this.#parts
    const first = progress.step
    const { bucket, batches, feeds } = await loader.load(first)
    const rates = batches.map((_, k) => this.#learningRate(first + k))
    const startedAt = performance.now()
    const running = step.run(bucket, first, feeds, rates)
    loader.loadAhead(first + batches.length)
    const losses = await running
    const milliseconds = performance.now() - startedAt
    pace.record(batches.length, milliseconds)
    await log.steps(first + 1, losses, rates)
    throwIfDiverged(losses, first)
    const captions = batches.reduce((count, { entries }) => count + captionCount(entries), 0)
    progress.addSteps(losses, captions, milliseconds / 1000)
    this.#report()
  }

  /** Of a step, counted from 0. */
  #learningRate(step: number): number {
    return this.#parts.progress.rateFactor * this.#parts.schedule.learningRate(step)
  }

  async #validate(): Promise<void> {
    const { model, progress, validator, step } = this.#parts
    const names = this.#parameterNames
    const parameters = parametersOf(await step.loop.state(names), names)
    const validation = await validator.validate(parameters, {
      signal: this.#context.signal,
      unpaused: () => this.#unpaused(),
    })
    // The last step of a call may break the parameters after its loss was taken.
    if (!Number.isFinite(validation.nll)) {
      throw failures.trainingDiverged({ loss: String(validation.nll), step: progress.step })
    }
    const isBest = progress.addValidation(validation, model.architecture.settings)
    await this.#addPoint(validation)
    await this.#checkpoint(isBest ? { ...model, parameters } : null)
  }

  async #addPoint(validation: Validation | null): Promise<void> {
    const { schedule, progress, log } = this.#parts
    const point = progress.addPoint({
      epoch: progress.step / schedule.batchesPerEpoch,
      learningRate: this.#learningRate(progress.step - 1),
      validation,
    })
    await log.point(point)
    this.#report(point)
  }

  /** Begins to write a checkpoint, and the model of the best validation where that has just been. */
  async #checkpoint(best: CaptionerModel | null): Promise<void> {
    const { model, progress, step, checkpoints, stopwatch } = this.#parts
    await checkpoints.settled()
    const slots = await step.loop.state()
    const parameters = parametersOf(slots, this.#parameterNames)
    for (const name of this.#parameterNames) {
      slots.delete(name)
    }
    const record = progress.recordAt(stopwatch.seconds)
    checkpoints.write({ model: { ...model, parameters }, slots, progress: record }, best)
  }

  #report(point?: TrainingPoint): void {
    const { schedule, progress } = this.#parts
    this.#context.progress({
      phase: 'training',
      done: progress.step,
      total: schedule.totalSteps,
      unit: 'steps',
      ...(point && { point }),
    })
  }
}

/** `first`: steps taken before these. */
function throwIfDiverged(losses: readonly StepLosses[], first: number): void {
  const broken = losses.findIndex(({ loss }) => !Number.isFinite(loss))
  if (broken >= 0) {
    throw failures.trainingDiverged({ loss: String(losses[broken]?.loss), step: first + broken + 1 })
  }
}
