/**
 * How probably a caption is wrong, told in several ways that have no common unit; so each is a caption's rank
 * among those of its split (0: the last to doubt, 1: the first; equal ones share their mean rank), and the
 * risk is their mean.
 */
import type { CaptionRow, captionQuery, RiskParts, Split } from '#contract'
import type * as z from 'zod'
import { tokenize } from '../../common/tokenize.ts'
import type { CaptionFigures, Model, OpenProject } from '../../store/index.ts'
import { thumbnailUrl } from '../workspace.ts'
import { topicSpotter, topicVerdicts } from './topic-verdicts.ts'

/** A caption with its risk, without what people say of it. */
export type RatedCaption = Omit<CaptionRow, 'verdict' | 'noted'>

/** The tables that `rateCaptions` reads: what it tells holds until one of them changes. */
export const RATED_TABLES = [
  'generated_caption',
  'model',
  'clip',
  'caption',
  'topic',
  'topic_word',
  'topic_run',
  'vocabulary',
  'clip_topic',
  'setting',
]

interface TopicErrors {
  /** Topics by id: see `captionRow` of the contract. */
  missing: number[]
  unsupported: number[]
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
  const others =
    otherModel === null
      ? null
      : new Map(
          store.generated
            .figures(store.models.get(otherModel).id, split)
            .map(({ clipId, caption }) => [clipId, caption]),
        )
  const errors = captions.map(topicErrors(store, model, split))
  const parts: Record<keyof RiskParts, (number | null)[]> = {
    // The end is a word of its own.
    likelihood: ranks(captions.map(({ logProbability, wordCount }) => -logProbability / (wordCount + 1))),
    topics: ranks(
      errors.map((own) => own && own.missing.length + own.unsupported.length + own.disagreements),
    ),
    people: ranks(captions.map(({ cider }) => (cider === null ? null : -cider))),
    models: ranks(
      captions.map(({ clipId, caption }) => {
        const other = others?.get(clipId)
        return other === undefined ? null : 1 - wordOverlap(caption, other)
      }),
    ),
  }
  const clips = new Map(store.clips.all(split).map((clip) => [clip.id, clip]))
  return captions.map(({ clipId, caption, logProbability, cider }, i) => {
    const own: RiskParts = {
      likelihood: parts.likelihood[i] ?? null,
      topics: parts.topics[i] ?? null,
      people: parts.people[i] ?? null,
      models: parts.models[i] ?? null,
    }
    const told = Object.values(own).filter((part) => part !== null)
    const clip = clips.get(clipId)
    return {
      clipId,
      clip: clip?.name ?? '',
      split,
      thumbnailUrl: clip ? thumbnailUrl(clip) : null,
      caption,
      logProbability,
      cider,
      risk: told.reduce((sum, part) => sum + part, 0) / Math.max(1, told.length),
      parts: own,
      missing: errors[i]?.missing ?? [],
      unsupported: errors[i]?.unsupported ?? [],
      other: others?.get(clipId) ?? null,
    }
  })
}

const names = new Intl.Collator('en', { numeric: true })

/** The captions that a query wants, in its order, with what people say of them now. */
export function queryCaptions(
  store: OpenProject['store'],
  rated: readonly RatedCaption[],
  query: z.output<typeof captionQuery>,
): CaptionRow[] {
  const verdicts = store.generated.verdicts(query.modelId)
  const noted = store.generated.notedClips()
  const text = query.search.trim().toLowerCase()
  const { order, verdict, topicId } = query
  const rows = rated
    .map((own): CaptionRow => ({
      ...own,
      verdict: verdicts.get(own.clipId) ?? null,
      noted: noted.has(own.clipId),
    }))
    .filter(
      (row) =>
        (text === '' || row.caption.toLowerCase().includes(text) || row.clip.toLowerCase().includes(text)) &&
        (verdict === 'any' || (verdict === 'none' ? row.verdict === null : row.verdict === verdict)) &&
        (topicId === null || row.missing.includes(topicId) || row.unsupported.includes(topicId)) &&
        (!query.onlyDifferent || (row.other !== null && row.other !== row.caption)),
    )
  const byName = (a: CaptionRow, b: CaptionRow): number => names.compare(a.clip, b.clip)
  if (order === 'clip') {
    return rows.sort(byName)
  }
  const doubt = (row: CaptionRow): number => (order === 'risk' ? row.risk : (row.parts[order] ?? -1))
  return rows.sort((a, b) => doubt(b) - doubt(a) || byName(a, b))
}

/** Tells the topic errors of a model's captions; null for a clip of which people say nothing. */
function topicErrors(
  store: OpenProject['store'],
  model: Model,
  split: Split,
): (caption: CaptionFigures) => TopicErrors | null {
  const spot = topicSpotter(store.topics.getAll(model.topics))
  const vectors = store.topics.vectors(model.topics)
  const captions = store.captions.textsByClip(split)
  // f is fitted to s in {0, 1} itself, or says its logit; a baseline's was never trained.
  const predicted = model.kind === 'baseline' ? null : model.settings.topicLoss === 'squared' ? 0.5 : 0
  return ({ clipId, caption, topics: scores }) => {
    const human = captions.get(clipId)
    if (human === undefined) {
      return null
    }
    const named = spot(caption)
    const verdicts = topicVerdicts(named, new Set(vectors.get(clipId)), () => spot(human.join('\n')))
    const own: TopicErrors = { missing: [], unsupported: [], disagreements: 0 }
    verdicts.forEach((verdict, column) => {
      const topicId = model.topics[column]
      if (topicId !== undefined && (verdict === 'missing' || verdict === 'unsupported')) {
        own[verdict].push(topicId)
      }
      if (predicted !== null && (scores[column] ?? 0) > predicted !== named[column]) {
        own.disagreements += 1
      }
    })
    return own
  }
}

/** Share of the words of two captions that both have, each as often (the F1 of their words), 0 to 1. */
export function wordOverlap(a: string, b: string): number {
  const [first, second] = [tokenize(a), tokenize(b)]
  const left = new Map<string, number>()
  for (const word of first) {
    left.set(word, (left.get(word) ?? 0) + 1)
  }
  let both = 0
  for (const word of second) {
    const count = left.get(word) ?? 0
    if (count === 0) {
      continue
    }
    left.set(word, count - 1)
    both += 1
  }
  return first.length + second.length === 0 ? 1 : (2 * both) / (first.length + second.length)
}

/** Ranks from 0 (smallest) to 1 (largest), equal values sharing their mean rank; null stays null. */
export function ranks(values: readonly (number | null)[]): (number | null)[] {
  const order = values
    .flatMap((value, i) => (value === null ? [] : [{ value, i }]))
    .sort((a, b) => a.value - b.value)
  const result: (number | null)[] = values.map(() => null)
  for (let start = 0; start < order.length;) {
    let end = start
    while (end < order.length && order[end]!.value === order[start]!.value) {
      end++
    }
    for (let at = start; at < end; at++) {
      result[order[at]!.i] = order.length === 1 ? 0 : (start + end - 1) / 2 / (order.length - 1)
    }
    start = end
  }
  return result
}
