import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Job, JobKind } from '#contract'
import { client } from '../client.ts'
import { onChanged, onEvent } from '../composables/bus.ts'
import { t } from '../language/index.ts'
import type { PlainKey } from '../language/index.ts'

/** The keys that hold and cancel the running job, and start again what ended early, wherever one is. */
export const JOB_KEYS = { pause: 'shift+p', cancel: 'shift+x', restart: 'shift+g' } as const

/** What is said of a kind of work while it goes on, where it can't be started again. */
const BUSY: Record<JobKind, PlainKey> = {
  sample: 'jobs.theSampleIsBeingRendered',
  import: 'jobs.anImportIsRunning',
  preview: 'jobs.anImportIsBeingLooked',
  features: 'jobs.featuresAreBeingComputed',
  encoder: 'jobs.anEncoderIsBeingTried',
  topics: 'jobs.otherWorkOnTopicsIs',
  checks: 'jobs.captionsAreBeingChecked',
  train: 'jobs.aModelIsBeingTrained',
  caption: 'jobs.aSplitIsBeingCaptioned',
  neurons: 'jobs.neuronsAreBeingInterpreted',
  correct: 'jobs.aCorrectionIsBeingLearnt',
  actions: 'jobs.aComparisonIsRunning',
  export: 'jobs.anExportIsRunning',
  check: 'jobs.theProjectIsBeingChecked',
  archive: 'jobs.theProjectIsBeingPacked',
  unarchive: 'jobs.anArchiveIsBeingUnpacked',
  steps: 'jobs.allStepsAreBeingDone',
  sweep: 'jobs.aSweepIsBeingTrained',
}

/** What is left of a kind of work that is stopped: a training and features go on where they were. */
const LEFT: Record<JobKind, PlainKey> = {
  sample: 'jobs.beginsAnewWhenItIs',
  import: 'jobs.beginsAnewWhenItIs',
  preview: 'jobs.beginsAnewWhenItIs',
  features: 'jobs.keepsTheClipsThatIt',
  encoder: 'jobs.beginsAnewWhenItIs',
  topics: 'jobs.beginsAnewWhenItIs',
  checks: 'jobs.beginsAnewWhenItIs',
  train: 'jobs.goesOnFromItsLast',
  caption: 'jobs.beginsAnewWhenItIs',
  neurons: 'jobs.beginsAnewWhenItIs',
  correct: 'jobs.beginsAnewWhenItIs',
  actions: 'jobs.keepsTheClipsWhoseFeatures',
  export: 'jobs.beginsAnewWhenItIs',
  check: 'jobs.beginsAnewWhenItIs',
  archive: 'jobs.beginsAnewWhenItIs',
  unarchive: 'jobs.beginsAnewWhenItIs',
  steps: 'jobs.keepsTheStepsThatAre',
  sweep: 'jobs.keepsItsRunsAndGoesOn',
}

type EndedEarly = Extract<Job, { restartable: boolean }>

/** Every job of the project that main told of, newest first. */
export const useJobs = defineStore('jobs', () => {
  const all = shallowRef<Job[]>([])
  /** Ended jobs whose outcome the person has put away. */
  const dismissed = shallowRef<ReadonlySet<number>>(new Set())

  onEvent((event) => {
    if (event.type !== 'job') {
      return
    }
    const known = all.value.some((job) => job.id === event.job.id)
    all.value = known
      ? all.value.map((job) => (job.id === event.job.id ? event.job : job))
      : [event.job, ...all.value]
  })
  // Jobs tell of themselves; all of them are others when another project is open, or the connection new.
  onChanged(
    () => false,
    () => void load(),
  )

  async function load(): Promise<void> {
    const jobs = await client.jobs.list().catch(() => [])
    all.value = [...jobs].sort((a, b) => b.id - a.id)
  }

  const active = computed(() => all.value.filter((job) => job.state === 'running' || job.state === 'queued'))
  /** Those that this program runs or has in its queue, and so would be stopped with it. */
  const ours = computed(() => active.value.filter(({ elsewhere }) => !elsewhere))
  const running = computed(
    () =>
      ours.value.find((job) => job.state === 'running') ??
      active.value.find((job) => job.state === 'running') ??
      null,
  )
  const endedEarly = computed(() =>
    all.value.filter((job): job is EndedEarly => 'restartable' in job && job.restartable),
  )

  const busy = (kind: JobKind): boolean => active.value.some((job) => job.kind === kind)

  return {
    all,
    active,
    ours,
    running,
    /** What can be started again: the newest that was interrupted, else the newest that failed or was cancelled. */
    toRestart: computed(
      () => endedEarly.value.find(({ state }) => state === 'interrupted') ?? endedEarly.value[0] ?? null,
    ),
    /** What is left of a job that is stopped, after its title. */
    leftOf: ({ kind }: Job): string => t(LEFT[kind]),
    /**
     * The newest job of any of these kinds that still matters to its view: at work, or failed and not yet put
     * away.
     */
    current: (kinds: readonly JobKind[]): Job | null => {
      const ofKinds = all.value.filter((job) => kinds.includes(job.kind))
      const atWork = ofKinds.findLast((job) => job.state === 'running' || job.state === 'queued')
      if (atWork !== undefined) {
        return atWork
      }
      const newest = ofKinds[0]
      if (newest === undefined || dismissed.value.has(newest.id)) {
        return null
      }
      return newest.state === 'failed' || newest.state === 'interrupted' ? newest : null
    },
    busy,
    /** Why work of a kind can't be started now, or null. */
    busyReason: (kind: JobKind): string | null => (busy(kind) ? t(BUSY[kind]) : null),
    /** Starts a job again that ended early, with its own settings. */
    restart: (jobId: number) => client.jobs.restart({ jobId }),
    cancel: (jobId: number) => client.jobs.cancel({ jobId }),
    /** Holds a job that runs, or lets it go on. */
    pause: (jobId: number, paused: boolean) =>
      paused ? client.jobs.pause({ jobId }) : client.jobs.resume({ jobId }),
    /** Whether a job failed because a loss was no number any more: from the same place it would again. */
    diverged: (jobId: number | null): boolean =>
      all.value.some((job) => job.id === jobId && job.state === 'failed' && job.failure.code === 'DIVERGED'),
    dismiss(jobId: number): void {
      dismissed.value = new Set([...dismissed.value, jobId])
    },
  }
})
