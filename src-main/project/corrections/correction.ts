import type { Correction, LearntOutcome } from '#contract'
import { count } from '../../common/text.ts'
import type { OpenProject, StoredCorrection } from '../../store/index.ts'
import { failures } from './failures.ts'

/** A correction as it is shown: topics by their labels, the clip by its name. */
export function shownCorrection({ store }: OpenProject, stored: StoredCorrection): Correction {
  const { topics, state, lasts: _, leftOut, ...correction } = stored
  if (state === 'withdrawn' || state === 'discarded') {
    throw failures.takenOut({ correctionId: stored.id })
  }
  return {
    ...correction,
    state,
    clip: store.clips.get(correction.clipId).name,
    topics: topics.map((moved) => ({ ...moved, label: store.topics.get(moved.topicId).label })),
    learnt: learntOutcomeOf(stored),
    leftOut: leftOut
      .filter((clipId) => store.clips.isThere(clipId))
      .map((clipId) => ({ clipId, clip: store.clips.get(clipId).name })),
  }
}

/** How well the version that learnt a correction says it; null where none has. */
export function learntOutcomeOf({ after, wanted, lasts }: StoredCorrection): LearntOutcome | null {
  if (after === null) {
    return null
  }
  if (after !== wanted) {
    return 'missed'
  }
  return lasts === true ? 'lasts' : 'held'
}

/** `the correction of clip0062`, `3 corrections`. */
export function describeCorrections(
  { store }: OpenProject,
  corrections: readonly StoredCorrection[],
): string {
  const [first] = corrections
  return corrections.length === 1 && first
    ? `the correction of ${store.clips.get(first.clipId).name}`
    : count(corrections.length, 'correction')
}
