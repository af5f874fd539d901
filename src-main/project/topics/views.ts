/**
 * What views show of topics: the list, one topic's page, its clips, the map, and what a rule would make of
 * the clips.
 */
import type { TopicList, TopicMap, TopicRow, TopicWord } from '#contract'
import type { Caption, OpenProject, Table, TopicRecord, WordCount } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import { thumbnailUrl } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { labelProposals } from './labels.ts'
import { tokenization } from './model.ts'
import { countMovedClips, describeStaleness } from './staleness.ts'

/** Clips that stand for a topic in the list. */
const CLEAREST = 4
/**
 * Words of a topic in the list: by probability alone, for each weight of relevance, and in all; among its so
 * many likeliest.
 */
const LISTED = { byProbability: 30, byRelevance: 15, inAll: 60, among: 200 }
const RELEVANCE_WEIGHTS = [0.8, 0.6, 0.4, 0.2, 0]
/** Words on a topic's page, and those that are marked in captions. */
const MOST_WORDS = 500
const MARKED_WORDS = 50
/** Words that place a topic on the map. */
const MAPPED_WORDS = 500
const CAPTIONS_SHOWN = 12
/** Words that are named when topics are searched. */
const FOUND_WORDS = 5

type Store = OpenProject['store']

/** What a topic holds in all. */
interface TopicTotals {
  tokens: number
  words: number
}

/** Describes topics and their words, from figures of the project that are read once for all of them. */
function topicDescriber(store: Store) {
  const { topics } = store
  const listed = topics.inStates(['active', 'hidden', 'junk'])
  const totals = topics.totals(listed.map(({ id }) => id))
  const allTokens = [...totals.values()].reduce((sum, { tokens }) => sum + tokens, 0)
  const vocabulary = topics.vocabulary()
  const corpusTokens = [...vocabulary.values()].reduce((sum, { tokens }) => sum + tokens, 0)
  const probability = topics.probability()
  const clips = topics.clipCounts()
  const movedClips = countMovedClips(
    store,
    listed.map(({ id }) => id),
  )
  const averagePrecision = currentAveragePrecision(store)

  const totalsOf = (topicId: number): TopicTotals =>
    totals.get(topicId) ?? topics.totals([topicId]).get(topicId) ?? { tokens: 0, words: 0 }
  const toWord =
    (ofTopic: TopicTotals) =>
    ({ word, count }: { word: string; count: number }): TopicWord => {
      const p = probability(count, ofTopic)
      const corpusP = (vocabulary.get(word)?.tokens ?? 0) / corpusTokens
      return { word, p, lift: corpusP > 0 ? p / corpusP : null }
    }

  return {
    listed,
    toWord: (topicId: number) => toWord(totalsOf(topicId)),
    toRow: (topic: TopicRecord): TopicRow => {
      const { id, label, labelled, description, hue, state, npmi } = topic
      const ofTopic = totalsOf(id)
      return {
        id,
        label,
        labelled,
        description,
        hue,
        state,
        npmi,
        words: mostRelevant(topics.topWords(id, LISTED.among).map(toWord(ofTopic))),
        size: allTokens > 0 ? Math.min(1, ofTopic.tokens / allTokens) : 0,
        clips: clips.get(id) ?? 0,
        movedClips: movedClips.get(id) ?? 0,
        clearest: topics
          .clearest(id, CLEAREST)
          .map((clip) => ({ id: clip.id, name: clip.name, thumbnailUrl: thumbnailUrl(clip) })),
        averagePrecision: averagePrecision(id),
      }
    },
  }
}

/** How well the current model's topic head finds each topic on the validation split; null where it has none. */
function currentAveragePrecision({ settings, models }: Store): (topicId: number) => number | null {
  const modelId = settings.get('currentModel')
  if (modelId === null) {
    return () => null
  }
  const columns = models.get(modelId).topics
  const values = models.averagePrecision(modelId, 'val')
  return (topicId) => values?.[columns.indexOf(topicId)] ?? null
}

/**
 * Of words by falling probability those that some weight of relevance (Sievert and Shirley, "LDAvis", 2014)
 * shows near the top.
 */
function mostRelevant(words: readonly TopicWord[]): TopicWord[] {
  const chosen = new Set(words.slice(0, LISTED.byProbability))
  for (const weight of RELEVANCE_WEIGHTS) {
    const ranked = words
      .filter((word) => word.lift !== null)
      .map((word) => ({
        word,
        relevance: weight * Math.log(word.p) + (1 - weight) * Math.log(word.lift ?? 1),
      }))
      .sort((a, b) => b.relevance - a.relevance)
    for (const { word } of ranked.slice(0, LISTED.byRelevance)) {
      if (chosen.size < LISTED.inAll) {
        chosen.add(word)
      }
    }
  }
  return [...chosen]
}

/** The topics that people work with, and the run that found them. */
export function listTopics(store: Store): TopicList {
  const run = store.topics.run()
  const { listed, toRow } = topicDescriber(store)
  return {
    run: run && {
      k: run.request.k,
      documents: run.documents,
      tokens: run.tokens,
      sweeps: run.sweeps,
      seconds: run.seconds,
      tokensPerSecond: run.tokensPerSecond,
      npmi: run.npmi,
      seed: run.request.seed,
      origin: run.origin,
      from: run.request.from,
    },
    stale: describeStaleness(store),
    rule: store.settings.get('topicRule'),
    wordsEdited: store.settings.get('wordsEdited'),
    topics: listed.map(toRow),
  }
}

/** The current topics in the plane, computed again only when their words have changed. */
export function createTopicMap(workspace: Workspace): (signal: AbortSignal) => Promise<TopicMap> {
  let latest: { question: string; answer: TopicMap } | null = null
  return async (signal) => {
    const topics = topicsWithWords(workspace.project().store)
    const question = JSON.stringify(topics)
    if (latest?.question !== question) {
      const { points } =
        topics.length === 0
          ? { points: [] }
          : await workspace.engine.call(
              'topics.map',
              { topics: topics.map(({ words, counts }) => ({ words, counts })) },
              { signal },
            )
      latest = { question, answer: { points: points.map((point, i) => ({ id: topics[i]!.id, ...point })) } }
    }
    return latest.answer
  }
}

/** The current topics that have words, with these as numbers that all topics share. */
function topicsWithWords({ topics }: Store): { id: number; words: number[]; counts: number[] }[] {
  const numbers = new Map<string, number>()
  const numberOf = (word: string): number => {
    const number = numbers.get(word) ?? numbers.size
    numbers.set(word, number)
    return number
  }
  return topics
    .inStates(['active', 'hidden'])
    .map(({ id }) => {
      const words = topics.topWords(id, MAPPED_WORDS)
      return {
        id,
        words: words.map(({ word }) => numberOf(word)),
        counts: words.map(({ count }) => count),
      }
    })
    .filter(({ words }) => words.length > 0)
}

/** The tables that a row of a topic is made from. */
const ROW_TABLES: readonly Table[] = [
  'clip',
  'clip_topic',
  'evaluation',
  'model',
  'setting',
  'topic',
  'topic_run',
  'topic_vector',
  'topic_word',
  'vocabulary',
]

export function createTopicViews(workspace: Workspace) {
  const mapTopics = createTopicMap(workspace)

  return {
    list: reads(ROW_TABLES, () => listTopics(workspace.project().store)),

    /** A topic, current or past. Throws NOT_FOUND. */
    detail: reads(ROW_TABLES, ({ topicId }) => {
      const { store } = workspace.project()
      const topic = store.topics.record(topicId)
      const { toRow, toWord } = topicDescriber(store)
      const describe = toWord(topicId)
      const vocabulary = store.topics.vocabulary()
      return {
        ...toRow(topic),
        allWords: shownWords(store.topics.words(topicId)).map(({ word, count, mark }) => {
          const held = mark === 'forbidden' ? 0 : count
          const described = describe({ word, count: held })
          return {
            ...described,
            ...(held === 0 && { p: 0, lift: described.lift === null ? null : 0 }),
            count: held,
            total: vocabulary.get(word)?.tokens ?? null,
            mark,
          }
        }),
        merged: store.topics.mergedInto(topicId),
        proposals: labelProposals(store, topicId),
      }
    }),

    /** A page of a topic's clips, with its words marked in their captions. Throws NOT_FOUND. */
    clips: reads(
      ['caption', 'clip', 'clip_topic', 'setting', 'topic', 'topic_run', 'topic_word'],
      async (query, { signal }) => {
        const { store } = workspace.project()
        store.topics.record(query.topicId)
        const { total, rows } = store.topics.clipPage(query)
        const captions = store.captions.byClip(rows.map(({ id }) => id))
        const texts = rows.flatMap(({ id }) => captions.get(id) ?? [])
        const marks = await markWords(workspace, query.topicId, texts, signal)
        return {
          total,
          rows: rows.map(({ path, ...row }) => ({
            ...row,
            thumbnailUrl: thumbnailUrl({ id: row.id, path }),
            captions: (captions.get(row.id) ?? [])
              .map(({ id, text }) => ({ id, text, marks: marks.get(id) ?? [] }))
              .sort((a, b) => Number(b.marks.length > 0) - Number(a.marks.length > 0))
              .slice(0, CAPTIONS_SHOWN),
          })),
        }
      },
    ),

    /** The current topics in the plane; those without words are left out. */
    map: reads(['topic', 'topic_word'], (_, { signal }) => mapTopics(signal)),

    /** What a rule would make of the clips; nothing is stored. */
    histogram: reads(['clip', 'clip_topic', 'topic'], (rule) => {
      const { store } = workspace.project()
      const { clips, topics } = store.topics.underRule(rule)
      const counted = clips.reduce((sum, n) => sum + n, 0)
      const bearing = [(clips[0] ?? 0) + store.clips.count() - counted, ...clips.slice(1)]
      return {
        clips: bearing,
        topics: store.topics
          .inStates(['active', 'hidden'])
          .map(({ id }) => ({ id, clips: topics.get(id) ?? 0 })),
      }
    }),

    /** Current topics with a word that begins with `text`, with the first such words. */
    find: reads(['topic', 'topic_word'], ({ text }) => {
      const prefix = text.trim().toLowerCase().replaceAll(/\s+/g, '_')
      return prefix === '' ? [] : workspace.project().store.topics.withPrefix(prefix, FOUND_WORDS)
    }),
  } satisfies Partial<Service<'topics'>>
}

/** A topic's words on its page. One with a mark is always shown: the mark could not be taken back otherwise. */
function shownWords(words: readonly WordCount[]): readonly WordCount[] {
  if (words.length <= MOST_WORDS) {
    return words
  }
  const marked = words.filter(({ mark }) => mark !== null)
  const others = words.filter(({ mark }) => mark === null)
  return [...marked, ...others].slice(0, MOST_WORDS).sort((a, b) => b.count - a.count)
}

/** Where a topic's words stand in captions, by the captions' ids: [from, to) in UTF-16 units. */
async function markWords(
  workspace: Workspace,
  topicId: number,
  captions: readonly Caption[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, [number, number][]>> {
  const { topics } = workspace.project().store
  const run = topics.run()
  const words = topics.topWords(topicId, MARKED_WORDS).map(({ word }) => word)
  if (run === null || words.length === 0 || captions.length === 0) {
    return new Map()
  }
  const { marks } = await workspace.engine.call(
    'topics.mark',
    { ...tokenization(run), words, texts: captions.map(({ text }) => text) },
    { signal },
  )
  return new Map(captions.map(({ id }, i) => [id, marks[i]!]))
}
