/**
 * Named states of the topics. A snapshot holds all that edits can change; to return to it is one edit, of
 * what differs, so what was done since can be taken up again by undo.
 */
import type { SnapshotComparison, TopicRule, TopicState } from '#contract'
import { count } from '../../common/text.ts'
import type { OpenProject, SingleChange, SnapshotContent, TopicFields } from '../../store/index.ts'
import { isCurrent } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { rulePhrase } from './plan-edit.ts'

type Store = OpenProject['store']
type SnapshotTopic = SnapshotContent['topics'][number]
type SnapshotWords = NonNullable<SnapshotTopic['words']>
type Differences = SnapshotComparison['differences']

const FIELDS = [
  'label',
  'labelled',
  'description',
  'hue',
  'state',
  'mergedInto',
  'npmi',
  'alpha',
] as const satisfies (keyof TopicFields)[]

export function createSnapshots(workspace: Workspace) {
  return {
    /** Newest first. */
    snapshots: reads(['topic_snapshot'], () => workspace.project().store.snapshots.list()),

    /** Throws CONFLICT for a name that is taken. */
    takeSnapshot({ name }, { who }) {
      const { store } = workspace.project()
      return store.transaction(() => {
        if (store.snapshots.has(name)) {
          throw failures.snapshotKnown({ snapshot: name })
        }
        return store.snapshots.add(name, contentOf(store), who)
      })
    },

    /** What was different when the snapshot was taken. Throws NOT_FOUND. */
    compareSnapshot: reads(
      ['clip_verdict', 'setting', 'topic', 'topic_run', 'topic_snapshot', 'topic_word'],
      ({ snapshotId }) => {
        const { store } = workspace.project()
        return { differences: differences(store, store.snapshots.get(snapshotId).content) }
      },
    ),

    /** Returns to a snapshot. Throws NOT_FOUND. */
    restoreSnapshot({ snapshotId }, { who }) {
      workspace.edit(who, (store, make) => {
        const { name, content } = store.snapshots.get(snapshotId)
        make(`return to the snapshot "${name}"`, changesTo(store, content))
      })
    },
  } satisfies Partial<Service<'topics'>>
}

/** The topics as they are. */
function contentOf(store: Store): SnapshotContent {
  const topics = store.topics.settled()
  const verdicts = verdictsByTopic(
    store,
    topics.map(({ id }) => id),
  )
  return {
    runId: store.settings.get('topicRun'),
    rule: store.settings.get('topicRule'),
    wordsEdited: store.settings.get('wordsEdited'),
    topics: topics.map((topic) => ({
      ...topic,
      // Those of past topics can be read any time: they don't change.
      words: isListed(topic) ? wordsOf(store, topic.id) : null,
      verdicts: verdicts.get(topic.id) ?? { set: [], cleared: [] },
    })),
  }
}

function verdictsByTopic(
  store: Store,
  topicIds: readonly number[],
): ReadonlyMap<number, SnapshotTopic['verdicts']> {
  const byTopic = new Map<number, SnapshotTopic['verdicts']>()
  for (const { topicId, clipId, active } of store.topics.verdicts(topicIds)) {
    const verdicts = byTopic.get(topicId) ?? { set: [], cleared: [] }
    verdicts[active ? 'set' : 'cleared'].push(clipId)
    byTopic.set(topicId, verdicts)
  }
  return byTopic
}

const isListed = ({ state }: { state: TopicState }): boolean => isCurrent(state) || state === 'junk'

const wordsOf = (store: Store, topicId: number): SnapshotWords =>
  store.topics.words(topicId).map(({ word, count, mark }) => [word, count, mark])

/** What makes the topics as they are those of the snapshot. Topics that were made since are deleted. */
function changesTo(store: Store, snapshot: SnapshotContent): SingleChange[] {
  const present = contentOf(store)
  const past = new Map(snapshot.topics.map((topic) => [topic.id, topic]))
  const changes = present.topics.flatMap((topic) => topicChanges(store, topic, past.get(topic.id)))
  if (present.runId !== snapshot.runId) {
    changes.push({ kind: 'topic.run', runId: snapshot.runId })
  }
  if (!isSameRule(present.rule, snapshot.rule)) {
    changes.push({ kind: 'topic.rule', rule: snapshot.rule })
  }
  if (present.wordsEdited !== snapshot.wordsEdited) {
    changes.push({ kind: 'topic.wordsEdited', edited: snapshot.wordsEdited })
  }
  return changes
}

function topicChanges(store: Store, topic: SnapshotTopic, before: SnapshotTopic | undefined): SingleChange[] {
  const topicId = topic.id
  if (before === undefined) {
    return isListed(topic) ? [{ kind: 'topic', topicId, set: { state: 'deleted' } }] : []
  }
  const set = Object.fromEntries(
    FIELDS.filter((field) => topic[field] !== before[field]).map((field) => [field, before[field]]),
  )
  const words = wordChanges(store, topic, before)
  const verdicts = verdictChanges(topic.verdicts, before.verdicts)
  return [
    ...(Object.keys(set).length > 0 ? [{ kind: 'topic' as const, topicId, set }] : []),
    ...(words.length > 0 ? [{ kind: 'topic.words' as const, topicId, words }] : []),
    ...(verdicts === null ? [] : [{ kind: 'clip.verdicts' as const, topicId, ...verdicts }]),
  ]
}

/** What gives a topic the words that it had; none for one that was past, whose words don't change. */
function wordChanges(
  store: Store,
  topic: SnapshotTopic,
  before: SnapshotTopic,
): Extract<SingleChange, { kind: 'topic.words' }>['words'] {
  if (before.words === null) {
    return []
  }
  const present = topic.words ?? wordsOf(store, topic.id)
  const known = new Map(present.map(([word, count, mark]) => [word, { count, mark }]))
  const wanted = new Map(before.words.map(([word, count, mark]) => [word, { count, mark }]))
  const isSame = (word: string): boolean =>
    known.get(word)?.count === wanted.get(word)?.count && known.get(word)?.mark === wanted.get(word)?.mark
  return [...new Set([...known.keys(), ...wanted.keys()])]
    .filter((word) => !isSame(word))
    .map((word) => ({ word, value: wanted.get(word) ?? null }))
}

function verdictChanges(
  present: SnapshotTopic['verdicts'],
  before: SnapshotTopic['verdicts'],
): (SnapshotTopic['verdicts'] & { none: number[] }) | null {
  const [set, cleared] = [new Set(present.set), new Set(present.cleared)]
  const judgedBefore = new Set([...before.set, ...before.cleared])
  const changes = {
    set: before.set.filter((id) => !set.has(id)),
    cleared: before.cleared.filter((id) => !cleared.has(id)),
    none: [...present.set, ...present.cleared].filter((id) => !judgedBefore.has(id)),
  }
  return changes.set.length + changes.cleared.length + changes.none.length > 0 ? changes : null
}

const isSameRule = (a: TopicRule, b: TopicRule): boolean =>
  a.topicsPerClip === b.topicsPerClip && a.minShare === b.minShare

/** What was different, in words. */
function differences(store: Store, snapshot: SnapshotContent): Differences {
  const present = contentOf(store)
  const past = new Map(snapshot.topics.map((topic) => [topic.id, topic]))
  const labels = new Map(present.topics.map(({ id, label }) => [id, label]))
  const ofAll: Differences = []
  if (present.runId !== snapshot.runId) {
    ofAll.push({ topicId: null, label: 'All topics', what: 'clips had their topics from another run' })
  }
  if (!isSameRule(present.rule, snapshot.rule)) {
    ofAll.push({ topicId: null, label: 'The rule', what: rulePhrase(snapshot.rule) })
  }
  const ofTopics = present.topics.flatMap((topic) =>
    topicDifferences(store, topic, { before: past.get(topic.id), labels }).map((what) => ({
      topicId: topic.id,
      label: topic.label,
      what,
    })),
  )
  return [...ofAll, ...ofTopics]
}

function topicDifferences(
  store: Store,
  topic: SnapshotTopic,
  { before, labels }: { before: SnapshotTopic | undefined; labels: ReadonlyMap<number, string> },
): string[] {
  if (before === undefined) {
    return isListed(topic) ? ['was not there yet'] : []
  }
  const phrases: string[] = []
  if (before.label !== topic.label) {
    phrases.push(`was named "${before.label}"`)
  }
  if (before.state !== topic.state || before.mergedInto !== topic.mergedInto) {
    phrases.push(statePhrase(before, labels))
  }
  if (before.description !== topic.description) {
    phrases.push(
      before.description === '' ? 'had no description' : `was described as "${before.description}"`,
    )
  }
  if (before.hue !== topic.hue) {
    phrases.push('had another colour')
  }
  const words = wordChanges(store, topic, before)
  if (words.length > 0) {
    phrases.push(`had ${count(words.length, 'word')} otherwise`)
  }
  const verdicts = verdictChanges(topic.verdicts, before.verdicts)
  if (verdicts !== null) {
    const clips = verdicts.set.length + verdicts.cleared.length + verdicts.none.length
    phrases.push(`had ${count(clips, 'clip')} set or cleared otherwise`)
  }
  return phrases
}

function statePhrase({ state, mergedInto }: SnapshotTopic, labels: ReadonlyMap<number, string>): string {
  switch (state) {
    case 'merged':
      return `was merged into "${labels.get(mergedInto ?? 0) ?? ''}"`
    case 'junk':
      return 'was marked as junk'
    default:
      return `was ${state}`
  }
}
