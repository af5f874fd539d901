/**
 * One lifecycle for every long job: queued, running (at times paused), then done, failed or cancelled. One
 * runs at a time in a project, because each wants the whole machine: a job waits for those of other programs
 * that have the project open, too. A job is an async function that gets a signal and a
 * way to report; everything else (ids, order, times, rate, failure, the log) happens here. With a project
 * open its jobs are logged there; without one they live in memory and have negative ids, so that the two
 * never meet.
 */
import type { EndedJob, Failure, Job, JobKind, JobResult, ProcedureName } from '#contract'
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
export type ActiveJob = Extract<Job, { state: 'queued' | 'running' }>

/** Where jobs are logged: the project's job repository, or memory. */
interface JobLog {
  /** Whether its jobs can be started again. */
  readonly keepsRequests: boolean
  add(kind: JobKind, title: string, request: JobRequest): number
  /** Begins a queued job; or returns the title of a job of another program that comes first. */
  begin(jobId: number, startedAt: string): string | null
  save(job: Job): void
  restarted(jobId: number, restartedAs: number): void
  get(jobId: number): Job
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
  /** Sentences that the task has reported so far. */
  notices: string[]
}

export interface Jobs {
  /** Queues a job and returns its id. `request` is what it can be started again with. */
  start(kind: JobKind, title: string, request: JobRequest, task: JobTask): number
  /**
   * Queues a job and waits for its end. Never rejects for what the task throws: that is the state `failed`.
   */
  run(kind: JobKind, title: string, request: JobRequest, task: JobTask): Promise<EndedJob>
  /** The end of a job that was started by this process. Throws NOT_FOUND. */
  finished(jobId: number): Promise<EndedJob>
  /**
   * Asks a queued or running job to stop; one that has ended stays as it is. Throws NOT_FOUND for an unknown
   * id, CONFLICT for one of another program.
   */
  cancel(jobId: number): void
  /** Holds a running job. Throws NOT_FOUND, and CONFLICT for one that can't be paused now. */
  pause(jobId: number): void
  /** Lets a paused job go on; one that is not paused stays as it is. Throws NOT_FOUND. */
  resume(jobId: number): void
  /** The jobs of the open project, of other programs too, and those of no project; newest first. */
  list(): Job[]
  /** Those that this process runs or has in its queue, in the order of their turns. */
  active(): ActiveJob[]
  /** Tells of jobs that other programs have changed since this was called last. */
  followOthers(): void
  /** Whether a job of another program is at work, by what was told of it last. */
  othersAtWork(): boolean
  /** Notes that a job that ended early was started again as another one. */
  restarted(jobId: number, restartedAs: number): void
  /**
   * Called with every new state of a job; progress comes at most ten times a second. Returns the way to stop.
   */
  onChange(listener: (job: Job) => void): () => void
  /**
   * Logs later jobs in `log` (null: in memory). Cancels what of the last log's jobs still runs or waits and
   * resolves when it has stopped; those of no project go on.
   */
  use(log: JobLog | null): Promise<void>
  /** Cancels all that runs or waits and resolves when it has stopped. */
  stop(): Promise<void>
}

interface JobsOptions {
  /** Told of failures that are not a VitrineError: bugs, for the program's log. */
  onBug?: (error: unknown) => void
}

/** What a job was asked for with: a procedure of the contract, as `noun.name`, and its input. */
export interface JobRequest {
  procedure: ProcedureName
  input: unknown
}

/** How often a job that waits for another program's looks whether its turn has come, in milliseconds. */
const TURN_EVERY = 250

/** How often progress is shown, in milliseconds. */
const PROGRESS_EVERY = 100

/** What stays the same of a job from its start on. */
type StartedJob = Pick<RunningJob, 'id' | 'kind' | 'title' | 'startedAt'>

const timestamp = (): string => new Date().toISOString()
const isEnded = (job: Job): job is EndedJob =>
  job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
const isCancel = (error: unknown, signal: AbortSignal): boolean =>
  error instanceof CancelledError || (signal.aborted && (error as Error | null)?.name === 'AbortError')
const isActive = (job: Job): job is ActiveJob => job.state === 'running' || job.state === 'queued'
const cancelledJob = ({ job: { id, kind, title }, log, notices }: Entry): EndedJob => ({
  id,
  kind,
  title,
  state: 'cancelled',
  endedAt: timestamp(),
  notices,
  restartable: log.keepsRequests,
})
const failedJob = ({ log, notices }: Entry, started: StartedJob, failure: Failure): EndedJob => ({
  ...started,
  state: 'failed',
  endedAt: timestamp(),
  failure,
  notices,
  restartable: log.keepsRequests,
})

export function createJobs({ onBug = () => {} }: JobsOptions = {}): Jobs {
  const memory = memoryLog()
  const listeners = new Set<(job: Job) => void>()
  const entries = new Map<number, Entry>()
  const queue: Entry[] = []
  let log: JobLog = memory
  let running: Entry | null = null
  let turn: NodeJS.Timeout | undefined
  /** Jobs of other programs as they were told of last. */
  const others = new Map<number, Job>()

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
    clearTimeout(turn)
    const [entry] = queue
    if (running || entry === undefined) {
      return
    }
    const { id, kind, title } = entry.job
    const started: StartedJob = { id, kind, title, startedAt: timestamp() }
    try {
      const waitsFor = entry.log.begin(id, started.startedAt)
      if (waitsFor !== null) {
        wait(entry, waitsFor)
        return
      }
    } catch (error) {
      queue.shift()
      endBroken(entry, started, error)
      runNext()
      return
    }
    queue.shift()
    running = entry
    void execute(entry, started).then(() => {
      running = null
      runNext()
    })
  }

  /** Another program's job comes first. */
  const wait = (entry: Entry, waitsFor: string) => {
    if (entry.job.state === 'queued' && entry.job.waitsFor !== waitsFor) {
      show(entry, { ...entry.job, waitsFor })
    }
    turn = setTimeout(runNext, TURN_EVERY)
  }

  const execute = async (entry: Entry, started: StartedJob) => {
    const progress = throttled(PROGRESS_EVERY, (report: Report) => {
      update(entry, { progress: entry.meter.progress(report) })
    })
    try {
      show(entry, {
        ...started,
        state: 'running',
        progress: null,
        cancelling: false,
        pausable: false,
        paused: false,
        elsewhere: false,
      })
      const outcome = await entry.task(contextOf(entry, progress.push))
      progress.flush()
      enter(entry, {
        ...started,
        state: 'done',
        endedAt: timestamp(),
        summary: outcome.summary,
        result: outcome.result,
        notices: [...entry.notices, ...(outcome.notices ?? [])],
      })
    } catch (error) {
      progress.flush()
      endBroken(entry, started, error)
    }
  }

  /** What a task gets. */
  const contextOf = (entry: Entry, progress: JobContext['progress']): JobContext => ({
    jobId: entry.job.id,
    signal: entry.controller.signal,
    progress,
    notice: (text) => void entry.notices.push(text),
    pausable(pause) {
      entry.pause = pause
      // Work that ended while it was to be held (it failed, say) is not paused any more.
      update(entry, { pausable: pause !== null, ...(pause === null && { paused: false }) })
    },
  })

  /** Ends a job whose task was cancelled or threw. */
  const endBroken = (entry: Entry, started: StartedJob, error: unknown) => {
    if (isCancel(error, entry.controller.signal)) {
      endLogged(entry, started, cancelledJob(entry))
      return
    }
    const failure = toFailure(error)
    if (failure.code === 'BUG') {
      onBug(error)
    }
    endLogged(entry, started, failedJob(entry, started, failure))
  }

  const endLogged = (entry: Entry, started: StartedJob, job: EndedJob) => {
    try {
      enter(entry, job)
    } catch (logError) {
      // The log itself failed (a full disk, say): the job has ended all the same, and whoever waits must hear
      // of it.
      show(entry, failedJob(entry, started, toFailure(logError)))
    }
  }

  const cancelEntry = (entry: Entry) => {
    if (entry.job.state === 'queued') {
      const { id, kind, title } = entry.job
      queue.splice(queue.indexOf(entry), 1)
      endLogged(entry, { id, kind, title, startedAt: timestamp() }, cancelledJob(entry))
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

  /** Cancels jobs and waits until they have stopped. */
  const stop = async (atWork: readonly Entry[]): Promise<void> => {
    for (const entry of atWork) {
      cancelEntry(entry)
    }
    await Promise.all(atWork.map((entry) => entry.ended.promise))
  }

  const start: Jobs['start'] = (kind, title, request, task) => {
    const id = log.add(kind, title, request)
    const entry: Entry = {
      job: { id, kind, title, state: 'queued', waitsFor: null, elsewhere: false },
      log,
      task,
      controller: new AbortController(),
      ended: Promise.withResolvers(),
      pause: null,
      meter: rateMeter(() => performance.now()),
      notices: [],
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
    const other = entry === undefined ? log.list().find(({ id }) => id === jobId) : undefined
    if (other !== undefined && isActive(other)) {
      throw failures.jobElsewhere({ job: other.title })
    }
    return found(entry, jobId)
  }

  const active = (): ActiveJob[] =>
    [...(running ? [running] : []), ...queue].map(({ job }) => job).filter(isActive)

  return {
    start,
    run: (...job) => get(start(...job)).ended.promise,
    finished: (jobId) => get(jobId).ended.promise,
    cancel: (jobId) => cancelEntry(get(jobId)),
    pause: (jobId) => pauseEntry(get(jobId)),
    resume: (jobId) => resumeEntry(get(jobId)),
    list() {
      const logged = log === memory ? memory.list() : [...memory.list(), ...log.list()]
      return logged.map((job) => (isActive(job) ? (entries.get(job.id)?.job ?? job) : job))
    },
    active,
    followOthers() {
      for (const job of log.list()) {
        if (!entries.has(job.id) && JSON.stringify(others.get(job.id)) !== JSON.stringify(job)) {
          others.set(job.id, job)
          emit(job)
        }
      }
    },
    othersAtWork: () => [...others.values()].some(isActive),
    restarted(jobId, restartedAs) {
      log.restarted(jobId, restartedAs)
      emit(log.get(jobId))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async use(newLog) {
      await stop([...queue, ...(running ? [running] : [])].filter((entry) => entry.log !== memory))
      others.clear()
      for (const [id, entry] of entries) {
        if (entry.log !== memory) {
          entries.delete(id)
        }
      }
      log = newLog ?? memory
      for (const job of log.list()) {
        others.set(job.id, job)
      }
    },
    stop: () => stop([...queue, ...(running ? [running] : [])]),
  }
}

function found<Known>(known: Known | undefined, jobId: number): Known {
  if (known === undefined) {
    throw failures.jobUnknown({ jobId })
  }
  return known
}

/** The log of jobs that belong to no project. */
function memoryLog(): JobLog {
  const jobs = new Map<number, Job>()
  return {
    keepsRequests: false,
    add(kind, title) {
      const id = -1 - jobs.size
      jobs.set(id, { id, kind, title, state: 'queued', waitsFor: null, elsewhere: false })
      return id
    },
    begin: () => null,
    save: (job) => void jobs.set(job.id, job),
    restarted: () => {},
    get: (jobId) => found(jobs.get(jobId), jobId),
    list: () => [...jobs.values()].reverse(),
  }
}
