/** The clips that a neuron map holds out. */
import type { Split } from '#contract'
import type { LabelledClip } from '../../engine-host/contract/index.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { taintedClips } from '../training/staleness.ts'
import { labelledClips } from '../workspace.ts'

/** The clips of a split that a model has not learnt from. */
export function heldOutClips(project: OpenProject, model: Model, split: Split): LabelledClip[] {
  const tainted = taintedClips(project, model, split)
  return labelledClips(project, model.featureKey, model.topics, split).filter(({ id }) => !tainted.has(id))
}
