export { NO_ORIGIN } from './corpus/caption-rows.ts'
export type {
  Caption,
  CaptionOrigin,
  DescribedCaption,
  ImportedCaption,
  PlacedCaption,
} from './corpus/caption-rows.ts'
export type { KnownCaption } from './corpus/captions.ts'
export { isOwnContent, joinedKey, ownContent, partKeys } from './corpus/features.ts'
export type { Feature, FeatureSeal } from './corpus/features.ts'
export { cellsOfOrigin } from './corpus/feature-sets.ts'
export type { FeatureSet } from './corpus/feature-sets.ts'
export { contentOf, fileHashOf } from './corpus/content.ts'
export type { Bounds } from './corpus/content.ts'
export type { ClipFeature, FeaturePart } from './corpus/joined-features.ts'
export type { ClipQuestion } from './corpus/conditions.ts'
export { NO_MEDIA } from './corpus/clips.ts'
export type {
  Clip,
  ClipListing,
  ClipMedia,
  ClipSource,
  ImportedClip,
  KnownClip,
  ListedClip,
} from './corpus/clips.ts'
export type { KnownClipChange } from './corpus/imports.ts'
export type { StoredFinding } from './corpus/findings.ts'
export type { TaggedClip, Tagging } from './corpus/tags.ts'
export type { CorpusClass } from './actions.ts'
export type { StoredCorrection } from './corrections.ts'
export type { StoredNeuronMap } from './neurons.ts'
export { createProject, openProject } from './open.ts'
export type { OpenProject } from './open.ts'
export { INTERRUPTED } from './jobs.ts'
export type { JobRequest } from './jobs.ts'
export { isOwned, takeOwnership } from './owners.ts'
export { absolutePath, ownPath, sidecarPath, storedPath } from './paths.ts'
export type { Change, SingleChange } from './change-schema.ts'
export type { CaptionFigures, StoredCaption } from './review.ts'
export { forgetJob } from './storage/forget-job.ts'
export { dailyIsDue, findBackup, listBackups, removeBackup } from './storage/backups.ts'
export type { BackupReason } from './storage/backups.ts'
export {
  inspectDatabase,
  isSoundBackup,
  modelsOfBackup,
  problemsOfFile,
  repairDatabase,
} from './storage/inspect.ts'
export type { Inspection } from './storage/inspect.ts'
export { DAMAGED, DATABASE } from './storage/replace.ts'
export { previewRestore, restoreBackup } from './storage/restore.ts'
export { salvageDatabase } from './storage/salvage.ts'
export { now } from './sql.ts'
export type { Store } from './store.ts'
export type { Table } from './tables.ts'
export type { StoredView, TopicFields } from './stored.ts'
export { isCurrent } from './topics/rule.ts'
export type { CorpusState } from './corpus/clips.ts'
export type { AddedRun, NewRun, NewTopic, TopicRun, VocabularyWord, WordCount } from './topics/runs.ts'
export type { StoredSweep, StoredSweepRun } from './sweeps.ts'
export type { SnapshotContent } from './topics/snapshots.ts'
export type { TopicRecord } from './topics/topics.ts'
export { isCaptioner } from './training.ts'
export type { GivenNote, GivenVerdict, PersonNote, PersonVerdict } from './verdicts.ts'
export type { Captioner, FinishedModel, Model, NewModel, TrainingDigests } from './training.ts'
