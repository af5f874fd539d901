import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { captionerSettings, toFailure, trainRequest, VitrineError } from '#contract'
import type { ModelDetail, ModelRow, TrainRequest } from '#contract'
import type { Model, OpenProject } from '../store/index.ts'
import { captionedClips, count, featureSettings, forward, modelFolder } from './workspace.ts'
import type { JobStarted, Workspace } from './workspace.ts'

export function createTraining(workspace: Workspace) {
  const toRow = ({ store }: OpenProject, model: Model): ModelRow => ({
    id: model.id, parent: model.parent, jobId: model.jobId, kind: model.kind, origin: model.origin, state: model.state, createdAt: model.createdAt, device: model.device,
    steps: model.steps, captionsPerSecond: model.captionsPerSecond, seconds: model.seconds, neurons: model.neurons, seed: model.seed,
    current: store.settings.get('currentModel') === model.id, evaluations: store.models.evaluations(model.id), note: model.note,
  })

  return {
    /**
     * Trains a captioner on the training split; validation chooses its best state. The first interpretive model that is
     * trained becomes the current one. A model whose training fails or is cancelled stays listed as failed, without files.
     */
    train(input: TrainRequest): JobStarted {
      const request = trainRequest.parse(input)
      const project = workspace.project()
      const { store } = project
      const settings = captionerSettings.parse({ ...request.settings, ...(request.kind === 'baseline' && { lambda: 0 }) })
      const jobId = workspace.jobs.start('train', `Train the ${request.kind} captioner`, request, async (context) => {
        const features = featureSettings(project)
        const topics = store.topics.current().map(({ id }) => id)
        if (topics.length === 0) throw new VitrineError('NOT_READY', 'This project has no topics yet.', 'Find topics first: training ties neurons to them.')
        const train = captionedClips(project, features.key, topics, 'train')
        const held = captionedClips(project, features.key, topics, 'val')
        if (held.length === 0) context.notice('There is no validation split: the training clips stand in for it, so its scores say nothing about other clips.')
        const validation = held.length > 0 ? held : train
        const model = store.models.add({
          parent: null, jobId: context.jobId, kind: request.kind, origin: 'trained', settings, seed: request.seed, topics,
          featureKey: features.key, frames: features.frames,
        })
        workspace.changed('models')
        const { onProgress, signal } = forward(context)
        try {
          await mkdir(join(project.folder, 'models'), { recursive: true })
          const result = await workspace.engine.call('captioner.train', {
            kind: request.kind, settings, frames: features.frames, topicCount: topics.length, train, validation,
            modelDir: modelFolder(project, model), device: request.device, seed: request.seed,
          }, {
            signal,
            onProgress(progress) {
              onProgress(progress)
              if (progress.point === undefined) return
              store.models.addPoint(model.id, progress.point)
              workspace.emit({ type: 'curve', modelId: model.id, point: progress.point })
            },
          })
          const { vocabulary, ...facts } = result
          store.transaction(() => {
            store.models.finish(model.id, { state: 'ready', ...facts })
            const current = store.settings.get('currentModel')
            const isBetter = current === null || (request.kind === 'interpretive' && store.models.get(current).kind !== 'interpretive')
            if (isBetter) store.settings.set('currentModel', model.id)
          })
          return {
            summary: `Model ${model.id} (${request.kind}): ${count(facts.steps, 'step')}, ${count(facts.neurons, 'neuron')}, ${count(vocabulary, 'word')}; best at step ${facts.best.step} with validation CIDEr ${facts.best.cider.toFixed(3)}.`,
          }
        } catch (error) {
          // An aborted signal is a cancel, whatever it made the engine say.
          store.models.setNote(model.id, signal.aborted ? 'Cancelled.' : toFailure(error).message)
          store.models.setState(model.id, 'failed')
          await rm(modelFolder(project, model), { recursive: true, force: true })
          throw error
        } finally {
          workspace.changed('models', 'topics', 'project')
        }
      })
      return { jobId }
    },

    /** All models, newest first. */
    list(): ModelRow[] {
      const project = workspace.project()
      return project.store.models.list().map((model) => toRow(project, model))
    },

    /** Throws NOT_FOUND. */
    detail(modelId: number): ModelDetail {
      const project = workspace.project()
      const model = project.store.models.get(modelId)
      return { ...toRow(project, model), settings: model.settings, points: project.store.models.points(modelId) }
    },

    /** The step that training kept, and its validation figures; null for a model that was not trained itself. */
    best(modelId: number): Model['best'] {
      return workspace.project().store.models.get(modelId).best
    },

    /** The ids of the topics that a model was trained on, in the order of its columns. Throws NOT_FOUND. */
    topics(modelId: number): number[] {
      return workspace.project().store.models.get(modelId).topics
    },

    /** Undoable. Throws NOT_FOUND, CONFLICT for a model that is not ready. */
    setCurrent(modelId: number): void {
      const { store } = workspace.project()
      const { state, kind } = store.models.get(modelId)
      if (state !== 'ready') throw new VitrineError('CONFLICT', `Model ${modelId} is ${state}: it can't be the current one.`, 'Choose a model that is ready.')
      store.edits.make(`use model ${modelId} (${kind})`, { kind: 'model.current', modelId })
      workspace.changed('models', 'topics', 'project', 'edits')
    },
  }
}
