import { VitrineError } from '#contract'
import type { Correction } from '#contract'
import { count } from '../../common/text.ts'
import type { OpenProject, StoredCorrection } from '../../store/index.ts'

/** A correction as it is shown: topics by their labels, the clip by its name. */
export function named({ store }: OpenProject, correction: StoredCorrection): Correction {
  const { topics, state, ...rest } = correction
  if (state === 'withdrawn' || state === 'discarded') {
    throw new VitrineError('NOT_FOUND', `Correction ${correction.id} was taken out of the queue.`)
  }
  return {
    ...rest,
    state,
    clip: store.clips.get(correction.clipId).name,
    topics: topics.map((moved) => ({ ...moved, label: store.topics.get(moved.topicId).label })),
  }
}

/** `the correction of clip0062`, `3 corrections`. */
export const describeCorrections = (
  { store }: OpenProject,
  corrections: readonly StoredCorrection[],
): string =>
  corrections.length === 1 && corrections[0]
    ? `the correction of ${store.clips.get(corrections[0].clipId).name}`
    : count(corrections.length, 'correction')
