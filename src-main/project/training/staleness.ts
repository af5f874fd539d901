/**
 * Whether a model's topics are still the project's. A model keeps the ids of its topics, by column, and what
 * their clips were when it was trained; topics keep their ids through every edit. So what has changed since,
 * and whether the trained head can be carried over, follows from comparing the two: no edit has to know of
 * models.
 */
import type { Model, OpenProject } from '../../store/index.ts'
import { count, someOf } from '../../common/text.ts'

/** How a head's columns go over to the topics as they are now. */
export interface Remapping {
  /** The topics of the new columns, by id. */
  topics: number[]
  /** For each, the old columns that say it; none is empty. */
  groups: number[][]
}

export interface Staleness {
  /** What has changed, in sentences; none: nothing has. */
  reasons: string[]
  /** Null where there is nothing to carry over, or where topics are new or split. */
  remapping: Remapping | null
}

/** Compares a model's topics with the project's. */
export function staleness({ store }: OpenProject, model: Pick<Model, 'topics' | 'fingerprints'>): Staleness {
  const states = store.topics.states()
  const label = (id: number): string => `"${states.get(id)?.label ?? id}"`
  const isCurrent = (id: number): boolean => ['active', 'hidden'].includes(states.get(id)?.state ?? '')
  const groups = new Map([...states.keys()].filter(isCurrent).map((id) => [id, [] as number[]]))
  const left: Record<'merged' | 'junk' | 'deleted' | 'split' | 'replaced', string[]> = {
    merged: [],
    junk: [],
    deleted: [],
    split: [],
    replaced: [],
  }
  model.topics.forEach((id, column) => {
    const topic = states.get(id)
    if (!topic) {
      throw new Error(`model topic ${id} is not in the project`)
    }
    groups.get(topic.mergedInto ?? id)?.push(column)
    if (topic.state === 'active' || topic.state === 'hidden') {
      return
    }
    left[topic.state].push(
      topic.mergedInto === null ? label(id) : `${label(id)} into ${label(topic.mergedInto)}`,
    )
  })
  const fresh = [...groups].filter(([, columns]) => columns.length === 0).map(([id]) => label(id))
  // A merged topic's clips are the others' too: that goes without saying.
  const alone = [...groups].filter(
    ([id, columns]) => columns.length === 1 && model.topics[columns[0] ?? -1] === id,
  )
  const now = store.topics.fingerprints(alone.map(([id]) => id))
  const moved =
    model.fingerprints === null
      ? []
      : alone
          .filter(([, [column]], i) => model.fingerprints?.[column ?? -1] !== now[i])
          .map(([id]) => label(id))

  const are = (n: number): string => (n === 1 ? 'was' : 'were')
  const reasons = [
    left.replaced.length > 0 &&
      `Topics were found anew: ${count(left.replaced.length, 'topic')} of the model ${are(left.replaced.length)} replaced.`,
    left.merged.length > 0 && `Merged: ${someOf(left.merged)}.`,
    left.split.length > 0 && `Split: ${someOf(left.split)}.`,
    left.deleted.length > 0 && `Deleted: ${someOf(left.deleted)}.`,
    left.junk.length > 0 && `Marked as junk: ${someOf(left.junk)}.`,
    fresh.length > 0 && `New: ${someOf(fresh)}.`,
    moved.length > 0 &&
      `Other clips bear ${moved.length === 1 ? moved[0] : `${moved.length} topics: ${someOf(moved)}`}.`,
  ].filter((reason) => reason !== false)
  const carries =
    groups.size > 0 &&
    fresh.length === 0 &&
    (groups.size !== model.topics.length || [...groups].some(([id], i) => model.topics[i] !== id))
  return { reasons, remapping: carries ? { topics: [...groups.keys()], groups: [...groups.values()] } : null }
}
