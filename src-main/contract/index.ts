/**
 * The contract between the window and the main process: schemas and error codes only. It is the one folder
 * that both sides import; it imports neither Electron, Node nor Vue.
 */
import { eventIterator, oc } from '@orpc/contract'
import type { ContractRouterClient } from '@orpc/contract'
import * as z from 'zod'
import { actionsRequest, actionsResult } from './actions.ts'
import {
  captionPage,
  captionQuery,
  captionRequest,
  captionText,
  noteText,
  review,
  topicStrip,
  verdict,
} from './review.ts'
import {
  batchPreview,
  batchPreviewRequest,
  clipIntervention,
  correctedModel,
  correction,
  correctionReport,
  correctionRequest,
  preview,
  readCaption,
  regressions,
  suggestion,
} from './corrections.ts'
import {
  clipDetail,
  clipPage,
  clipQuery,
  featureRequest,
  findingDecision,
  findingPage,
  findingQuery,
  importRequest,
  sampleRequest,
} from './corpus.ts'
import { ERROR_CODES } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import { exportRequest, exportResult } from './exports.ts'
import { job, jobStarted } from './jobs.ts'
import {
  neuronDetail,
  neuronJudgement,
  neuronMap,
  neuronMatrix,
  neuronsRequest,
  neuronStability,
  silenced,
  silencedWords,
  silenceRequest,
} from './neurons.ts'
import {
  doctorReport,
  editHistory,
  editState,
  folderListing,
  projectSummary,
  recentProject,
} from './project.ts'
import {
  createTopicRequest,
  extractRequest,
  importVectorsRequest,
  ruleHistogram,
  snapshotComparison,
  splitProposal,
  splitRequest,
  topicClipPage,
  topicClipQuery,
  topicDetail,
  topicEdit,
  topicList,
  topicMap,
  topicRule,
  topicSnapshot,
  topicSweep,
  topicSweepRequest,
} from './topics.ts'
import {
  compareRequest,
  comparison,
  modelDetail,
  modelRow,
  refineRequest,
  seriesSummary,
  trainingPoint,
  trainRequest,
} from './training.ts'

export * from './actions.ts'
export * from './review.ts'
export * from './corrections.ts'
export * from './corpus.ts'
export * from './errors.ts'
export * from './exports.ts'
export * from './jobs.ts'
export * from './neurons.ts'
export * from './project.ts'
export * from './review.ts'
export * from './topics.ts'
export * from './training.ts'

const id = z.number().int()
const errorData = z.object({ remedy: z.string().nullable() })
const errors = Object.fromEntries(ERROR_CODES.map((code) => [code, { data: errorData }])) as Record<
  ErrorCode,
  { data: typeof errorData }
>
const base = oc.errors(errors)

/** What changed in the project; views reload what they show of it. */
export const changedNoun = z.enum([
  'project',
  'corpus',
  'features',
  'topics',
  'hygiene',
  'models',
  'captions',
  'neurons',
  'corrections',
  'actions',
  'edits',
])
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
    /** The log of edits, latest first. */
    history: base
      .input(
        z.object({
          offset: z.number().int().min(0).default(0),
          limit: z.number().int().min(1).max(500).default(100),
        }),
      )
      .output(editHistory),
    /** Undoes or redoes until this edit is the latest that holds; null: none holds. */
    goTo: base.input(z.object({ editId: id.nullable() })).output(editState),
    /** The name that edits are signed with; before it is set, the account's. */
    who: base.output(z.string()),
    setWho: base.input(z.object({ name: z.string().trim().min(1).max(80) })).output(z.void()),
  },
  corpus: {
    renderSample: base.input(sampleRequest).output(jobStarted),
    import: base.input(importRequest).output(jobStarted),
    clips: base.input(clipQuery).output(clipPage),
    clip: base.input(z.object({ clipId: id })).output(clipDetail),
    computeFeatures: base.input(featureRequest).output(jobStarted),
    /** A new human caption of a clip. An edit. */
    addCaption: base.input(z.object({ clipId: id, text: captionText })).output(z.void()),
    /** Looks for captions that may be wrong. */
    checkCaptions: base.output(jobStarted),
    /** A page of what was found. */
    findings: base.input(findingQuery).output(findingPage),
    /** What becomes of findings. An edit. */
    decide: base.input(findingDecision).output(z.void()),
  },
  topics: {
    extract: base.input(extractRequest).output(jobStarted),
    /** Measures several numbers of topics, without keeping any. */
    sweep: base.input(topicSweepRequest).output(jobStarted),
    lastSweep: base.output(topicSweep.nullable()),
    list: base.output(topicList),
    detail: base.input(z.object({ topicId: id })).output(topicDetail),
    clips: base.input(topicClipQuery).output(topicClipPage),
    map: base.output(topicMap),
    /** What a rule would make of the clips; nothing is stored. */
    histogram: base.input(topicRule).output(ruleHistogram),
    /** Current topics with a word that begins with `text`, with their first such words. */
    find: base
      .input(z.object({ text: z.string() }))
      .output(z.array(z.object({ topicId: id, words: z.array(z.string()) }))),
    edit: base.input(topicEdit).output(z.void()),
    proposeSplit: base.input(splitRequest).output(splitProposal),
    /** Makes the parts new topics in place of the one (an edit); returns their ids. */
    split: base.input(splitRequest).output(z.object({ topicIds: z.array(id) })),
    create: base.input(createTopicRequest).output(z.object({ topicId: id })),
    /** Gives all clips their topics anew, under the words as they are now. */
    reassign: base.output(jobStarted),
    importVectors: base.input(importVectorsRequest).output(jobStarted),
    snapshots: base.output(z.array(topicSnapshot)),
    takeSnapshot: base.input(z.object({ name: z.string().trim().min(1).max(80) })).output(topicSnapshot),
    compareSnapshot: base.input(z.object({ snapshotId: id })).output(snapshotComparison),
    /** One edit. */
    restoreSnapshot: base.input(z.object({ snapshotId: id })).output(z.void()),
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
    /**
     * A new version whose head has the project's topics as they are now; nothing is trained. Throws CONFLICT
     * where more changed than it can carry.
     */
    remap: base.input(z.object({ modelId: id })).output(jobStarted),
    refine: base.input(refineRequest).output(jobStarted),
    series: base.input(z.object({ series: id })).output(seriesSummary),
    compare: base.input(compareRequest).output(comparison),
    /** An edit. */
    note: base.input(z.object({ modelId: id, note: z.string().trim().max(2000) })).output(z.void()),
    /**
     * Deletes a model with its captions and neuron map; can't be undone. Throws CONFLICT for the current one,
     * one that trains, and one with versions made from it.
     */
    remove: base.input(z.object({ modelId: id })).output(z.void()),
  },
  review: {
    /** Captions a split with a model and scores the result. */
    generate: base.input(captionRequest).output(jobStarted),
    list: base.input(captionQuery).output(captionPage),
    clip: base.input(z.object({ modelId: id, clipId: id })).output(review),
    strip: base.input(z.object({ modelId: id, clipId: id })).output(topicStrip),
    /** A verdict on what the model says of clips; null takes it back. An edit. */
    judge: base
      .input(z.object({ modelId: id, clipIds: z.array(id).min(1), verdict: verdict.nullable() }))
      .output(z.void()),
    /** A note on a clip; empty: none. An edit. */
    note: base.input(z.object({ clipId: id, note: noteText })).output(z.void()),
  },
  neurons: {
    interpret: base.input(neuronsRequest).output(jobStarted),
    map: base.input(z.object({ modelId: id })).output(neuronMap.nullable()),
    matrix: base.input(z.object({ modelId: id })).output(neuronMatrix),
    neuron: base.input(z.object({ modelId: id, neuron: id })).output(neuronDetail),
    stability: base.input(z.object({ modelId: id })).output(neuronStability),
    words: base.input(z.object({ modelId: id, neurons: z.array(id).min(1) })).output(silencedWords),
    silence: base.input(silenceRequest).output(silenced),
    /** An edit; null takes it back. */
    judge: base
      .input(z.object({ modelId: id, neuron: id, judgement: neuronJudgement.nullable() }))
      .output(z.void()),
    /** Writes the map as CLIP-Dissect does: a CSV of layer, unit, description, score. */
    export: base.input(z.object({ modelId: id, path: z.string() })).output(z.object({ path: z.string() })),
  },
  corrections: {
    preview: base.input(clipIntervention).output(preview),
    /** The same intervention on many clips: which captions change. */
    previewAll: base.input(batchPreviewRequest).output(batchPreview),
    read: base.input(z.object({ modelId: id, clipId: id, caption: z.string() })).output(readCaption),
    suggest: base.input(z.object({ modelId: id, clipId: id })).output(z.array(suggestion)),
    /** Puts a correction in the queue (an edit). */
    enqueue: base.input(correctionRequest).output(z.object({ correctionId: id })),
    /** Takes it out again (an edit). */
    unqueue: base.input(z.object({ correctionId: id })).output(z.void()),
    /**
     * Learns queued corrections of one model (null: all) together, as a proposed version with its blast
     * radius.
     */
    learn: base
      .input(z.object({ correctionIds: z.array(id).min(1).nullable().default(null) }))
      .output(jobStarted),
    /** All corrections, newest first. */
    list: base.output(z.array(correction)),
    version: base.input(z.object({ modelId: id })).output(correctedModel),
    /** Makes the proposed version current (an edit). */
    accept: base.input(z.object({ modelId: id })).output(z.void()),
    /** Throws the proposed version away: nothing of it is left, its corrections included. */
    discard: base.input(z.object({ modelId: id })).output(z.void()),
    /**
     * Takes an accepted version back: its parent becomes current (an edit). With `replay`, a job learns later
     * accepted corrections again on the parent.
     */
    undo: base
      .input(z.object({ modelId: id, replay: z.boolean().default(false) }))
      .output(jobStarted.nullable()),
    regressions: base.output(regressions),
    /** Captions the clips of all accepted corrections with a model. */
    rerun: base.input(z.object({ modelId: id })).output(jobStarted),
    report: base
      .input(z.object({ correctionIds: z.array(id).min(1).nullable().default(null) }))
      .output(correctionReport),
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
