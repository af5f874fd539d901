import * as z from 'zod'
import { jobStarted } from './jobs.ts'
import { id, path, procedure, seed } from './procedure.ts'

/** The steps from nothing to interpreted neurons, in their order; each is work of the kind of job that has its name. */
export const stepKind = z.enum(['sample', 'import', 'features', 'topics', 'train', 'caption', 'neurons'])
export type StepKind = z.infer<typeof stepKind>

/**
 * All steps that a project lacks. `sample`: the folder that a sample corpus of `videos` clips is rendered into first,
 * from which the clips are imported; null: the project has its clips.
 */
export const stepsRequest = z.object({
  sample: path.nullable().default(null),
  videos: z.number().int().min(8).max(10_000).default(240),
  seed: seed.default(1),
})
export type StepsRequest = z.input<typeof stepsRequest>

export const plannedStep = z.object({
  kind: stepKind,
  /** `Find 28 topics` */
  title: z.string(),
  /** What it works on, and with which settings. */
  detail: z.string(),
  /** Whether the project has what it would make. */
  done: z.boolean(),
  /** A guess of what it takes. */
  seconds: z.number(),
})
export type PlannedStep = z.infer<typeof plannedStep>

export const stepsPlan = z.object({
  steps: z.array(plannedStep),
  /** Why they can't be done, with what to do, in a sentence each; null: they can. */
  obstacle: z.string().nullable(),
})
export type StepsPlan = z.infer<typeof stepsPlan>

export const stepsProcedures = {
  /** What is left to do, and how; of a job that was asked for all steps, by what it was asked. */
  plan: procedure
    .input(stepsRequest.extend({ jobId: id.nullable().default(null) }).prefault({}))
    .output(stepsPlan),
  /**
   * Does what the project lacks, one step after the other, as one job. What is done stays when it is cancelled, and
   * the next call goes on from there. Throws NOT_READY where a step has nothing to work on.
   */
  run: procedure.input(stepsRequest.prefault({})).output(jobStarted),
}
