/**
 * Bringing a trained model over to topics that were edited since: by arithmetic alone (remap), or by a short
 * training (refine).
 */
import { VitrineError } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { FinishedModel, Model, NewModel, OpenProject } from '../../store/index.ts'
import { interpretNeurons } from '../neurons/service.ts'
import { staleness } from './staleness.ts'
import { trainingInputs } from './inputs.ts'
import { clipsWithFeatures, forward, modelFolder, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { makeVersion } from './version.ts'
import type { Service } from '../service.ts'

/** A version that is carried over: what of it is not its parent's, and how its folder is made. */
interface CarryOver {
  project: OpenProject
  parent: Model
  changes: Pick<NewModel, 'origin' | 'topics'> & Partial<NewModel>
  context: JobContext
  who: string
  make(folder: string, options: CallOptions): Promise<FinishedModel>
}

export function createCarryOver(workspace: Workspace) {
  /** A model whose head was trained on topics. Throws NOT_FOUND, NOT_READY, CONFLICT. */
  const headed = (project: OpenProject, modelId: number): Model => {
    const model = usableModel(project, modelId)
    if (model.kind === 'baseline') {
      throw new VitrineError(
        'CONFLICT',
        `Model ${modelId} is a baseline: its topic head was never trained.`,
        'Choose an interpretive model.',
      )
    }
    return model
  }

  /**
   * Makes a version of `parent` by `make`, interprets its neurons if the parent's were, and puts it in the
   * parent's place if that is the current model (an edit).
   */
  const carryOver = async ({ project, parent, changes, context, who, make }: CarryOver): Promise<Model> => {
    const { store } = project
    const { kind, settings, seed, featureKey, frames } = parent
    const model = store.models.add({
      parent: parent.id,
      jobId: context.jobId,
      kind,
      settings,
      seed,
      featureKey,
      frames,
      ...changes,
    })
    await makeVersion(project, model, context, {
      async make(folder) {
        const options = forward(context)
        const finished = await make(folder, options)
        const map = store.neurons.get(parent.id)
        if (map !== null) {
          await interpretNeurons(workspace, project, model, map.request, options)
        }
        return finished
      },
      keep(finished) {
        store.models.finish(model.id, { neurons: parent.neurons, ...finished })
        if (store.settings.get('currentModel') === parent.id) {
          workspace.edit(who, (_, makeEdit) => {
            makeEdit(`use model ${model.id} (${changes.origin} from ${parent.id})`, [
              { kind: 'model.current', modelId: model.id },
            ])
          })
        }
      },
    })
    return store.models.get(model.id)
  }

  return {
    /**
     * A version of a model whose head has the project's topics as they are now: columns are copied, merged
     * topics' fitted to what the old ones say together. Nothing is trained. Throws NOT_FOUND, NOT_READY, and
     * CONFLICT where topics are new or split, or nothing changed.
     */
    remap({ modelId }, { who }) {
      const project = workspace.project()
      const parent = headed(project, modelId)
      const remappingNow = () => {
        const { reasons, remapping } = staleness(project, parent)
        if (remapping) {
          return remapping
        }
        throw reasons.length === 0
          ? new VitrineError('CONFLICT', `Model ${modelId} has the project's topics already.`)
          : new VitrineError(
              'CONFLICT',
              `Model ${modelId} can't be remapped. ${reasons.join(' ')}`,
              'Refine it, or train a new model: it has to learn what is new.',
            )
      }
      remappingNow()
      const jobId = workspace.jobs.start(
        'train',
        `Remap model ${modelId}`,
        { remap: modelId },
        async (context) => {
          const { topics, groups } = remappingNow()
          // Of a copied column the clips are those it was trained on; a merged one is as its clips are now.
          const current = project.store.topics.fingerprints(topics)
          const fingerprints = groups.map(
            (columns, i) =>
              (columns.length === 1 ? parent.fingerprints?.[columns[0] ?? -1] : undefined) ??
              current[i] ??
              '',
          )
          const model = await carryOver({
            project,
            parent,
            changes: { origin: 'remapped', topics, fingerprints },
            context,
            who,
            async make(to, options) {
              const { seconds, settings } = await workspace.engine.call(
                'captioner.remap',
                {
                  modelDir: modelFolder(project, parent),
                  to,
                  groups,
                  clips: clipsWithFeatures(project, parent.featureKey, 'train'),
                  device: 'auto',
                },
                options,
              )
              return { state: 'ready', settings, seconds, steps: 0, device: parent.device }
            },
          })
          const merged = groups.filter((columns) => columns.length > 1).length
          return {
            result: { kind: 'train', modelIds: [model.id] },
            summary: `Model ${model.id}: ${parent.topics.length} topics of model ${modelId} went over to ${topics.length}, ${merged} of them merged.`,
          }
        },
      )
      return { jobId }
    },

    /**
     * A version of a model that has learnt the project's topics as they are now: encoder and topic head train
     * for some epochs, the decoder stays. Throws NOT_FOUND, NOT_READY, CONFLICT.
     */
    refine(request, { who }) {
      const project = workspace.project()
      const { store } = project
      const parent = headed(project, request.modelId)
      const jobId = workspace.jobs.start('train', `Refine model ${parent.id}`, request, async (context) => {
        const topics = store.topics.current().map(({ id }) => id)
        if (topics.length === 0) {
          throw new VitrineError('NOT_READY', 'This project has no topics.', 'Find topics first.')
        }
        const { train, validation, standIn, digests } = trainingInputs(project, parent.featureKey, topics)
        if (standIn) {
          context.notice('There is no validation split: the training clips stand in for it.')
        }
        const columns = topics.map((id) => {
          const column = parent.topics.indexOf(id)
          return column === -1 ? null : column
        })
        let figures = ''
        const fingerprints = store.topics.fingerprints(topics)
        const model = await carryOver({
          project,
          parent,
          changes: {
            origin: 'refined',
            topics,
            fingerprints,
            seed: request.seed,
            inputs: digests,
            device: request.device,
          },
          context,
          who,
          async make(to, options) {
            const { seconds, steps, settings, topicMapBefore, topicMapAfter, ciderBefore, ciderAfter } =
              await workspace.engine.call(
                'captioner.refine',
                {
                  modelDir: modelFolder(project, parent),
                  to,
                  columns,
                  train,
                  validation,
                  epochs: request.epochs,
                  seed: request.seed,
                  device: request.device,
                },
                { ...options, onPausable: context.pausable },
              )
            figures = `${steps} steps; on the validation split topic mAP ${topicMapBefore.toFixed(3)} before and ${topicMapAfter.toFixed(3)} after, CIDEr ${ciderBefore.toFixed(3)} and ${ciderAfter.toFixed(3)}`
            return { state: 'ready', settings, seconds, steps, device: request.device }
          },
        })
        return {
          result: { kind: 'train', modelIds: [model.id] },
          summary: `Model ${model.id}: ${figures}.`,
        }
      })
      return { jobId }
    },
  } satisfies Partial<Service<'training'>>
}
