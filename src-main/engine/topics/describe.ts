import { proposeLabels } from '../../common/topic-labels.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import type { Pacer } from '../pacer.ts'
import { coherence } from './coherence.ts'
import { buildCorpus, tokenCounts } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { distinctiveWords } from './distinctive-words.ts'

/**
 * Words for topics that are given by their clips alone: of each those that set its clips' captions apart from
 * the other captions, with their counts in its clips. Topics without a clip that has captions get none. See
 * the contract.
 */
export async function describeTopics(
  { documents, topics, ...rule }: EngineParams<'topics.describe'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'topics.describe'>> {
  const pause = createPacer(signal)
  const corpus = await buildCorpus(documents, rule, pause)
  const { vocabulary } = corpus
  const tokens = tokenCounts(corpus)
  const inCorpus = corpus.words.length
  const placeOf = new Map(documents.map(({ id }, d) => [id, d]))
  const topicWords: { word: number; count: number }[][] = []
  for (const { clipIds } of topics) {
    const places = clipIds.map((id) => placeOf.get(id)).filter((place) => place !== undefined)
    const counts = await countWords(corpus, places, pause)
    const inClips = [...counts.values()].reduce((sum, count) => sum + count, 0)
    topicWords.push(
      distinctiveWords(
        [...counts].map(([word, count]) => ({ word, inClips: count, inCorpus: tokens[word]! })),
        { inClips, inCorpus },
      ),
    )
    progress({ phase: 'finding words', done: topicWords.length, total: topics.length, unit: 'topics' })
  }
  const coherences = coherence(
    corpus,
    topicWords.map((words) => words.map(({ word }) => word)),
  )
  const labels = proposeLabels(
    topicWords.map((words) => {
      const total = words.reduce((sum, { count }) => sum + count, 0)
      return words.map(({ word, count }) => ({
        word: vocabulary[word]!,
        p: count / total,
        corpusP: tokens[word]! / inCorpus,
      }))
    }),
    topics.map(({ label }) => label),
  )
  return {
    vocabulary: vocabulary.map((word, i) => ({
      word,
      tokens: tokens[i]!,
      documents: corpus.documentFrequency[i]!,
    })),
    phrases: corpus.phrases,
    tokens: inCorpus,
    topics: topicWords.map((words, i) => ({
      label: labels[i]!,
      npmi: coherences[i]!,
      words: words.map(({ word, count }) => ({ word: vocabulary[word]!, count })),
    })),
  }
}

/** The tokens of each word in the documents at some places of a corpus. */
async function countWords(
  { words, starts }: Corpus,
  places: readonly number[],
  pause: Pacer,
): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  for (const d of places) {
    if (pause.due()) {
      await pause()
    }
    for (const word of words.subarray(starts[d], starts[d + 1])) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  return counts
}
