import { actions } from './actions.ts'
import { checks } from './checks.ts'
import { clip } from './clip.ts'
import { common } from './common.ts'
import { corpus } from './corpus.ts'
import { corrections } from './corrections.ts'
import { counts } from './counts.ts'
import { features } from './features.ts'
import { format } from './format.ts'
import { frame } from './frame.ts'
import { jobs } from './jobs.ts'
import { list } from './list.ts'
import { machine } from './machine.ts'
import { palette } from './palette.ts'
import { project } from './project.ts'
import { review } from './review.ts'
import { splits } from './splits.ts'
import { steps } from './steps.ts'
import { storage } from './storage.ts'
import { sweeps } from './sweeps.ts'
import { topics } from './topics.ts'
import { training } from './training.ts'
import { ui } from './ui.ts'
import { neurons } from './neurons.ts'
import { exports } from './exports.ts'
import { chart } from './chart.ts'

export const en = {
  chart,
  exports,
  actions,
  neurons,
  checks,
  clip,
  common,
  corpus,
  corrections,
  counts,
  features,
  format,
  frame,
  jobs,
  list,
  machine,
  palette,
  project,
  review,
  splits,
  steps,
  storage,
  sweeps,
  topics,
  training,
  ui,
} as const
