/** The long work on topics: finding them, trying numbers of them, and giving them to clips anew. */
import { topicsRequest, VitrineError } from '#contract'
import type { GivenTopic, TopicSweep } from '#contract'
import type { EngineResult, TopicModel } from '../../engine-host/contract/index.ts'
import type { NewTopic, OpenProject, SingleChange, WordCount } from '../../store/index.ts'
import { requireCurrent } from './plan-edit.ts'
import { currentRun, topicModel } from './model.ts'
import { count } from '../../common/text.ts'
import { forward } from '../workspace.ts'
import type { MakeEdit, Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/** Sweeps of each clip when topics are given anew: the topics themselves stay, so a clip settles at once. */
const REASSIGN_SWEEPS = 100

type Store = OpenProject['store']

export const documents = (store: Store): { id: number; captions: string[] }[] =>
  [...store.clips.captionsByClip()].map(([id, captions]) => ({ id, captions }))

/** The k whose figure is the largest; null when none is defined. */
function bestBy(
  { points }: TopicSweep,
  figure: (point: TopicSweep['points'][number]) => number | null,
): number | null {
  const defined = points
    .map((point) => ({ k: point.k, value: figure(point) ?? -Infinity }))
    .filter(({ value }) => value > -Infinity)
  return defined.sort((a, b) => b.value - a.value)[0]?.k ?? null
}

export function createExtraction(workspace: Workspace) {
  return {
    /**
     * Finds topics in the captions of all clips. Those that are named in `keep` stay, with their ids; the
     * others are replaced, and models trained on them keep theirs. An edit. Throws NOT_FOUND, CONFLICT for
     * kept topics that are not current.
     */
    extract({ keep, ...request }, { who }) {
      const { store } = workspace.project()
      const kept = [...new Map(keep.map((one) => [one.topicId, one])).values()].sort(
        (a, b) => a.topicId - b.topicId,
      )
      for (const { topicId } of kept) {
        requireCurrent(store, topicId)
      }
      const jobId = workspace.jobs.start(
        'topics',
        `Find ${request.k} topics`,
        { ...request, keep },
        async (context) => {
          const given = kept.map(({ topicId, as }) => givenOf(store, topicId, as))
          const fitted = await workspace.engine.call(
            'topics.fit',
            { ...request, topics: [...given, ...request.topics], documents: documents(store) },
            forward(context),
          )
          workspace.edit(who, (_, make) => {
            takeOver({ store, make, request: topicsRequest.parse(request), kept, fitted })
          })
          const coherence = fitted.npmi === null ? '' : `, mean coherence ${fitted.npmi.toFixed(3)}`
          return {
            result: { kind: 'topics', topics: fitted.topics.length },
            summary: `${count(fitted.topics.length, 'topic')} of ${count(fitted.documents, 'clip')} and ${count(fitted.tokens, 'word')}${coherence}.`,
          }
        },
      )
      return { jobId }
    },

    /** Measures the topics that several k lead to; the project's topics stay as they are. */
    sweep(request) {
      const { store } = workspace.project()
      const jobId = workspace.jobs.start(
        'topics',
        `Try ${count(request.ks.length, 'number')} of topics`,
        request,
        async (context) => {
          const sweep = await workspace.engine.call(
            'topics.sweep',
            { ...request, documents: documents(store) },
            forward(context),
          )
          store.settings.set('lastTopicSweep', sweep)
          const best = bestBy(sweep, ({ npmi }) => npmi)
          const heldOut = bestBy(sweep, (point) => point.heldOut)
          return {
            result: { kind: 'topics', topics: 0 },
            summary: `${count(sweep.points.length, 'number')} of topics tried on ${count(sweep.documents, 'clip')}${best === null ? '' : `: most coherent with ${best}`}${heldOut === null ? '' : `, held-out clips predicted best with ${heldOut}`}.`,
          }
        },
      )
      return { jobId }
    },

    lastSweep: reads(['setting'], () => workspace.project().store.settings.get('lastTopicSweep')),

    /**
     * Gives all clips their topics anew, under the words as they are now; topics stay. An edit. Throws
     * NOT_READY.
     */
    reassign(_, { who }) {
      const { store } = workspace.project()
      topicModel(store)
      const jobId = workspace.jobs.start('topics', 'Give clips their topics anew', {}, async (context) => {
        const { topicIds, model } = topicModel(store)
        const before = currentRun(store)
        const began = performance.now()
        const { assignments } = await workspace.engine.call(
          'topics.infer',
          {
            model,
            documents: documents(store),
            iterations: REASSIGN_SWEEPS,
            seed: before.request.seed,
            ...store.settings.get('topicRule'),
          },
          forward(context),
        )
        const seconds = (performance.now() - began) / 1000
        const tokens = assignments.reduce((sum, clip) => sum + clip.tokens, 0)
        const withTokens = assignments.filter((clip) => clip.tokens > 0).length
        workspace.edit(who, (_, make) => {
          const now = topicModel(store)
          if (
            currentRun(store).id !== before.id ||
            JSON.stringify(now) !== JSON.stringify({ topicIds, model })
          ) {
            throw new VitrineError(
              'CONFLICT',
              'Topics were edited while clips were given theirs.',
              'Start it again.',
            )
          }
          const { id: _id, createdAt: _at, ...run } = before
          const added = store.topics.addRun({
            run: {
              ...run,
              origin: 'reassigned',
              documents: withTokens,
              tokens,
              sweeps: REASSIGN_SWEEPS,
              seconds,
              tokensPerSecond: (tokens * REASSIGN_SWEEPS) / Math.max(seconds, 1e-3),
            },
            vocabulary: [...store.topics.vocabulary().values()],
            topics: topicIds.map((id) => ({ id })),
            assignments: assignments.map(({ id, shares, active }) => ({ clipId: id, shares, active })),
          })
          const stay = [...topicIds, ...store.topics.inStates(['junk']).map(({ id }) => id)]
          make('give clips their topics anew', store.topics.takeover({ runId: added.runId, topicIds: stay }))
        })
        return {
          result: { kind: 'topics', topics: topicIds.length },
          summary: `${count(withTokens, 'clip')} given ${count(topicIds.length, 'topic')} anew.`,
        }
      })
      return { jobId }
    },
  } satisfies Partial<Service<'topics'>>
}

/** A topic that there is, as one that is laid down. */
function givenOf(store: Store, topicId: number, as: 'fixed' | 'start'): GivenTopic {
  const words = store.topics.words(topicId)
  const marked = (mark: WordCount['mark']) =>
    words.filter((word) => word.mark === mark).map(({ word }) => word)
  return {
    label: store.topics.record(topicId).label,
    seeds: [],
    fixed: as === 'fixed',
    pinned: marked('pinned'),
    forbidden: marked('forbidden'),
    words: words
      .filter(({ count, mark }) => count > 0 && mark !== 'forbidden')
      .map(({ word, count }) => ({ word, count })),
  }
}

/**
 * Puts topics that were found in the place of the current ones, as one edit. Call it in a transaction. Throws
 * CONFLICT.
 */
function takeOver({
  store,
  make,
  request,
  kept,
  fitted,
}: {
  store: Store
  make: MakeEdit
  request: ReturnType<typeof topicsRequest.parse>
  kept: readonly { topicId: number; as: 'fixed' | 'start' }[]
  fitted: EngineResult<'topics.fit'>
}): void {
  for (const { topicId } of kept) {
    requireCurrent(store, topicId)
  }
  const { model, assignments, topics: described, ...run } = fitted
  const words = (column: number): WordCount[] =>
    model.topics[column]!.counts.map(({ word, count }) => ({
      word: model.vocabulary[word]!.word,
      count,
      mark: null,
    }))
  const added = store.topics.addRun({
    run: { ...run, origin: 'found', request, beta: model.beta, phrases: model.phrases },
    vocabulary: model.vocabulary,
    topics: described.map((topic, column): NewTopic | { id: number } => {
      const own = kept[column]
      if (own) {
        return { id: own.topicId }
      }
      const given = request.topics[column - kept.length]
      return {
        label: topic.label,
        labelled: given?.label != null,
        npmi: topic.npmi,
        alpha: model.topics[column]!.alpha,
        words: given ? marked(words(column), given, model) : words(column),
      }
    }),
    assignments: assignments.map(({ id, shares, active }) => ({ clipId: id, shares, active })),
  })
  const ofKept = kept.flatMap(({ topicId, as }, column): SingleChange[] => [
    { kind: 'topic', topicId, set: { npmi: described[column]!.npmi, alpha: model.topics[column]!.alpha } },
    ...(as === 'start'
      ? [
          {
            kind: 'topic.words' as const,
            topicId,
            words: newWords(store.topics.words(topicId), words(column)),
          },
        ]
      : []),
  ])
  const { topicsPerClip, minShare } = request
  make(`find ${described.length} topics`, [
    ...store.topics.takeover(added),
    { kind: 'topic.rule', rule: { topicsPerClip, minShare } },
    ...ofKept,
  ])
}

/** Words with the marks that they were laid down with. */
function marked(words: WordCount[], given: GivenTopic, { vocabulary }: TopicModel): WordCount[] {
  const known = new Set(vocabulary.map(({ word }) => word))
  const own = new Map(words.map((word) => [word.word, word]))
  for (const mark of ['pinned', 'forbidden'] as const) {
    for (const text of given[mark]) {
      const word = [text, text.trim().toLowerCase().replaceAll(/\s+/g, '_')].find((form) => known.has(form))
      if (word !== undefined) {
        own.set(word, { word, count: own.get(word)?.count ?? 0, mark })
      }
    }
  }
  return [...own.values()]
}

/** What makes one list of words the other; marks stay, and so do the counts of forbidden words. */
function newWords(
  before: readonly WordCount[],
  after: readonly WordCount[],
): Extract<SingleChange, { kind: 'topic.words' }>['words'] {
  const left = new Map(before.map((word) => [word.word, word]))
  const changed = after.flatMap(({ word, count }) => {
    const own = left.get(word)
    left.delete(word)
    return own?.count === count ? [] : [{ word, value: { count, mark: own?.mark ?? null } }]
  })
  const gone = [...left.values()]
    .filter(({ mark }) => mark !== 'forbidden')
    .map(({ word, mark }) => ({ word, value: mark === null ? null : { count: 0, mark } }))
  return [...changed, ...gone]
}
