import * as z from 'zod'
import { jobStarted } from './jobs.ts'
import { oneNeuron } from './neurons.ts'
import { id, procedure, seed } from './procedure.ts'
import { captionerKind, captionerSettings, device, preset, someSettings } from './training.ts'

type Settings = typeof captionerSettings.shape
export type SettingName = keyof Settings

/** Values that settings are to take, each beside all those of the others. */
export const settingValues = z.object(
  Object.fromEntries(
    Object.entries(captionerSettings.shape).map(([name, setting]) => [
      name,
      z.array(setting.unwrap()).min(1).max(50).optional(),
    ]),
  ) as {
    [Name in SettingName]: z.ZodOptional<z.ZodArray<ReturnType<Settings[Name]['unwrap']>>>
  },
)

/**
 * Captioners that are trained alike but for some settings, one for each combination of their values and each seed, and
 * measured alike on validation. A lambda of 0 is a baseline; there is one of every kind of neurons in any case, as the
 * control.
 */
export const sweepRequest = z.object({
  preset: preset.default('default'),
  /** What differs from the preset in all of them. */
  settings: someSettings.default({}),
  values: settingValues,
  device: device.default('auto'),
  seed: seed.default(1),
  /** The seeds of every combination: `seed`, `seed + 1`, ... */
  seeds: z.number().int().min(1).max(20).default(1),
})
export type SweepRequest = z.input<typeof sweepRequest>

const plannedRun = z.object({
  kind: captionerKind.extract(['interpretive', 'baseline']),
  settings: captionerSettings,
  seed: z.number().int(),
})
export type PlannedRun = z.infer<typeof plannedRun>

export const sweepPlan = z.object({
  /** In the order in which they would be trained: each seed has all combinations before the next. */
  runs: z.array(plannedRun),
  /** What it will take, about: by the newest training of this project, or else by that of a usual processor. */
  seconds: z.number(),
  /** Bytes that it will write at most, about, and those that are free. */
  needed: z.number(),
  free: z.number(),
})
export type SweepPlan = z.infer<typeof sweepPlan>

const bounded = z.object({ value: z.number(), low: z.number(), high: z.number() })

/**
 * What a run was found to be on validation, with 95% bootstrap intervals over the clips: captions by a beam of
 * 5, neurons by the same probe for all.
 */
export const sweepFigures = z.object({
  clips: z.number().int(),
  CIDEr: bounded,
  BLEU_4: bounded,
  /** Null: no topic tells the validation clips apart. */
  alignment: oneNeuron.nullable(),
})
export type SweepFigures = z.infer<typeof sweepFigures>

/** What a figure of accuracy is called; each is drawn against alignment. */
export const accuracy = z.enum(['CIDEr', 'BLEU_4'])
export type Accuracy = z.infer<typeof accuracy>

export const sweepRun = plannedRun.extend({
  /** Its place in the order of training, from 0. */
  place: z.number().int(),
  /** Null: it was not begun, or its model never came to be. */
  modelId: z.number().int().nullable(),
  /**
   * `waiting`: not begun; `begun`: in training, or stopped on the way; `done`: measured; `failed`: it diverged, and would
   * again.
   */
  state: z.enum(['waiting', 'begun', 'done', 'failed']),
  /** Its model was deleted; the figures stay. */
  deleted: z.boolean(),
  /** Seconds of its training. */
  seconds: z.number().nullable(),
  figures: sweepFigures.nullable(),
  /** Why it failed, in a sentence. */
  failure: z.string().nullable(),
})
export type SweepRun = z.infer<typeof sweepRun>

/** Mean, and sample deviation over seeds (null for one). */
const overSeeds = z.object({ mean: z.number(), deviation: z.number().nullable() })

/** The runs with the same settings: as many as there are seeds. */
export const sweepCombination = z.object({
  /** By their places; those that are done. */
  runs: z.array(z.number().int()),
  CIDEr: overSeeds,
  BLEU_4: overSeeds,
  alignment: overSeeds.nullable(),
  /**
   * Whether no other combination is at least as good by the means of both, that accuracy and alignment, and better by
   * one. Intervals have no part in it.
   */
  undominated: z.object({ CIDEr: z.boolean(), BLEU_4: z.boolean() }),
})
export type SweepCombination = z.infer<typeof sweepCombination>

export const sweep = z.object({
  id: z.number().int(),
  createdAt: z.string(),
  /** The device that was asked for. */
  device: z.string(),
  /** The job that trains it, or did so last. */
  jobId: z.number().int().nullable(),
  /** Every run is done, or failed. */
  ended: z.boolean(),
  /** Settings that are not the same in all interpretive runs. */
  varied: z.array(captionerSettings.keyof()),
  runs: z.array(sweepRun),
  combinations: z.array(sweepCombination),
})
export type Sweep = z.infer<typeof sweep>

export const sweepsProcedures = {
  /**
   * What a sweep would train. Throws BAD_INPUT for settings that don't go together, NOT_READY before there are features,
   * topics and validation clips.
   */
  plan: procedure.input(sweepRequest).output(sweepPlan),
  /** Begins a sweep, with the same failures: one job. */
  start: procedure.input(sweepRequest).output(jobStarted.extend({ sweepId: id })),
  /**
   * Goes on where a sweep ended early: what is done is not done again, a run that was stopped on the way goes on from its
   * last checkpoint. Throws NOT_FOUND, and CONFLICT where nothing is left to do; the job fails with CONFLICT when what it
   * learns from has changed.
   */
  resume: procedure.input(z.object({ sweepId: id })).output(jobStarted),
  /** Newest first. */
  list: procedure.output(z.array(sweep)),
  /** Throws NOT_FOUND. */
  get: procedure.input(z.object({ sweepId: id })).output(sweep),
  /**
   * Puts a sweep in the trash with its models. An edit; it comes back with the first of its models that is restored. Throws
   * CONFLICT where one of them can't be deleted.
   */
  remove: procedure.input(z.object({ sweepId: id })).output(z.void()),
}
