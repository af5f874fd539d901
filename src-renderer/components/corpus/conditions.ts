/** Conditions on clips as the window keeps and shows them. */
import { clipConditions } from '#contract'
import type { ClipConditions } from '#contract'

export const NO_CONDITIONS: ClipConditions = clipConditions.parse({})

/** Those that an earlier version of the window kept lack what it did not know. */
export const completed = (where: Partial<ClipConditions> | undefined): ClipConditions => ({
  ...NO_CONDITIONS,
  ...where,
})

/** How many conditions are set. */
export const conditionCount = ({ topic, tag, duration, score, differ, problem }: ClipConditions): number =>
  [
    topic !== null,
    tag !== null,
    duration.least !== null || duration.most !== null,
    score.least !== null || score.most !== null,
    differ,
    problem,
  ].filter(Boolean).length

export const isNone = (where: ClipConditions): boolean => conditionCount(where) === 0
