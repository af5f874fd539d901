/** Where a run stands, beside its parameters and the optimizer's moments. */
import * as z from 'zod'
import { trainingPoint } from '#contract'
import type { CaptionerSettings, TrainingPoint } from '#contract'
import type { StepLosses } from './step-graph.ts'

/** What a validation measures. */
export type Validation = NonNullable<TrainingPoint['validation']>

/** As a checkpoint keeps it. */
export const progressRecord = z.object({
  format: z.literal(1),
  /** Steps taken. */
  step: z.number().int(),
  /** The validation figures of the best parameters so far. */
  best: z
    .object({
      step: z.number().int(),
      nll: z.number(),
      bleu4: z.number(),
      cider: z.number(),
      topicLoss: z.number().nullable().default(null),
    })
    .nullable(),
  checksSinceBest: z.number().int(),
  /**
   * Of the plateau schedule: what the learning rate is multiplied by now, and checks without improvement
   * since it changed.
   */
  rateFactor: z.number(),
  checksSinceCut: z.number().int(),
  /** Sums over the steps since the last point, and their number. */
  recent: z.object({ loss: z.number(), nll: z.number(), topicLoss: z.number(), steps: z.number().int() }),
  captions: z.number().int(),
  seconds: z.number(),
  /** Of `seconds`, those in the training step. */
  trainingSeconds: z.number(),
  points: z.array(trainingPoint),
})
export type ProgressRecord = z.infer<typeof progressRecord>
/** The validation figures of the best parameters. */
type BestFigures = NonNullable<ProgressRecord['best']>

/** Of a run at its first step. */
export const firstProgress = (): ProgressRecord => ({
  format: 1,
  step: 0,
  best: null,
  checksSinceBest: 0,
  rateFactor: 1,
  checksSinceCut: 0,
  recent: noLosses(),
  captions: 0,
  seconds: 0,
  trainingSeconds: 0,
  points: [],
})

const noLosses = (): ProgressRecord['recent'] => ({ loss: 0, nll: 0, topicLoss: 0, steps: 0 })

type ValidationSettings = Pick<
  CaptionerSettings,
  'selectBy' | 'lambda' | 'schedule' | 'plateauPatience' | 'plateauFactor'
>

export class TrainingProgress {
  readonly #record: ProgressRecord

  constructor(record: ProgressRecord) {
    this.#record = record
  }

  /** Steps taken. */
  get step(): number {
    return this.#record.step
  }

  get points(): readonly TrainingPoint[] {
    return this.#record.points
  }

  get best(): BestFigures | null {
    return this.#record.best
  }

  /** Validations since the best one. */
  get checksSinceBest(): number {
    return this.#record.checksSinceBest
  }

  /** What plateaus multiply the learning rate by. */
  get rateFactor(): number {
    return this.#record.rateFactor
  }

  get captionsPerSecond(): number {
    return this.#record.captions / this.#record.trainingSeconds
  }

  /** Whether the curves have their point of the last step. */
  get hasPoint(): boolean {
    return this.points.at(-1)?.step === this.step
  }

  /** Counts the steps of one call, by their losses. */
  addSteps(losses: readonly StepLosses[], captions: number, seconds: number): void {
    const { recent } = this.#record
    for (const { loss, nll, topicLoss } of losses) {
      recent.loss += loss
      recent.nll += nll
      recent.topicLoss += topicLoss
      recent.steps++
    }
    this.#record.step += losses.length
    this.#record.captions += captions
    this.#record.trainingSeconds += seconds
  }

  /** Counts a validation; returns whether it is the best so far. On a plateau the learning rate falls. */
  addValidation(validation: Validation, settings: ValidationSettings): boolean {
    const record = this.#record
    if (!record.best || isBetter(validation, record.best, settings)) {
      const { nll, bleu4, cider, topicLoss } = validation
      record.best = { step: record.step, nll, bleu4, cider, topicLoss }
      record.checksSinceBest = 0
      record.checksSinceCut = 0
      return true
    }
    record.checksSinceBest++
    record.checksSinceCut++
    if (settings.schedule === 'plateau' && record.checksSinceCut >= settings.plateauPatience) {
      record.rateFactor *= settings.plateauFactor
      record.checksSinceCut = 0
    }
    return false
  }

  /** Adds a point of the curves: the mean losses since the last one. */
  addPoint(point: Pick<TrainingPoint, 'epoch' | 'learningRate' | 'validation'>): TrainingPoint {
    const { steps, ...sums } = this.#record.recent
    const added: TrainingPoint = {
      step: this.step,
      epoch: point.epoch,
      loss: sums.loss / steps,
      nll: sums.nll / steps,
      topicLoss: sums.topicLoss / steps,
      learningRate: point.learningRate,
      validation: point.validation,
    }
    this.#record.recent = noLosses()
    this.#record.points.push(added)
    return added
  }

  /** A copy for a checkpoint; `seconds`: the run's time so far. */
  recordAt(seconds: number): ProgressRecord {
    return structuredClone({ ...this.#record, seconds })
  }
}

/**
 * Whether a validation is better than the best so far by what the run selects by; of equals the one with the
 * smaller NLL.
 */
function isBetter(
  validation: Figures,
  best: Figures,
  { selectBy, lambda }: Pick<CaptionerSettings, 'selectBy' | 'lambda'>,
): boolean {
  switch (selectBy) {
    case 'nll':
      return validation.nll < best.nll
    case 'cost':
      return costOf(validation, lambda) < costOf(best, lambda)
    default:
      return (
        validation[selectBy] > best[selectBy] ||
        (validation[selectBy] === best[selectBy] && validation.nll < best.nll)
      )
  }
}

/** The figures that a run may select by. */
type Figures = Pick<Validation, 'nll' | 'bleu4' | 'cider' | 'topicLoss'>

/** NLL + lambda L_I; a baseline has no L_I. */
const costOf = ({ nll, topicLoss }: Figures, lambda: number): number => nll + lambda * (topicLoss ?? 0)
