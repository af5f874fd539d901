/**
 * What a curator does to topics. Each is one edit. Splitting and creating need the engine, so what they rest
 * on is read before it is asked and checked again when its answer is put into the project.
 */
import { VitrineError } from '#contract'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { OpenProject, SingleChange, TopicRecord, WordCount } from '../../store/index.ts'
import { planEdit, requireCurrent, requireWords } from './plan-edit.ts'
import { currentRun, reading, typicalAlpha } from './model.ts'
import { documents } from './extraction.ts'
import type { MakeEdit, Workspace } from '../workspace.ts'
import type { Input, Service } from '../service.ts'

type Store = OpenProject['store']

/** A split as the engine proposes it, and what it rests on. */
interface Division extends EngineResult<'topics.split'> {
  topic: TopicRecord
  runId: number
  words: WordCount[]
}

export function createCuration(workspace: Workspace) {
  const divide = async (
    { topicId, how, labels }: Input<'topics', 'split'>,
    signal: AbortSignal,
  ): Promise<Division> => {
    const { store } = workspace.project()
    const topic = requireCurrent(store, topicId)
    const run = currentRun(store)
    const words = store.topics.words(topicId)
    const held = words.filter(({ count, mark }) => count > 0 && mark !== 'forbidden')
    const clipIds = new Set(store.topics.sharesOf(topicId).map(({ clipId }) => clipId))
    if (held.length === 0) {
      throw new VitrineError(
        'BAD_INPUT',
        `The topic "${topic.label}" has no words to split it by.`,
        'Give it words, or create topics from clips.',
      )
    }
    if (clipIds.size === 0) {
      throw new VitrineError(
        'BAD_INPUT',
        `No clip has a share of the topic "${topic.label}": there is nothing to split.`,
        'Create a topic instead.',
      )
    }
    if (how.by === 'words') {
      requireWords(store, topic, how.parts.flat())
    }
    if (how.by === 'clips') {
      for (const id of how.parts.flat()) {
        clipIds.add(store.clips.get(id).id)
      }
    }
    for (const { clipId, active } of store.topics.verdicts([topicId])) {
      if (active) {
        clipIds.add(clipId)
      }
    }
    const captions = store.clips.captionRows([...clipIds])
    const divided = await workspace.engine.call(
      'topics.split',
      {
        ...reading(run),
        words: held.map(({ word, count }) => ({ word, count })),
        how,
        documents: [...clipIds]
          .sort((a, b) => a - b)
          .map((id) => ({ id, captions: (captions.get(id) ?? []).map(({ text }) => text) })),
      },
      { signal },
    )
    return {
      ...divided,
      parts: divided.parts.map((part, i) => ({ ...part, label: labels[i] ?? part.label })),
      topic,
      runId: run.id,
      words,
    }
  }

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
      const { parts, fractions } = await divide(request, signal)
      const most = fractions.map((clip) => largest(clip.fractions))
      return {
        parts: parts.map(({ label, words }, i) => ({
          label,
          words,
          clips: most.filter((part) => part === i).length,
        })),
      }
    },

    /** Puts new topics in the place of one; returns their ids. Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
    async split(request, { signal, who }) {
      const division = await divide(request, signal)
      return {
        topicIds: workspace.edit(who, (store, make) => makeParts(store, make, division, request.labels)),
      }
    },

    /**
     * A topic from scratch, by words or by clips that show it; returns its id. Throws NOT_FOUND, NOT_READY,
     * BAD_INPUT, CONFLICT.
     */
    async create({ label, from }, { signal, who }) {
      const { store } = workspace.project()
      const run = currentRun(store)
      if (from.by === 'clips') {
        for (const id of from.clipIds) {
          store.clips.get(id)
        }
      }
      const created = await workspace.engine.call(
        'topics.create',
        {
          documents: documents(store),
          ...reading(run),
          vocabulary: [...store.topics.vocabulary().keys()],
          from,
        },
        { signal },
      )
      const topicId = workspace.edit(who, (_, make) => {
        if (store.topics.run()?.id !== run.id) {
          throw foundAnew()
        }
        const id = store.topics.addTopic(
          {
            label: label ?? created.label,
            labelled: label !== null,
            npmi: null,
            alpha: typicalAlpha(store.topics.inStates(['active', 'hidden'])),
            words: created.words.map(({ word, count }) => ({ word, count, mark: null })),
          },
          created.shares.map(({ id: clipId, share }) => ({ clipId, share })),
        )
        const shown: SingleChange[] =
          from.by === 'clips'
            ? [{ kind: 'clip.verdicts', topicId: id, set: [...new Set(from.clipIds)], cleared: [], none: [] }]
            : []
        make(`create "${label ?? created.label}"`, [
          { kind: 'topic', topicId: id, set: { state: 'active' } },
          ...shown,
        ])
        return id
      })
      return { topicId }
    },
  } satisfies Partial<Service<'topics'>>
}

const foundAnew = () =>
  new VitrineError('CONFLICT', 'Clips were given their topics anew meanwhile.', 'Try it again.')

function largest(fractions: readonly number[]): number {
  return fractions.indexOf(Math.max(...fractions))
}

/**
 * Inserts the parts of a split and makes the edit; returns their ids. Call it in a transaction. Throws
 * CONFLICT.
 */
function makeParts(
  store: Store,
  make: MakeEdit,
  { topic, runId, words, parts, fractions }: Division,
  labels: readonly (string | null)[],
): number[] {
  requireCurrent(store, topic.id)
  if (store.topics.run()?.id !== runId) {
    throw foundAnew()
  }
  if (JSON.stringify(store.topics.words(topic.id)) !== JSON.stringify(words)) {
    throw new VitrineError(
      'CONFLICT',
      `The words of "${topic.label}" were edited meanwhile.`,
      'Try it again.',
    )
  }
  const shares = new Map(store.topics.sharesOf(topic.id).map(({ clipId, share }) => [clipId, share]))
  const marks = new Map(words.map(({ word, mark }) => [word, mark]))
  const tokens = parts.map((part) => part.words.reduce((sum, { count }) => sum + count, 0))
  const all = tokens.reduce((sum, own) => sum + own, 0)
  const topicIds = parts.map(({ label, words: own }, i) =>
    store.topics.addTopic(
      {
        label,
        labelled: labels[i] != null,
        npmi: null,
        alpha: topic.alpha === null || all === 0 ? null : (topic.alpha * tokens[i]!) / all,
        words: own.map(({ word, count }) => ({ word, count, mark: marks.get(word) ?? null })),
      },
      fractions.map((clip) => ({ clipId: clip.id, share: (shares.get(clip.id) ?? 0) * clip.fractions[i]! })),
    ),
  )

  // A clip that the topic was set for shows the part that it has most of; one that it was cleared for shows
  // none.
  const partOf = new Map(fractions.map((clip) => [clip.id, largest(clip.fractions)]))
  const verdicts = store.topics.verdicts([topic.id])
  const cleared = verdicts.filter(({ active }) => !active).map(({ clipId }) => clipId)
  const said = topicIds.map((topicId, i): Extract<SingleChange, { kind: 'clip.verdicts' }> => ({
    kind: 'clip.verdicts',
    topicId,
    cleared,
    none: [],
    set: verdicts
      .filter(({ clipId, active }) => active && (partOf.get(clipId) ?? 0) === i)
      .map(({ clipId }) => clipId),
  }))
  const names = parts.map(({ label }) => `"${label}"`)
  make(`split "${topic.label}" into ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`, [
    { kind: 'topic', topicId: topic.id, set: { state: 'split' } },
    ...topicIds.map((topicId): SingleChange => ({ kind: 'topic', topicId, set: { state: 'active' } })),
    ...said.filter(({ set, cleared: not }) => set.length + not.length > 0),
  ])
  return topicIds
}
