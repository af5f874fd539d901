/**
 * Starting a job again: the log has the procedure that it was asked for with, and the input. Only procedures that
 * start a job are called, and their input is parsed as if it came anew: a project may come from somebody else.
 */
import * as z from 'zod'
import { contract, jobStarted, trainRequest } from '#contract'
import type { Job, Split } from '#contract'
import { failures } from '../../jobs/failures.ts'
import type { JobRequest, OpenProject } from '../../store/index.ts'
import type { CallContext } from '../service.ts'
import { salvageable } from '../training/run.ts'
import type { Workspace } from '../workspace.ts'

/** What implements a procedure, named as `noun.name`. */
export type FindProcedure = (procedure: string) => unknown
type EndedEarly = Extract<Job, { restartable: boolean }>
type Start = (context: CallContext) => unknown

/** What starts the job again. Throws NOT_FOUND, and CONFLICT for one that can't be. */
export function findRequest(workspace: Workspace, findProcedure: FindProcedure, jobId: number): Start {
  const project = workspace.project()
  const job = project.store.jobs.get(jobId)
  if (job.state !== 'failed' && job.state !== 'cancelled' && job.state !== 'interrupted') {
    throw failures.jobNotEndedEarly({ job: job.title, state: job.state })
  }
  const { procedure, input } = requestOf(project, job)
  const schema = startingProcedures().get(procedure)
  const start = findProcedure(procedure)
  if (schema === undefined || typeof start !== 'function') {
    throw failures.requestUnknown({ job: job.title })
  }
  const parsed = schema === null ? { success: true, data: undefined } : schema.safeParse(input)
  if (!parsed.success) {
    throw failures.requestOutdated({ job: job.title })
  }
  return (context) => (start as (input: unknown, context: CallContext) => unknown)(parsed.data, context)
}

/** A training that has a checkpoint goes on from there, unless it would diverge there again. */
function requestOf(project: OpenProject, job: EndedEarly): JobRequest {
  const request = project.store.jobs.request(job.id)
  if (request === null) {
    throw failures.requestUnknown({ job: job.title })
  }
  if (!job.restartable) {
    throw failures.restartedAlready({ job: job.title })
  }
  const hasDiverged = job.state === 'failed' && job.failure.code === 'DIVERGED'
  const model = project.store.models
    .list()
    .find((candidate) => candidate.jobId === job.id && salvageable(project, candidate).resumable)
  // All steps, and a sweep, go on with it themselves, and then with what comes after.
  const goesOn = request.procedure === 'steps.run' || request.procedure === 'sweeps.resume'
  return model === undefined || hasDiverged || goesOn
    ? request
    : { procedure: 'training.resume', input: { ...seriesOf(request), modelId: model.id } }
}

const seriesRequest = trainRequest.pick({ seeds: true, split: true })
/** What the series of a training was to be, where it was one: how many models, and what they are scored on. */
function seriesOf({ input }: JobRequest): { seeds?: number; split?: Split } {
  return seriesRequest.safeParse(input).data ?? {}
}

/** The procedures that start a job, with the schemas of their inputs; null: they take none. */
function startingProcedures(): Map<string, z.ZodType | null> {
  return new Map(
    Object.entries(contract).flatMap(([noun, procedures]) =>
      Object.entries(procedures)
        .filter(([, { '~orpc': definition }]) => definition.outputSchema === jobStarted)
        .map(([name, { '~orpc': definition }]): [string, z.ZodType | null] => [
          `${noun}.${name}`,
          definition.inputSchema instanceof z.ZodType ? definition.inputSchema : null,
        ]),
    ),
  )
}
