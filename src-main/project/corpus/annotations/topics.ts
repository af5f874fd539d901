/**
 * The topics of two copies of a project, side by side: what was named, hidden, removed or merged in one of them and not in the
 * other. Copies have the same topics where the same run found them; what was split off since is of one of them alone.
 */
import type { TopicDifference, TopicState } from '#contract'
import type { OpenProject, SingleChange } from '../../../store/index.ts'

type Store = OpenProject['store']

/** What became of the topics that a run found. */
export interface TopicsOfCopy {
  /** When the run was; null: there is none. */
  foundAt: string | null
  topics: ReadonlyMap<number, { label: string; state: TopicState; mergedInto: string | null }>
}

export function topicsOfCopy({ topics }: Store): TopicsOfCopy {
  const run = topics.run()
  const states = topics.states()
  const runs = topics.runsOf([...states.keys()])
  const found = [...states.keys()].filter((id) => runs.get(id)?.id === run?.id).sort((a, b) => a - b)
  return {
    foundAt: run?.createdAt ?? null,
    topics: new Map(
      found.slice(0, run?.request.k ?? 0).map((id) => {
        const { label, state, mergedInto } = states.get(id)!
        const target = mergedInto === null ? null : (states.get(mergedInto)?.label ?? '')
        return [id, { label, state, mergedInto: target }]
      }),
    ),
  }
}

/**
 * Where two copies differ. Names are taken over where the file's are preferred, both have the topic and nothing here is
 * called so; what was hidden, removed or merged is for people to do.
 */
export function compareTopics(
  store: Store,
  there: TopicsOfCopy | null,
  prefer: 'project' | 'file',
): { differences: TopicDifference[]; changes: SingleChange[] } {
  const here = topicsOfCopy(store)
  if (there === null || there.foundAt === null || there.foundAt !== here.foundAt) {
    return { differences: [], changes: [] }
  }
  const taken = new Set(store.topics.current().map(({ label }) => label.toLowerCase()))
  const changes: SingleChange[] = []
  const differences = [...here.topics].flatMap(([topicId, ours]): TopicDifference[] => {
    const theirs = there.topics.get(topicId)
    if (theirs === undefined || inWords(theirs) === inWords(ours)) {
      return []
    }
    const isName = theirs.label !== ours.label && isCurrent(theirs) && isCurrent(ours)
    const isTaken = prefer === 'file' && isName && !taken.has(theirs.label.toLowerCase())
    if (isTaken) {
      taken.add(theirs.label.toLowerCase())
      changes.push({ kind: 'topic', topicId, set: { label: theirs.label, labelled: true } })
    }
    return [{ topicId, here: inWords(ours), there: inWords(theirs), outcome: isTaken ? 'replaced' : 'kept' }]
  })
  return { differences, changes }
}

const isCurrent = ({ state }: { state: TopicState }): boolean => state === 'active' || state === 'hidden'

type Described = TopicsOfCopy['topics'] extends ReadonlyMap<number, infer Topic> ? Topic : never

function inWords({ label, state, mergedInto }: Described): string {
  if (mergedInto !== null) {
    return `${label}, merged into ${mergedInto}`
  }
  return state === 'active' ? label : `${label}, ${state}`
}
