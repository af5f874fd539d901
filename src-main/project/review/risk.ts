/**
 * How probably a caption is wrong, told in several ways that have no common unit; so each is a caption's rank
 * among those of its split (0: the last to doubt, 1: the first; equal ones share their mean rank), and the
 * risk is their mean.
 */
import type { CaptionRow, RiskParts, Split } from '#contract'
import { tokenize } from '../../common/tokenize.ts'
import type { CaptionFigures, Model, OpenProject, Table } from '../../store/index.ts'
import { thumbnailUrl, videoUrl } from '../workspace.ts'
import { CLIP_TOPIC_TABLES } from './clip-topics.ts'
import { topicErrors, topicSpotter, topicVerdicts } from './topic-verdicts.ts'
import type { TopicErrors } from './topic-verdicts.ts'

/** A caption with its risk, without what people say of it. */
export type RatedCaption = Omit<CaptionRow, 'verdict' | 'former' | 'others' | 'noted'>

/** The tables that `rateCaptions` reads: a rating holds until one of them changes. */
export const RATED_TABLES = [
  'caption',
  'clip',
  'generated_caption',
  'import',
  'model',
  'working_language',
  ...CLIP_TOPIC_TABLES,
] as const satisfies readonly Table[]

/** What of a caption's topics is wrong: see `captionRow` of the contract. */
interface TopicDoubts extends TopicErrors {
  /** Topics that f predicts and the caption does not name, or the other way round. */
  disagreements: number
}

/**
 * Rates the captions of a split, by clip id; `otherModel`: the one that they are laid beside. Throws
 * NOT_FOUND for an unknown model.
 */
export function rateCaptions(
  { store }: OpenProject,
  modelId: number,
  split: Split,
  otherModel: number | null,
): RatedCaption[] {
  const model = store.models.get(modelId)
  const captions = store.generated.figures(modelId, split)
  const otherCaptions = otherModel === null ? null : captionsByClip(store, otherModel, split)
  const others = captions.map(({ clipId }) => otherCaptions?.get(clipId) ?? null)
  const doubts = captions.map(topicDoubts(store, model, split))
  const parts = rankParts(captions, doubts, others)
  const clips = new Map(store.clips.all(split).map((clip) => [clip.id, clip]))
  return captions.map(({ clipId, caption, logProbability, score, cider }, i) => {
    const clip = clips.get(clipId)
    return {
      clipId,
      clip: clip?.name ?? '',
      split,
      thumbnailUrl: clip ? thumbnailUrl(clip) : null,
      videoUrl: clip ? videoUrl(clip) : null,
      start: clip?.start ?? null,
      end: clip?.end ?? null,
      caption,
      logProbability,
      score,
      cider,
      risk: riskOf(parts[i]!),
      parts: parts[i]!,
      missing: doubts[i]?.missing ?? [],
      unsupported: doubts[i]?.unsupported ?? [],
      other: others[i] ?? null,
    }
  })
}

function captionsByClip(
  store: OpenProject['store'],
  modelId: number,
  split: Split,
): ReadonlyMap<number, string> {
  const captions = store.generated.figures(store.models.get(modelId).id, split)
  return new Map(captions.map(({ clipId, caption }) => [clipId, caption]))
}

/** Counts the topic errors of a model's captions; null for a clip of which people say nothing. */
function topicDoubts(
  store: OpenProject['store'],
  model: Model,
  split: Split,
): (caption: CaptionFigures) => TopicDoubts | null {
  const topicsIn = topicSpotter(store.topics.getAll(model.topics))
  const vectors = store.topics.vectors(model.topics)
  const captions = store.captions.textsByClip(split)
  const threshold = predictionThreshold(model)
  return ({ clipId, caption, topics: scores }) => {
    const human = captions.get(clipId)
    if (human === undefined) {
      return null
    }
    const named = topicsIn(caption)
    const borne = new Set(vectors.get(clipId))
    const verdicts = topicVerdicts(named, borne, () => topicsIn(human.join('\n')))
    const disagrees = (isNamed: boolean, column: number): boolean =>
      threshold !== null && scores.length > 0 && (scores[column] ?? 0) > threshold !== isNamed
    return { ...topicErrors(model.topics, verdicts), disagreements: named.filter(disagrees).length }
  }
}

/** The score above which f predicts a topic; null for a baseline, whose f was never trained. */
export function predictionThreshold({ kind, settings }: Model): number | null {
  if (kind === 'baseline') {
    return null
  }
  // f is fitted to s in {0, 1} itself, or says its logit.
  return settings.topicLoss === 'squared' ? 0.5 : 0
}

/** The parts of each caption's risk, in the order of the captions. */
function rankParts(
  captions: readonly (CaptionFigures & { wordCount: number })[],
  doubts: readonly (TopicDoubts | null)[],
  others: readonly (string | null)[],
): RiskParts[] {
  const likelihood = ranks(captions.map(unlikelihood))
  const topics = ranks(
    doubts.map((doubt) => doubt && doubt.missing.length + doubt.unsupported.length + doubt.disagreements),
  )
  const people = ranks(captions.map(({ cider }) => (cider === null ? null : -cider)))
  const models = ranks(
    captions.map(({ caption }, i) => {
      const other = others[i] ?? null
      return other === null ? null : 1 - wordOverlap(caption, other)
    }),
  )
  return captions.map((_, i) => ({
    likelihood: likelihood[i] ?? null,
    topics: topics[i] ?? null,
    people: people[i] ?? null,
    models: models[i] ?? null,
  }))
}

/** How unsure a system is of a caption: of ours -ln p a word, whose end is a word of its own. */
function unlikelihood({
  logProbability,
  score,
  wordCount,
}: CaptionFigures & { wordCount: number }): number | null {
  if (logProbability !== null) {
    return -logProbability / (wordCount + 1)
  }
  return score === null ? null : -score
}

function riskOf(parts: RiskParts): number {
  const known = Object.values(parts).filter((part) => part !== null)
  return known.reduce((sum, part) => sum + part, 0) / Math.max(1, known.length)
}

/** Share of the words of two captions that both have, each as often (the F1 of their words), 0 to 1. */
export function wordOverlap(a: string, b: string): number {
  const [wordsA, wordsB] = [tokenize(a), tokenize(b)]
  const unmatched = new Map<string, number>()
  for (const word of wordsA) {
    unmatched.set(word, (unmatched.get(word) ?? 0) + 1)
  }
  let shared = 0
  for (const word of wordsB) {
    const count = unmatched.get(word) ?? 0
    if (count > 0) {
      unmatched.set(word, count - 1)
      shared += 1
    }
  }
  const words = wordsA.length + wordsB.length
  return words === 0 ? 1 : (2 * shared) / words
}

/** Ranks from 0 (smallest) to 1 (largest), equal values sharing their mean rank; null stays null. */
export function ranks(values: readonly (number | null)[]): (number | null)[] {
  const order = values
    .flatMap((value, index) => (value === null ? [] : [{ value, index }]))
    .sort((a, b) => a.value - b.value)
  const ranked: (number | null)[] = values.map(() => null)
  for (let start = 0; start < order.length;) {
    let end = start
    while (end < order.length && order[end]!.value === order[start]!.value) {
      end++
    }
    for (const { index } of order.slice(start, end)) {
      ranked[index] = order.length === 1 ? 0 : (start + end - 1) / 2 / (order.length - 1)
    }
    start = end
  }
  return ranked
}
