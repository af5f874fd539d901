/** What a model has learnt from, and what was held out from it. */
import type { Split } from '#contract'
import { remembered } from '../common/remembered.ts'
import type { LabelledClip } from '../engine-host/contract/index.ts'
import type { CorpusState, Model, OpenProject } from '../store/index.ts'
import { labelledClips } from './workspace.ts'
import type { ModelWithNeurons } from './workspace.ts'

/** The clips of a split that a model has not learnt from. */
export function heldOutClips(project: OpenProject, model: ModelWithNeurons, split: Split): LabelledClip[] {
  const tainted = taintedClips(project, split)(model)
  return labelledClips(project, model.featureKey, model.topics, split).filter(({ id }) => !tainted.has(id))
}

/**
 * Tells the clips of a split that a model learnt from although they are in it: those that were in another split when
 * it was trained, and those whose corrections it, or a version that it came from, has learnt. What models share is
 * read once, however many are asked about.
 */
export function taintedClips({ store }: OpenProject, split: Split): (model: Model) => ReadonlySet<number> {
  const isInSplit = remembered(
    (clipId: number) => store.clips.isThere(clipId) && store.clips.get(clipId).split === split,
  )
  const corrected = remembered((modelId: number) =>
    store.corrections
      .ofModel(modelId)
      .map(({ clipId }) => clipId)
      .filter(isInSplit),
  )
  const parentOf = remembered((modelId: number) => store.models.get(modelId).parent)
  const moved = remembered(
    (state: CorpusState) =>
      store.clips
        .movedClips(state)
        .filter(({ is }) => is === split)
        .map(({ clipId }) => clipId),
    ({ lastClip, lastChange }) => `${lastClip} ${lastChange}`,
  )
  return (model) => {
    const clips = new Set(moved(model.corpusState))
    for (let id: number | null = model.id; id !== null; id = parentOf(id)) {
      corrected(id).forEach((clipId) => clips.add(clipId))
    }
    return clips
  }
}
