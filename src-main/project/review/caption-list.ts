import type { CaptionPage, CaptionRow, Verdict } from '#contract'
import type { OpenProject } from '../../store/index.ts'
import type { Input } from '../service.ts'
import type { RatedCaption } from './risk.ts'

type Query = Input<'review', 'list'>

/** The page of captions that a query wants, in its order, with what people say of them now. */
export function listCaptions(
  store: OpenProject['store'],
  rated: readonly RatedCaption[],
  query: Query,
): CaptionPage {
  const verdicts = store.generated.verdicts(query.modelId)
  const rows = matchingCaptions(store, rated, verdicts, query)
  const offset = pageStart(rows, query)
  return {
    total: rows.length,
    captions: rated.length,
    judged: rated.filter(({ clipId }) => verdicts.has(clipId)).length,
    offset,
    rows: rows.slice(offset, offset + query.limit),
  }
}

/** The clip of the next caption in the order of a query that nobody has judged; null: there is none. */
export function nextUnjudged(
  store: OpenProject['store'],
  rated: readonly RatedCaption[],
  query: Query,
): number | null {
  const verdicts = store.generated.verdicts(query.modelId)
  // Where it is to go on from may be judged, and so be missing from a list of those that are not.
  const rows = matchingCaptions(store, rated, verdicts, { ...query, verdict: 'any' })
  const place = rows.findIndex(({ clipId }) => clipId === query.around)
  const isNext = (row: CaptionRow): boolean => row.verdict === null && row.clipId !== query.around
  return (rows.slice(place + 1).find(isNext) ?? rows.find(isNext))?.clipId ?? null
}

/** Index of the first row of the page that holds the clip which a query is around, or else of its offset. */
function pageStart(rows: readonly CaptionRow[], { around, offset, limit }: Query): number {
  const place = around === null ? -1 : rows.findIndex(({ clipId }) => clipId === around)
  return place < 0 ? offset : place - (place % limit)
}

function matchingCaptions(
  store: OpenProject['store'],
  rated: readonly RatedCaption[],
  verdicts: ReadonlyMap<number, Verdict>,
  query: Query,
): CaptionRow[] {
  const former = store.generated.formerVerdicts(query.modelId)
  const noted = store.generated.notedClips()
  return rated
    .map((caption): CaptionRow => ({
      ...caption,
      verdict: verdicts.get(caption.clipId) ?? null,
      former: verdicts.has(caption.clipId) ? null : (former.get(caption.clipId) ?? null),
      noted: noted.has(caption.clipId),
    }))
    .filter(matcherOf(query))
    .sort(comparerOf(query))
}

function matcherOf({ search, verdict, topicId, onlyDifferent }: Query): (row: CaptionRow) => boolean {
  const words = search.trim().toLowerCase()
  return (row) =>
    (words === '' || row.caption.toLowerCase().includes(words) || row.clip.toLowerCase().includes(words)) &&
    isJudged(row, verdict) &&
    (topicId === null || row.missing.includes(topicId) || row.unsupported.includes(topicId)) &&
    (!onlyDifferent || (row.other !== null && row.other !== row.caption))
}

function isJudged(row: CaptionRow, wanted: Query['verdict']): boolean {
  switch (wanted) {
    case 'any':
      return true
    case 'again':
      return row.former !== null
    default:
      return (row.verdict ?? 'none') === wanted
  }
}

const names = new Intl.Collator('en', { numeric: true })

function comparerOf({ order }: Query): (a: CaptionRow, b: CaptionRow) => number {
  const byName = (a: CaptionRow, b: CaptionRow): number => names.compare(a.clip, b.clip)
  if (order === 'clip') {
    return byName
  }
  const doubt = (row: CaptionRow): number => (order === 'risk' ? row.risk : (row.parts[order] ?? -1))
  return (a, b) => doubt(b) - doubt(a) || byName(a, b)
}
