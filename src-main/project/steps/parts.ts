/**
 * Work that procedures would queue as jobs of their own, done as parts of a job that runs already: the same checks,
 * the same work, one progress, one way to cancel.
 */
import type { JobContext, JobTask } from '../../jobs/index.ts'
import type { Workspace } from '../workspace.ts'

/**
 * Does at once what `ask` would queue: it makes services of the workspace that it is given. Throws what they throw,
 * and CancelledError.
 */
export type RunPart = (ask: (workspace: Workspace) => unknown) => Promise<void>

/** Runs parts of a job, whose phases are told after `name`. */
export function partRunner(workspace: Workspace, context: JobContext, name: string): RunPart {
  const named: JobContext = {
    ...context,
    progress: (report) => {
      context.progress({ ...report, phase: `${name}: ${report.phase}` })
    },
  }
  return async (ask) => {
    const tasks: JobTask[] = []
    const start = (...[, , , task]: Parameters<Workspace['jobs']['start']>): number => {
      tasks.push(task)
      return context.jobId
    }
    await ask({ ...workspace, jobs: { ...workspace.jobs, start } })
    for (const task of tasks) {
      context.signal.throwIfAborted()
      const { notices = [] } = await task(named)
      notices.forEach(context.notice)
    }
    context.signal.throwIfAborted()
  }
}
