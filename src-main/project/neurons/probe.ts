/** The topic head of another system's model: trained here on the activations that came with it. */
import type { CallOptions } from '../../engine-host/client.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { clipsWithFeatures, labelledClips, modelFolder } from '../workspace.ts'
import type { ModelWithNeurons, Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

export interface Probe {
  neurons: number
  /** Of the head on validation clips. */
  mAP: number
  /** f(v-bar) by column, of each clip that has activations. */
  scores: ReadonlyMap<number, number[]>
}

/** What a probe is trained on: the topics as they are now, and the clips. */
export function currentTopics({
  store,
}: OpenProject): Pick<Model, 'topics' | 'fingerprints' | 'corpusState'> {
  const topics = store.topics.current().map(({ id }) => id)
  return {
    topics,
    fingerprints: store.topics.fingerprints(topics),
    corpusState: store.clips.corpusState(),
  }
}

/** Why there is no probe to train, as a failure; null: there is one. */
export function whyUnprobed(project: OpenProject, { featureKey, topics }: ModelWithNeurons) {
  if (topics.length === 0) {
    return failures.noTopics()
  }
  return project.store.features.paths(featureKey, 'train').length === 0
    ? failures.noActivationsToTrain()
    : null
}

/** Trains the head on the topics of the model and writes it into its folder. Throws NOT_READY. */
export async function trainProbe(
  workspace: Workspace,
  project: OpenProject,
  { model, seed, options }: { model: ModelWithNeurons; seed: number; options: CallOptions },
): Promise<Probe> {
  const obstacle = whyUnprobed(project, model)
  if (obstacle !== null) {
    throw obstacle
  }
  const modelDir = modelFolder(project, model)
  await project.presence.makeFolder(modelDir)
  const { neurons, mAP, scores } = await workspace.engine.call(
    'neurons.probe',
    {
      modelDir,
      frames: model.frames,
      topicCount: model.topics.length,
      clips: clipsWithFeatures(project, model.featureKey, null),
      train: labelledClips(project, model.featureKey, model.topics, 'train'),
      validation: labelledClips(project, model.featureKey, model.topics, 'val'),
      seed,
    },
    options,
  )
  return { neurons, mAP, scores: new Map(scores.map(({ id, topics }) => [id, topics])) }
}

/** Trains the head of a model that is there once more, on the topics of today, and stores what it says of the clips. */
export async function probeAgain(
  workspace: Workspace,
  project: OpenProject,
  { model, seed, options }: { model: ModelWithNeurons; seed: number; options: CallOptions },
): Promise<ModelWithNeurons> {
  const { store } = project
  const current = currentTopics(project)
  const probed = { ...model, ...current }
  const { neurons, scores } = await trainProbe(workspace, project, { model: probed, seed, options })
  store.transaction(() => {
    store.models.setTopics(model.id, current)
    store.models.finish(model.id, { state: model.state, neurons })
    store.generated.measure(
      model.id,
      store.generated
        .all(model.id)
        .map(({ clipId, cider }) => ({ clipId, cider, topics: scores.get(clipId) ?? [] })),
    )
  })
  return probed
}
