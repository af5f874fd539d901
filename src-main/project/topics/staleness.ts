/**
 * Whether topics still rest on training clips alone. A run keeps what there was of clips when it read their
 * captions; what has moved since follows from comparing, as it does for models: no edit has to know of topics.
 */
import { count } from '../../common/text.ts'
import type { OpenProject, TopicRun } from '../../store/index.ts'

type Store = OpenProject['store']

/** Whether a run read the captions of all clips; vectors that were imported are somebody else's. */
const readAllClips = ({ origin, request }: Pick<TopicRun, 'origin' | 'request'>): boolean =>
  origin !== 'imported' && request.from === 'all'

/** How many of some topics, current or past, were found in the captions of all clips. */
export const countFromAllClips = ({ topics }: Store, topicIds: readonly number[]): number =>
  [...topics.runsOf(topicIds).values()].filter(readAllClips).length

/** Why the current topics do not rest on the captions of the training clips as these are now, in sentences. */
export function describeStaleness(store: Store): string[] {
  const run = store.topics.run()
  const current = store.topics.inStates(['active', 'hidden']).map(({ id }) => id)
  const fromAllClips = countFromAllClips(store, current)
  return [
    ...(fromAllClips === 0 ? [] : [describeFromAllClips(fromAllClips)]),
    ...(run === null ? [] : describeMovedClips(store, run)),
  ]
}

export const describeFromAllClips = (topics: number): string =>
  `${count(topics, 'topic')} ${topics === 1 ? 'was' : 'were'} found in the captions of all clips: topic scores on validation and test are flattered.`

/** How the training split has changed since a run found topics in it, in sentences; none: it has not. */
function describeMovedClips({ clips }: Store, run: TopicRun): string[] {
  if (!restsOnSplit(run)) {
    return []
  }
  return clips.movedSince(run.corpusState).flatMap(({ was, is, clips: moved }) => {
    const are = `${count(moved, 'clip')} ${moved === 1 ? 'is' : 'are'}`
    if (was === 'train') {
      return is === null
        ? [`${are} removed that topics were found in.`]
        : [`${are} in ${is} now that topics were found in.`]
    }
    return is === 'train' ? [`${are} in train now that topics were not found in.`] : []
  })
}

/** Of topics how many clips bear each that it was found in and that have left the training split since. */
export function countMovedClips(store: Store, topicIds: readonly number[]): Map<number, number> {
  const moved = new Map<number, number>()
  const byRun = Map.groupBy(store.topics.runsOf(topicIds), ([, run]) => run.id)
  for (const group of byRun.values()) {
    const run = group[0]![1]
    const left = restsOnSplit(run) ? leftTraining(store, run) : []
    if (left.length > 0) {
      const ids = group.map(([topicId]) => topicId)
      for (const [topicId, clips] of store.topics.countAmong(ids, left)) {
        moved.set(topicId, clips)
      }
    }
  }
  return moved
}

const leftTraining = ({ clips }: Store, { corpusState }: TopicRun): number[] =>
  clips
    .movedClips(corpusState)
    .filter(({ was }) => was === 'train')
    .map(({ clipId }) => clipId)

/** Whether a run found topics in the training split, and it is known what that was. */
const restsOnSplit = ({ origin, request, corpusState }: TopicRun): boolean =>
  origin !== 'imported' && request.from === 'train' && corpusState.lastClip !== null
