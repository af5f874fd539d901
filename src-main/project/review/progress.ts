/** How far a person's work on the captions of a split is, and how fast it goes. */
import type { ReviewProgress, Split } from '#contract'
import type { OpenProject } from '../../store/index.ts'

/** Longer than this between two verdicts is a break, in minutes. */
const BREAK = 5
/** Verdicts that tell a pace, at least. */
const ENOUGH = 5

export function progressOf(
  { verdicts }: OpenProject['store'],
  { modelId, split, who, since }: { modelId: number; split: Split; who: string; since: string },
): ReviewProgress {
  const captions = verdicts.countCaptioned(modelId, split)
  const given = verdicts.givenBy(who, modelId, split)
  const today = given.flatMap((at) => (at !== null && at >= since ? [at] : []))
  const perMinute = paceOf(today)
  return {
    captions,
    judged: given.length,
    today: today.length,
    perMinute,
    minutesLeft: perMinute === null ? null : (captions - given.length) / perMinute,
  }
}

/** Verdicts a minute by when they were given (ISO 8601 in UTC, in any order), breaks left out; null: too few to say. */
export function paceOf(times: readonly string[]): number | null {
  const minutes = times.map((time) => Date.parse(time) / 60_000).sort((a, b) => a - b)
  const gaps = minutes.slice(1).map((minute, i) => minute - minutes[i]!)
  const atWork = gaps.filter((gap) => gap <= BREAK)
  const spent = atWork.reduce((sum, gap) => sum + gap, 0)
  return atWork.length < ENOUGH - 1 || spent === 0 ? null : atWork.length / spent
}
