/**
 * What each of a curator's edits comes to: the sentence that the history shows, and the changes that make it.
 * Read in the same transaction as the changes are made, so that an edit never rests on what another window
 * has changed meanwhile.
 */
import { VitrineError } from '#contract'
import type { TopicEdit, TopicState } from '#contract'
import type { OpenProject, SingleChange, TopicRecord, WordCount } from '../../store/index.ts'
import { isCurrent } from '../../store/index.ts'
import { nextLabel } from './labels.ts'
import { count } from '../../common/text.ts'

type Store = OpenProject['store']
type Edit<Kind extends TopicEdit['edit']> = Extract<TopicEdit, { edit: Kind }>

export interface PlannedEdit {
  label: string
  /** None: nothing would change. */
  changes: SingleChange[]
}

const quoted = (label: string): string => `"${label}"`
const named = (labels: readonly string[], noun: string): string =>
  labels.length === 1 ? quoted(labels[0]!) : count(labels.length, noun)

/** Why a topic that is past can't be edited: where it went. */
function pastTopic(store: Store, { id, label, state }: TopicRecord): VitrineError {
  switch (state) {
    case 'merged': {
      const into = store.topics.labels().get(store.topics.states().get(id)?.mergedInto ?? 0) ?? ''
      return new VitrineError(
        'CONFLICT',
        `The topic ${quoted(label)} was merged into ${quoted(into)}.`,
        `Use ${quoted(into)}, or undo the merge.`,
      )
    }
    case 'split':
      return new VitrineError(
        'CONFLICT',
        `The topic ${quoted(label)} was split into others.`,
        'Use these, or undo the split.',
      )
    case 'replaced':
      return new VitrineError(
        'CONFLICT',
        `The topic ${quoted(label)} was replaced when topics were found anew.`,
        'Use the new topics, or undo that.',
      )
    default:
      return new VitrineError(
        'CONFLICT',
        `The topic ${quoted(label)} ${state === 'junk' ? 'is marked as junk' : 'was deleted'}.`,
        'Make it active first.',
      )
  }
}

/** A topic that is current or junk. Throws NOT_FOUND, and CONFLICT that names where a past one went. */
function requireListed(store: Store, topicId: number): TopicRecord {
  const topic = store.topics.record(topicId)
  if (isCurrent(topic.state) || topic.state === 'junk') {
    return topic
  }
  throw pastTopic(store, topic)
}

/** A topic that takes part. Throws NOT_FOUND, and CONFLICT that names where another one went. */
export function requireCurrent(store: Store, topicId: number): TopicRecord {
  const topic = store.topics.record(topicId)
  if (isCurrent(topic.state)) {
    return topic
  }
  throw pastTopic(store, topic)
}

/** What an edit comes to as things are. Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
export function planEdit(store: Store, edit: TopicEdit): PlannedEdit {
  switch (edit.edit) {
    case 'rename': {
      const { label, labelled } = requireListed(store, edit.topicId)
      const same = label === edit.label && labelled
      return {
        label: `rename ${quoted(label)} to ${quoted(edit.label)}`,
        changes: same
          ? []
          : [{ kind: 'topic', topicId: edit.topicId, set: { label: edit.label, labelled: true } }],
      }
    }
    case 'describe': {
      const { label, description } = requireListed(store, edit.topicId)
      return {
        label: `describe ${quoted(label)}`,
        changes:
          description === edit.description
            ? []
            : [{ kind: 'topic', topicId: edit.topicId, set: { description: edit.description } }],
      }
    }
    case 'recolour': {
      const { label, hue } = requireListed(store, edit.topicId)
      return {
        label: `recolour ${quoted(label)}`,
        changes: hue === edit.hue ? [] : [{ kind: 'topic', topicId: edit.topicId, set: { hue: edit.hue } }],
      }
    }
    case 'acceptLabel': {
      const topics = [...new Set(edit.topicIds)].map((id) => requireListed(store, id))
      return {
        label:
          topics.length === 1
            ? `accept the label ${quoted(topics[0]!.label)}`
            : `accept ${count(topics.length, 'label')}`,
        changes: topics
          .filter(({ labelled }) => !labelled)
          .map(({ id }) => ({ kind: 'topic', topicId: id, set: { labelled: true } })),
      }
    }
    case 'rejectLabel': {
      const { id, label, labelled } = requireListed(store, edit.topicId)
      const next = nextLabel(store, id)
      return {
        label: `reject the label ${quoted(label)} for ${quoted(next)}`,
        changes:
          next === label && !labelled
            ? []
            : [{ kind: 'topic', topicId: id, set: { label: next, labelled: false } }],
      }
    }
    case 'merge':
      return planMerge(store, edit)
    case 'setState':
      return planState(store, edit)
    case 'moveWords':
      return planMove(store, edit)
    case 'markWords':
      return planMarks(store, edit)
    case 'setClips':
      return planClips(store, edit)
    case 'setRule': {
      const { topicsPerClip, minShare } = edit.rule
      const before = store.settings.get('topicRule')
      const same = before.topicsPerClip === topicsPerClip && before.minShare === minShare
      return {
        label: `at most ${count(topicsPerClip, 'topic')} a clip, each with at least ${Number((minShare * 100).toFixed(2))}% of its words`,
        changes: same ? [] : [{ kind: 'topic.rule', rule: edit.rule }],
      }
    }
  }
}

function planMerge(store: Store, { into, topicIds }: Edit<'merge'>): PlannedEdit {
  const target = requireCurrent(store, into)
  const sources = [...new Set(topicIds)].map((id) => requireListed(store, id))
  if (sources.some(({ id }) => id === into)) {
    throw new VitrineError(
      'BAD_INPUT',
      `The topic ${quoted(target.label)} can't be merged into itself.`,
      'Choose other topics to merge into it.',
    )
  }
  const before = new Map(store.topics.words(into).map((word) => [word.word, word]))
  const union = new Map(before)
  for (const { id } of sources) {
    for (const { word, count, mark } of store.topics.words(id)) {
      // What one of them forbids, the others may hold: a mark against a word stays behind with its count.
      if (mark === 'forbidden') {
        continue
      }
      const own = union.get(word)
      union.set(word, { word, count: (own?.count ?? 0) + count, mark: own?.mark ?? mark })
    }
  }
  const words = [...union.values()].filter((word) => before.get(word.word) !== word)
  const alphas = [target, ...sources].map(({ alpha }) => alpha).filter((alpha) => alpha !== null)
  return {
    label: `merge ${named(
      sources.map(({ label }) => label),
      'topic',
    )} into ${quoted(target.label)}`,
    changes: [
      {
        kind: 'topic.words',
        topicId: into,
        words: words.map(({ word, count, mark }) => ({ word, value: { count, mark } })),
      },
      // The coherence that was measured is that of its old words.
      {
        kind: 'topic',
        topicId: into,
        set: {
          npmi: null,
          alpha: alphas.length === 0 ? null : alphas.reduce((sum, alpha) => sum + alpha, 0),
        },
      },
      ...sources.map(({ id }): SingleChange => ({
        kind: 'topic',
        topicId: id,
        set: { state: 'merged', mergedInto: into },
      })),
    ],
  }
}

const STATE_VERBS = {
  active: (topics: string, from: TopicState) =>
    from === 'hidden' ? `show ${topics}` : `take ${topics} back`,
  hidden: (topics: string) => `hide ${topics}`,
  junk: (topics: string) => `mark ${topics} as junk`,
  deleted: (topics: string) => `delete ${topics}`,
}

function planState(store: Store, { topicIds, state }: Edit<'setState'>): PlannedEdit {
  // What was deleted may be taken back; what went into others may not.
  const topics = [...new Set(topicIds)].map((id) => {
    const topic = store.topics.record(id)
    return topic.state === 'deleted' ? topic : requireListed(store, id)
  })
  const changing = topics.filter((topic) => topic.state !== state)
  const staying = store.topics
    .inStates(['active', 'hidden'])
    .filter(({ id }) => !changing.some((topic) => topic.id === id))
  if (!isCurrent(state) && staying.length === 0 && changing.length > 0) {
    throw new VitrineError(
      'CONFLICT',
      `Without ${named(
        topics.map(({ label }) => label),
        'topic',
      )} no topic would be left.`,
      'Keep at least one.',
    )
  }
  return {
    label: STATE_VERBS[state](
      named(
        topics.map(({ label }) => label),
        'topic',
      ),
      topics[0]!.state,
    ),
    changes: changing.map(({ id }) => ({ kind: 'topic', topicId: id, set: { state } })),
  }
}

/** Throws BAD_INPUT naming words that the topic lacks. */
export function requireWords(
  store: Store,
  { id, label }: TopicRecord,
  words: readonly string[],
): WordCount[] {
  const own = words.map((word) => store.topics.word(id, word))
  const missing = words.filter(
    (_, i) => own[i] === null || own[i]?.mark === 'forbidden' || own[i]?.count === 0,
  )
  if (missing.length > 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `The topic ${quoted(label)} has no ${missing.length === 1 ? 'word' : 'words'} ${missing.map(quoted).join(', ')}.`,
      'Choose among its words.',
    )
  }
  return own.filter((word) => word !== null)
}

function planMove(store: Store, edit: Edit<'moveWords'>): PlannedEdit {
  const from = requireCurrent(store, edit.from)
  const to = requireCurrent(store, edit.to)
  if (from.id === to.id) {
    throw new VitrineError(
      'BAD_INPUT',
      `Words of ${quoted(from.label)} can't be moved into the same topic.`,
      'Choose another topic.',
    )
  }
  const moving = requireWords(store, from, [...new Set(edit.words)])
  const arriving = moving.map(({ word, count, mark }) => {
    const there = store.topics.word(to.id, word)
    if (there?.mark === 'forbidden') {
      throw new VitrineError(
        'CONFLICT',
        `The word ${quoted(word)} is forbidden in ${quoted(to.label)}.`,
        'Allow it there first.',
      )
    }
    return { word, value: { count: (there?.count ?? 0) + count, mark: there?.mark ?? mark } }
  })
  return {
    label: `move ${named(
      moving.map(({ word }) => word),
      'word',
    )} from ${quoted(from.label)} to ${quoted(to.label)}`,
    changes: [
      { kind: 'topic.words', topicId: from.id, words: moving.map(({ word }) => ({ word, value: null })) },
      { kind: 'topic.words', topicId: to.id, words: arriving },
      { kind: 'topic.wordsEdited', edited: true },
    ],
  }
}

function planMarks(store: Store, { topicId, words, mark }: Edit<'markWords'>): PlannedEdit {
  const topic = requireCurrent(store, topicId)
  const unique = [...new Set(words)]
  const known = store.topics.vocabulary()
  const unknown =
    mark === null || known.size === 0
      ? []
      : unique.filter((word) => !known.has(word) && store.topics.word(topicId, word) === null)
  if (unknown.length > 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `${unknown.map(quoted).join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not among the words that topics are found in.`,
      'Check the spelling; stop words and rare words are left out.',
    )
  }
  const changed = unique.flatMap((word) => {
    const own = store.topics.word(topicId, word)
    if ((own?.mark ?? null) === mark) {
      return []
    }
    const left = own?.count ?? 0
    return [{ word, value: mark === null && left === 0 ? null : { count: left, mark } }]
  })
  const verb = mark === 'pinned' ? 'pin' : mark === 'forbidden' ? 'forbid' : 'unmark'
  return {
    label: `${verb} ${named(unique, 'word')} in ${quoted(topic.label)}`,
    changes:
      changed.length === 0
        ? []
        : [
            { kind: 'topic.words', topicId, words: changed },
            { kind: 'topic.wordsEdited', edited: true },
          ],
  }
}

function planClips(store: Store, { topicIds, clipIds, verdict }: Edit<'setClips'>): PlannedEdit {
  const topics = [...new Set(topicIds)].map((id) => requireCurrent(store, id))
  const clips = [...new Set(clipIds)]
  const names = named(
    clips.slice(0, 1).map((id) => store.clips.get(id).name),
    'clip',
  )
  const [what, where] = [
    named(
      topics.map(({ label }) => label),
      'topic',
    ),
    clips.length === 1 ? names : count(clips.length, 'clip'),
  ]
  const changes = topics.flatMap(({ id }): SingleChange[] => {
    const none = { kind: 'clip.verdicts' as const, set: [], cleared: [], none: [] }
    if (verdict === true) {
      return [{ ...none, topicId: id, set: clips }]
    }
    if (verdict === false) {
      return [{ ...none, topicId: id, cleared: clips }]
    }
    // What was said of topics that were merged into it holds for it, so that is taken back with it.
    return [id, ...store.topics.mergedInto(id).map((part) => part.id)].flatMap((topicId) => {
      const said = clips.filter((clipId) => store.topics.verdict(topicId, clipId) !== null)
      return said.length === 0 ? [] : [{ ...none, topicId, none: said }]
    })
  })
  return {
    label:
      verdict === true
        ? `set ${what} for ${where}`
        : verdict === false
          ? `clear ${what} for ${where}`
          : `leave ${what} to the rule for ${where}`,
    changes,
  }
}
