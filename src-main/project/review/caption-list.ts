import { isDeepStrictEqual } from 'node:util'
import { clipConditions } from '#contract'
import type { CaptionPage, CaptionRow, PersonVerdict } from '#contract'
import type { OpenProject } from '../../store/index.ts'
import type { Input } from '../service.ts'
import { clipQuestion } from './conditions.ts'
import type { RatedCaption } from './risk.ts'

/** `who`: the person whose verdicts count. */
type Query = Input<'review', 'list'> & { who: string }

/** The page of captions that a query wants, in its order, with what people say of them now. */
export function listCaptions(
  store: OpenProject['store'],
  rated: readonly RatedCaption[],
  query: Query,
): CaptionPage {
  const rows = matchingCaptions(store, rated, query)
  const offset = pageStart(rows, query)
  return { total: rows.length, offset, rows: rows.slice(offset, offset + query.limit) }
}

/** The clips of all captions that a query lists, in its order. */
export const listedClips = (
  store: OpenProject['store'],
  rated: readonly RatedCaption[],
  query: Query,
): number[] => matchingCaptions(store, rated, query).map(({ clipId }) => clipId)

/** The clip of the next caption in the order of a query that the person has not judged; null: there is none. */
export function nextUnjudged(
  store: OpenProject['store'],
  rated: readonly RatedCaption[],
  query: Query,
): number | null {
  // Where it is to go on from may be judged, and so be missing from a list of those that are not.
  const rows = matchingCaptions(store, rated, { ...query, verdict: 'any' })
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
  query: Query,
): CaptionRow[] {
  const verdicts = store.verdicts.ofModel(query.modelId)
  const former = store.verdicts.former(query.modelId, query.who)
  const matching = clipsWhere(store, query)
  const noted = store.verdicts.notedClips()
  return rated
    .filter(({ clipId }) => matching === null || matching.has(clipId))
    .map((caption): CaptionRow => ({
      ...caption,
      ...verdictsFor(query.who, verdicts.get(caption.clipId), former.get(caption.clipId)),
      noted: noted.has(caption.clipId),
    }))
    .filter(matcherOf(query))
    .sort(comparerOf(query))
}

/** The clips of which the conditions of a query hold; null: it has none. */
function clipsWhere(store: OpenProject['store'], query: Query): ReadonlySet<number> | null {
  const { where, modelId, otherModel, split, who } = query
  if (isDeepStrictEqual(where, clipConditions.parse({}))) {
    return null
  }
  return store.clips.matching(
    clipQuestion(store, { ...where, search: '', split, verdict: 'any', modelId, otherModel, who }),
  )
}

/** What people say of a caption, as it looks to one of them; `former`: what this one said of an earlier one. */
export function verdictsFor(
  who: string,
  given: readonly PersonVerdict[] = [],
  former: CaptionRow['former'] | undefined,
): Pick<CaptionRow, 'verdict' | 'former' | 'others'> {
  const verdict = given.find((one) => one.who === who)?.verdict ?? null
  const others = given
    .filter((one) => one.who !== who)
    .map(({ who: other, verdict: theirs }) => ({ who: other, verdict: theirs }))
  return {
    verdict,
    former:
      verdict !== null || former === undefined || former === null
        ? null
        : { caption: former.caption, verdict: former.verdict },
    others,
  }
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
    case 'nobody':
      return row.verdict === null && row.others.length === 0
    case 'disputed':
      return isDisputed(row)
    default:
      return (row.verdict ?? 'none') === wanted
  }
}

function isDisputed({ verdict, others }: CaptionRow): boolean {
  const given = [verdict, ...others.map((other) => other.verdict)]
  return new Set(given.filter((one) => one !== null && one !== 'skip')).size > 1
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
