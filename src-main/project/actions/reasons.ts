/** From a mistaken class to neurons, and to when they are active in the clip. */
import type { ActiveReason } from '#contract'
import { sidecarPath } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { clipFeatures, modelFolder, presentModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

/**
 * The neurons that spoke for the answer of a source, over the frames of the clip; none for a right answer, and features that
 * are no neurons. Throws NOT_FOUND, and NOT_READY where the model, or the features that it saw, are gone.
 */
export async function activeReasons(
  workspace: Workspace,
  { id, source: place, name }: { id: number; source: number; name: string },
  signal: AbortSignal | undefined,
): Promise<ActiveReason[]> {
  const project = workspace.project()
  const { actions } = project.store
  const clip = actions.clips(id).find((other) => other.name === name)
  if (clip === undefined) {
    throw failures.clipNotCompared({ clip: name })
  }
  const source = actions.list().find((result) => result.id === id)?.sources[place]
  const because = clip.answers[place]?.because ?? []
  if (because.length === 0 || source?.of !== 'neurons' || source.modelId === null) {
    return []
  }
  const model = presentModel(project.store, source.modelId)
  const { features, frameTimes } = featuresOf(project, model.featureKey ?? '', clip)
  const { courses } = await workspace.engine.call(
    'actions.courses',
    {
      modelDir: modelFolder(project, model),
      clip: features,
      neurons: because.map(({ feature }) => feature),
      device: 'auto',
    },
    signal === undefined ? {} : { signal },
  )
  const map = project.store.neurons.get(model.id)
  return because.map(({ feature, weight }, i) => {
    const activation = courses[i]!
    const peak = activation.indexOf(Math.max(...activation))
    return {
      neuron: feature,
      topicId: map?.neurons[feature]?.topicId ?? null,
      weight,
      activation,
      peakSecond: frameTimes[peak] ?? null,
    }
  })
}

function featuresOf(
  project: OpenProject,
  key: string,
  { name, clipId, content }: { name: string; clipId: number | null; content: string | null },
) {
  const { store, folder } = project
  if (clipId !== null) {
    return {
      features: clipFeatures(project, key, clipId),
      frameTimes: store.features.forClip(key, clipId)?.frameTimes ?? [],
    }
  }
  const feature = content === null ? null : store.features.get(key, content)
  if (feature === null) {
    throw failures.featuresGone({ clip: name })
  }
  return {
    features: { id: 0, features: sidecarPath(folder, feature.path), sha256: feature.sha256 },
    frameTimes: feature.frameTimes,
  }
}
