/** What a model says of a split, with its scores. */
import type { CaptionMetrics, Decoding, Device, Evaluation, Split } from '#contract'
import { isUnspaced } from '../../common/tokenize.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { GeneratedCaption } from '../../engine-host/contract/index.ts'
import { isCaptioner } from '../../store/index.ts'
import type { Captioner, Model, OpenProject, StoredCaption } from '../../store/index.ts'
import { clipsWithFeatures, modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

/** A captioned split with its scores, not stored yet. */
export interface CaptionedSplit extends Omit<SplitScores, 'ciders'> {
  captions: StoredCaption[]
}

export interface SplitScores {
  /** By clip; of those that people say something of. */
  ciders: ReadonlyMap<number, number | null>
  evaluation: Evaluation
  /** Of each topic column, null where undefined; null for a model without topics. */
  averagePrecision: (number | null)[] | null
  /** What people should hear of the scores. */
  notices: string[]
}

/** A split whose captions are scored. */
interface SplitToScore {
  workspace: Workspace
  project: OpenProject
  model: Pick<Model, 'kind' | 'topics'>
  split: Split
  options: CallOptions
}

/** A split that a model is to caption. */
interface SplitToCaption extends SplitToScore {
  model: Captioner
  decoding: Decoding
  device?: Device
}

/** Captions the clips of a split. Throws NOT_READY when none has features, or none of them human captions. */
export async function captionSplit(request: SplitToCaption): Promise<CaptionedSplit> {
  const { workspace, project, model, split, decoding, options, device = 'auto' } = request
  const clips = clipsWithFeatures(project, model.featureKey, split)
  if (clips.length === 0) {
    throw failures.splitWithoutFeatures({ split, modelId: model.id })
  }
  const { captions } = await workspace.engine.call(
    'captioner.caption',
    { modelDir: modelFolder(project, model), clips, decoding, device },
    options,
  )
  const { ciders, ...scores } = await scoreSplit(request, captions)
  return {
    ...scores,
    captions: captions.map((caption) => toStored(caption, decoding, ciders.get(caption.id) ?? null)),
  }
}

/** What a system says of a clip; `topics`: f(v-bar) by column, none where it has no f. */
type SaidOfClip = Pick<GeneratedCaption, 'id' | 'caption' | 'topics'>

/** Scores captions of a split. Throws NOT_READY where people say nothing of its clips. */
export async function scoreSplit(
  { workspace, project, model, split, options }: SplitToScore,
  captions: readonly SaidOfClip[],
): Promise<SplitScores> {
  const { store } = project
  const human = store.captions.textsByClip(split)
  const scorable = captions.filter(({ id }) => human.has(id))
  if (scorable.length === 0) {
    throw failures.splitWithoutCaptions({ split })
  }
  const vectors = store.topics.vectors(model.topics)
  const scores = await workspace.engine.call(
    'metrics.evaluate',
    {
      captions: scorable.map(({ id, caption, topics }) => ({ id, caption, topics })),
      references: scorable.map(({ id }) => ({ id, captions: human.get(id) ?? [] })),
      candidates: [...store.captions.textsByClip('train').values()].flat(),
      topicTruth: tellsTopics(model, scorable)
        ? scorable.map(({ id }) => ({ id, topics: vectors.get(id) ?? [] }))
        : null,
    },
    options,
  )
  return {
    ciders: new Map(scorable.map(({ id }, i) => [id, scores.cider[i] ?? null])),
    evaluation: {
      split,
      captions: scorable.length,
      metrics: scores.metrics,
      fixedCaption: scores.fixedCaption,
      topics: scores.topics && { mAP: scores.topics.mAP, chance: scores.topics.chance },
      intervals: scores.intervals,
    },
    averagePrecision: scores.topics?.averagePrecision ?? null,
    notices: divisionNotices([...human.values()].flat()),
  }
}

/** The baseline's topic head is never trained, and another system's model has one where its activations came along. */
const tellsTopics = ({ kind }: Pick<Model, 'kind'>, captions: readonly SaidOfClip[]): boolean =>
  kind !== 'baseline' && captions.every(({ topics }) => topics.length > 0)

/**
 * Scores what another system says of a split once more, against what people say now, and stores it. Throws NOT_READY
 * where it says nothing of the split, or people don't. Returns how many captions there are, with their scores.
 */
export async function rescoreSplit(
  request: SplitToScore & { model: Model },
): Promise<SplitScores & { captions: number }> {
  const { project, model, split } = request
  const { store } = project
  const stored = store.generated.all(model.id, split)
  if (stored.length === 0) {
    throw failures.splitWithoutImported({ modelId: model.id, name: model.external?.name ?? '', split })
  }
  const scores = await scoreSplit(
    request,
    stored.map(({ clipId, caption, topics }) => ({ id: clipId, caption, topics })),
  )
  store.transaction(() => {
    store.generated.measure(
      model.id,
      stored.map(({ clipId, topics }) => ({ clipId, topics, cider: scores.ciders.get(clipId) ?? null })),
    )
    store.models.setEvaluation(model.id, scores.evaluation, scores.averagePrecision)
  })
  return { ...scores, captions: stored.length }
}

/** What people should hear of the scores of texts whose words a dictionary has found. */
export const divisionNotices = (texts: readonly string[]): string[] =>
  texts.some(isUnspaced)
    ? [
        "Some captions are in a script without spaces: they were divided into words by Unicode's dictionaries, so the scores compare with no others that were divided otherwise.",
      ]
    : []

export function toStored(
  generated: GeneratedCaption,
  decoding: Decoding,
  cider: number | null,
): StoredCaption {
  const { id, caption, logProbability, words, topics } = generated
  const alternatives = generated.alternatives.map((alternative) => ({
    caption: alternative.caption,
    logProbability: alternative.logProbability,
  }))
  return { clipId: id, decoding, caption, logProbability, score: null, words, topics, cider, alternatives }
}

/** Stores a captioned split, whole or not at all. */
export function storeSplit(
  { store }: OpenProject,
  modelId: number,
  { captions, evaluation, averagePrecision }: CaptionedSplit,
): void {
  store.transaction(() => {
    store.generated.put(modelId, captions)
    store.models.setEvaluation(modelId, evaluation, averagePrecision)
  })
}

/**
 * The CIDEr that captions of clips have, or would have; document frequencies are those of an evaluation: from
 * the clips of the split (null: of all) that the model can caption. Null for a clip of which people say
 * nothing.
 */
export async function cidersOf({
  workspace,
  modelId,
  split,
  hypotheses,
  options,
}: {
  workspace: Workspace
  modelId: number
  split: Split | null
  hypotheses: readonly { clipId: number; caption: string }[]
  options: CallOptions
}): Promise<(number | null)[]> {
  const { store } = workspace.project()
  const human = store.captions.textsByClip(split)
  const references = captionable(store, store.models.get(modelId), split).flatMap((clipId) => {
    const captions = human.get(clipId)
    return captions === undefined ? [] : [{ id: clipId, captions }]
  })
  const documents = new Set(references.map(({ id }) => id))
  const scorable = hypotheses.filter(({ clipId }) => documents.has(clipId))
  if (scorable.length === 0) {
    return hypotheses.map(() => null)
  }
  const { cider } = await workspace.engine.call(
    'metrics.cider',
    { hypotheses: scorable.map(({ clipId, caption }) => ({ id: clipId, caption })), references },
    options,
  )
  const ciders = cider.values()
  return hypotheses.map(({ clipId }) => (documents.has(clipId) ? (ciders.next().value ?? null) : null))
}

/** The clips of a split (null: of all) that a model can caption, or, of another system's, that it did. */
const captionable = (store: OpenProject['store'], model: Model, split: Split | null): number[] =>
  (isCaptioner(model)
    ? store.features.paths(model.featureKey, split)
    : store.generated.all(model.id, split)
  ).map(({ clipId }) => clipId)

/**
 * Metrics of one caption as it was scored; null when it was not. Only CIDEr needs the rest of its split, and
 * is stored.
 */
export async function metricsOf(
  workspace: Workspace,
  { clipId, caption, cider }: StoredCaption,
): Promise<CaptionMetrics | null> {
  const { store } = workspace.project()
  const references = store.captions.ofClip(clipId).map(({ text }) => text)
  if (cider === null || references.length === 0) {
    return null
  }
  const { metrics } = await workspace.engine.call('metrics.score', {
    hypotheses: [{ id: '', caption }],
    references: [{ id: '', captions: references }],
    tokenizer: 'words',
    bootstrap: null,
  })
  return { ...metrics, CIDEr: cider }
}
