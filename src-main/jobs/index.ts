/**
 * One lifecycle for every long job: queued, running (at times paused), then done, failed or cancelled. One
 * runs at a time, because each wants the whole machine. A job is an async function that gets a signal and a
 * way to report; everything else (ids, order, times, rate, failure, the log) happens here. With a project
 * open its jobs are logged there; without one they live in memory and have negative ids, so that the two
 * never meet.
 */
import type { EndedJob, Failure, Job, JobKind, JobResult } from '#contract'
import { CancelledError } from '../common/failures.ts'
import { toFailure } from '../common/to-failure.ts'
import { failures } from './failures.ts'
import { rateMeter } from './rate.ts'
import type { RateMeter, Report } from './rate.ts'
import { throttled } from './throttle.ts'

export interface JobContext {
  jobId: number
  /** Aborts when the job is cancelled; hand it on to whatever takes long. */
  signal: AbortSignal
  progress(report: Report): void
  /** A remark for people beside the result: `3 clips could not be read`. */
  notice(text: string): void
  /**
   * From now on `pause(true)` holds the work and `pause(false)` lets it go on; null: it can't be held any
   * more.
   */
  pausable(pause: ((paused: boolean) => void) | null): void
}

/** What a job leaves behind: what it made, one sentence, and remarks beside those given to `notice`. */
export interface JobOutcome {
  result: JobResult
  summary: string
  notices?: string[]
}

export type JobTask = (context: JobContext) => Promise<JobOutcome>
type RunningJob = Extract<Job, { state: 'running' }>

/** Where jobs are logged: the project's job repository, or memory. */
interface JobLog {
  add(kind: JobKind, title: string, params: unknown): number
  save(job: Job): void
  /** Newest first. */
  list(): Job[]
}

/** A job of this process. */
interface Entry {
  job: Job
  log: JobLog
  task: JobTask
  controller: AbortController
  ended: PromiseWithResolvers<EndedJob>
  pause: ((paused: boolean) => void) | null
  meter: RateMeter
}

export interface Jobs {
  /** Queues a job and returns its id. `params` are what it could be started again with. */
  start(kind: JobKind, title: string, params: unknown, task: JobTask): number
  /**
   * Queues a job and waits for its end. Never rejects for what the task throws: that is the state `failed`.
   */
  run(kind: JobKind, title: string, params: unknown, task: JobTask): Promise<EndedJob>
  /** The end of a job that was started by this process. Throws NOT_FOUND. */
  finished(jobId: number): Promise<EndedJob>
  /**
   * Asks a queued or running job to stop; one that has ended stays as it is. Throws NOT_FOUND for an unknown
   * id.
   */
  cancel(jobId: number): void
  /** Holds a running job. Throws NOT_FOUND, and CONFLICT for one that can't be paused now. */
  pause(jobId: number): void
  /** Lets a paused job go on; one that is not paused stays as it is. Throws NOT_FOUND. */
  resume(jobId: number): void
  /** The jobs of the open project and those of no project, newest first. */
  list(): Job[]
  /**
   * Called with every new state of a job; progress comes at most ten times a second. Returns the way to stop.
   */
  onChange(listener: (job: Job) => void): () => void
  /**
   * Logs later jobs in `log` (null: in memory). Cancels what still runs or waits and resolves when it has
   * stopped.
   */
  use(log: JobLog | null): Promise<void>
}

interface JobsOptions {
  /** Told of failures that are not a VitrineError: bugs, for the program's log. */
  onBug?: (error: unknown) => void
}

/** How often progress is shown, in milliseconds. */
const PROGRESS_EVERY = 100

/** What stays the same of a job from its start on. */
type StartedJob = Pick<RunningJob, 'id' | 'kind' | 'title' | 'startedAt'>

const timestamp = (): string => new Date().toISOString()
const isEnded = (job: Job): job is EndedJob =>
  job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
const isCancel = (error: unknown, signal: AbortSignal): boolean =>
  error instanceof CancelledError || (signal.aborted && (error as Error | null)?.name === 'AbortError')
const cancelledJob = ({ id, kind, title }: Pick<Job, 'id' | 'kind' | 'title'>): EndedJob => ({
  id,
  kind,
  title,
  state: 'cancelled',
  endedAt: timestamp(),
})
const failedJob = (started: StartedJob, failure: Failure): EndedJob => ({
  ...started,
  state: 'failed',
  endedAt: timestamp(),
  failure,
})

export function createJobs({ onBug = () => {} }: JobsOptions = {}): Jobs {
  const memory = memoryLog()
  const listeners = new Set<(job: Job) => void>()
  const entries = new Map<number, Entry>()
  const queue: Entry[] = []
  let log: JobLog = memory
  let running: Entry | null = null

  const emit = (job: Job) => {
    for (const listener of listeners) {
      listener(job)
    }
  }
  /** Takes on a new state, which is logged. */
  const enter = (entry: Entry, job: Job) => {
    entry.log.save(job)
    show(entry, job)
  }

  /** Takes on a new state without logging it. */
  const show = (entry: Entry, job: Job) => {
    entry.job = job
    emit(job)
    if (isEnded(job)) {
      entry.ended.resolve(job)
    }
  }

  /** Shows something new of a running job, which is not logged. */
  const update = (
    entry: Entry,
    change: Partial<Pick<RunningJob, 'progress' | 'cancelling' | 'pausable' | 'paused'>>,
  ) => {
    if (entry.job.state === 'running') {
      show(entry, { ...entry.job, ...change })
    }
  }

  const runNext = () => {
    if (running) {
      return
    }
    const entry = queue.shift()
    if (!entry) {
      return
    }
    running = entry
    void execute(entry).then(() => {
      running = null
      runNext()
    })
  }

  const execute = async (entry: Entry) => {
    const { id, kind, title } = entry.job
    const started: StartedJob = { id, kind, title, startedAt: timestamp() }
    const progress = throttled(PROGRESS_EVERY, (report: Report) => {
      update(entry, { progress: entry.meter.progress(report) })
    })
    try {
      enter(entry, {
        ...started,
        state: 'running',
        progress: null,
        cancelling: false,
        pausable: false,
        paused: false,
      })
      const { context, notices } = contextOf(entry, progress.push)
      const outcome = await entry.task(context)
      progress.flush()
      enter(entry, {
        ...started,
        state: 'done',
        endedAt: timestamp(),
        summary: outcome.summary,
        result: outcome.result,
        notices: [...notices, ...(outcome.notices ?? [])],
      })
    } catch (error) {
      progress.flush()
      endBroken(entry, started, error)
    }
  }

  /** What a task gets; `notices` grows as it reports. */
  const contextOf = (
    entry: Entry,
    progress: JobContext['progress'],
  ): { context: JobContext; notices: readonly string[] } => {
    const notices: string[] = []
    const context: JobContext = {
      jobId: entry.job.id,
      signal: entry.controller.signal,
      progress,
      notice: (text) => void notices.push(text),
      pausable(pause) {
        entry.pause = pause
        // Work that ended while it was to be held (it failed, say) is not paused any more.
        update(entry, { pausable: pause !== null, ...(pause === null && { paused: false }) })
      },
    }
    return { context, notices }
  }

  /** Ends a job whose task was cancelled or threw. */
  const endBroken = (entry: Entry, started: StartedJob, error: unknown) => {
    if (isCancel(error, entry.controller.signal)) {
      endLogged(entry, started, cancelledJob(started))
      return
    }
    const failure = toFailure(error)
    if (failure.code === 'BUG') {
      onBug(error)
    }
    endLogged(entry, started, failedJob(started, failure))
  }

  const endLogged = (entry: Entry, started: StartedJob, job: EndedJob) => {
    try {
      enter(entry, job)
    } catch (logError) {
      // The log itself failed (a full disk, say): the job has ended all the same, and whoever waits must hear
      // of it.
      show(entry, failedJob(started, toFailure(logError)))
    }
  }

  const cancelEntry = (entry: Entry) => {
    if (entry.job.state === 'queued') {
      queue.splice(queue.indexOf(entry), 1)
      enter(entry, cancelledJob(entry.job))
    } else if (entry.job.state === 'running' && !entry.job.cancelling) {
      update(entry, { cancelling: true, paused: false })
      entry.controller.abort(new CancelledError())
    }
  }

  const pauseEntry = (entry: Entry) => {
    if (entry.job.state !== 'running' || entry.pause === null || entry.job.cancelling) {
      throw failures.notPausable({ job: entry.job.title })
    }
    if (entry.job.paused) {
      return
    }
    entry.pause(true)
    update(entry, { paused: true })
  }

  const resumeEntry = (entry: Entry) => {
    if (entry.job.state !== 'running' || !entry.job.paused) {
      return
    }
    entry.meter.skip()
    entry.pause?.(false)
    update(entry, { paused: false })
  }

  const start: Jobs['start'] = (kind, title, params, task) => {
    const id = log.add(kind, title, params)
    const entry: Entry = {
      job: { id, kind, title, state: 'queued' },
      log,
      task,
      controller: new AbortController(),
      ended: Promise.withResolvers(),
      pause: null,
      meter: rateMeter(() => performance.now()),
    }
    entries.set(id, entry)
    queue.push(entry)
    emit(entry.job)
    // Not at once: the caller should know the id before the first event of the running job.
    queueMicrotask(runNext)
    return id
  }

  const get = (jobId: number): Entry => {
    const entry = entries.get(jobId)
    if (!entry) {
      throw failures.jobUnknown({ jobId })
    }
    return entry
  }

  return {
    start,
    run: (...job) => get(start(...job)).ended.promise,
    finished: (jobId) => get(jobId).ended.promise,
    cancel: (jobId) => cancelEntry(get(jobId)),
    pause: (jobId) => pauseEntry(get(jobId)),
    resume: (jobId) => resumeEntry(get(jobId)),
    list() {
      const logged = log === memory ? memory.list() : [...memory.list(), ...log.list()]
      return logged.map((job) => entries.get(job.id)?.job ?? job)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async use(newLog) {
      const active = [...queue, ...(running ? [running] : [])]
      for (const entry of active) {
        cancelEntry(entry)
      }
      await Promise.all(active.map((entry) => entry.ended.promise))
      for (const [id, entry] of entries) {
        if (entry.log !== memory) {
          entries.delete(id)
        }
      }
      log = newLog ?? memory
    },
  }
}

/** The log of jobs that belong to no project. */
function memoryLog(): JobLog {
  const jobs = new Map<number, Job>()
  return {
    add(kind, title) {
      const id = -1 - jobs.size
      jobs.set(id, { id, kind, title, state: 'queued' })
      return id
    },
    save: (job) => void jobs.set(job.id, job),
    list: () => [...jobs.values()].reverse(),
  }
}
