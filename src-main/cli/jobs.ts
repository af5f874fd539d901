/** Long work from the command line: it is waited for, its progress is shown, and Ctrl-C cancels it. */
import type { EndedJob, Job, JobResult } from '#contract'
import { CancelledError, toError } from '../common/failures.ts'
import type { CommandContext } from './command.ts'

export type StartedJob = { jobId: number } | Promise<{ jobId: number }>
export type DoneJob = Extract<Job, { state: 'done' }>

/**
 * Waits for a job's end and shows its progress; its notices go to the terminal. Ctrl-C cancels it. Throws
 * what it failed with, or CancelledError.
 */
export async function finish(context: CommandContext, started: StartedJob): Promise<DoneJob> {
  const { application, terminal } = context
  // A command has one job at a time; listening begins before the first of its events.
  const stopListening = application.events.subscribe((event) => {
    if (event.type === 'job') {
      terminal.progress(event.job)
    }
  })
  try {
    const { jobId } = await started
    const job = await ended(context, jobId)
    for (const notice of job.notices) {
      terminal.say(notice)
    }
    const done = requireDone(job)
    terminal.say(done.summary)
    return done
  } finally {
    stopListening()
  }
}

/** Waits for a job's end; Ctrl-C cancels it. */
async function ended({ client, signal }: CommandContext, jobId: number): Promise<EndedJob> {
  const cancel = (): void => {
    void client.jobs.cancel({ jobId })
  }
  if (signal.aborted) {
    cancel()
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await client.jobs.finished({ jobId })
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Throws what a job failed with, or CancelledError. */
function requireDone(job: EndedJob): DoneJob {
  switch (job.state) {
    case 'done':
      return job
    case 'cancelled':
      throw new CancelledError()
    case 'failed':
      throw toError(job.failure)
  }
}

/** What a job has made, which is of a kind. */
export function resultOf<Kind extends JobResult['kind']>(
  { title, result }: DoneJob,
  kind: Kind,
): Extract<JobResult, { kind: Kind }> {
  if (result?.kind !== kind) {
    throw new Error(`"${title}" made ${result?.kind ?? 'nothing'}, not ${kind}`)
  }
  return result as Extract<JobResult, { kind: Kind }>
}
