/**
 * The queue: corrections wait in it until the network learns them together as a new model version. It is
 * filled and emptied by edits.
 */
import type { VitrineError } from '../../common/failures.ts'
import { count } from '../../common/text.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { Captioner, OpenProject, StoredCorrection } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Input, Service } from '../service.ts'
import { unknownWords } from '../unknown-words.ts'
import { descendsFrom } from '../version.ts'
import { clipFeatures, modelFolder, usableCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { shownCorrection } from './correction.ts'
import type { JobRequest } from '../../jobs/index.ts'
import { failures } from './failures.ts'
import { learnCorrections } from './learning.ts'
import { captionOf, DECODING, movesOf } from './moves.ts'

type Request = Input<'corrections', 'enqueue'>

export function createQueue(workspace: Workspace) {
  return {
    /**
     * Puts a correction in the queue: what the parent says now and what moving the neurons has it say are
     * kept with it. Throws BAD_INPUT when nothing would change, CONFLICT when the clip waits in the queue
     * already.
     */
    async enqueue(request, { signal, who }) {
      const project = workspace.project()
      const { store } = project
      const { clipId, topics, neurons, typed, note, leftOut } = request
      const parent = usableCaptioner(project, request.modelId)
      const { name } = store.clips.seen(clipId)
      requireCorrectable(project, request)
      await requireSayable({ workspace, project, model: parent, caption: typed ?? '', options: { signal } })
      const { before, after } = await correctedCaption(workspace, parent, request, { signal })
      if (before === after) {
        throw failures.captionUnchanged({ clip: name, caption: before })
      }
      return workspace.edit(who, (_, make) => {
        const { id: correctionId } = store.corrections.add({
          parent: parent.id,
          clipId,
          topics,
          neurons,
          typed,
          before,
          wanted: after,
          note,
          leftOut: leftOut.filter((id) => id !== clipId && store.clips.isThere(id)),
        })
        make(`queue a correction of ${name}`, [{ kind: 'correction.state', correctionId, state: 'queued' }])
        return { correctionId }
      })
    },

    /** Takes a correction out of the queue. Throws NOT_FOUND, CONFLICT for one that is learnt. */
    unqueue({ correctionId }, { who }) {
      workspace.edit(who, (store, make) => {
        const { clipId } = queuedCorrection(store, correctionId)
        make(`take the correction of ${store.clips.get(clipId).name} out of the queue`, [
          { kind: 'correction.state', correctionId, state: 'withdrawn' },
        ])
      })
    },

    /** Throws NOT_READY without any, CONFLICT where they are of models that do not come from each other. */
    learn: ({ correctionIds }) => learnQueued(workspace, correctionIds),

    /** All corrections, newest first. */
    list: reads(['clip', 'correction'], () => {
      const project = workspace.project()
      return project.store.corrections.list().map((stored) => shownCorrection(project, stored))
    }),
  } satisfies Partial<Service<'corrections'>>
}

/** Throws BAD_INPUT, CONFLICT. */
function requireCorrectable(project: OpenProject, { clipId, typed, topics, neurons }: Request): void {
  const { store } = project
  if (typed === null && topics.length + neurons.length === 0) {
    throw failures.nothingToChange()
  }
  const queued = store.corrections.list().filter(({ state }) => state === 'queued')
  if (queued.some((correction) => correction.clipId === clipId)) {
    throw failures.clipQueued({ clip: store.clips.get(clipId).name })
  }
}

/** Throws BAD_INPUT, naming words that the model does not know. */
async function requireSayable(question: Parameters<typeof unknownWords>[0]): Promise<void> {
  const words = question.caption === '' ? [] : await unknownWords(question)
  if (words.length > 0) {
    throw unsayable(words)
  }
}

function unsayable(unknown: readonly string[]): VitrineError {
  const words = unknown.map((word) => `"${word}"`).join(', ')
  return unknown.length === 1 ? failures.wordUnknown({ word: words }) : failures.wordsUnknown({ words })
}

/** What a model says of a clip, and what it is to say: as typed, or as moved neurons have it. */
async function correctedCaption(
  workspace: Workspace,
  model: Captioner,
  request: Request,
  options: CallOptions,
): Promise<{ before: string; after: string }> {
  const project = workspace.project()
  const moves = movesOf(model, request)
  const clip = clipFeatures(project, model.featureKey, request.clipId)
  if (request.typed !== null) {
    const before = await captionOf({ workspace, project, model, clip, options })
    return { before, after: request.typed }
  }
  const { captions } = await workspace.engine.call(
    'corrections.intervene',
    {
      modelDir: modelFolder(project, model),
      interventions: [{ clip, ...moves }],
      beam: DECODING.beam,
      device: 'cpu',
    },
    options,
  )
  const [caption] = captions
  if (caption === undefined) {
    throw new Error('nothing was decoded')
  }
  return caption
}

/**
 * Learns queued corrections together (null: all) as a new, proposed version, and measures what else that
 * changes. They are learnt from the current model where that comes from the one they were made with. Throws
 * NOT_READY without any, CONFLICT where they are of models that do not come from each other.
 */
export function learnQueued(
  workspace: Workspace,
  correctionIds: readonly number[] | null,
): { jobId: number } {
  const project = workspace.project()
  const queued = queuedCorrections(project, correctionIds)
  const ids = queued.map(({ id }) => id)
  const title =
    queued.length === 1 && queued[0]
      ? `Learn a correction of ${project.store.clips.get(queued[0].clipId).name}`
      : `Learn ${count(queued.length, 'correction')}`
  const jobRequest: JobRequest = { procedure: 'corrections.learn', input: { correctionIds: ids } }
  const jobId = workspace.jobs.start('correct', title, jobRequest, (context) => {
    // They may have been taken out of the queue while the job waited.
    const corrections = queuedCorrections(project, ids)
    const parent = commonParent(project, corrections)
    return learnCorrections({ workspace, project, parent, corrections, context })
  })
  return { jobId }
}

/**
 * Corrections that wait in the queue; null: all that do, of clips that are there. Throws NOT_FOUND, CONFLICT,
 * NOT_READY.
 */
function queuedCorrections(
  { store }: OpenProject,
  correctionIds: readonly number[] | null,
): StoredCorrection[] {
  const corrections =
    correctionIds === null
      ? store.corrections
          .list()
          .filter(({ state, clipId }) => state === 'queued' && store.clips.isThere(clipId))
          .reverse()
      : correctionIds.map((id) => learnableCorrection(store, id))
  if (corrections.length === 0) {
    throw failures.queueEmpty()
  }
  return corrections
}

function learnableCorrection(store: OpenProject['store'], correctionId: number): StoredCorrection {
  const correction = queuedCorrection(store, correctionId)
  if (!store.clips.isThere(correction.clipId)) {
    throw failures.clipRemoved({ correctionId, clip: store.clips.get(correction.clipId).name })
  }
  return correction
}

function queuedCorrection(store: OpenProject['store'], correctionId: number): StoredCorrection {
  const correction = store.corrections.get(correctionId)
  if (correction.state !== 'queued') {
    throw failures.notQueued({ correctionId, state: correction.state })
  }
  return correction
}

/**
 * The model that corrections are learnt from: the current one where it comes from all of theirs, else the one
 * that all are of.
 */
function commonParent(project: OpenProject, corrections: readonly StoredCorrection[]): Captioner {
  const parents = [...new Set(corrections.map(({ parent }) => parent))]
  const currentId = project.store.settings.get('currentModel')
  const current = currentId === null ? null : project.store.models.get(currentId)
  if (current !== null && parents.every((parent) => descendsFrom(project, current, parent))) {
    return usableCaptioner(project, current.id)
  }
  if (parents.length > 1) {
    throw failures.unrelatedModels({ models: parents.join(' and ') })
  }
  return usableCaptioner(project, parents[0] ?? null)
}
