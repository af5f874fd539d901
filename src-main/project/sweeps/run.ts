/**
 * The runs of a sweep, one after the other. Where it stands is what is stored and nothing else: a run without figures is
 * yet to be done, its model says how far it got. So it goes on from wherever it ended, to the same figures.
 */
import { decoding, neuronsRequest } from '#contract'
import type { Evaluation, SweepFigures } from '#contract'
import { VitrineError } from '../../common/failures.ts'
import { count } from '../../common/text.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { Captioner, OpenProject, StoredSweep, StoredSweepRun } from '../../store/index.ts'
import { requireWholeFeatures } from '../corpus/feature-files.ts'
import { fastestDevice } from '../devices.ts'
import { interpretNeurons } from '../neurons/interpretation.ts'
import { captionSplit, storeSplit } from '../review/captioning.ts'
import { requireSpace } from '../space.ts'
import { describeChanged, newModelOn, trainingInputs } from '../training/inputs.ts'
import type { TrainingInputs } from '../training/inputs.ts'
import { runTraining, salvageable } from '../training/run.ts'
import { bytesOfRuns } from '../training/space.ts'
import { deleteModel } from '../version.ts'
import { engineOptions, requireCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

/** What all runs of a sweep are done with. */
interface SweepWork {
  workspace: Workspace
  project: OpenProject
  sweep: StoredSweep
  inputs: TrainingInputs
  /** The device that runs which are begun now train on. */
  device: string
  context: JobContext
}

/** Does what a sweep lacks. Throws CONFLICT when what it learns from has changed since it was asked for. */
export async function runSweep(
  workspace: Workspace,
  project: OpenProject,
  sweepId: number,
  context: JobContext,
): Promise<JobOutcome> {
  const { sweeps } = project.store
  const sweep = sweeps.get(sweepId)
  await requireWholeFeatures(project, sweep.featureKey, context)
  const left = sweeps.runs(sweepId).filter(isLeft)
  await requireSpace(
    project.folder,
    bytesOfRuns(
      project,
      left.map(({ settings }) => settings),
    ),
    'training',
  )
  const inputs = trainingInputs(project, sweep.featureKey, sweep.topics)
  const changed = describeChanged(sweep.inputs, inputs.digests)
  if (changed !== null) {
    throw failures.inputsChanged({ sweepId, inputs: changed })
  }
  const device = sweep.device === 'auto' ? await fastestDevice(workspace, context) : sweep.device
  const runs = sweeps.runs(sweepId).length
  for (const run of left) {
    const ofRun = within(context, run.place, runs)
    await doRun({ workspace, project, sweep, inputs, device, context: ofRun }, run)
  }
  return { result: { kind: 'sweep', sweepId }, summary: summaryOf(sweepId, sweeps.runs(sweepId)) }
}

export const isLeft = ({ figures, failure }: StoredSweepRun): boolean => figures === null && failure === null

/** The job, its phases named after a run; steps are counted over all runs, so that the time left is the sweep's. */
const within = (context: JobContext, place: number, runs: number): JobContext => ({
  ...context,
  progress({ phase, done, total, unit }) {
    const named = `run ${place + 1} of ${runs}: ${phase}`
    context.progress(
      unit === 'steps' && total !== null
        ? { phase: named, done: place * total + done, total: runs * total, unit }
        : { phase: named, done, total, unit },
    )
  },
})

/** Trains and measures one run. One that diverges would again: that is noted, and the others go on. */
async function doRun(work: SweepWork, run: StoredSweepRun): Promise<void> {
  const { project, sweep, context } = work
  const { sweeps } = project.store
  try {
    const model = await trained(work, run)
    sweeps.setFigures(sweep.id, run.place, await measured(work, model))
  } catch (error) {
    if (!(error instanceof VitrineError) || error.code !== 'DIVERGED') {
      throw error
    }
    sweeps.setFailure(sweep.id, run.place, error.message)
    context.notice(`Run ${run.place + 1} can't be compared: ${error.message}`)
  }
}

/** The model of a run, trained to its end: from its last checkpoint where it was stopped on the way. */
async function trained(work: SweepWork, run: StoredSweepRun): Promise<Captioner> {
  const { workspace, project, inputs, context } = work
  const { models } = project.store
  const begun = await begunModel(project, run)
  if (begun?.state === 'ready') {
    return begun
  }
  const model = begun ?? beginModel(work, run)
  if (begun !== null) {
    models.resume(begun.id, context.jobId)
  }
  await runTraining({ workspace, project, model, inputs, resume: begun !== null, minutes: null, context })
  return requireCaptioner(models.get(model.id))
}

/** The model that a run has, where there is something to go on with; one without a checkpoint is cleared away. */
async function begunModel(project: OpenProject, { modelId }: StoredSweepRun): Promise<Captioner | null> {
  const model = modelId === null ? null : requireCaptioner(project.store.models.get(modelId))
  if (model === null || model.trash !== null) {
    return null
  }
  if (model.state === 'ready' || salvageable(project, model).resumable) {
    return model
  }
  await deleteModel(project, model)
  return null
}

function beginModel({ project, sweep, inputs, device, context }: SweepWork, run: StoredSweepRun): Captioner {
  const { models, sweeps, transaction } = project.store
  const { kind, settings, seed, place } = run
  const { featureKey, topics } = sweep
  return transaction(() => {
    const model = models.add({
      ...newModelOn(project, { featureKey, topics, inputs }, context),
      kind,
      settings,
      seed,
      device,
    })
    sweeps.setModel(sweep.id, place, model.id)
    return requireCaptioner(model)
  })
}

/** What a model is on validation: its captions, scored, and how well one neuron tells a topic. */
async function measured({ workspace, project, context }: SweepWork, model: Captioner): Promise<SweepFigures> {
  const options = engineOptions(context)
  const captioned = await captionSplit({
    workspace,
    project,
    model,
    split: 'val',
    decoding: decoding.parse({}),
    options,
  })
  storeSplit(project, model.id, captioned)
  const request = neuronsRequest.parse({ modelId: model.id })
  const { oneNeuron } = await interpretNeurons({ workspace, project, model, request, options })
  const { evaluation } = captioned
  return {
    clips: evaluation.captions,
    CIDEr: boundedFigure(evaluation, 'CIDEr'),
    BLEU_4: boundedFigure(evaluation, 'BLEU_4'),
    alignment: oneNeuron,
  }
}

function boundedFigure(
  { metrics, intervals }: Evaluation,
  metric: 'CIDEr' | 'BLEU_4',
): SweepFigures['CIDEr'] {
  const interval = intervals?.[metric]
  if (interval === undefined) {
    throw new Error(`an evaluation came without the interval of ${metric}`)
  }
  return { value: metrics[metric], ...interval }
}

function summaryOf(sweepId: number, runs: readonly StoredSweepRun[]): string {
  const failed = runs.filter(({ failure }) => failure !== null).length
  const compared = `Sweep ${sweepId}: ${count(runs.length - failed, 'run')} to compare`
  return failed === 0 ? `${compared}.` : `${compared}, ${count(failed, 'run')} diverged.`
}
