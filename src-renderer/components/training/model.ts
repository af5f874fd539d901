import type { ModelKind, ModelRow } from '#contract'

/** How a model version is called everywhere: "v7 interpretive", "v8 corrected". */
export const modelName = (model: Pick<ModelRow, 'id' | 'kind' | 'origin'>): string =>
  `v${model.id} ${model.origin === 'trained' ? KINDS[model.kind] : model.origin}`

export const KINDS: Record<ModelKind, string> = {
  interpretive: 'interpretive',
  baseline: 'baseline',
  'random-topics': 'random topics',
}
