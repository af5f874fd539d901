/** The queue of long work, as the contract has it. */
import type { Jobs } from '../../jobs/index.ts'
import type { Service } from '../service.ts'

export const createJobService = (jobs: Jobs): Service<'jobs'> => ({
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
})
