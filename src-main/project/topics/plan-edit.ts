/**
 * What each of a curator's edits comes to: the sentence that the history shows, and the changes that make it.
 * Read in the same transaction as the changes are made, so that an edit never rests on what another window
 * has changed meanwhile.
 */
import type { TopicEdit, TopicRule, TopicState } from '#contract'
import type { VitrineError } from '../../common/failures.ts'
import { count } from '../../common/text.ts'
import type { OpenProject, SingleChange, TopicRecord, WordCount } from '../../store/index.ts'
import { isCurrent } from '../../store/index.ts'
import { failures } from './failures.ts'
import { nextLabel } from './labels.ts'

type Store = OpenProject['store']
type Edit<Kind extends TopicEdit['edit']> = Extract<TopicEdit, { edit: Kind }>

interface PlannedEdit {
  label: string
  /** None: nothing would change. */
  changes: SingleChange[]
}

const quoted = (name: string): string => `"${name}"`
/** One by its name, several by their number. */
const oneOrCount = (names: readonly string[], noun: string): string =>
  names.length === 1 ? quoted(names[0]!) : count(names.length, noun)
const topicsPhrase = (topics: readonly TopicRecord[]): string =>
  oneOrCount(
    topics.map(({ label }) => label),
    'topic',
  )

/** What an edit comes to as things are. Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
export function planEdit(store: Store, edit: TopicEdit): PlannedEdit {
  switch (edit.edit) {
    case 'rename':
      return planRename(store, edit)
    case 'describe':
      return planDescription(store, edit)
    case 'recolour':
      return planHue(store, edit)
    case 'acceptLabel':
      return planAcceptedLabels(store, edit)
    case 'rejectLabel':
      return planRejectedLabel(store, edit)
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
    case 'setRule':
      return planRule(store, edit)
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

/** Why a topic that is past can't be edited: where it went. */
function pastTopic(store: Store, { id, label: topic, state }: TopicRecord): VitrineError {
  switch (state) {
    case 'merged': {
      const into = store.topics.labels().get(store.topics.states().get(id)?.mergedInto ?? 0) ?? ''
      return failures.merged({ topic, into })
    }
    case 'split':
      return failures.split({ topic })
    case 'replaced':
      return failures.replaced({ topic })
    case 'junk':
      return failures.junk({ topic })
    default:
      return failures.deleted({ topic })
  }
}

function planRename(store: Store, { topicId, label }: Edit<'rename'>): PlannedEdit {
  const topic = requireListed(store, topicId)
  const isSame = topic.label === label && topic.labelled
  return {
    label: `rename ${quoted(topic.label)} to ${quoted(label)}`,
    changes: isSame ? [] : [{ kind: 'topic', topicId, set: { label, labelled: true } }],
  }
}

function planDescription(store: Store, { topicId, description }: Edit<'describe'>): PlannedEdit {
  const topic = requireListed(store, topicId)
  const isSame = topic.description === description
  return {
    label: `describe ${quoted(topic.label)}`,
    changes: isSame ? [] : [{ kind: 'topic', topicId, set: { description } }],
  }
}

function planHue(store: Store, { topicId, hue }: Edit<'recolour'>): PlannedEdit {
  const topic = requireListed(store, topicId)
  return {
    label: `recolour ${quoted(topic.label)}`,
    changes: topic.hue === hue ? [] : [{ kind: 'topic', topicId, set: { hue } }],
  }
}

function planAcceptedLabels(store: Store, { topicIds }: Edit<'acceptLabel'>): PlannedEdit {
  const topics = [...new Set(topicIds)].map((id) => requireListed(store, id))
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

function planRejectedLabel(store: Store, { topicId }: Edit<'rejectLabel'>): PlannedEdit {
  const { label, labelled } = requireListed(store, topicId)
  const next = nextLabel(store, topicId)
  const isSame = next === label && !labelled
  return {
    label: `reject the label ${quoted(label)} for ${quoted(next)}`,
    changes: isSame ? [] : [{ kind: 'topic', topicId, set: { label: next, labelled: false } }],
  }
}

function planMerge(store: Store, { into, topicIds }: Edit<'merge'>): PlannedEdit {
  const target = requireCurrent(store, into)
  const sources = [...new Set(topicIds)].map((id) => requireListed(store, id))
  if (sources.some(({ id }) => id === into)) {
    throw failures.mergeIntoItself({ topic: target.label })
  }
  const alphas = [target, ...sources].map(({ alpha }) => alpha).filter((alpha) => alpha !== null)
  return {
    label: `merge ${topicsPhrase(sources)} into ${quoted(target.label)}`,
    changes: [
      { kind: 'topic.words', topicId: into, words: mergedWords(store, into, sources) },
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

/** The words of a topic that change when others are merged into it. */
function mergedWords(
  store: Store,
  into: number,
  sources: readonly TopicRecord[],
): Extract<SingleChange, { kind: 'topic.words' }>['words'] {
  const before = new Map(store.topics.words(into).map((word) => [word.word, word]))
  const union = new Map(before)
  for (const { id } of sources) {
    for (const { word, count, mark } of store.topics.words(id)) {
      // What one of them forbids, the others may hold: a mark against a word stays behind with its count.
      if (mark === 'forbidden') {
        continue
      }
      const known = union.get(word)
      union.set(word, { word, count: (known?.count ?? 0) + count, mark: known?.mark ?? mark })
    }
  }
  return [...union.values()]
    .filter((word) => before.get(word.word) !== word)
    .map(({ word, count, mark }) => ({ word, value: { count, mark } }))
}

const STATE_PHRASES = {
  active: (topics: string, before: TopicState) =>
    before === 'hidden' ? `show ${topics}` : `take ${topics} back`,
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
    throw failures.noneLeft({ topics: topicsPhrase(topics) })
  }
  return {
    label: STATE_PHRASES[state](topicsPhrase(topics), topics[0]!.state),
    changes: changing.map(({ id }) => ({ kind: 'topic', topicId: id, set: { state } })),
  }
}

/** The words of a topic. Throws BAD_INPUT naming those that it lacks. */
export function requireWords(
  store: Store,
  { id, label }: TopicRecord,
  words: readonly string[],
): WordCount[] {
  const isHeld = (record: WordCount | null): record is WordCount =>
    record !== null && record.mark !== 'forbidden' && record.count !== 0
  const records = words.map((word) => store.topics.word(id, word))
  const missing = words.filter((_, i) => !isHeld(records[i]!))
  if (missing.length > 0) {
    const fail = missing.length === 1 ? failures.wordMissing : failures.wordsMissing
    throw fail({ topic: label, words: missing.map(quoted).join(', ') })
  }
  return records.filter(isHeld)
}

function planMove(store: Store, edit: Edit<'moveWords'>): PlannedEdit {
  const from = requireCurrent(store, edit.from)
  const to = requireCurrent(store, edit.to)
  if (from.id === to.id) {
    throw failures.moveWithinTopic({ topic: from.label })
  }
  const leaving = requireWords(store, from, [...new Set(edit.words)])
  const arriving = leaving.map(({ word, count, mark }) => {
    const known = store.topics.word(to.id, word)
    if (known?.mark === 'forbidden') {
      throw failures.wordForbidden({ word, topic: to.label })
    }
    return { word, value: { count: (known?.count ?? 0) + count, mark: known?.mark ?? mark } }
  })
  const words = oneOrCount(
    leaving.map(({ word }) => word),
    'word',
  )
  return {
    label: `move ${words} from ${quoted(from.label)} to ${quoted(to.label)}`,
    changes: [
      { kind: 'topic.words', topicId: from.id, words: leaving.map(({ word }) => ({ word, value: null })) },
      { kind: 'topic.words', topicId: to.id, words: arriving },
      { kind: 'topic.wordsEdited', edited: true },
    ],
  }
}

function planMarks(store: Store, { topicId, words, mark }: Edit<'markWords'>): PlannedEdit {
  const topic = requireCurrent(store, topicId)
  const unique = [...new Set(words)]
  if (mark !== null) {
    requireVocabulary(store, topicId, unique)
  }
  const changed = unique.flatMap((word) => {
    const known = store.topics.word(topicId, word)
    if ((known?.mark ?? null) === mark) {
      return []
    }
    const tokens = known?.count ?? 0
    return [{ word, value: mark === null && tokens === 0 ? null : { count: tokens, mark } }]
  })
  return {
    label: `${markVerb(mark)} ${oneOrCount(unique, 'word')} in ${quoted(topic.label)}`,
    changes:
      changed.length === 0
        ? []
        : [
            { kind: 'topic.words', topicId, words: changed },
            { kind: 'topic.wordsEdited', edited: true },
          ],
  }
}

function markVerb(mark: WordCount['mark']): string {
  switch (mark) {
    case 'pinned':
      return 'pin'
    case 'forbidden':
      return 'forbid'
    case null:
      return 'unmark'
  }
}

/** Throws BAD_INPUT for words that are neither the corpus' nor the topic's, where the corpus' are known. */
function requireVocabulary(store: Store, topicId: number, words: readonly string[]): void {
  const known = store.topics.vocabulary()
  const unknown =
    known.size === 0
      ? []
      : words.filter((word) => !known.has(word) && store.topics.word(topicId, word) === null)
  if (unknown.length > 0) {
    const fail = unknown.length === 1 ? failures.wordUnknown : failures.wordsUnknown
    throw fail({ words: unknown.map(quoted).join(', ') })
  }
}

function planClips(store: Store, { topicIds, clipIds, verdict }: Edit<'setClips'>): PlannedEdit {
  const topics = [...new Set(topicIds)].map((id) => requireCurrent(store, id))
  const clips = [...new Set(clipIds)]
  const [first] = clips.map((clipId) => store.clips.seen(clipId))
  const where = clips.length === 1 && first ? quoted(first.name) : count(clips.length, 'clip')
  return {
    label: verdictPhrase(verdict, topicsPhrase(topics), where),
    changes: topics.flatMap(({ id }) => verdictChanges(store, id, clips, verdict)),
  }
}

function verdictPhrase(verdict: boolean | null, topics: string, clips: string): string {
  if (verdict === null) {
    return `leave ${topics} to the rule for ${clips}`
  }
  return verdict ? `set ${topics} for ${clips}` : `clear ${topics} for ${clips}`
}

function verdictChanges(
  store: Store,
  topicId: number,
  clips: readonly number[],
  verdict: boolean | null,
): SingleChange[] {
  const change = { kind: 'clip.verdicts' as const, set: [], cleared: [], none: [] }
  switch (verdict) {
    case true:
      return [{ ...change, topicId, set: [...clips] }]
    case false:
      return [{ ...change, topicId, cleared: [...clips] }]
    case null: {
      // Verdicts on topics that were merged into it hold for it, so they are taken back with its own.
      const parts = store.topics.mergedInto(topicId).map(({ id }) => id)
      return [topicId, ...parts].flatMap((part) => {
        const judged = clips.filter((clipId) => store.topics.verdict(part, clipId) !== null)
        return judged.length === 0 ? [] : [{ ...change, topicId: part, none: judged }]
      })
    }
  }
}

function planRule(store: Store, { rule }: Edit<'setRule'>): PlannedEdit {
  const before = store.settings.get('topicRule')
  const isSame = before.topicsPerClip === rule.topicsPerClip && before.minShare === rule.minShare
  return {
    label: rulePhrase(rule),
    changes: isSame ? [] : [{ kind: 'topic.rule', rule }],
  }
}

/** A rule in words. */
export const rulePhrase = ({ topicsPerClip, minShare }: TopicRule): string =>
  `at most ${count(topicsPerClip, 'topic')} a clip, each with at least ${Number((minShare * 100).toFixed(2))}% of its words`
