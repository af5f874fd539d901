import { createRandom } from '../../common/random.ts'
import { proposeLabels } from '../../common/topic-labels.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { assignmentsOf } from './assignments.ts'
import { runChain } from './chain.ts'
import type { Chain } from './chain.ts'
import { coherence, meanOfDefined } from './coherence.ts'
import { constraintsOf } from './constraints.ts'
import type { Constraints } from './constraints.ts'
import { buildCorpus, tokenCounts } from './corpus.ts'
import type { Corpus, FittedCorpus } from './corpus.ts'
import { failures } from './failures.ts'
import { fittedWords, topicSizes } from './fitted-words.ts'
import { sweepProgress } from './progress.ts'

type Params = EngineParams<'topics.fit'>
type Result = EngineResult<'topics.fit'>

/** Words that a topic is described by, at most. */
const TOPIC_WORDS = 20

/**
 * Fits `k` topics to one document a clip. Progress counts tokens, so its rate is tokens a second. Given
 * topics come first, in their order. A topic's `words` are those that it really holds (at least half a token
 * on average), most probable first. A clip's `shares` are the shares of its tokens, averaged over the
 * samples, and sum to 1; they are all 0, and no topic is active, where no word of the clip's captions is in
 * the vocabulary. `topicsPerClip` sets the document prior as well as the binary rule. `documents` counts
 * clips with tokens. The same params give the same result.
 *
 * Throws BAD_INPUT when no word is left, there are more topics than clips with tokens, the burn-in leaves no
 * sweep, or given topics can't be as they are.
 */
export async function fitTopics(params: Params, context: EngineContext): Promise<Result> {
  const { documents, k, iterations } = params
  const pause = createPacer(context.signal)
  const corpus = await buildCorpus(documents, params, pause)
  const captioned = clipsWithTokens(corpus).length
  assertEnoughClips(k, captioned)
  const constraints = constraintsOf(params.topics, k, corpus)
  const tokens = corpus.words.length
  const chain = await runChain(corpus, {
    k,
    settings: params,
    constraints,
    random: createRandom(params.seed),
    pause,
    onSweep: sweepProgress(context, 'sampling topics', tokens, { before: 0, all: iterations }),
  })
  const words = fittedWords(chain, constraints)
  const coherences = coherence(
    corpus,
    words.map((counts) => counts.map(({ word }) => word)),
  )
  return {
    topics: labelledWords({ words, chain, corpus, constraints }, params.topics).map((topic, i) => ({
      ...topic,
      npmi: coherences[i]!,
    })),
    model: modelOf(words, chain, corpus, params),
    assignments: assignmentsOf(documents, corpus, chain.documentTopic, params),
    documents: captioned,
    tokens,
    sweeps: iterations,
    seconds: chain.seconds,
    tokensPerSecond: (tokens * iterations) / chain.seconds,
    npmi: meanOfDefined(coherences),
  }
}

/** The places of the documents that have tokens. */
export function clipsWithTokens({ starts }: Pick<Corpus, 'starts'>): number[] {
  const clips: number[] = []
  for (let d = 0; d + 1 < starts.length; d++) {
    if (starts[d + 1]! > starts[d]!) {
      clips.push(d)
    }
  }
  return clips
}

/** Throws BAD_INPUT for more topics than clips. */
export function assertEnoughClips(k: number, clips: number): void {
  if (k > clips) {
    throw failures.moreTopicsThanClips({ topics: k, clips })
  }
}

/** Each topic's label (the given one, or a proposal) and likeliest words. */
function labelledWords(
  {
    words: topicWords,
    chain,
    corpus,
    constraints,
  }: {
    words: { word: number; count: number }[][]
    chain: Chain
    corpus: Corpus
    constraints: Constraints
  },
  given: Params['topics'],
): { label: string; words: { word: string; p: number }[] }[] {
  const { vocabulary } = corpus
  const { beta } = chain.priors
  const tokens = tokenCounts(corpus)
  const sizes = topicSizes(chain, constraints)
  const described = topicWords.map((words, topic) => {
    const total = sizes[topic]! + vocabulary.length * beta
    return words.slice(0, TOPIC_WORDS).map(({ word, count }) => ({
      word: vocabulary[word]!,
      p: (count + beta) / total,
      corpusP: tokens[word]! / corpus.words.length,
    }))
  })
  const labels = proposeLabels(
    described,
    given.map(({ label }) => label),
  )
  return described.map((words, topic) => ({
    label: labels[topic]!,
    words: words.map(({ word, p }) => ({ word, p })),
  }))
}

function modelOf(
  topicWords: { word: number; count: number }[][],
  { priors }: Chain,
  corpus: FittedCorpus,
  { builtInStopWords, stopWords, lemmas }: Params,
): Result['model'] {
  const tokens = tokenCounts(corpus)
  return {
    vocabulary: corpus.vocabulary.map((word, number) => ({
      word,
      tokens: tokens[number]!,
      documents: corpus.documentFrequency[number]!,
    })),
    phrases: corpus.phrases,
    rule: { builtInStopWords, stopWords, lemmas },
    beta: priors.beta,
    topics: topicWords.map((counts, topic) => ({ alpha: priors.alpha[topic]!, counts })),
  }
}
