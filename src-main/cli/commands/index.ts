/**
 * Every command by its name, noun by noun, in the order of the help. A new command is a file NOUN/NAME.ts and
 * a line here; then `npm run docs` writes of it.
 */
import type { Command } from '../command.ts'
import { actions } from './actions/actions.ts'
import { demo } from './app/demo.ts'
import { doctor } from './app/doctor.ts'
import { serve } from './app/serve.ts'
import { addCaption } from './corpus/add-caption.ts'
import { checkCaptions } from './corpus/check-captions.ts'
import { clips } from './corpus/clips.ts'
import { concatenateFeatures } from './corpus/concatenate-features.ts'
import { editCaption } from './corpus/edit-caption.ts'
import { featureSets } from './corpus/feature-sets.ts'
import { features } from './corpus/features.ts'
import { importAnnotations } from './corpus/import-annotations.ts'
import { importFeatures } from './corpus/import-features.ts'
import { importCorpus } from './corpus/import.ts'
import { languages } from './corpus/languages.ts'
import { listCaptions } from './corpus/list-captions.ts'
import { moveClip } from './corpus/move-clip.ts'
import { removeCaption } from './corpus/remove-caption.ts'
import { removeClip } from './corpus/remove-clip.ts'
import { restoreClip } from './corpus/restore-clip.ts'
import { sample } from './corpus/sample.ts'
import { tags } from './corpus/tags.ts'
import { correct } from './corrections/correct.ts'
import { corrections } from './corrections/corrections.ts'
import { regressions } from './corrections/regressions.ts'
import { encoders } from './encoders/encoders.ts'
import { exportFiles } from './exports/export.ts'
import { report } from './exports/report.ts'
import { jobs } from './jobs/jobs.ts'
import { restart } from './jobs/restart.ts'
import { judgeNeuron } from './neurons/judge-neuron.ts'
import { neurons } from './neurons/neurons.ts'
import { history } from './project/history.ts'
import { newProject } from './project/new.ts'
import { redo } from './project/redo.ts'
import { undo } from './project/undo.ts'
import { agreement } from './review/agreement.ts'
import { caption } from './review/caption.ts'
import { confusions } from './review/confusions.ts'
import { evaluate } from './review/evaluate.ts'
import { judge } from './review/judge.ts'
import { note } from './review/note.ts'
import { review } from './review/review.ts'
import { all } from './steps/all.ts'
import { archive } from './storage/archive.ts'
import { backup } from './storage/backup.ts'
import { check } from './storage/check.ts'
import { unarchive } from './storage/unarchive.ts'
import { curate } from './topics/curate.ts'
import { importTopics } from './topics/import-topics.ts'
import { snapshots } from './topics/snapshots.ts'
import { topicsSweep } from './topics/topics-sweep.ts'
import { topics } from './topics/topics.ts'
import { sweep } from './sweeps/sweep.ts'
import { sweeps } from './sweeps/sweeps.ts'
import { compare } from './training/compare.ts'
import { importModel } from './training/import-model.ts'
import { keep } from './training/keep.ts'
import { models } from './training/models.ts'
import { refine } from './training/refine.ts'
import { remap } from './training/remap.ts'
import { score } from './training/score.ts'
import { train } from './training/train.ts'
import { trash } from './training/trash.ts'

export const COMMANDS: Readonly<Record<string, Command>> = {
  // project
  new: newProject,
  history,
  undo,
  redo,
  // steps
  all,
  // storage
  archive,
  unarchive,
  backup,
  check,
  // jobs
  jobs,
  restart,
  // corpus
  sample,
  import: importCorpus,
  clips,
  features,
  'feature-sets': featureSets,
  'import-features': importFeatures,
  'concatenate-features': concatenateFeatures,
  languages,
  'list-captions': listCaptions,
  'check-captions': checkCaptions,
  tags,
  'import-annotations': importAnnotations,
  'add-caption': addCaption,
  'edit-caption': editCaption,
  'remove-caption': removeCaption,
  'remove-clip': removeClip,
  'restore-clip': restoreClip,
  'move-clip': moveClip,
  // encoders
  encoders,
  // topics
  topics,
  'topics-sweep': topicsSweep,
  'import-topics': importTopics,
  curate,
  snapshots,
  // training
  train,
  'import-model': importModel,
  models,
  keep,
  remap,
  refine,
  score,
  compare,
  trash,
  // sweeps
  sweep,
  sweeps,
  // review
  caption,
  evaluate,
  confusions,
  review,
  judge,
  agreement,
  note,
  // neurons
  neurons,
  'judge-neuron': judgeNeuron,
  // corrections
  correct,
  corrections,
  regressions,
  // actions
  actions,
  // exports
  export: exportFiles,
  report,
  // app
  serve,
  doctor,
  demo,
}
