import type { FailureTexts } from '../../failure-texts.ts'
import { actions } from './actions.ts'
import { archive } from './archive.ts'
import { annotations, captionFormats } from './caption-formats.ts'
import { captions } from './captions.ts'
import { check } from './check.ts'
import { cli, transport } from './command-line.ts'
import { corpus } from './corpus.ts'
import { corrections } from './corrections.ts'
import { encoders } from './encoders.ts'
import { engineEncoders } from './engine-encoders.ts'
import { engineTopics } from './engine-topics.ts'
import {
  engineActions,
  engineCaptioner,
  engineCorrections,
  engineGraph,
  engineHost,
  engineMetrics,
  engineNeurons,
} from './engine.ts'
import { exports } from './exports.ts'
import { features } from './features.ts'
import { arrays, files, formats, text } from './files.ts'
import { hub, huggingFace } from './hub.ts'
import { jobs } from './jobs.ts'
import { media } from './media.ts'
import { neurons } from './neurons.ts'
import { project, workspace } from './project.ts'
import { review } from './review.ts'
import { steps } from './steps.ts'
import { storage } from './storage.ts'
import { store } from './store.ts'
import { sweeps } from './sweeps.ts'
import { topics } from './topics.ts'
import { training } from './training.ts'
import { input, window } from './window.ts'

/** By the area that `defineFailures` of main names. */
export const failures: Readonly<Record<string, FailureTexts>> = {
  actions,
  annotations,
  archive,
  arrays,
  captions,
  ...captionFormats,
  check,
  cli,
  corpus,
  corrections,
  encoders,
  'engine.actions': engineActions,
  'engine.captioner': engineCaptioner,
  'engine.corrections': engineCorrections,
  'engine.encoders': engineEncoders,
  'engine.graph': engineGraph,
  'engine.metrics': engineMetrics,
  'engine.neurons': engineNeurons,
  'engine.topics': engineTopics,
  engineHost,
  exports,
  features,
  files,
  formats,
  'formats.huggingFace': huggingFace,
  hub,
  input,
  jobs,
  media,
  neurons,
  project,
  review,
  steps,
  storage,
  store,
  sweeps,
  text,
  topics,
  training,
  transport,
  window,
  workspace,
}
