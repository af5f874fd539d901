import * as z from 'zod'
import { annotationReport } from './annotations.ts'
import { takenArchive } from './archive.ts'
import { checkFinding } from './check.ts'
import { featureImportReport } from './feature-import-report.ts'
import { importReport } from './import-report.ts'
import { modelImportReport } from './model-import-report.ts'
import { id, procedure } from './procedure.ts'
import { failure } from './errors.ts'

/**
 * The long pieces of work. Each runs in the queue, one at a time in a project, with progress and cancel.
 */
export const jobKind = z.enum([
  'sample',
  'import',
  'preview',
  'features',
  'encoder',
  'topics',
  'checks',
  'train',
  'caption',
  'neurons',
  'correct',
  'actions',
  'export',
  'check',
  'archive',
  'unarchive',
  'steps',
  'sweep',
])
export type JobKind = z.infer<typeof jobKind>

/** What a job made, by its kind: nobody has to look for it. */
export const jobResult = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sample'),
    directory: z.string(),
    clips: z.number().int(),
    captions: z.number().int(),
    actionClips: z.number().int(),
  }),
  z.object({
    kind: z.literal('import'),
    added: z.number().int(),
    updated: z.number().int(),
    captions: z.number().int(),
    /** Null in the log of older versions. */
    report: importReport.nullable(),
  }),
  /** What an import would do. */
  z.object({ kind: z.literal('preview'), report: importReport }),
  /** Clips that have features now, and those of them that were computed. */
  z.object({ kind: z.literal('features'), clips: z.number().int(), computed: z.number().int() }),
  /** Features that were taken over, and what an import of such would do. */
  z.object({ kind: z.literal('featureImport'), report: featureImportReport }),
  z.object({ kind: z.literal('featurePreview'), report: featureImportReport }),
  /** Annotations that were taken in, and what that would do. */
  z.object({ kind: z.literal('annotations'), report: annotationReport }),
  z.object({ kind: z.literal('annotationPreview'), report: annotationReport }),
  /** The encoder that was tried. */
  z.object({ kind: z.literal('encoder'), encoder: z.string() }),
  /** Topics that were found, imported or given anew; of a sweep, none. */
  z.object({ kind: z.literal('topics'), topics: z.number().int() }),
  z.object({ kind: z.literal('checks'), findings: z.number().int() }),
  /** The models that were trained, or the version that was made, oldest first. */
  z.object({ kind: z.literal('train'), modelIds: z.array(id) }),
  /** Another system's model that was taken in, and what an import of such would do. */
  z.object({ kind: z.literal('modelImport'), modelId: id, report: modelImportReport }),
  z.object({ kind: z.literal('modelPreview'), report: modelImportReport }),
  z.object({ kind: z.literal('caption'), modelId: id, captions: z.number().int() }),
  z.object({ kind: z.literal('neurons'), modelId: id }),
  /** The version that learnt corrections, or the model that they were rerun with. */
  z.object({ kind: z.literal('correct'), modelId: id }),
  z.object({ kind: z.literal('actions'), clips: z.number().int() }),
  z.object({ kind: z.literal('export'), to: z.string(), files: z.number().int() }),
  z.object({ kind: z.literal('check'), findings: z.array(checkFinding) }),
  z.object({ kind: z.literal('archive'), to: z.string(), files: z.number().int(), bytes: z.number() }),
  z.object({ kind: z.literal('unarchive'), taken: takenArchive }),
  /** How many of all steps were done. */
  z.object({ kind: z.literal('steps'), steps: z.number().int() }),
  z.object({ kind: z.literal('sweep'), sweepId: id }),
])
export type JobResult = z.infer<typeof jobResult>

const common = {
  id: z.number().int(),
  kind: jobKind,
  title: z.string(),
}

/**
 * Progress of the running phase: `done` of `total` (null: unknown) `unit`s, `rate` a second, `secondsLeft`
 * (null: not yet known).
 */
export const progress = z.object({
  phase: z.string(),
  done: z.number(),
  total: z.number().nullable(),
  unit: z.string(),
  rate: z.number().nullable(),
  secondsLeft: z.number().nullable(),
})
export type Progress = z.infer<typeof progress>

/** What people should hear of a job's work, a sentence each, however it ended. */
const notices = z.array(z.string())

const doneJob = z.object({
  ...common,
  state: z.literal('done'),
  startedAt: z.string(),
  endedAt: z.string(),
  summary: z.string(),
  /** Null in the log of older versions. */
  result: jobResult.nullable(),
  notices,
})
/** Whether `jobs.restart` starts it again, with its own settings. */
const restartable = z.boolean()
const failedJob = z.object({
  ...common,
  state: z.literal('failed'),
  startedAt: z.string(),
  endedAt: z.string(),
  failure,
  notices,
  restartable,
})
const cancelledJob = z.object({
  ...common,
  state: z.literal('cancelled'),
  endedAt: z.string(),
  notices,
  restartable,
})
/** Whether another program that has the project open works on it: only that one can hold or cancel it. */
const elsewhere = z.boolean()

/**
 * One lifecycle for all long work. Times are ISO 8601 in UTC. `interrupted`: the program ended while it ran;
 * it can be started again.
 */
export const job = z.discriminatedUnion('state', [
  z.object({
    ...common,
    state: z.literal('queued'),
    /** The title of the job of another program that comes first; null: none does, or its turn is yet to come. */
    waitsFor: z.string().nullable(),
    elsewhere,
  }),
  z.object({
    ...common,
    state: z.literal('running'),
    startedAt: z.string(),
    progress: progress.nullable(),
    cancelling: z.boolean(),
    pausable: z.boolean(),
    paused: z.boolean(),
    elsewhere,
  }),
  doneJob,
  failedJob,
  cancelledJob,
  z.object({ ...common, state: z.literal('interrupted'), startedAt: z.string(), restartable }),
])
export type Job = z.infer<typeof job>

export const jobStarted = z.object({ jobId: z.number().int() })

/** A job that has ended. */
export const endedJob = z.discriminatedUnion('state', [doneJob, failedJob, cancelledJob])
export type EndedJob = z.infer<typeof endedJob>

export const jobsProcedures = {
  list: procedure.output(z.array(job)),
  /** Waits for the end of a job that was started since the program began. Throws NOT_FOUND. */
  finished: procedure.input(z.object({ jobId: id })).output(endedJob),
  cancel: procedure.input(z.object({ jobId: id })).output(z.void()),
  /** Holds a running job that is `pausable` within a second, and lets it go on. */
  pause: procedure.input(z.object({ jobId: id })).output(z.void()),
  resume: procedure.input(z.object({ jobId: id })).output(z.void()),
  /**
   * Starts a job again that failed, was cancelled or was interrupted, with the settings that it had; a training
   * goes on from its last checkpoint. Throws NOT_FOUND, and CONFLICT for one that can't be.
   */
  restart: procedure.input(z.object({ jobId: id })).output(jobStarted),
}
