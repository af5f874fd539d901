/**
 * How probably a caption is wrong, told in several ways that have no common unit; so each is a caption's rank among those
 * of its split (0: the last to doubt, 1: the first; equal ones share their mean rank), and the risk is their mean.
 */
import type { CaptionRow, captionQuery, RiskParts } from '#contract'
import type * as z from 'zod'
import { tokenize } from '../engine/metrics/tokenize.ts'
import type { OpenProject, StoredCaption } from '../store/index.ts'
import { thumbnailUrl } from './workspace.ts'
import { topicSpotter } from './words.ts'

/** f of a topic that is predicted. */
const PREDICTED = 0.5

/** What a caption and its clip say of topics, by topic id. */
interface TopicErrors {
  missing: number[]
  unsupported: number[]
  /** Topics that f predicts and the caption does not name, or the other way round. */
  disagreements: number
}

/** Captions of a split as the query wants them. Time: linear in the captions, but for ordering them. */
export function listCaptions({ store }: OpenProject, query: z.output<typeof captionQuery>): CaptionRow[] {
  const model = store.models.get(query.modelId)
  const captions = store.captions.all(query.modelId, query.split)
  const others = query.otherModel === null ? null : new Map(store.captions.all(query.otherModel, query.split).map(({ clipId, caption }) => [clipId, caption]))
  const topics = model.topics.map((id) => store.topics.get(id))
  const errorsOf = topicErrors(topics, model.kind === 'baseline' ? null : store.topics.vectors(model.topics), store.clips.captionsByClip(query.split))
  const errors = captions.map(errorsOf)
  const parts: Record<keyof RiskParts, (number | null)[]> = {
    likelihood: ranks(captions.map(({ logProbability, words }) => -logProbability / Math.max(1, words.length))),
    topics: ranks(errors.map((own) => own && own.missing.length + own.unsupported.length + own.disagreements)),
    people: ranks(captions.map(({ cider }) => (cider === null ? null : -cider))),
    models: ranks(captions.map(({ clipId, caption }) => { const other = others?.get(clipId); return other === undefined ? null : 1 - wordOverlap(caption, other) })),
  }
  const clips = new Map(store.clips.all(query.split).map((clip) => [clip.id, clip]))
  const verdicts = store.captions.verdicts(query.modelId)
  const noted = store.clips.noted()
  const rows = captions.map(({ clipId, caption, logProbability, cider }, i): CaptionRow => {
    const own: RiskParts = { likelihood: parts.likelihood[i] ?? null, topics: parts.topics[i] ?? null, people: parts.people[i] ?? null, models: parts.models[i] ?? null }
    const told = Object.values(own).filter((part) => part !== null)
    const clip = clips.get(clipId)
    return {
      clipId, clip: clip?.name ?? '', split: query.split, thumbnailUrl: clip ? thumbnailUrl(clip) : null, caption, logProbability, cider,
      risk: told.reduce((sum, part) => sum + part, 0) / Math.max(1, told.length), parts: own,
      missing: errors[i]?.missing ?? [], unsupported: errors[i]?.unsupported ?? [],
      verdict: verdicts.get(clipId) ?? null, noted: noted.has(clipId), other: others?.get(clipId) ?? null,
    }
  })
  const text = query.search.trim().toLowerCase()
  const { order, verdict, topicId } = query
  const wanted = rows.filter((row) =>
    (text === '' || row.caption.toLowerCase().includes(text) || row.clip.toLowerCase().includes(text))
    && (verdict === 'any' || (verdict === 'none' ? row.verdict === null : row.verdict === verdict))
    && (topicId === null || row.missing.includes(topicId) || row.unsupported.includes(topicId))
    && (!query.onlyDifferent || (row.other !== null && row.other !== row.caption)))
  const byName = (a: CaptionRow, b: CaptionRow): number => a.clip.localeCompare(b.clip, 'en', { numeric: true })
  if (order === 'clip') return wanted.sort(byName)
  const doubt = (row: CaptionRow): number => (order === 'risk' ? row.risk : (row.parts[order] ?? -1))
  return wanted.sort((a, b) => doubt(b) - doubt(a) || byName(a, b))
}

/** Tells the topic errors of captions; null for a clip of which people say nothing. `vectors` null: the model knows no topics. */
function topicErrors(
  topics: readonly { id: number; words: readonly { word: string; p: number }[] }[], vectors: ReadonlyMap<number, readonly number[]> | null, captions: ReadonlyMap<number, readonly string[]>,
): (caption: StoredCaption) => TopicErrors | null {
  const spot = topicSpotter(topics)
  return ({ clipId, caption, topics: scores }) => {
    const human = captions.get(clipId)
    if (vectors === null || human === undefined) return null
    const borne = new Set(vectors.get(clipId))
    const named = spot(caption)
    const byPeople = spot(human.join('\n'))
    const own: TopicErrors = { missing: [], unsupported: [], disagreements: 0 }
    topics.forEach(({ id }, column) => {
      if (borne.has(column) && !named[column]) own.missing.push(id)
      if (named[column] && !borne.has(column) && !byPeople[column]) own.unsupported.push(id)
      if (((scores[column] ?? 0) > PREDICTED) !== named[column]) own.disagreements += 1
    })
    return own
  }
}

/** Share of the words of two captions that both have, each as often (the F1 of their words), 0 to 1. */
export function wordOverlap(a: string, b: string): number {
  const [first, second] = [tokenize(a), tokenize(b)]
  const left = new Map<string, number>()
  for (const word of first) left.set(word, (left.get(word) ?? 0) + 1)
  let both = 0
  for (const word of second) {
    const count = left.get(word) ?? 0
    if (count === 0) continue
    left.set(word, count - 1)
    both += 1
  }
  return first.length + second.length === 0 ? 1 : (2 * both) / (first.length + second.length)
}

/** Ranks from 0 (smallest) to 1 (largest), equal values sharing their mean rank; null stays null. */
export function ranks(values: readonly (number | null)[]): (number | null)[] {
  const order = values.flatMap((value, i) => (value === null ? [] : [{ value, i }])).sort((a, b) => a.value - b.value)
  const result: (number | null)[] = values.map(() => null)
  for (let start = 0; start < order.length;) {
    let end = start
    while (end < order.length && order[end]!.value === order[start]!.value) end++
    for (let at = start; at < end; at++) result[order[at]!.i] = order.length === 1 ? 0 : (start + end - 1) / 2 / (order.length - 1)
    start = end
  }
  return result
}
