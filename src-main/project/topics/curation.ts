/**
 * What a curator does to topics. Each is one edit. Splitting and creating need the engine, so what they rest
 * on is read before it is asked and checked again when its answer is put into the project.
 */
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { OpenProject, SingleChange, TopicRecord, WordCount } from '../../store/index.ts'
import type { Input, Service } from '../service.ts'
import type { MakeEdit, Workspace } from '../workspace.ts'
import { divideClips, divideDocuments } from './documents.ts'
import { failures } from './failures.ts'
import { currentRun, tokenization, typicalAlpha } from './model.ts'
import { planEdit, requireCurrent, requireWords } from './plan-edit.ts'

type Store = OpenProject['store']
type SplitRequest = Input<'topics', 'split'>
type VerdictChange = Extract<SingleChange, { kind: 'clip.verdicts' }>

/** A split as the engine proposes it, and what it rests on. */
interface Division extends EngineResult<'topics.split'> {
  topic: TopicRecord
  runId: number
  /** All words of the topic, those that are forbidden too. */
  words: WordCount[]
}

export function createCuration(workspace: Workspace) {
  return {
    /** Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
    edit(edit, { who }) {
      workspace.edit(who, (store, make) => {
        const { label, changes } = planEdit(store, edit)
        make(label, changes)
      })
    },

    /** What a split would make; nothing is stored. Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
    async proposeSplit(request, { signal }) {
      const { parts, fractions } = await divide(workspace, request, signal)
      const mainParts = fractions.map((clip) => indexOfLargest(clip.fractions))
      return {
        parts: parts.map(({ label, words }, i) => ({
          label,
          words,
          clips: mainParts.filter((part) => part === i).length,
        })),
      }
    },

    /** Puts new topics in the place of one; returns their ids. Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
    async split(request, { signal, who }) {
      const division = await divide(workspace, request, signal)
      return {
        topicIds: workspace.edit(who, (store, make) => makeParts(store, make, division, request.labels)),
      }
    },

    /**
     * A topic from scratch, by words or by clips that show it; returns its id. Throws NOT_FOUND, NOT_READY,
     * BAD_INPUT, CONFLICT.
     */
    async create(request, { signal, who }) {
      const { store } = workspace.project()
      const run = currentRun(store)
      const { from } = request
      if (from.by === 'clips') {
        for (const clipId of from.clipIds) {
          store.clips.seen(clipId)
        }
      }
      const created = await workspace.engine.call(
        'topics.create',
        {
          ...divideDocuments(store, run.request.from),
          ...tokenization(run),
          vocabulary: [...store.topics.vocabulary().keys()],
          from,
        },
        { signal },
      )
      const topicId = workspace.edit(who, (_, make) => {
        requireRun(store, run.id)
        return makeTopic(store, make, created, request)
      })
      return { topicId }
    },
  } satisfies Partial<Service<'topics'>>
}

/** Asks the engine how a topic is split. Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
async function divide(
  workspace: Workspace,
  { topicId, how, labels }: SplitRequest,
  signal: AbortSignal,
): Promise<Division> {
  const { store } = workspace.project()
  const topic = requireCurrent(store, topicId)
  const run = currentRun(store)
  const words = store.topics.words(topicId)
  const heldWords = words.filter(({ count, mark }) => count > 0 && mark !== 'forbidden')
  if (heldWords.length === 0) {
    throw failures.noWordsToSplit({ topic: topic.label })
  }
  if (store.topics.sharesOf(topicId).length === 0) {
    throw failures.noClipsToSplit({ topic: topic.label })
  }
  if (how.by === 'words') {
    requireWords(store, topic, how.parts.flat())
  }
  const clipIds = clipsToDivide(store, topicId, how)
  const captions = store.captions.byClip(clipIds)
  const clips = clipIds.map((id) => ({ id, captions: (captions.get(id) ?? []).map(({ text }) => text) }))
  const division = await workspace.engine.call(
    'topics.split',
    {
      ...tokenization(run),
      words: heldWords.map(({ word, count }) => ({ word, count })),
      how,
      ...divideClips(store, run.request.from, clips),
    },
    { signal },
  )
  return {
    ...division,
    parts: division.parts.map((part, i) => ({ ...part, label: labels[i] ?? part.label })),
    topic,
    runId: run.id,
    words,
  }
}

/**
 * The clips that a split deals with, by id: those with a share of the topic, those that people set it for,
 * and those that the parts name. Throws NOT_FOUND for the latter.
 */
function clipsToDivide(store: Store, topicId: number, how: SplitRequest['how']): number[] {
  const sharing = store.topics.sharesOf(topicId).map(({ clipId }) => clipId)
  const given = how.by === 'clips' ? how.parts.flat().map((clipId) => store.clips.seen(clipId).id) : []
  const set = store.topics
    .verdicts([topicId])
    .filter(({ active }) => active)
    .map(({ clipId }) => clipId)
  return [...new Set([...sharing, ...given, ...set])].sort((a, b) => a - b)
}

/** Throws CONFLICT when clips have their topics from another run by now. */
function requireRun(store: Store, runId: number): void {
  if (store.topics.run()?.id !== runId) {
    throw failures.foundMeanwhile()
  }
}

const indexOfLargest = (fractions: readonly number[]): number => fractions.indexOf(Math.max(...fractions))

/**
 * Inserts the parts of a split and makes the edit; returns their ids. Call it in a transaction. Throws
 * CONFLICT.
 */
function makeParts(
  store: Store,
  make: MakeEdit,
  division: Division,
  labels: readonly (string | null)[],
): number[] {
  const { topic, runId, words, parts } = division
  requireCurrent(store, topic.id)
  requireRun(store, runId)
  if (JSON.stringify(store.topics.words(topic.id)) !== JSON.stringify(words)) {
    throw failures.wordsEditedMeanwhile({ topic: topic.label })
  }
  const topicIds = insertParts(store, division, labels)
  const verdicts = verdictsOfParts(store, division, topicIds)
  const names = parts.map(({ label }) => `"${label}"`)
  make(`split "${topic.label}" into ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`, [
    { kind: 'topic', topicId: topic.id, set: { state: 'split' } },
    ...topicIds.map((topicId): SingleChange => ({ kind: 'topic', topicId, set: { state: 'active' } })),
    ...verdicts.filter(({ set, cleared }) => set.length + cleared.length > 0),
  ])
  return topicIds
}

/** The parts as topics: each with its part of the topic's prior, and of its share of every clip. */
function insertParts(
  store: Store,
  { topic, words, parts, fractions }: Division,
  labels: readonly (string | null)[],
): number[] {
  const shares = new Map(store.topics.sharesOf(topic.id).map(({ clipId, share }) => [clipId, share]))
  const marks = new Map(words.map(({ word, mark }) => [word, mark]))
  const tokens = parts.map((part) => part.words.reduce((sum, { count }) => sum + count, 0))
  const allTokens = tokens.reduce((sum, ofPart) => sum + ofPart, 0)
  return parts.map((part, i) =>
    store.topics.addTopic(
      {
        label: part.label,
        labelled: labels[i] != null,
        npmi: null,
        alpha: topic.alpha === null || allTokens === 0 ? null : (topic.alpha * tokens[i]!) / allTokens,
        words: part.words.map(({ word, count }) => ({ word, count, mark: marks.get(word) ?? null })),
      },
      fractions.map((clip) => ({ clipId: clip.id, share: (shares.get(clip.id) ?? 0) * clip.fractions[i]! })),
    ),
  )
}

/**
 * A clip that the topic was set for shows the part that it has most of; one that it was cleared for shows
 * none.
 */
function verdictsOfParts(
  store: Store,
  { topic, fractions }: Division,
  topicIds: readonly number[],
): VerdictChange[] {
  const mainPart = new Map(fractions.map((clip) => [clip.id, indexOfLargest(clip.fractions)]))
  const verdicts = store.topics.verdicts([topic.id])
  const set = verdicts.filter(({ active }) => active).map(({ clipId }) => clipId)
  const cleared = verdicts.filter(({ active }) => !active).map(({ clipId }) => clipId)
  return topicIds.map((topicId, part) => ({
    kind: 'clip.verdicts',
    topicId,
    cleared,
    none: [],
    set: set.filter((clipId) => (mainPart.get(clipId) ?? 0) === part),
  }))
}

/** Inserts a topic that the engine made and makes the edit; returns its id. Call it in a transaction. */
function makeTopic(
  store: Store,
  make: MakeEdit,
  created: EngineResult<'topics.create'>,
  { label, from }: Input<'topics', 'create'>,
): number {
  const topicId = store.topics.addTopic(
    {
      label: label ?? created.label,
      labelled: label !== null,
      npmi: null,
      alpha: typicalAlpha(store.topics.inStates(['active', 'hidden'])),
      words: created.words.map(({ word, count }) => ({ word, count, mark: null })),
    },
    created.shares.map(({ id: clipId, share }) => ({ clipId, share })),
  )
  const verdicts: SingleChange[] =
    from.by === 'clips'
      ? [{ kind: 'clip.verdicts', topicId, set: [...new Set(from.clipIds)], cleared: [], none: [] }]
      : []
  make(`create "${label ?? created.label}"`, [
    { kind: 'topic', topicId, set: { state: 'active' } },
    ...verdicts,
  ])
  return topicId
}
