/**
 * The contract between the window and the main process: schemas and error codes only. It is the one folder that both
 * sides import; it imports neither Electron, Node nor Vue.
 */
import { eventIterator, oc } from '@orpc/contract'
import type { ContractRouterClient } from '@orpc/contract'
import * as z from 'zod'
import { actionsRequest, actionsResult } from './actions.ts'
import { captionQuery, captionRequest, captionRow, review } from './captions.ts'
import { correction, intervention, preview } from './corrections.ts'
import { clipDetail, clipPage, clipQuery, featureRequest, importRequest, sampleRequest } from './corpus.ts'
import { ERROR_CODES } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import { exportRequest, exportResult } from './exports.ts'
import { job, jobStarted } from './jobs.ts'
import { neuronDetail, neuronMap, neuronsRequest } from './neurons.ts'
import { doctorReport, editState, folderListing, projectSummary, recentProject } from './project.ts'
import { topicList, topicsRequest, topicSweep, topicSweepRequest } from './topics.ts'
import { compareRequest, comparison, modelDetail, modelRow, seriesSummary, trainingPoint, trainRequest } from './training.ts'

export * from './actions.ts'
export * from './captions.ts'
export * from './corrections.ts'
export * from './corpus.ts'
export * from './errors.ts'
export * from './exports.ts'
export * from './jobs.ts'
export * from './neurons.ts'
export * from './project.ts'
export * from './topics.ts'
export * from './training.ts'

const id = z.number().int()
const errorData = z.object({ remedy: z.string().nullable() })
const errors = Object.fromEntries(ERROR_CODES.map((code) => [code, { data: errorData }])) as Record<ErrorCode, { data: typeof errorData }>
const base = oc.errors(errors)

/** What changed in the project; views reload what they show of it. */
export const changedNoun = z.enum(['project', 'corpus', 'features', 'topics', 'models', 'captions', 'neurons', 'corrections', 'actions', 'edits'])
export type ChangedNoun = z.infer<typeof changedNoun>

/** Everything main tells the window unasked. Progress comes at most ten times a second. */
export const mainEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job }),
  z.object({ type: z.literal('changed'), nouns: z.array(changedNoun) }),
  z.object({ type: z.literal('curve'), modelId: id, point: trainingPoint }),
])
export type MainEvent = z.infer<typeof mainEvent>

export const contract = {
  app: {
    doctor: base.output(doctorReport),
    /** One folder of the machine that main runs on, for the folder picker; null: the user's home. */
    listFolder: base.input(z.object({ path: z.string().nullable() })).output(folderListing),
    events: base.output(eventIterator(mainEvent)),
  },
  jobs: {
    list: base.output(z.array(job)),
    cancel: base.input(z.object({ jobId: id })).output(z.void()),
    /** Holds a running job that is `pausable` within a second, and lets it go on. */
    pause: base.input(z.object({ jobId: id })).output(z.void()),
    resume: base.input(z.object({ jobId: id })).output(z.void()),
  },
  project: {
    recent: base.output(z.array(recentProject)),
    create: base.input(z.object({ path: z.string() })).output(projectSummary),
    open: base.input(z.object({ path: z.string() })).output(projectSummary),
    close: base.output(z.void()),
    /** Null when nothing is open. */
    summary: base.output(projectSummary.nullable()),
    edits: base.output(editState),
    undo: base.output(editState),
    redo: base.output(editState),
  },
  corpus: {
    renderSample: base.input(sampleRequest).output(jobStarted),
    import: base.input(importRequest).output(jobStarted),
    clips: base.input(clipQuery).output(clipPage),
    clip: base.input(z.object({ clipId: id })).output(clipDetail),
    computeFeatures: base.input(featureRequest).output(jobStarted),
  },
  topics: {
    extract: base.input(topicsRequest).output(jobStarted),
    /** Measures several numbers of topics, without keeping any. */
    sweep: base.input(topicSweepRequest).output(jobStarted),
    lastSweep: base.output(topicSweep.nullable()),
    list: base.output(topicList),
    rename: base.input(z.object({ topicId: id, label: z.string().trim().min(1).max(80) })).output(z.void()),
  },
  training: {
    train: base.input(trainRequest).output(jobStarted),
    models: base.output(z.array(modelRow)),
    model: base.input(z.object({ modelId: id })).output(modelDetail),
    setCurrent: base.input(z.object({ modelId: id })).output(z.void()),
    /** Goes on with a stopped or failed run from its last checkpoint, as if it had never stopped. */
    resume: base.input(z.object({ modelId: id })).output(jobStarted),
    /** Makes a stopped or failed run's best parameters so far a ready model. */
    keep: base.input(z.object({ modelId: id })).output(z.void()),
    series: base.input(z.object({ series: id })).output(seriesSummary),
    compare: base.input(compareRequest).output(comparison),
  },
  captions: {
    /** Captions a split with a model and scores the result. */
    generate: base.input(captionRequest).output(jobStarted),
    list: base.input(captionQuery).output(z.array(captionRow)),
    review: base.input(z.object({ modelId: id, clipId: id })).output(review),
  },
  neurons: {
    interpret: base.input(neuronsRequest).output(jobStarted),
    map: base.input(z.object({ modelId: id })).output(neuronMap.nullable()),
    neuron: base.input(z.object({ modelId: id, neuron: id })).output(neuronDetail),
  },
  corrections: {
    preview: base.input(intervention).output(preview),
    /** Fine-tunes a new model version that yields the intervened features itself; the result is a proposed correction. */
    learn: base.input(intervention).output(jobStarted),
    list: base.output(z.array(correction)),
    /** Makes the new version current (undoable). */
    accept: base.input(z.object({ correctionId: id })).output(z.void()),
    /** Throws the new version away. */
    discard: base.input(z.object({ correctionId: id })).output(z.void()),
  },
  actions: {
    transfer: base.input(actionsRequest).output(jobStarted),
    results: base.output(z.array(actionsResult)),
  },
  exports: {
    run: base.input(exportRequest).output(jobStarted),
    last: base.output(exportResult.nullable()),
  },
}
export type Contract = typeof contract
export type Client = ContractRouterClient<Contract>
