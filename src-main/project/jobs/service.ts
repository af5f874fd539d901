/** The queue of long work, as the contract has it. */
import { jobStarted } from '#contract'
import type { CallContext, Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { findRequest } from './restart.ts'
import type { FindProcedure } from './restart.ts'

export function createJobService(workspace: Workspace, findProcedure: FindProcedure): Service<'jobs'> {
  const { jobs } = workspace
  return {
    // The window follows jobs by their own events: a job's progress is in no table.
    list: () => jobs.list(),
    finished: ({ jobId }) => jobs.finished(jobId),
    cancel({ jobId }) {
      jobs.cancel(jobId)
    },
    pause({ jobId }) {
      jobs.pause(jobId)
    },
    resume({ jobId }) {
      jobs.resume(jobId)
    },

    /** Starts a job again with what it was asked for with. Throws NOT_FOUND, CONFLICT, and as that does. */
    async restart({ jobId }, context: CallContext) {
      const again = findRequest(workspace, findProcedure, jobId)
      const started = jobStarted.parse(await again(context))
      jobs.restarted(jobId, started.jobId)
      return started
    },
  }
}
