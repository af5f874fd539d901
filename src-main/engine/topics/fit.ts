import { VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { createRandom } from '../../common/random.ts'
import { assignmentsOf } from './assignments.ts'
import { runChain } from './chain.ts'
import type { Chain } from './chain.ts'
import { coherence, mean } from './coherence.ts'
import { buildCorpus } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { resolveGiven } from './given.ts'
import { proposeLabels } from '../../common/topic-labels.ts'
import { progressOf } from './progress.ts'
import type { Constraints } from './sampler.ts'

/** Words that a topic is described by, at most. */
const TOPIC_WORDS = 20
/** A topic holds a word from this many tokens on, as a mean over the samples. */
const LEAST_COUNT = 0.5

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
export async function fitTopics(
  params: EngineParams<'topics.fit'>,
  context: EngineContext,
): Promise<EngineResult<'topics.fit'>> {
  const { documents, k, iterations } = params
  const pause = createPacer(context.signal)
  const corpus = await buildCorpus(documents, params, pause)
  const used = clipsWithTokens(corpus).length
  assertEnoughClips(k, used)
  const constraints = resolveGiven(params.topics, k, corpus)
  const tokens = corpus.words.length
  const swept = progressOf(context, 'sampling topics', tokens, { before: 0, all: iterations })
  const chain = await runChain(corpus, k, params, constraints, createRandom(params.seed), pause, swept)

  const frequency = new Uint32Array(corpus.vocabulary.length)
  for (const word of corpus.words) {
    frequency[word]! += 1
  }
  const held = heldWords(chain, constraints)
  const sizes = topicSizes(chain, constraints)
  const described = held.map((words, topic) => {
    const total = sizes[topic]! + corpus.vocabulary.length * chain.priors.beta
    return words.slice(0, TOPIC_WORDS).map(({ word, count }) => ({
      word: corpus.vocabulary[word]!,
      p: (count + chain.priors.beta) / total,
      corpusP: frequency[word]! / tokens,
    }))
  })
  const scores = coherence(
    corpus,
    held.map((words) => words.map(({ word }) => word)),
  )
  const labels = proposeLabels(
    described,
    params.topics.map(({ label }) => label),
  )
  return {
    topics: described.map((words, topic) => ({
      label: labels[topic]!,
      words: words.map(({ word, p }) => ({ word, p })),
      npmi: scores[topic]!,
    })),
    model: {
      vocabulary: corpus.vocabulary.map((word, number) => ({
        word,
        tokens: frequency[number]!,
        documents: corpus.documentFrequency[number]!,
      })),
      phrases: corpus.phrases,
      rule: { builtInStopWords: params.builtInStopWords, stopWords: params.stopWords, lemmas: params.lemmas },
      beta: chain.priors.beta,
      topics: held.map((counts, topic) => ({ alpha: chain.priors.alpha[topic]!, counts })),
    },
    assignments: assignmentsOf(documents, corpus, chain.documentTopic, params),
    documents: used,
    tokens,
    sweeps: iterations,
    seconds: chain.seconds,
    tokensPerSecond: (tokens * iterations) / chain.seconds,
    npmi: mean(scores),
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

/** Throws BAD_INPUT for more topics than clips. `heldOut` clips are not among `clips`. */
export function assertEnoughClips(k: number, clips: number, heldOut = 0): void {
  if (k <= clips) {
    return
  }
  throw new VitrineError(
    'BAD_INPUT',
    `${k} topics are more than the ${clips} clips whose captions have words to find topics in${heldOut > 0 ? `, ${heldOut} more being held out` : ''}.`,
    `Ask for at most ${clips} topics; a third of the clips or fewer is sensible.`,
  )
}

/**
 * The words of each topic, by number, with their mean counts, the largest first. A fixed topic has its given
 * ones.
 */
export function heldWords(
  { wordTopic, priors }: Pick<Chain, 'wordTopic' | 'priors'>,
  { fixed, counts }: Constraints,
): { word: number; count: number }[][] {
  const k = priors.alpha.length
  const held: { word: number; count: number }[][] = Array.from({ length: k }, () => [])
  wordTopic.forEach((count, i) => {
    if (count >= LEAST_COUNT && !fixed.has(i % k)) {
      held[i % k]!.push({ word: Math.floor(i / k), count })
    }
  })
  for (const { word, topic, count } of counts) {
    if (fixed.has(topic)) {
      held[topic]!.push({ word, count })
    }
  }
  for (const words of held) {
    words.sort((a, b) => b.count - a.count || a.word - b.word)
  }
  return held
}

/** Tokens of each topic, those of words that it hardly holds included. */
function topicSizes({ wordTopic, priors }: Chain, { fixed, counts }: Constraints): Float64Array {
  const k = priors.alpha.length
  const sizes = new Float64Array(k)
  wordTopic.forEach((count, i) => {
    if (!fixed.has(i % k)) {
      sizes[i % k]! += count
    }
  })
  for (const { topic, count } of counts) {
    if (fixed.has(topic)) {
      sizes[topic]! += count
    }
  }
  return sizes
}
