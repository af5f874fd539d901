/** The long work on topics: finding them, trying numbers of them, and giving them to clips anew. */
import type * as z from 'zod'
import { topicsRequest } from '#contract'
import type { GivenTopic, TopicRule, TopicSource, TopicSweep } from '#contract'
import { breather } from '../../common/breather.ts'
import { fittedTopics } from '../../common/fitted-settings.ts'
import { count } from '../../common/text.ts'
import type {
  EngineResult,
  TopicAssignment,
  TopicDocument,
  TopicModel,
} from '../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type {
  AddedRun,
  CorpusState,
  NewRun,
  NewTopic,
  OpenProject,
  SingleChange,
  WordCount,
} from '../../store/index.ts'
import type { Input, Service } from '../service.ts'
import { reads } from '../service.ts'
import { engineOptions } from '../workspace.ts'
import type { MakeEdit, Workspace } from '../workspace.ts'
import { divideDocuments, documentsOf } from './documents.ts'
import { failures } from './failures.ts'
import { currentRun, topicModel } from './model.ts'
import { requireCurrent } from './plan-edit.ts'

/** Sweeps of a clip that is given topics that stay as they are: it settles at once. */
const FOLD_IN_SWEEPS = 100

type Store = OpenProject['store']
type ExtractRequest = Input<'topics', 'extract'>
/** A topic that stays: with its words fixed, or as a start to find words from. */
type KeptTopic = ExtractRequest['keep'][number]
type WordChanges = Extract<SingleChange, { kind: 'topic.words' }>['words']

export function createExtraction(workspace: Workspace) {
  return {
    /**
     * Finds topics in the captions of the training clips (or of all), and gives them to the other clips as they
     * are. Those that are named in `keep` stay, with their ids; the others are replaced, and models trained on
     * them keep theirs. An edit. Throws NOT_FOUND, NOT_READY without captions to find topics in, CONFLICT for
     * kept topics that are not current.
     */
    extract(request, { who }) {
      const { store } = workspace.project()
      const kept = distinctById(request.keep)
      for (const { topicId } of kept) {
        requireCurrent(store, topicId)
      }
      // What would fail at once is refused before a job is queued.
      divideDocuments(store, request.from)
      const jobId = workspace.jobs.start(
        'topics',
        `Find ${request.k} topics`,
        { procedure: 'topics.extract', input: request },
        (context) => findTopics(workspace, store, { request: { ...request, keep: kept }, who, context }),
      )
      return { jobId }
    },

    /**
     * Measures the topics that several k lead to; the project's topics stay as they are. Throws NOT_READY without
     * captions to find topics in.
     */
    sweep(request) {
      const { store } = workspace.project()
      documentsOfSweep(store, request.from)
      const jobId = workspace.jobs.start(
        'topics',
        `Try ${count(request.ks.length, 'number')} of topics`,
        { procedure: 'topics.sweep', input: request },
        async (context) => {
          const sweep = await workspace.engine.call(
            'topics.sweep',
            { ...request, ...documentsOfSweep(store, request.from) },
            engineOptions(context),
          )
          if (sweep.heldOutDocuments === 0) {
            context.notice(NOTHING_HELD_OUT)
          }
          store.settings.set('lastTopicSweep', sweep)
          return { result: { kind: 'topics', topics: 0 }, summary: sweepSummary(sweep) }
        },
      )
      return { jobId }
    },

    fitted: reads(['caption', 'clip'], () => {
      const { clips } = workspace.project().store.captions.size('train')
      return { clips, ...fittedTopics(clips) }
    }),

    lastSweep: reads(['setting'], () => workspace.project().store.settings.get('lastTopicSweep')),

    /**
     * Gives all clips their topics anew, under the words as they are now; topics stay. An edit. Throws
     * NOT_READY.
     */
    reassign(_, { who }) {
      const { store } = workspace.project()
      // What would fail at once is refused before a job is queued.
      topicModel(store)
      const jobId = workspace.jobs.start(
        'topics',
        'Give clips their topics anew',
        { procedure: 'topics.reassign', input: null },
        (context) => reassignTopics(workspace, store, who, context),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'topics'>>
}

/** Each topic once, as it was named last; by id. */
const distinctById = (keep: readonly KeptTopic[]): KeptTopic[] =>
  [...new Map(keep.map((topic) => [topic.topicId, topic])).values()].sort((a, b) => a.topicId - b.topicId)

async function findTopics(
  workspace: Workspace,
  store: Store,
  {
    request: { keep, ...settings },
    who,
    context,
  }: { request: ExtractRequest; who: string; context: JobContext },
): Promise<JobOutcome> {
  const given = keep.map((kept) => givenTopic(store, kept))
  const corpusState = store.clips.corpusState()
  const { documents, others } = divideDocuments(store, settings.from)
  const fitted = await workspace.engine.call(
    'topics.fit',
    { ...settings, topics: [...given, ...settings.topics], documents },
    engineOptions(context),
  )
  const folded = await foldIn({ workspace, context, model: fitted.model, documents: others }, settings)
  const assignments = [...fitted.assignments, ...folded]
  const request = topicsRequest.parse(settings)
  await storeRun(
    store,
    newRun({ request, kept: keep, fitted, assignments, corpusState }),
    context,
    (added) => {
      workspace.edit(who, (_, make) => {
        takeOver({ store, make, request, kept: keep, fitted, added })
      })
    },
  )
  const coherence = fitted.npmi === null ? '' : `, mean coherence ${fitted.npmi.toFixed(3)}`
  return {
    result: { kind: 'topics', topics: fitted.topics.length },
    summary: `${count(fitted.topics.length, 'topic')} found in ${count(fitted.tokens, 'word')} of ${describeSource(settings.from, fitted.documents)}${coherence}.`,
  }
}

const describeSource = (from: TopicSource, clips: number): string =>
  from === 'train'
    ? count(clips, 'training clip')
    : `${count(clips, 'clip')}, those of validation and test among them`

/** Clips that topics are given to as they are. */
interface FoldIn {
  workspace: Workspace
  context: JobContext
  model: TopicModel
  documents: TopicDocument[]
}

/** What clips bear of topics that stay as they are. */
async function foldIn(
  { workspace, context, model, documents }: FoldIn,
  { seed, topicsPerClip, minShare }: TopicRule & { seed: number },
): Promise<TopicAssignment[]> {
  if (documents.length === 0) {
    return []
  }
  const { assignments } = await workspace.engine.call(
    'topics.infer',
    { model, documents, iterations: FOLD_IN_SWEEPS, seed, topicsPerClip, minShare },
    engineOptions(context),
  )
  return assignments
}

/** A topic of the project as one that is given to the engine. */
function givenTopic(store: Store, { topicId, as }: KeptTopic): GivenTopic {
  const words = store.topics.words(topicId)
  const withMark = (mark: WordCount['mark']) =>
    words.filter((word) => word.mark === mark).map(({ word }) => word)
  return {
    label: store.topics.record(topicId).label,
    seeds: [],
    fixed: as === 'fixed',
    pinned: withMark('pinned'),
    forbidden: withMark('forbidden'),
    words: words
      .filter(({ count, mark }) => count > 0 && mark !== 'forbidden')
      .map(({ word, count }) => ({ word, count })),
  }
}

/**
 * Stores a run bit by bit and then calls `takeOver`, which makes the edit; of one that ends early nothing stays, nor
 * of those that a killed process left behind. Throws what `takeOver` does, CancelledError.
 */
async function storeRun(
  store: Store,
  run: NewRun,
  context: JobContext,
  takeOver: (added: AddedRun) => void,
): Promise<void> {
  const breathe = breather(context.signal)
  await discardStagedRuns(store)
  try {
    const storePart = store.topics.stageRun(run)
    let added = storePart()
    while (added === null) {
      await breathe()
      added = storePart()
    }
    takeOver(added)
  } catch (error) {
    await discardStagedRuns(store)
    throw error
  }
}

async function discardStagedRuns(store: Store): Promise<void> {
  const breathe = breather()
  for (let runId = store.topics.stagedRun(); runId !== null; runId = store.topics.stagedRun()) {
    store.topics.discardRun(runId)
    await breathe()
  }
}

/** The run of topics that were found. */
function newRun({
  request,
  kept,
  fitted,
  assignments,
  corpusState,
}: {
  request: z.output<typeof topicsRequest>
  kept: readonly KeptTopic[]
  fitted: EngineResult<'topics.fit'>
  /** Of all clips. */
  assignments: readonly TopicAssignment[]
  corpusState: CorpusState
}): NewRun {
  const { model, assignments: _ofThoseRead, topics: described, ...run } = fitted
  const newTopic = (column: number): NewTopic => {
    const given = request.topics[column - kept.length]
    const words = wordsOf(model, column)
    return {
      label: described[column]!.label,
      labelled: given?.label != null,
      npmi: described[column]!.npmi,
      alpha: model.topics[column]!.alpha,
      words: given ? withMarks(words, given, model) : words,
    }
  }
  return {
    run: { ...run, origin: 'found', request, beta: model.beta, phrases: model.phrases, corpusState },
    vocabulary: model.vocabulary,
    topics: described.map((_, column) => {
      const keptTopic = kept[column]
      return keptTopic ? { id: keptTopic.topicId } : newTopic(column)
    }),
    assignments: assignments.map(({ id, shares, active }) => ({ clipId: id, shares, active })),
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
  added,
}: {
  store: Store
  make: MakeEdit
  request: z.output<typeof topicsRequest>
  kept: readonly KeptTopic[]
  fitted: EngineResult<'topics.fit'>
  added: AddedRun
}): void {
  for (const { topicId } of kept) {
    requireCurrent(store, topicId)
  }
  store.topics.keepRun(added.runId)
  const { topicsPerClip, minShare } = request
  make(`find ${fitted.topics.length} topics`, [
    ...store.topics.takeover(added),
    { kind: 'topic.rule', rule: { topicsPerClip, minShare } },
    ...kept.flatMap((topic, column) => keptChanges(store, topic, fitted, column)),
  ])
}

/** The words that a column of a model has, by its numbers. */
const wordsOf = ({ topics, vocabulary }: TopicModel, column: number): WordCount[] =>
  topics[column]!.counts.map(({ word, count }) => ({ word: vocabulary[word]!.word, count, mark: null }))

/** Words with the marks that the topic was given with. */
function withMarks(words: readonly WordCount[], given: GivenTopic, { vocabulary }: TopicModel): WordCount[] {
  const known = new Set(vocabulary.map(({ word }) => word))
  const marked = new Map(words.map((word) => [word.word, word]))
  for (const mark of ['pinned', 'forbidden'] as const) {
    for (const text of given[mark]) {
      const word = [text, text.trim().toLowerCase().replaceAll(/\s+/g, '_')].find((form) => known.has(form))
      if (word !== undefined) {
        marked.set(word, { word, count: marked.get(word)?.count ?? 0, mark })
      }
    }
  }
  return [...marked.values()]
}

/** What becomes of a topic that stayed: its figures are measured anew, and one that was a start has new words. */
function keptChanges(
  store: Store,
  { topicId, as }: KeptTopic,
  { model, topics }: EngineResult<'topics.fit'>,
  column: number,
): SingleChange[] {
  const figures: SingleChange = {
    kind: 'topic',
    topicId,
    set: { npmi: topics[column]!.npmi, alpha: model.topics[column]!.alpha },
  }
  if (as === 'fixed') {
    return [figures]
  }
  const words = wordChanges(store.topics.words(topicId), wordsOf(model, column))
  return [figures, { kind: 'topic.words', topicId, words }]
}

/** What makes one list of words the other; marks stay, and so do the counts of forbidden words. */
function wordChanges(before: readonly WordCount[], after: readonly WordCount[]): WordChanges {
  const left = new Map(before.map((word) => [word.word, word]))
  const changed = after.flatMap(({ word, count }) => {
    const known = left.get(word)
    left.delete(word)
    return known?.count === count ? [] : [{ word, value: { count, mark: known?.mark ?? null } }]
  })
  const gone = [...left.values()]
    .filter(({ mark }) => mark !== 'forbidden')
    .map(({ word, mark }) => ({ word, value: mark === null ? null : { count: 0, mark } }))
  return [...changed, ...gone]
}

/**
 * The clips that a sweep finds topics in, and those whose words they are to predict: of validation, in no case
 * of test.
 */
function documentsOfSweep(
  store: Store,
  from: TopicSource,
): { documents: TopicDocument[]; heldOut: TopicDocument[] } {
  const heldOut = documentsOf(store, 'val')
  const ids = new Set(heldOut.map(({ id }) => id))
  const { documents } = divideDocuments(store, from)
  return { documents: documents.filter(({ id }) => !ids.has(id)), heldOut }
}

const NOTHING_HELD_OUT =
  'No clip of the validation split has a caption with these words, so there is no likelihood of unseen clips. Move some clips into that split.'

function sweepSummary(sweep: TopicSweep): string {
  const mostCoherent = bestBy(sweep, ({ npmi }) => npmi)
  const bestHeldOut = bestBy(sweep, ({ heldOut }) => heldOut)
  return [
    `${count(sweep.points.length, 'number')} of topics tried on ${count(sweep.documents, 'clip')}`,
    mostCoherent === null ? '' : `: most coherent with ${mostCoherent}`,
    bestHeldOut === null ? '' : `, validation clips predicted best with ${bestHeldOut}`,
    '.',
  ].join('')
}

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

async function reassignTopics(
  workspace: Workspace,
  store: Store,
  who: string,
  context: JobContext,
): Promise<JobOutcome> {
  const { topicIds, model } = topicModel(store)
  const run = currentRun(store)
  const began = performance.now()
  const assignments = await foldIn(
    { workspace, context, model, documents: documentsOf(store) },
    { seed: run.request.seed, ...store.settings.get('topicRule') },
  )
  const seconds = (performance.now() - began) / 1000
  const tokens = assignments.reduce((sum, clip) => sum + clip.tokens, 0)
  const withTokens = assignments.filter((clip) => clip.tokens > 0).length
  const { id: _id, createdAt: _createdAt, ...settings } = run
  const reassigned: NewRun = {
    run: {
      ...settings,
      origin: 'reassigned',
      documents: withTokens,
      tokens,
      sweeps: FOLD_IN_SWEEPS,
      seconds,
      tokensPerSecond: (tokens * FOLD_IN_SWEEPS) / Math.max(seconds, 1e-3),
    },
    vocabulary: [...store.topics.vocabulary().values()],
    topics: topicIds.map((id) => ({ id })),
    assignments: assignments.map(({ id, shares, active }) => ({ clipId: id, shares, active })),
  }
  await storeRun(store, reassigned, context, ({ runId }) => {
    workspace.edit(who, (_, make) => {
      const isSame =
        currentRun(store).id === run.id &&
        JSON.stringify(topicModel(store)) === JSON.stringify({ topicIds, model })
      if (!isSame) {
        throw failures.editedMeanwhile()
      }
      store.topics.keepRun(runId)
      const junk = store.topics.inStates(['junk']).map(({ id }) => id)
      make('give clips their topics anew', store.topics.takeover({ runId, topicIds: [...topicIds, ...junk] }))
    })
  })
  return {
    result: { kind: 'topics', topics: topicIds.length },
    summary: `${count(withTokens, 'clip')} given ${count(topicIds.length, 'topic')} anew.`,
  }
}
