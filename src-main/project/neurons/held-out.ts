/** The clips that a neuron map holds out. */
import type { Split } from '#contract'
import type { LabelledClip } from '../../engine-host/contract/index.ts'
import type { Model, OpenProject, Store } from '../../store/index.ts'
import { labelledClips } from '../workspace.ts'

/**
 * The clips of a split that a model has not learnt from: without those that were in another split when it was
 * trained, and without those of the corrections that it or a version before it has learnt.
 */
export function heldOutClips(project: OpenProject, model: Model, split: Split): LabelledClip[] {
  const { store } = project
  const before = store.clips.splitsBefore(model.corpusState)
  const corrected = correctedClips(store, model)
  return labelledClips(project, model.featureKey, model.topics, split).filter(
    ({ id }) => (before.get(id) ?? split) === split && !corrected.has(id),
  )
}

/** The clips of all corrections that led to a model. */
function correctedClips(store: Store, { id, parent }: Model): Set<number> {
  const clips = parent === null ? new Set<number>() : correctedClips(store, store.models.get(parent))
  for (const { clipId } of store.corrections.ofModel(id)) {
    clips.add(clipId)
  }
  return clips
}
