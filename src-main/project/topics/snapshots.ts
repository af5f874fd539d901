/**
 * Named states of the topics. A snapshot holds all that edits can change; to return to it is one edit, of
 * what differs, so what was done since can be taken up again by undo.
 */
import { VitrineError } from '#contract'
import type { SnapshotComparison, TopicRule, TopicState } from '#contract'
import type { OpenProject, SingleChange, SnapshotContent, TopicFields } from '../../store/index.ts'
import { isCurrent } from '../../store/index.ts'
import { count } from '../../common/text.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

type Store = OpenProject['store']
type SnapshotTopic = SnapshotContent['topics'][number]

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
const ALL_STATES: TopicState[] = ['active', 'hidden', 'junk', 'merged', 'split', 'deleted', 'replaced']

export function createSnapshots(workspace: Workspace) {
  return {
    /** Newest first. */
    snapshots: reads(['topic_snapshot'], () => workspace.project().store.snapshots.list()),

    /** Throws CONFLICT for a name that is taken. */
    takeSnapshot({ name }, { who }) {
      const { store } = workspace.project()
      return store.transaction(() => {
        if (store.snapshots.named(name)) {
          throw new VitrineError('CONFLICT', `There is a snapshot "${name}" already.`, 'Choose another name.')
        }
        return store.snapshots.add(name, contentOf(store), who)
      })
    },

    /** What was different when the snapshot was taken. Throws NOT_FOUND. */
    compareSnapshot: reads(
      ['clip_verdict', 'setting', 'topic', 'topic_snapshot', 'topic_word'],
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

const wordsOf = (store: Store, topicId: number): NonNullable<SnapshotTopic['words']> =>
  store.topics.words(topicId).map(({ word, count, mark }) => [word, count, mark])

/** The topics as they are. */
function contentOf(store: Store): SnapshotContent {
  const verdicts = new Map<number, SnapshotTopic['verdicts']>()
  const topics = store.topics.inStates(ALL_STATES)
  for (const { topicId, clipId, active } of store.topics.verdicts(topics.map(({ id }) => id))) {
    const own = verdicts.get(topicId) ?? { set: [], cleared: [] }
    own[active ? 'set' : 'cleared'].push(clipId)
    verdicts.set(topicId, own)
  }
  return {
    runId: store.settings.get('topicRun'),
    rule: store.settings.get('topicRule'),
    wordsEdited: store.settings.get('wordsEdited'),
    topics: topics.map((topic) => ({
      ...topic,
      // Those of past topics can be read any time: they don't change.
      words: isCurrent(topic.state) || topic.state === 'junk' ? wordsOf(store, topic.id) : null,
      verdicts: verdicts.get(topic.id) ?? { set: [], cleared: [] },
    })),
  }
}

/** What makes one state the other. Topics that were made since are deleted. */
function changesTo(store: Store, then: SnapshotContent): SingleChange[] {
  const now = contentOf(store)
  const past = new Map(then.topics.map((topic) => [topic.id, topic]))
  const changes = now.topics.flatMap((topic): SingleChange[] => {
    const { id } = topic
    const before = past.get(id)
    if (before === undefined) {
      return isCurrent(topic.state) || topic.state === 'junk'
        ? [{ kind: 'topic', topicId: id, set: { state: 'deleted' } }]
        : []
    }
    const set = Object.fromEntries(
      FIELDS.filter((field) => topic[field] !== before[field]).map((field) => [field, before[field]]),
    )
    const words = before.words === null ? [] : wordChanges(topic.words ?? wordsOf(store, id), before.words)
    const said = verdictChanges(topic.verdicts, before.verdicts)
    return [
      ...(Object.keys(set).length > 0 ? [{ kind: 'topic' as const, topicId: id, set }] : []),
      ...(words.length > 0 ? [{ kind: 'topic.words' as const, topicId: id, words }] : []),
      ...(said === null ? [] : [{ kind: 'clip.verdicts' as const, topicId: id, ...said }]),
    ]
  })
  if (now.runId !== then.runId) {
    changes.push({ kind: 'topic.run', runId: then.runId })
  }
  if (!sameRule(now.rule, then.rule)) {
    changes.push({ kind: 'topic.rule', rule: then.rule })
  }
  if (now.wordsEdited !== then.wordsEdited) {
    changes.push({ kind: 'topic.wordsEdited', edited: then.wordsEdited })
  }
  return changes
}

function wordChanges(
  now: NonNullable<SnapshotTopic['words']>,
  then: NonNullable<SnapshotTopic['words']>,
): Extract<SingleChange, { kind: 'topic.words' }>['words'] {
  const wanted = new Map(then.map(([word, count, mark]) => [word, { count, mark }]))
  const known = new Map(now.map(([word, count, mark]) => [word, { count, mark }]))
  const same = (word: string): boolean =>
    known.get(word)?.count === wanted.get(word)?.count && known.get(word)?.mark === wanted.get(word)?.mark
  return [...new Set([...known.keys(), ...wanted.keys()])]
    .filter((word) => !same(word))
    .map((word) => ({ word, value: wanted.get(word) ?? null }))
}

function verdictChanges(
  now: SnapshotTopic['verdicts'],
  then: SnapshotTopic['verdicts'],
): (SnapshotTopic['verdicts'] & { none: number[] }) | null {
  const [set, cleared] = [new Set(now.set), new Set(now.cleared)]
  const said = new Set([...then.set, ...then.cleared])
  const changes = {
    set: then.set.filter((id) => !set.has(id)),
    cleared: then.cleared.filter((id) => !cleared.has(id)),
    none: [...now.set, ...now.cleared].filter((id) => !said.has(id)),
  }
  return changes.set.length + changes.cleared.length + changes.none.length > 0 ? changes : null
}

const sameRule = (a: TopicRule, b: TopicRule): boolean =>
  a.topicsPerClip === b.topicsPerClip && a.minShare === b.minShare

/** What was different, in words. */
function differences(store: Store, then: SnapshotContent): SnapshotComparison['differences'] {
  const now = contentOf(store)
  const past = new Map(then.topics.map((topic) => [topic.id, topic]))
  const labels = new Map(now.topics.map(({ id, label }) => [id, label]))
  const found: SnapshotComparison['differences'] = []
  if (now.runId !== then.runId) {
    found.push({ topicId: null, label: 'All topics', what: 'clips had their topics from another run' })
  }
  if (!sameRule(now.rule, then.rule)) {
    const { topicsPerClip, minShare } = then.rule
    found.push({
      topicId: null,
      label: 'The rule',
      what: `at most ${count(topicsPerClip, 'topic')} a clip, each with at least ${Number((minShare * 100).toFixed(2))}% of its words`,
    })
  }
  for (const topic of now.topics) {
    const { id, label } = topic
    const before = past.get(id)
    const says = (what: string): void => {
      found.push({ topicId: id, label, what })
    }
    if (before === undefined) {
      if (isCurrent(topic.state) || topic.state === 'junk') {
        says('was not there yet')
      }
      continue
    }
    if (before.label !== label) {
      says(`was named "${before.label}"`)
    }
    if (before.state !== topic.state || before.mergedInto !== topic.mergedInto) {
      says(
        before.state === 'merged'
          ? `was merged into "${labels.get(before.mergedInto ?? 0) ?? ''}"`
          : before.state === 'junk'
            ? 'was marked as junk'
            : `was ${before.state}`,
      )
    }
    if (before.description !== topic.description) {
      says(before.description === '' ? 'had no description' : `was described as "${before.description}"`)
    }
    if (before.hue !== topic.hue) {
      says('had another colour')
    }
    const words = before.words === null ? [] : wordChanges(topic.words ?? wordsOf(store, id), before.words)
    if (words.length > 0) {
      says(`had ${count(words.length, 'word')} otherwise`)
    }
    const verdicts = verdictChanges(topic.verdicts, before.verdicts)
    if (verdicts !== null) {
      says(
        `had ${count(verdicts.set.length + verdicts.cleared.length + verdicts.none.length, 'clip')} set or cleared otherwise`,
      )
    }
  }
  return found
}
