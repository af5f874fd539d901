import * as z from 'zod'
import { failure } from './errors.ts'

/** The long pieces of work. Each runs in the queue, one at a time, with progress and cancel. */
export const jobKind = z.enum([
  'sample',
  'import',
  'features',
  'topics',
  'hygiene',
  'train',
  'caption',
  'neurons',
  'correct',
  'actions',
  'export',
])
export type JobKind = z.infer<typeof jobKind>

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

/**
 * One lifecycle for all long work. Times are ISO 8601 in UTC. `interrupted`: the program ended while it ran;
 * it can be started again.
 */
export const job = z.discriminatedUnion('state', [
  z.object({ ...common, state: z.literal('queued') }),
  z.object({
    ...common,
    state: z.literal('running'),
    startedAt: z.string(),
    progress: progress.nullable(),
    cancelling: z.boolean(),
    pausable: z.boolean(),
    paused: z.boolean(),
  }),
  z.object({
    ...common,
    state: z.literal('done'),
    startedAt: z.string(),
    endedAt: z.string(),
    summary: z.string(),
    notices: z.array(z.string()),
  }),
  z.object({ ...common, state: z.literal('failed'), startedAt: z.string(), endedAt: z.string(), failure }),
  z.object({ ...common, state: z.literal('cancelled'), endedAt: z.string() }),
  z.object({ ...common, state: z.literal('interrupted'), startedAt: z.string() }),
])
export type Job = z.infer<typeof job>

export const jobStarted = z.object({ jobId: z.number().int() })
