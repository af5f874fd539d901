/** A look at what a job would do before it is started: the preview is a job, too. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { Failure, Job, JobResult } from '#contract'
import { client, failureOf } from '../../client.ts'
import { attempt } from '../../composables/commands.ts'
import { useJobs } from '../../stores/jobs.ts'

interface Looking<Request, Report> {
  /** What is asked for now; another request has another preview. */
  request: ComputedRef<Request>
  open: Ref<boolean>
  ask: (request: Request) => Promise<{ jobId: number }>
  /** What the job found; null: it is of another kind. */
  reportOf: (result: JobResult) => Report | null
  /** Why there is nothing to ask for yet, in a sentence; null: there is. */
  missing: ComputedRef<string | null>
  /** Starts what was looked at. */
  begin: (request: Request) => Promise<unknown>
}

export interface JobPreview<Report> {
  /** Null before there is one of what is asked for now. */
  report: Report | null
  failure: Failure | null
  /** The job that looks, as it goes on. */
  looking: Job | null
  isLooking: boolean
  /** Why it can't go on now; null: it can. */
  missing: string | null
  /** Looks first; what was looked at is begun. */
  proceed(): void
}

export function useJobPreview<Request, Report>({
  request,
  open,
  ask,
  reportOf,
  missing,
  begin,
}: Looking<Request, Report>): JobPreview<Report> {
  const jobs = useJobs()
  const report = shallowRef<Report | null>(null)
  const failure = shallowRef<Failure | null>(null)
  const lookingId = ref<number | null>(null)
  watch([request, open], () => {
    report.value = null
    failure.value = null
  })

  async function preview(): Promise<void> {
    const previewed = request.value
    failure.value = null
    try {
      const { jobId } = await ask(previewed)
      lookingId.value = jobId
      const job = await client.jobs.finished({ jobId })
      if (previewed !== request.value || !open.value) {
        return
      }
      if (job.state === 'done') {
        report.value = job.result && reportOf(job.result)
      } else if (job.state === 'failed') {
        failure.value = job.failure
      }
    } catch (error) {
      failure.value = failureOf(error)
    } finally {
      lookingId.value = null
    }
  }

  async function start(): Promise<void> {
    await begin(request.value)
    open.value = false
  }

  const looking = computed(() => jobs.active.find((job) => job.id === lookingId.value) ?? null)
  return {
    get report() {
      return report.value
    },
    get failure() {
      return failure.value
    },
    get looking() {
      return looking.value
    },
    get isLooking() {
      return lookingId.value !== null
    },
    get missing() {
      return missing.value
    },
    proceed() {
      if (missing.value === null && lookingId.value === null) {
        void attempt(report.value === null ? preview : start)
      }
    },
  }
}
