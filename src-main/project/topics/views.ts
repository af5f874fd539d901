/**
 * What views show of topics: the list, one topic's page, its clips, the map, and what a rule would make of
 * the clips.
 */
import type { TopicList, TopicMap, TopicRow, TopicWord } from '#contract'
import type { EngineParams } from '../../engine-host/contract/index.ts'
import type { OpenProject, TopicRecord } from '../../store/index.ts'
import { underRule } from '../../store/index.ts'
import { labelProposals } from './labels.ts'
import { reading } from './model.ts'
import { thumbnailUrl } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/** Clips that stand for a topic in the list. */
const CLEAREST = 4
/**
 * Words of a topic in the list: by probability alone, for each weight of relevance, and in all; among its so
 * many likeliest.
 */
const LISTED = { byProbability: 30, byRelevance: 15, most: 60, among: 200 }
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

/** What rows of topics are made from, read once for all of them. */
function rowMaker(store: Store) {
  const { topics } = store
  const listed = topics.inStates(['active', 'hidden', 'junk'])
  const totals = topics.totals(listed.map(({ id }) => id))
  const allTokens = [...totals.values()].reduce((sum, { tokens }) => sum + tokens, 0)
  const vocabulary = topics.vocabulary()
  const corpusTokens = [...vocabulary.values()].reduce((sum, { tokens }) => sum + tokens, 0)
  const p = topics.probability()
  const clips = topics.clipCounts()
  const currentModel = store.settings.get('currentModel')
  const model = currentModel === null ? null : store.models.get(currentModel)
  const precision = model === null ? null : store.models.averagePrecision(model.id, 'test')

  const toWord =
    (of: { tokens: number; words: number }) =>
    ({ word, count }: { word: string; count: number }): TopicWord => {
      const own = p(count, of)
      const corpusP = (vocabulary.get(word)?.tokens ?? 0) / corpusTokens
      return { word, p: own, lift: corpusP > 0 ? own / corpusP : null }
    }
  const totalOf = (topicId: number) =>
    totals.get(topicId) ?? topics.totals([topicId]).get(topicId) ?? { tokens: 0, words: 0 }

  return {
    listed,
    toWord: (topicId: number) => toWord(totalOf(topicId)),
    row: (topic: TopicRecord): TopicRow => {
      const { id, label, labelled, description, hue, state, npmi } = topic
      const of = totalOf(id)
      return {
        id,
        label,
        labelled,
        description,
        hue,
        state,
        npmi,
        words: telling(topics.topWords(id, LISTED.among).map(toWord(of))),
        size: allTokens > 0 ? Math.min(1, of.tokens / allTokens) : 0,
        clips: clips.get(id) ?? 0,
        clearest: topics
          .clearest(id, CLEAREST)
          .map((clip) => ({ id: clip.id, name: clip.name, thumbnailUrl: thumbnailUrl(clip) })),
        averagePrecision: precision?.[model?.topics.indexOf(id) ?? -1] ?? null,
      }
    },
  }
}

/**
 * Of words by falling probability those that some weight of relevance (Sievert and Shirley, "LDAvis", 2014)
 * shows near the top.
 */
function telling(words: readonly TopicWord[]): TopicWord[] {
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
      if (chosen.size < LISTED.most) {
        chosen.add(word)
      }
    }
  }
  return [...chosen]
}

/** The topics that people work with, and the run that found them. */
export function listTopics(store: Store): TopicList {
  const run = store.topics.run()
  const { listed, row } = rowMaker(store)
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
    },
    rule: store.settings.get('topicRule'),
    wordsEdited: store.settings.get('wordsEdited'),
    topics: listed.map(row),
  }
}

/** The current topics in the plane, computed again only when their words have changed. */
export function createTopicMap(workspace: Workspace): (signal: AbortSignal) => Promise<TopicMap> {
  let latest: { question: string; answer: TopicMap } | null = null
  return async (signal) => {
    const { store } = workspace.project()
    const numbers = new Map<string, number>()
    const numberOf = (word: string): number => {
      const known = numbers.get(word)
      if (known === undefined) {
        numbers.set(word, numbers.size)
      }
      return known ?? numbers.size - 1
    }
    const topics = store.topics
      .inStates(['active', 'hidden'])
      .map(({ id }) => {
        const words = store.topics.topWords(id, MAPPED_WORDS)
        return {
          id,
          words: words.map(({ word }) => numberOf(word)),
          counts: words.map(({ count }) => count),
        }
      })
      .filter(({ words }) => words.length > 0)
    const params: EngineParams<'topics.map'> = {
      topics: topics.map(({ words, counts }) => ({ words, counts })),
    }
    const question = JSON.stringify(topics)
    if (latest?.question !== question) {
      const { points } =
        topics.length === 0 ? { points: [] } : await workspace.engine.call('topics.map', params, { signal })
      latest = { question, answer: { points: points.map((point, i) => ({ id: topics[i]!.id, ...point })) } }
    }
    return latest.answer
  }
}

export function createTopicViews(workspace: Workspace) {
  const mapTopics = createTopicMap(workspace)

  return {
    list: reads(
      [
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
      ],
      () => listTopics(workspace.project().store),
    ),

    /** A topic, current or past. Throws NOT_FOUND. */
    detail: reads(
      [
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
      ],
      ({ topicId }) => {
        const { store } = workspace.project()
        const topic = store.topics.record(topicId)
        const { row, toWord } = rowMaker(store)
        const describe = toWord(topicId)
        const vocabulary = store.topics.vocabulary()
        const words = store.topics.words(topicId)
        // A word with a mark is always shown: it could not be taken back otherwise.
        const shown =
          words.length <= MOST_WORDS
            ? words
            : [...words.filter(({ mark }) => mark !== null), ...words.filter(({ mark }) => mark === null)]
                .slice(0, MOST_WORDS)
                .sort((a, b) => b.count - a.count)
        return {
          ...row(topic),
          allWords: shown.map(({ word, count, mark }) => {
            const held = mark === 'forbidden' ? 0 : count
            const told = describe({ word, count: held })
            return {
              ...told,
              ...(held === 0 && { p: 0, lift: told.lift === null ? null : 0 }),
              count: held,
              total: vocabulary.get(word)?.tokens ?? null,
              mark,
            }
          }),
          merged: store.topics.mergedInto(topicId),
          proposals: labelProposals(store, topicId),
        }
      },
    ),

    /** A page of a topic's clips, with its words marked in their captions. Throws NOT_FOUND. */
    clips: reads(
      ['caption', 'clip', 'clip_topic', 'setting', 'topic', 'topic_run', 'topic_word'],
      async (query, { signal }) => {
        const { store } = workspace.project()
        store.topics.record(query.topicId)
        const { total, rows } = store.topicClips(query)
        const captions = store.clips.captionRows(rows.map(({ id }) => id))
        const run = store.topics.run()
        const words = store.topics.topWords(query.topicId, MARKED_WORDS).map(({ word }) => word)
        const texts = rows.flatMap(({ id }) => captions.get(id) ?? [])
        const marks =
          run === null || words.length === 0 || texts.length === 0
            ? texts.map((): [number, number][] => [])
            : (
                await workspace.engine.call(
                  'topics.mark',
                  { ...reading(run), words, texts: texts.map(({ text }) => text) },
                  { signal },
                )
              ).marks
        const marksOf = new Map(texts.map(({ id }, i) => [id, marks[i] ?? []]))
        return {
          total,
          rows: rows.map(({ path, ...row }) => ({
            ...row,
            thumbnailUrl: thumbnailUrl({ id: row.id, path }),
            captions: (captions.get(row.id) ?? [])
              .map(({ id, text }) => ({ id, text, marks: marksOf.get(id) ?? [] }))
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
      const { clips, topics } = underRule(store.topics.derived.packedShares(), rule)
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
