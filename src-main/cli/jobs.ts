import { CancelledError, VitrineError } from '#contract'
import type { Job } from '#contract'
import type { Services } from '../compose.ts'
import type { CommandContext } from './command.ts'

/**
 * Waits for a job's end and shows its progress; its notices go to the terminal. Ctrl-C cancels it. Throws
 * what it failed with, or CancelledError.
 */
export async function finish(
  { client, terminal, signal }: CommandContext,
  { jobId }: { jobId: number },
): Promise<Extract<Job, { state: 'done' }>> {
  const stop = client.events.subscribe((event) => {
    if (event.type === 'job' && event.job.id === jobId) {
      terminal.progress(event.job)
    }
  })
  const cancel = (): void => {
    client.jobs.cancel(jobId)
  }
  if (signal.aborted) {
    cancel()
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const job = await client.jobs.finished(jobId)
    if (job.state === 'cancelled') {
      throw new CancelledError()
    }
    if (job.state === 'failed') {
      const { code, message, remedy } = job.failure
      throw code === 'BUG' ? new Error(message) : new VitrineError(code, message, remedy)
    }
    for (const notice of job.notices) {
      terminal.say(notice)
    }
    terminal.say(job.summary)
    return job
  } finally {
    stop()
    signal.removeEventListener('abort', cancel)
  }
}

/** Opens the project that the operand PROJECT names. */
export async function openProject({
  client,
  args,
}: CommandContext): Promise<NonNullable<ReturnType<Services['project']['summary']>>> {
  return client.project.open({ path: args.operand('PROJECT') })
}

/** The model that `--model` names, else the current one. Throws NOT_READY when there is none. */
export function chosenModel({ client, args }: CommandContext): number {
  const model = args.integer('model') ?? client.project.summary()?.currentModel ?? null
  if (model === null) {
    throw new VitrineError('NOT_READY', 'No model is trained yet.', 'Train one first: vitrine train PROJECT')
  }
  return model
}

/** Does what may be an edit; returns it as the history has it, or null when nothing changed. */
export async function edited({ client }: CommandContext, work: () => unknown): Promise<string | null> {
  const latest = () => client.project.history({ offset: 0, limit: 1 }).edits[0]
  const before = latest()?.id
  await work()
  const now = latest()
  return now !== undefined && now.id !== before ? now.label : null
}
