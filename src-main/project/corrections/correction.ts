import { VitrineError } from '#contract'
import type { Correction } from '#contract'
import type { OpenProject, StoredCorrection } from '../../store/index.ts'

/** A correction as it is shown: topics by their labels, the clip by its name. */
export function named({ store }: OpenProject, { topics, state, ...own }: StoredCorrection): Correction {
  if (state === 'withdrawn' || state === 'discarded') {
    throw new VitrineError('NOT_FOUND', `Correction ${own.id} was taken out of the queue.`)
  }
  return {
    ...own,
    state,
    clip: store.clips.get(own.clipId).name,
    topics: topics.map((moved) => ({ ...moved, label: store.topics.get(moved.topicId).label })),
  }
}
