/** What a model has learnt from, and what was held out from it. */
import type { Split } from '#contract'
import type { LabelledClip } from '../engine-host/contract/index.ts'
import type { Model, OpenProject } from '../store/index.ts'
import { labelledClips } from './workspace.ts'

/** The clips of a split that a model has not learnt from. */
export function heldOutClips(project: OpenProject, model: Model, split: Split): LabelledClip[] {
  const tainted = taintedClips(project, model, split)
  return labelledClips(project, model.featureKey, model.topics, split).filter(({ id }) => !tainted.has(id))
}

/**
 * Clips of a split that a model learnt from although they are in it: those that were in another split when it was
 * trained, and those whose corrections it, or a version that it came from, has learnt.
 */
export function taintedClips({ store }: OpenProject, model: Model, split: Split): ReadonlySet<number> {
  const moved = store.clips
    .movedClips(model.corpusState)
    .filter(({ is }) => is === split)
    .map(({ clipId }) => clipId)
  const corrected = versionsUpTo(store, model)
    .flatMap(({ id }) => store.corrections.ofModel(id))
    .map(({ clipId }) => clipId)
    .filter((clipId) => store.clips.isThere(clipId) && store.clips.get(clipId).split === split)
  return new Set([...moved, ...corrected])
}

/** A model and those that it came from, the newest first. */
function versionsUpTo(store: OpenProject['store'], model: Model): Model[] {
  const versions = [model]
  for (let parent = model.parent; parent !== null; parent = versions.at(-1)!.parent) {
    versions.push(store.models.get(parent))
  }
  return versions
}
