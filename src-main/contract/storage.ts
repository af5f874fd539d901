import * as z from 'zod'
import { featureRequest } from './features.ts'
import { jobStarted } from './jobs.ts'
import { path, procedure } from './procedure.ts'
import { projectSummary } from './project.ts'
import { trainRequest } from './training.ts'

export const backupReason = z.enum([
  'by-hand',
  'daily',
  'before-migration',
  'before-import',
  'before-restore',
  'before-repair',
])
export type BackupReason = z.infer<typeof backupReason>

/** A copy of the project's database. `name` is that of its file; `label`: what a person called it. */
export const backup = z.object({
  name: z.string(),
  path: z.string(),
  at: z.string(),
  reason: backupReason,
  label: z.string().nullable(),
  bytes: z.number(),
})
export type Backup = z.infer<typeof backup>

const holdings = z.object({
  clips: z.number().int(),
  captions: z.number().int(),
  topics: z.number().int(),
  edits: z.number().int(),
  verdicts: z.number().int(),
  corrections: z.number().int(),
  models: z.number().int(),
})
export type Holdings = z.infer<typeof holdings>

/** What restoring a backup would change. */
export const restorePreview = z.object({
  backup,
  /** What the project holds; null where its database is damaged. */
  now: holdings.nullable(),
  then: holdings,
  /** Edits that would be gone, latest first; of many the first hundred. */
  lostEdits: z.object({
    total: z.number().int(),
    edits: z.array(z.object({ at: z.string(), who: z.string(), label: z.string() })),
  }),
  /** Models that would be gone; their files stay. */
  lostModels: z.array(z.number().int()),
  /** Models that would be back without their files: they can't be used. */
  modelsWithoutFiles: z.array(z.number().int()),
})
export type RestorePreview = z.infer<typeof restorePreview>

/** A part of what a project takes on the disk. */
export const storagePart = z.enum([
  'database',
  'features',
  'models',
  'runs',
  'pictures',
  'proxies',
  'media',
  'backups',
  'damaged',
  'trash',
  'leftovers',
  'other',
])
export type StoragePart = z.infer<typeof storagePart>

export const storageUse = z.object({
  part: storagePart,
  /** Of features: their key. */
  key: z.string().nullable(),
  bytes: z.number(),
  files: z.number().int(),
  /** Whether Vitrine makes it again by itself, or by the step that made it. */
  again: z.boolean(),
  /** Bytes of it that can be freed without losing anything that can't be made again. */
  freeable: z.number(),
  /** What freeing it means, or what needs it. */
  note: z.string().nullable(),
})
export type StorageUse = z.infer<typeof storageUse>

export const storageReport = z.object({
  parts: z.array(storageUse),
  bytes: z.number(),
  /** On the disk that the project is on. */
  freeBytes: z.number(),
})
export type StorageReport = z.infer<typeof storageReport>

/** Something that takes much room on the disk, before it is begun. */
export const plannedStage = z.discriminatedUnion('stage', [
  featureRequest.extend({ stage: z.literal('features') }),
  trainRequest.pick({ kind: true, preset: true, settings: true, seeds: true }).extend({
    stage: z.literal('training'),
  }),
  z.object({ stage: z.literal('backup') }),
])
export type PlannedStage = z.output<typeof plannedStage>

/** Bytes that a stage will write at most, about, and those that are free. */
export const spaceNeed = z.object({ needed: z.number(), free: z.number(), fits: z.boolean() })
export type SpaceNeed = z.infer<typeof spaceNeed>

/** What a salvage of a damaged database came to. */
export const salvageReport = z.object({
  /** The folder that the damaged file is kept in. */
  keptIn: z.string(),
  rows: z.number().int(),
  /** Tables that lost something. */
  damaged: z.array(
    z.object({
      table: z.string(),
      rows: z.number().int(),
      damagedPages: z.number().int(),
      refused: z.number().int(),
      fromBackup: z.number().int(),
    }),
  ),
  lostRows: z.number().int(),
  /** The backup that lost rows were taken from. */
  backup: z.string().nullable(),
})
export type SalvageReport = z.infer<typeof salvageReport>

const projectPath = z.object({ project: path })

export const storageProcedures = {
  /** Newest first; of the open project, or of one by its path. */
  backups: procedure.input(z.object({ project: path.optional() })).output(z.array(backup)),
  backUp: procedure
    .input(
      z.object({
        label: z.string().trim().max(80).nullable().default(null),
        /** A file that is not there yet, in place of one in the project. */
        to: path.nullable().default(null),
      }),
    )
    .output(backup),
  /** Throws NOT_FOUND. */
  removeBackup: procedure.input(z.object({ name: path })).output(z.void()),
  /** `backup`: its name, or the path of a file. `project`: the path of one that is not open (a damaged one, say). */
  previewRestore: procedure
    .input(z.object({ backup: path, project: path.optional() }))
    .output(restorePreview),
  /** Backs up what there is, then restores. Throws CONFLICT while a job runs. Opens the project. */
  restore: procedure.input(z.object({ backup: path, project: path.optional() })).output(projectSummary),
  report: procedure.output(storageReport),
  /** Removes what can be made again. */
  free: procedure
    .input(
      z.object({
        parts: z
          .array(z.object({ part: storagePart, key: z.string().max(500).nullable() }))
          .min(1)
          .max(1000),
      }),
    )
    .output(z.object({ bytes: z.number() })),
  /** What a stage will need on the disk. */
  need: procedure.input(plannedStage).output(spaceNeed),
  /** Looks for all that may be wrong with the open project's files; with `repair`, mends what can be. */
  check: procedure.input(z.object({ repair: z.boolean().default(false) })).output(jobStarted),
  /**
   * Packs the open project into one file, with the videos of its clips or without. Throws CONFLICT where a file is, unless
   * it may be overwritten.
   */
  archive: procedure
    .input(z.object({ to: path, media: z.boolean().default(true), overwrite: z.boolean().default(false) }))
    .output(jobStarted),
  /**
   * Makes a project of an archive. `to`: the new project, NAME.vitrine, or the folder that it stands in under its own name;
   * `videos`: a folder to look for its videos in.
   */
  unarchive: procedure
    .input(z.object({ archive: path, to: path, videos: path.nullable().default(null) }))
    .output(jobStarted),
  /** What SQLite finds wrong with the database of a project that need not be open; none: nothing. */
  inspect: procedure.input(projectPath).output(z.array(z.string())),
  /** Makes a new database of what can be read of a damaged one. Throws CONFLICT for the open project. */
  salvage: procedure.input(projectPath).output(salvageReport),
}
