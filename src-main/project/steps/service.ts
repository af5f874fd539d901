/** All steps from clips to interpreted neurons, as one job that does what the project lacks. */
import { stepsRequest } from '#contract'
import type { PlannedStep } from '#contract'
import { resolvePath } from '../../common/files/paths.ts'
import type { VitrineError } from '../../common/failures.ts'
import { count } from '../../common/text.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { CallContext, Input, Service } from '../service.ts'
import { reads } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { outlookOf } from './outlook.ts'
import type { Outlook } from './outlook.ts'
import { partRunner } from './parts.ts'
import { SAMPLE_STEPS, STEPS } from './steps.ts'
import type { Step } from './steps.ts'

/** Fewer captioned training clips have no two topics. */
const FEWEST_CLIPS = 2

type Request = Input<'steps', 'run'>

export function createSteps(workspace: Workspace): Service<'steps'> {
  return {
    plan: reads(
      [
        'caption',
        'clip',
        'evaluation',
        'feature',
        'feature_set',
        'model',
        'neuron',
        'neuron_map',
        'setting',
        'topic',
      ],
      async ({ jobId, ...request }) => {
        const project = workspace.project()
        // What a job was asked for never changes, so the log is not among what is read.
        const logged = jobId === null ? null : project.store.jobs.request(jobId)
        const isOfSteps = logged?.procedure === 'steps.run'
        const outlook = outlookOf(project, isOfSteps ? stepsRequest.parse(logged.input) : request)
        const steps = await planned(workspace, outlook)
        return { steps, obstacle: sentence(obstacleOf(outlook)) }
      },
    ),

    async run({ sample, ...settings }, caller) {
      // It means the same from wherever it is started again.
      const request = { ...settings, sample: sample && resolvePath(sample) }
      const outlook = outlookOf(workspace.project(), request)
      const obstacle = obstacleOf(outlook)
      if (obstacle !== null) {
        throw obstacle
      }
      if ((await planned(workspace, outlook)).every(({ done }) => done)) {
        throw failures.nothingLeft()
      }
      const jobId = workspace.jobs.start(
        'steps',
        'All steps',
        { procedure: 'steps.run', input: request },
        (context) => runSteps(workspace, request, caller, context),
      )
      return { jobId }
    },
  }
}

const stepsOf = ({ sample }: Pick<Request, 'sample'>): readonly Step[] =>
  sample === null ? STEPS : [...SAMPLE_STEPS, ...STEPS]

const planned = (workspace: Workspace, outlook: Outlook): Promise<PlannedStep[]> =>
  Promise.all(
    stepsOf(outlook.request).map(async (step) => ({
      kind: step.kind,
      ...(await step.plan(outlook, workspace)),
    })),
  )

/** What keeps the steps from being done. */
function obstacleOf({ project: { store }, request, training }: Outlook): VitrineError | null {
  const clips = store.clips.count()
  if (clips === 0) {
    return request.sample === null ? failures.noClips() : null
  }
  const hasFeatures = store.settings.get('featureSet') !== null
  if (!hasFeatures && store.features.missing('').length === 0) {
    return failures.noMedia()
  }
  return training.clips < FEWEST_CLIPS ? failures.fewCaptions({ captioned: training.clips }) : null
}

const sentence = (failure: VitrineError | null): string | null =>
  failure && [failure.message, failure.remedy].filter(Boolean).join(' ')

/** Each step finds the corpus as the one before it has left it. */
async function runSteps(
  workspace: Workspace,
  request: Request,
  caller: CallContext,
  context: JobContext,
): Promise<JobOutcome> {
  const steps = stepsOf(request)
  let done = 0
  for (const [place, step] of steps.entries()) {
    const outlook = outlookOf(workspace.project(), request)
    if (!(await step.plan(outlook, workspace)).done) {
      const name = `step ${place + 1} of ${steps.length}, ${step.name}`
      await step.run(outlook, partRunner(workspace, context, name), caller)
      done++
    }
  }
  return {
    result: { kind: 'steps', steps: done },
    summary: `${count(done, 'step')} done: the captions are in Review, and what neurons stand for in Neurons.`,
  }
}
