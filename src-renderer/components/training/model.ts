import type { CaptionerKind, ModelRow } from '#contract'
import { t } from '../../language/index.ts'
import { phrase } from '../../language/phrases.ts'

type NamedModel = Pick<ModelRow, 'id' | 'kind' | 'origin' | 'external'>

/** How a model version is called everywhere: "v7 interpretive", "v8 corrected", "v9 BLIP". */
export function modelName({ id, kind, origin, external }: NamedModel): string {
  if (external !== null) {
    return `v${id} ${external.name}`
  }
  return `v${id} ${origin === 'trained' && kind !== 'external' ? KINDS[kind] : phrase('origin', origin)}`
}

/** What changed since a model was trained, in sentences of the window's language. */
export const staleOf = ({ stale }: Pick<ModelRow, 'stale'>): string[] =>
  stale.map((reason) => phrase('stale', reason))

export const KINDS: Record<CaptionerKind, string> = {
  get interpretive() {
    return t('training.interpretive')
  },
  get baseline() {
    return t('training.baseline')
  },
  get 'random-topics'() {
    return t('training.randomTopics')
  },
}

/** Why nothing can be run with a model, and so nothing moved, corrected or exported; null: it was trained here. */
export const notRunnable = (model: Pick<ModelRow, 'external'> | null): string | null =>
  (model?.external ?? null) === null
    ? null
    : t('training.isAnotherSystemsModelWhich', { name: model!.external!.name })

/** Why there is nothing to see of a model's neurons, or null. */
export function withoutNeurons(model: Pick<ModelRow, 'external' | 'kind'>): string | null {
  if (model.kind === 'baseline') {
    return t('training.aBaselineHasNoTopics')
  }
  return model.external !== null && model.external.activations === null
    ? t('training.cameWithoutActivationsItHas', { name: model.external.name })
    : null
}
