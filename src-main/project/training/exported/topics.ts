/** The topics of an exported model, in the project that it comes into: those that are there already, or new ones in their place. */
import { topicsRequest } from '#contract'
import type { TopicModel } from '../../../engine-host/contract/index.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type { NewRun, OpenProject, SingleChange } from '../../../store/index.ts'
import { documentsOf } from '../../topics/documents.ts'
import { typicalAlpha } from '../../topics/model.ts'
import { engineOptions } from '../../workspace.ts'
import type { MakeEdit, Workspace } from '../../workspace.ts'
import { failures } from '../failures.ts'
import type { BundleTopics } from './bundle.ts'

type Store = OpenProject['store']

/** Sweeps of a clip that is given topics that stay as they are: it settles at once. */
const SWEEPS = 100

/** The project's topics with the labels of the model's, by column; null where one is missing, or stands for several. */
export function topicsOfSameLabels({ topics }: Store, { topics: wanted }: BundleTopics): number[] | null {
  const current = topics.current()
  const ids = wanted.map(({ label }) => {
    const called = current.filter((topic) => topic.label === label)
    return called.length === 1 ? called[0]!.id : null
  })
  const known = ids.filter((id) => id !== null)
  return known.length === wanted.length && new Set(known).size === known.length ? known : null
}

/** Throws CONFLICT where topics that are there would have to go, and nobody said so. */
export function requireRoom(store: Store, replaces: boolean): void {
  const there = store.topics.count()
  if (there > 0 && !replaces) {
    throw failures.otherTopics({ topics: there })
  }
}

/** The topics as a run of the project, with what its clips bear of them by their captions. */
export async function runOfTopics(
  workspace: Workspace,
  store: Store,
  { bundle, context }: { bundle: BundleTopics; context: JobContext },
): Promise<NewRun> {
  const { run, vocabulary, topics } = bundle
  const assignments = await assignmentsOf(workspace, store, { bundle, context })
  const request = run?.request ?? topicsRequest.parse({})
  return {
    run: {
      origin: 'imported',
      corpusState: store.clips.corpusState(),
      request: { ...request, k: Math.max(2, topics.length), topics: [] },
      documents: assignments.length,
      tokens: vocabulary.reduce((sum, { tokens }) => sum + tokens, 0),
      sweeps: 0,
      seconds: 0,
      tokensPerSecond: 0,
      npmi: null,
      beta: run?.beta ?? 0,
      phrases: run?.phrases ?? [],
    },
    vocabulary,
    topics: topics.map(({ description: _, ...topic }) => topic),
    assignments,
  }
}

async function assignmentsOf(
  workspace: Workspace,
  store: Store,
  { bundle, context }: { bundle: BundleTopics; context: JobContext },
): Promise<NewRun['assignments']> {
  const documents = documentsOf(store)
  const model = topicModelOf(bundle)
  if (
    bundle.run === null ||
    documents.length === 0 ||
    model.topics.every(({ counts }) => counts.length === 0)
  ) {
    return []
  }
  const { seed, topicsPerClip, minShare } = bundle.run.request
  const { assignments } = await workspace.engine.call(
    'topics.infer',
    { model, documents, iterations: SWEEPS, seed, topicsPerClip, minShare },
    engineOptions(context),
  )
  return assignments.map(({ id, shares, active }) => ({ clipId: id, shares, active }))
}

/** As `topicModel` of project/topics has the project's own: forbidden words count for nothing. */
function topicModelOf({ run, vocabulary, topics }: BundleTopics): TopicModel {
  const words = new Map(vocabulary.map((known) => [known.word, known]))
  for (const { word } of topics.flatMap((topic) => topic.words)) {
    words.set(word, words.get(word) ?? { word, tokens: 0, documents: 0 })
  }
  const numbers = new Map([...words.keys()].map((word, number) => [word, number]))
  const usual = typicalAlpha(topics)
  const { builtInStopWords, stopWords, lemmas } = run?.request ?? topicsRequest.parse({})
  return {
    vocabulary: [...words.values()],
    phrases: run?.phrases ?? [],
    rule: { builtInStopWords, stopWords, lemmas },
    beta: run?.beta ?? 0,
    topics: topics.map((topic) => ({
      alpha: topic.alpha ?? usual,
      counts: topic.words
        .filter(({ count, mark }) => count > 0 && mark !== 'forbidden')
        .map(({ word, count }) => ({ word: numbers.get(word)!, count }))
        .sort((a, b) => b.count - a.count || a.word - b.word),
    })),
  }
}

/** Puts them in the place of the current topics, as one edit; returns their ids by column. Call it in a transaction. */
export function takeTopicsOver(
  store: Store,
  make: MakeEdit,
  { run, bundle, name }: { run: NewRun; bundle: BundleTopics; name: string },
): number[] {
  const added = store.topics.addRun(run)
  const { topicsPerClip, minShare } = run.run.request
  const described = bundle.topics.flatMap(({ description }, column): SingleChange[] =>
    description === '' ? [] : [{ kind: 'topic', topicId: added.topicIds[column]!, set: { description } }],
  )
  make(`take over the topics of ${name}`, [
    ...store.topics.takeover(added),
    { kind: 'topic.rule', rule: { topicsPerClip, minShare } },
    ...described,
  ])
  return added.topicIds
}
