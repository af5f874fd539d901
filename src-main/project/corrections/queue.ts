/**
 * The queue: corrections wait in it until the network learns them together as a new model version. It is
 * filled and emptied by edits.
 */
import { VitrineError } from '#contract'
import { count } from '../../common/text.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { Model, OpenProject, StoredCorrection } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Input, Service } from '../service.ts'
import { clipFeatures, modelFolder, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { named } from './correction.ts'
import { captionOf, DECODING, movesOf, unknownWords } from './interventions.ts'
import { descends, learnCorrections } from './learning.ts'

export function createQueue(workspace: Workspace) {
  /** What a model says of a clip, and what it is to say: as typed, or as moved neurons have it. */
  const captionsOf = async (
    project: OpenProject,
    model: Model,
    request: Input<'corrections', 'enqueue'>,
    options: CallOptions,
  ): Promise<{ before: string; after: string }> => {
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

  return {
    /**
     * Puts a correction in the queue: what the parent says now and what moving the neurons has it say are
     * kept with it.  Throws BAD_INPUT when nothing would change, CONFLICT when the clip waits in the
     * queue already.
     */
    async enqueue(request, { signal, who }) {
      const project = workspace.project()
      const { store } = project
      const parent = usableModel(project, request.modelId)
      const { name } = store.clips.get(request.clipId)
      if (request.typed === null && request.topics.length + request.neurons.length === 0) {
        throw new VitrineError(
          'BAD_INPUT',
          'There is no topic to add or to drop.',
          'Choose at least one, or type the right caption.',
        )
      }
      if (
        store.corrections.list().some(({ state, clipId }) => state === 'queued' && clipId === request.clipId)
      ) {
        throw new VitrineError(
          'CONFLICT',
          `A correction of ${name} waits in the queue already.`,
          'Take it out first.',
        )
      }
      const unknown = request.typed === null ? [] : unknownWords(project, request.typed)
      if (unknown.length > 0) {
        throw new VitrineError(
          'BAD_INPUT',
          `No training caption has the ${unknown.length === 1 ? 'word' : 'words'} ${unknown.map((word) => `"${word}"`).join(', ')}: the model can't say ${unknown.length === 1 ? 'it' : 'them'}.`,
          'Say it in words of the training captions.',
        )
      }
      const { before, after } = await captionsOf(project, parent, request, { signal })
      if (before === after) {
        throw new VitrineError(
          'BAD_INPUT',
          `The caption of ${name} would stay as it is: "${before}".`,
          'Choose other topics, a larger strength, or type the caption.',
        )
      }
      return workspace.edit(who, (_, make) => {
        const { id: correctionId } = store.corrections.add({
          parent: parent.id,
          clipId: request.clipId,
          topics: request.topics,
          neurons: request.neurons,
          typed: request.typed,
          before,
          wanted: after,
          note: request.note,
        })
        make(`queue a correction of ${name}`, [{ kind: 'correction.state', correctionId, state: 'queued' }])
        return { correctionId }
      })
    },

    /** Takes a correction out of the queue. Throws NOT_FOUND, CONFLICT for one that is learnt. */
    unqueue({ correctionId }, { who }) {
      workspace.edit(who, (store, make) => {
        const { state, clipId } = store.corrections.get(correctionId)
        if (state !== 'queued') {
          throw new VitrineError('CONFLICT', `Correction ${correctionId} is ${state}, not in the queue.`)
        }
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
      return project.store.corrections.list().map((stored) => named(project, stored))
    }),
  } satisfies Partial<Service<'corrections'>>
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
  const jobId = workspace.jobs.start('correct', title, { corrections: ids }, (context) => {
    // They may have been taken out of the queue while the job waited.
    const corrections = queuedCorrections(project, ids)
    const parent = commonParent(project, corrections)
    return learnCorrections({ workspace, project, parent, corrections, context })
  })
  return { jobId }
}

/** Corrections that wait in the queue; null: all that do. */
function queuedCorrections(
  { store }: OpenProject,
  correctionIds: readonly number[] | null,
): StoredCorrection[] {
  const queued = store.corrections
    .list()
    .filter(({ state }) => state === 'queued')
    .reverse()
  const corrections =
    correctionIds === null
      ? queued
      : correctionIds.map((id) => {
          const correction = store.corrections.get(id)
          if (correction.state !== 'queued') {
            throw new VitrineError('CONFLICT', `Correction ${id} is ${correction.state}, not in the queue.`)
          }
          return correction
        })
  if (corrections.length === 0) {
    throw new VitrineError('NOT_READY', 'No correction waits in the queue.', 'Put one in from Review.')
  }
  return corrections
}

/**
 * The model that corrections are learnt from: the current one where it comes from all of theirs, else the one
 * that all are of.
 */
function commonParent(project: OpenProject, corrections: readonly StoredCorrection[]): Model {
  const parents = [...new Set(corrections.map(({ parent }) => parent))]
  const currentId = project.store.settings.get('currentModel')
  const current = currentId === null ? null : project.store.models.get(currentId)
  if (current !== null && parents.every((parent) => descends(project, current, parent))) {
    return usableModel(project, current.id)
  }
  if (parents.length > 1) {
    throw new VitrineError(
      'CONFLICT',
      `These corrections are of models ${parents.join(' and ')}, which do not come from each other.`,
      'Learn those of each model by themselves.',
    )
  }
  return usableModel(project, parents[0] ?? null)
}
