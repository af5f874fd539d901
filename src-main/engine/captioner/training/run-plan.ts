/**
 * What a run will take, before it begins: a step is timed on this machine, as busy as it is, and what that says of
 * steps of other lengths is what `stepCost` says of both. With a time to keep, the epochs follow from it.
 */
import { captionerSettings } from '#contract'
import type { RunPlan } from '../../../engine-host/contract/index.ts'
import { initialState } from '../../graph/optimizers.ts'
import type { FeatureReader } from '../features.ts'
import type { Architecture, Parameters } from '../parameters.ts'
import { DataLoader } from './data-loader.ts'
import type { MinibatchSampler } from './sampler.ts'
import { stepCost } from './step-cost.ts'
import type { TrainingStep } from './step.ts'
import type { Validator } from './validator.ts'

/** The most epochs that a time can ask for. */
const MOST_EPOCHS = captionerSettings.shape.epochs.unwrap().maxValue ?? Infinity
/** Forward and backward pass take about this many times what the forward pass alone does. */
const PASSES = 3
/** A greedy caption takes about as long as so many captions whose words are known. */
const CAPTIONS_DECODED = 2

export interface PlanOptions {
  architecture: Architecture
  sampler: MinibatchSampler
  reader: FeatureReader
  validator: Validator
  step: TrainingStep
  parameters: Parameters
  seed: number
  /** Seconds that the run has, from now on; null: as many as it takes. */
  seconds: number | null
}

/** The epochs of a run and what they take. It leaves the step with a state of its own: load one after it. */
export async function planRun(run: PlanOptions): Promise<RunPlan> {
  const { architecture, sampler, validator, seconds } = run
  const { epochs: mostEpochs, checkEvery } = architecture.settings
  const training = (await secondsOfCost(run)) * sampler.epochCost(architecture)
  const { clips, captions } = validator
  const validation = (training * (captions + CAPTIONS_DECODED * clips)) / (PASSES * sampler.captions)
  const ofEpoch = training + validation / checkEvery
  const fitting = (time: number): number => Math.min(MOST_EPOCHS, Math.max(1, Math.floor(time / ofEpoch)))
  const epochs = seconds === null ? mostEpochs : fitting(seconds)
  return { epochs, stepsPerEpoch: sampler.batchesPerEpoch, seconds: epochs * ofEpoch }
}

/** Seconds that a unit of `stepCost` takes, by the first step of the run, taken twice: the first time warms up. */
async function secondsOfCost({
  architecture,
  sampler,
  reader,
  step,
  parameters,
  seed,
}: PlanOptions): Promise<number> {
  step.loop.load(initialState(parameters))
  const loader = new DataLoader({
    architecture,
    sampler,
    reader,
    shapes: step.shapes,
    seed,
    totalSteps: 1,
    endOfCall: () => 1,
  })
  const { bucket, feeds } = await loader.load(0)
  let seconds = Infinity
  for (let turn = 0; turn < 2; turn++) {
    const startedAt = performance.now()
    await step.run(bucket, 0, feeds, [0])
    seconds = Math.min(seconds, (performance.now() - startedAt) / 1000)
  }
  return seconds / stepCost(architecture, step.shapes[bucket]!)
}
