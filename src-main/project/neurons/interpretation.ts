/** Which topic each neuron of a model stands for, found on training clips, and whether it does so on held-out ones. */
import type { NeuronAlignment, NeuronsOverTime, OneNeuron } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { Model, OpenProject, StoredNeuronMap } from '../../store/index.ts'
import { labelledClips, modelFolder } from '../workspace.ts'
import type { ModelWithNeurons, Workspace } from '../workspace.ts'
import { heldOutClips } from '../held-out.ts'
import { readTruth } from './truth.ts'

interface Interpretation {
  workspace: Workspace
  project: OpenProject
  model: ModelWithNeurons
  request: StoredNeuronMap['request']
  options: CallOptions
}

/** Measures and stores the neuron map of a model; `oneNeuron`: what it says of held-out clips, null where nothing. */
export async function interpretNeurons({
  workspace,
  project,
  model,
  request,
  options,
}: Interpretation): Promise<{
  shuffledBaseline: number
  meanDelta: number
  neurons: number
  oneNeuron: OneNeuron | null
}> {
  const train = labelledClips(project, model.featureKey, model.topics, 'train')
  const heldOut = heldOutClips(project, model, request.heldOut)
  const truth = request.truth === null ? null : await readTruth(project, model, request.truth)
  const { neurons, alignment, overTime, ...figures } = await workspace.engine.call(
    'neurons.interpret',
    {
      modelDir: modelFolder(project, model),
      clips: labelledClips(project, model.featureKey, model.topics, null),
      train,
      heldOut,
      truth: truth && { concepts: truth.concepts.length, clips: truth.clips },
      reference: request.reference,
      videoSet: request.videoSet,
      shuffles: request.shuffles,
      seed: request.seed,
      device: 'auto',
    },
    options,
  )
  project.store.neurons.put(model.id, {
    ...figures,
    request: { ...request, modelId: model.id },
    trainingClips: train.length,
    alignment: alignment && {
      split: request.heldOut,
      clips: heldOut.length,
      ...storedAlignment(model, alignment),
    },
    overTime: overTime && storedOverTime(truth?.concepts ?? [], overTime),
    neurons: neurons.map(({ topic, runnerUp, ...neuron }) => ({
      ...neuron,
      topicId: topicOfColumn(model, topic),
      runnerUpId: topicOfColumn(model, runnerUp),
    })),
  })
  const { shuffledBaseline, meanDelta } = figures
  const oneNeuron = alignment?.oneNeuron ?? null
  return { shuffledBaseline, meanDelta, neurons: neurons.length, oneNeuron }
}

function storedAlignment(
  model: Model,
  { topics, ...figures }: NonNullable<EngineResult<'neurons.interpret'>['alignment']>,
): Omit<NeuronAlignment, 'split' | 'clips'> {
  return {
    ...figures,
    topics: topics.map((topic, column) => ({ topicId: topicOfColumn(model, column), ...topic })),
  }
}

function storedOverTime(
  names: readonly string[],
  { frames, neurons, concepts }: NonNullable<EngineResult<'neurons.interpret'>['overTime']>,
): NeuronsOverTime {
  const named = (overlaps: typeof neurons) =>
    overlaps.map(({ concept, ...overlap }) => ({ concept: names[concept] ?? '', ...overlap }))
  return { frames, neurons: named(neurons), concepts: named(concepts) }
}

function topicOfColumn(model: Model, column: number): number {
  const topicId = model.topics[column]
  if (topicId === undefined) {
    throw new Error(`the engine named topic column ${column} of ${model.topics.length}`)
  }
  return topicId
}

/**
 * Interprets the neurons of a version as its parent's were, if they were; without the truth over time, whose file may
 * be gone.
 */
export async function interpretLikeParent({
  workspace,
  project,
  parent,
  version,
  options,
}: {
  workspace: Workspace
  project: OpenProject
  parent: Model
  version: ModelWithNeurons
  options: CallOptions
}): Promise<void> {
  const map = project.store.neurons.get(parent.id)
  if (map !== null) {
    const request = { ...map.request, truth: null }
    await interpretNeurons({ workspace, project, model: version, request, options })
  }
}
