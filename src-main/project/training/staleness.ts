/**
 * Whether a model's splits and topics are still the project's. A model keeps the ids of its topics, by column, and what
 * their clips were when it was trained; topics keep their ids through every edit. So what has changed since,
 * and whether the trained head can be carried over, follows from comparing the two: no edit has to know of
 * models.
 */
import { count, someOf } from '../../common/text.ts'
import type { Split } from '#contract'
import type { Model, OpenProject } from '../../store/index.ts'

/** How a head's columns go over to the topics as they are now. */
interface Remapping {
  /** The topics of the new columns, by id. */
  topics: number[]
  /** For each, the old columns that say it; none is empty. */
  groups: number[][]
}

interface Staleness {
  /** What has changed, in sentences; none: nothing has. */
  reasons: string[]
  /** Null where there is nothing to carry over, or where topics are new or split. */
  remapping: Remapping | null
}

type ModelTopics = Pick<Model, 'topics' | 'fingerprints'>
type TopicStates = ReturnType<OpenProject['store']['topics']['states']>
/** The old columns that say each current topic, by its id. */
type Groups = ReadonlyMap<number, readonly number[]>

/** The project's topics, read once for all models that are held against them. */
export interface ProjectTopics {
  states: TopicStates
  /** Those that people see, by id, and what the clips of each are. */
  fingerprints: ReadonlyMap<number, string>
}

/**
 * What became of the splits that a model learnt from, in sentences; none: nothing has changed. A version has
 * learnt what its parent had, so its splits are its parent's.
 */
export function splitStaleness(
  { store }: OpenProject,
  { corpusState }: Pick<Model, 'corpusState'>,
): string[] {
  const moved = store.clips.movedSince(corpusState)
  return [
    ...moved.flatMap(({ was, is, clips }) =>
      is === null ? [] : [`${count(clips, 'clip')} moved from ${was} to ${is} since it was trained.`],
    ),
    // A test clip that is gone was no part of what it learnt from.
    ...moved.flatMap(({ was, is, clips }) =>
      is === null && was !== 'test' ? [describeRemoved(was, clips)] : [],
    ),
  ]
}

const describeRemoved = (was: Split, clips: number): string =>
  `${count(clips, 'clip')} of ${was} ${clips === 1 ? 'was' : 'were'} removed since it was trained.`

export function projectTopics({ store }: OpenProject): ProjectTopics {
  const states = store.topics.states()
  const ids = [...states]
    .filter(([, { state }]) => state === 'active' || state === 'hidden')
    .map(([id]) => id)
  const fingerprints = store.topics.fingerprints(ids)
  return { states, fingerprints: new Map(ids.map((id, i) => [id, fingerprints[i]!])) }
}

/** Compares a model's topics with the project's. */
export function staleness(topics: ProjectTopics, model: ModelTopics): Staleness {
  const groups = groupColumns(topics, model)
  return {
    reasons: [
      ...describePast(topics.states, model),
      ...describeNew(topics.states, groups),
      ...describeMoved(topics, model, groups),
    ],
    remapping: remappingOf(model, groups),
  }
}

function groupColumns({ states, fingerprints }: ProjectTopics, model: ModelTopics): Groups {
  const groups = new Map<number, number[]>([...fingerprints.keys()].map((id) => [id, []]))
  model.topics.forEach((id, column) => {
    groups.get(stateOf(states, id).mergedInto ?? id)?.push(column)
  })
  return groups
}

/** What became of the model's topics that are not the project's any more. */
function describePast(states: TopicStates, model: ModelTopics): string[] {
  const past: Record<'replaced' | 'merged' | 'split' | 'deleted' | 'junk', string[]> = {
    replaced: [],
    merged: [],
    split: [],
    deleted: [],
    junk: [],
  }
  for (const id of model.topics) {
    const { state, mergedInto } = stateOf(states, id)
    if (state !== 'active' && state !== 'hidden') {
      const label = quote(states, id)
      past[state].push(mergedInto === null ? label : `${label} → ${quote(states, mergedInto)}`)
    }
  }
  const { length: replaced } = past.replaced
  const verb = replaced === 1 ? 'was' : 'were'
  return [
    ...(replaced > 0
      ? [`Topics were found anew: ${count(replaced, 'topic')} of the model ${verb} replaced.`]
      : []),
    ...listing('Merged', past.merged),
    ...listing('Split', past.split),
    ...listing('Deleted', past.deleted),
    ...listing('Marked as junk', past.junk),
  ]
}

const describeNew = (states: TopicStates, groups: Groups): string[] =>
  listing(
    'New',
    [...groups].filter(([, columns]) => columns.length === 0).map(([id]) => quote(states, id)),
  )

/** Topics that are as they were, but of other clips. */
function describeMoved(topics: ProjectTopics, model: ModelTopics, groups: Groups): string[] {
  const { fingerprints } = model
  if (fingerprints === null) {
    return []
  }
  // A merged topic's clips are the others' too: that goes without saying.
  const unmerged = [...groups].flatMap(([id, [column, ...merged]]) =>
    column !== undefined && merged.length === 0 && model.topics[column] === id ? [{ id, column }] : [],
  )
  const moved = unmerged
    .filter(({ id, column }) => fingerprints[column] !== topics.fingerprints.get(id))
    .map(({ id }) => quote(topics.states, id))
  if (moved.length === 0) {
    return []
  }
  return [`Other clips bear ${moved.length === 1 ? moved[0] : `${moved.length} topics: ${someOf(moved)}`}.`]
}

function remappingOf(model: ModelTopics, groups: Groups): Remapping | null {
  const topics = [...groups.keys()]
  const isNothingNew = [...groups.values()].every((columns) => columns.length > 0)
  const isChanged = topics.length !== model.topics.length || topics.some((id, i) => model.topics[i] !== id)
  if (topics.length === 0 || !isNothingNew || !isChanged) {
    return null
  }
  return { topics, groups: [...groups.values()].map((columns) => [...columns]) }
}

const listing = (title: string, labels: readonly string[]): string[] =>
  labels.length === 0 ? [] : [`${title}: ${someOf(labels)}.`]

const quote = (states: TopicStates, id: number): string => `"${states.get(id)?.label ?? id}"`

function stateOf(states: TopicStates, id: number) {
  const state = states.get(id)
  if (state === undefined) {
    throw new Error(`model topic ${id} is not in the project`)
  }
  return state
}
