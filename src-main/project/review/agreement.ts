/** How far two people who judge the same captions agree, beyond chance. */
import type { Agreement, AgreementReport, Split, Verdict } from '#contract'
import type { OpenProject, PersonVerdict } from '../../store/index.ts'

/** What a caption can be given to be; skipping it says nothing. */
const CATEGORIES: readonly Verdict[] = ['right', 'nearly', 'wrong']
const MOST_DISAGREEMENTS = 1000

type Pair = readonly [string, string]

/** A caption that both of a pair judged. */
interface JudgedByBoth {
  clipId: number
  verdicts: [Verdict, Verdict]
}

/** Of two people, or (null) of the two who judged the most captions both. */
export function agreementOf(
  { verdicts, generated }: OpenProject['store'],
  { modelId, split, between }: { modelId: number; split: Split; between: Pair | null },
): AgreementReport {
  const names = verdicts.captioned(modelId, split)
  const judged = [...verdicts.ofModel(modelId)].flatMap(([clipId, ofClip]) => {
    const given = ofClip.filter(({ verdict }) => CATEGORIES.includes(verdict))
    return names.has(clipId) && given.length > 0 ? [{ clipId, given }] : []
  })
  const people = countPeople(judged.map(({ given }) => given))
  const pair = between ?? busiestPair(judged.map(({ given }) => given))
  if (pair === null) {
    return { people, agreement: null }
  }
  const both = judged.flatMap(({ clipId, given }): JudgedByBoth[] => {
    const [a, b] = pair.map((who) => given.find((verdict) => verdict.who === who)?.verdict)
    return a === undefined || b === undefined ? [] : [{ clipId, verdicts: [a, b] }]
  })
  const disagreements = both
    .filter(({ verdicts: [a, b] }) => a !== b)
    .map((row) => ({ ...row, clip: names.get(row.clipId) ?? '' }))
    .sort((a, b) => a.clip.localeCompare(b.clip, 'en', { numeric: true }))
    .slice(0, MOST_DISAGREEMENTS)
    .map((row) => ({ ...row, caption: generated.get(modelId, row.clipId)?.caption ?? '' }))
  const table = CATEGORIES.map((a) =>
    CATEGORIES.map((b) => both.filter(({ verdicts: [ofA, ofB] }) => ofA === a && ofB === b).length),
  )
  return {
    people,
    agreement: { between: [...pair], captions: both.length, table, ...cohensKappa(table), disagreements },
  }
}

function countPeople(judged: readonly PersonVerdict[][]): AgreementReport['people'] {
  const counts = new Map<string, number>()
  for (const { who } of judged.flat()) {
    counts.set(who, (counts.get(who) ?? 0) + 1)
  }
  return [...counts].map(([who, n]) => ({ who, judged: n })).sort((a, b) => b.judged - a.judged)
}

/** The two who judged the most captions both; null: no caption is judged by two. */
function busiestPair(judged: readonly PersonVerdict[][]): Pair | null {
  const counts = new Map<string, { pair: Pair; captions: number }>()
  for (const given of judged) {
    given.forEach(({ who: a }, i) => {
      for (const { who: b } of given.slice(i + 1)) {
        const name = JSON.stringify([a, b])
        counts.set(name, { pair: [a, b], captions: (counts.get(name)?.captions ?? 0) + 1 })
      }
    })
  }
  const [busiest] = [...counts.values()].sort((a, b) => b.captions - a.captions)
  return busiest?.pair ?? null
}

/**
 * Cohen's kappa of a square table of counts, the first rater's category by row and the second's by column: (observed -
 * expected) / (1 - expected), with the 95% interval of the normal approximation. J. Cohen, A coefficient of agreement for
 * nominal scales, 1960.
 */
export function cohensKappa(
  table: readonly (readonly number[])[],
): Pick<Agreement, 'observed' | 'expected' | 'kappa'> {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const n = sum(table.map(sum))
  if (n === 0) {
    return { observed: 0, expected: 0, kappa: null }
  }
  const observed = sum(table.map((row, i) => row[i] ?? 0)) / n
  const expected = sum(table.map((row, i) => sum(row) * sum(table.map((other) => other[i] ?? 0)))) / n ** 2
  if (expected === 1) {
    return { observed, expected, kappa: null }
  }
  const value = (observed - expected) / (1 - expected)
  const error = Math.sqrt((observed * (1 - observed)) / n) / (1 - expected)
  return { observed, expected, kappa: { value, low: value - 1.96 * error, high: value + 1.96 * error } }
}
