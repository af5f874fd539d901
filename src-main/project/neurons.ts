import { neuronsRequest } from '#contract'
import type { NeuronDetail, NeuronMap, NeuronsRequest } from '#contract'
import type * as z from 'zod'
import type { CallOptions } from '../engine/client.ts'
import type { Model, OpenProject } from '../store/index.ts'
import { clipsWithFeatures, count, forward, labelledClips, modelFolder, thumbnailUrl, usableModel } from './workspace.ts'
import type { JobStarted, Workspace } from './workspace.ts'

/** Clips that are shown of a neuron. */
const MOST_CLIPS = 8

/** Measures which topic each neuron of a model stands for, over all clips with features, and stores the map. */
export async function interpretNeurons(
  workspace: Workspace, project: OpenProject, model: Model, request: z.output<typeof neuronsRequest>, options: CallOptions,
): Promise<{ shuffledBaseline: number; meanDelta: number; neurons: number }> {
  const { neurons, ...rest } = await workspace.engine.call('neurons.interpret', {
    modelDir: modelFolder(project, model),
    clips: labelledClips(project, model.featureKey, model.topics, null),
    train: labelledClips(project, model.featureKey, model.topics, 'train'),
    reference: request.reference, videoSet: request.videoSet, shuffles: request.shuffles, seed: request.seed, device: 'auto',
  }, options)
  const topicId = (column: number): number => {
    const id = model.topics[column]
    if (id === undefined) throw new Error(`the engine named topic column ${column} of ${model.topics.length}`)
    return id
  }
  project.store.neurons.put(model.id, {
    ...rest,
    request: { ...request, modelId: model.id },
    neurons: neurons.map(({ topic, runnerUp, ...neuron }) => ({ ...neuron, topicId: topicId(topic), runnerUpId: topicId(runnerUp) })),
  })
  return { shuffledBaseline: rest.shuffledBaseline, meanDelta: rest.meanDelta, neurons: neurons.length }
}

export function createNeurons(workspace: Workspace) {
  return {
    interpret(input: NeuronsRequest): JobStarted {
      const request = neuronsRequest.parse(input)
      const project = workspace.project()
      const model = usableModel(project, request.modelId)
      const jobId = workspace.jobs.start('neurons', `Interpret the neurons of model ${model.id}`, { ...request, modelId: model.id }, async (context) => {
        const { neurons, meanDelta, shuffledBaseline } = await interpretNeurons(workspace, project, model, request, forward(context))
        workspace.changed('neurons')
        return { summary: `${count(neurons, 'neuron')} of model ${model.id}: mean delta ${meanDelta.toFixed(4)}, ${shuffledBaseline.toFixed(4)} under shuffled topics.` }
      })
      return { jobId }
    },

    /** The stored map of a model, or null before it was interpreted. */
    map(modelId: number): NeuronMap | null {
      const { store } = workspace.project()
      const model = store.models.get(modelId)
      const map = store.neurons.get(modelId)
      if (map === null) return null
      const labels = store.topics.labels()
      const label = (topicId: number) => labels.get(topicId) ?? `topic ${topicId}`
      return {
        modelId, request: map.request, shuffledBaseline: map.shuffledBaseline, meanDelta: map.meanDelta,
        topics: model.topics.map((id) => ({ id, label: label(id) })),
        neurons: map.neurons.map((neuron) => ({ ...neuron, topicLabel: label(neuron.topicId), runnerUpLabel: label(neuron.runnerUpId) })),
      }
    },

    /** One neuron over all topics, and the clips that excite it most. Throws NOT_FOUND, NOT_READY before the map is there. */
    async neuron(modelId: number, neuron: number): Promise<NeuronDetail> {
      const project = workspace.project()
      const model = usableModel(project, modelId)
      const { deltas, clips } = await workspace.engine.call('neurons.neuron', {
        modelDir: modelFolder(project, model), neuron, clips: clipsWithFeatures(project, model.featureKey, null), most: MOST_CLIPS, device: 'auto',
      })
      return {
        neuron, deltas,
        clips: clips.map(({ id, mean, activation }) => {
          const clip = project.store.clips.get(id)
          return { clipId: id, name: clip.name, thumbnailUrl: thumbnailUrl(clip), mean, activation }
        }),
      }
    },
  }
}
