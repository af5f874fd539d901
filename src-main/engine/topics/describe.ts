import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { coherence } from './coherence.ts'
import { buildCorpus } from './corpus.ts'
import { proposeLabels } from '../../common/topic-labels.ts'
import { tellingWords } from './telling.ts'

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
  const tokens = new Uint32Array(corpus.vocabulary.length)
  for (const word of corpus.words) {
    tokens[word]! += 1
  }
  const all = corpus.words.length
  const places = new Map(documents.map(({ id }, d) => [id, d]))
  const words: { word: number; count: number }[][] = []
  for (const { clipIds } of topics) {
    const counts = new Map<number, number>()
    let own = 0
    for (const id of clipIds) {
      if (pause.due()) {
        await pause()
      }
      const d = places.get(id)
      if (d === undefined) {
        continue
      }
      for (let i = corpus.starts[d]!; i < corpus.starts[d + 1]!; i++) {
        const word = corpus.words[i]!
        counts.set(word, (counts.get(word) ?? 0) + 1)
        own += 1
      }
    }
    words.push(
      tellingWords(
        [...counts].map(([word, count]) => ({ word, own: count, all: tokens[word]! })),
        own,
        all,
      ),
    )
    progress({ phase: 'finding words', done: words.length, total: topics.length, unit: 'topics' })
  }
  const coherences = coherence(
    corpus,
    words.map((own) => own.map(({ word }) => word)),
  )
  const labels = proposeLabels(
    words.map((own) => {
      const total = own.reduce((sum, { count }) => sum + count, 0)
      return own.map(({ word, count }) => ({
        word: corpus.vocabulary[word]!,
        p: count / total,
        corpusP: tokens[word]! / all,
      }))
    }),
    topics.map(({ label }) => label),
  )
  return {
    vocabulary: corpus.vocabulary.map((word, i) => ({
      word,
      tokens: tokens[i]!,
      documents: corpus.documentFrequency[i]!,
    })),
    phrases: corpus.phrases,
    tokens: all,
    topics: words.map((own, i) => ({
      label: labels[i]!,
      npmi: coherences[i]!,
      words: own.map(({ word, count }) => ({ word: corpus.vocabulary[word]!, count })),
    })),
  }
}
