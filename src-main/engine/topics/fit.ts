import { VitrineError } from '../../contract/index.ts'
import type { EngineContext, EngineParams, EngineResult } from '../contract.ts'
import { createPacer } from '../pacer.ts'
import type { Pacer } from '../pacer.ts'
import { createRandom } from '../random.ts'
import { activeTopics } from './binary.ts'
import { coherence } from './coherence.ts'
import { buildCorpus } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { GibbsSampler } from './gibbs.ts'
import { proposeLabels } from './labels.ts'

/**
 * Prior mass of a document over all topics, for each topic that a clip may bear: alpha = 2/3 topicsPerClip / K. Griffiths
 * and Steyvers' alpha = 50 / K is meant for abstracts; it outweighs the few dozen content words of a clip's captions and
 * smears them over topics. What suits instead grows with the number of things that captions tell of a clip. Two thirds
 * was the most coherent of 1/2, 2/3 and 1 on MSVD (K = 100, topicsPerClip 3, 300 sweeps: mean NPMI 0.13, 0.14, 0.12).
 */
const PRIOR_MASS_PER_TOPIC = 2 / 3
/** Griffiths and Steyvers' prior of a topic's words on the sparse side: topics hold few words. */
const BETA = 0.01
/** The topics are averaged over the sweeps of this last share of the chain. */
const AVERAGED_SHARE = 0.2
/** Words that a topic is described by, at most. */
const TOPIC_WORDS = 20
/** Progress is reported at the end of a sweep, at most this often, in milliseconds. */
const REPORT_INTERVAL = 100

/**
 * Fits `k` topics to one document a clip. Progress counts tokens, so its rate is tokens a second. A topic's `words` are
 * those that it really holds (at least half a token on average), most probable first. A clip's `shares` are the shares
 * of its tokens, averaged over the last sweeps, and sum to 1; they are all 0, and no topic is active, where no word of
 * the clip's captions is in the vocabulary. `topicsPerClip` sets the document prior as well as the binary rule.
 * `documents` counts clips with tokens. The same params give the same result.
 *
 * Throws BAD_INPUT when no word is left or there are more topics than clips with tokens.
 */
export async function fitTopics(params: EngineParams<'topics.fit'>, context: EngineContext): Promise<EngineResult<'topics.fit'>> {
  const { documents, k, iterations, topicsPerClip, minShare } = params
  const pause = createPacer(context.signal)
  const corpus = await buildCorpus(documents, params, pause)
  const used = documents.filter((_, d) => corpus.starts[d + 1]! > corpus.starts[d]!).length
  if (k > used) {
    throw new VitrineError(
      'BAD_INPUT',
      `${k} topics are more than the ${used} clips whose captions have words to find topics in.`,
      `Ask for at most ${used} topics; a third of the clips or fewer is sensible.`,
    )
  }
  const tokens = corpus.words.length
  const sampler = new GibbsSampler(corpus, k, { alpha: (PRIOR_MASS_PER_TOPIC * topicsPerClip) / k, beta: BETA }, createRandom(params.seed))
  const { wordCounts, shares, seconds } = await sample(sampler, iterations, pause, context.progress)

  const described = describe(corpus, k, wordCounts)
  const scores = coherence(corpus, described.map((words) => words.map(({ number }) => number)))
  const labels = proposeLabels(described)
  const defined = scores.filter((score) => score !== null)
  return {
    topics: described.map((words, topic) => ({
      label: labels[topic]!,
      words: words.map(({ word, p }) => ({ word, p })),
      npmi: scores[topic]!,
    })),
    assignments: documents.map(({ id }, d) => {
      const own = [...shares.subarray(d * k, (d + 1) * k)]
      return { id, shares: own, active: activeTopics(own, topicsPerClip, minShare) }
    }),
    documents: used,
    tokens,
    sweeps: iterations,
    seconds,
    tokensPerSecond: (tokens * iterations) / seconds,
    npmi: defined.length > 0 ? defined.reduce((sum, score) => sum + score, 0) / defined.length : null,
  }
}

/** Runs the chain; returns n(w, k), [V, K], and the documents' shares, [D, K], both averaged over its last sweeps. */
async function sample(
  sampler: GibbsSampler,
  iterations: number,
  pause: Pacer,
  progress: EngineContext['progress'],
): Promise<{ wordCounts: Float64Array; shares: Float64Array; seconds: number }> {
  const { k, corpus, priors } = sampler
  const documents = corpus.starts.length - 1
  const samples = Math.max(1, Math.floor(iterations * AVERAGED_SHARE))
  const wordCounts = new Float64Array(sampler.wordTopic.length)
  const shares = new Float64Array(sampler.documentTopic.length)
  const start = performance.now()
  let reported = start
  for (let sweep = 1; sweep <= iterations; sweep++) {
    for (let d = 0; d < documents; d++) {
      sampler.sweepDocument(d)
      if (pause.due()) await pause()
    }
    if (sweep > iterations - samples) {
      add(wordCounts, sampler.wordTopic)
      add(shares, sampler.documentTopic)
    }
    if (performance.now() - reported >= REPORT_INTERVAL || sweep === iterations) {
      reported = performance.now()
      progress({ phase: 'sampling topics', done: sweep * corpus.words.length, total: iterations * corpus.words.length, unit: 'tokens' })
    }
  }
  // The sums hold the prior once a sample.
  for (let i = 0; i < wordCounts.length; i++) wordCounts[i] = Math.max(0, wordCounts[i]! / samples - priors.beta)
  for (let d = 0; d < documents; d++) normalize(shares.subarray(d * k, (d + 1) * k), samples * priors.alpha)
  return { wordCounts, shares, seconds: (performance.now() - start) / 1000 }
}

function add(sum: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!
}

/** Takes the prior out of a row of summed counts and scales it to sum 1; a row without counts becomes 0. */
function normalize(row: Float64Array, prior: number): void {
  let total = 0
  for (let i = 0; i < row.length; i++) {
    // What rounding leaves of an absent topic is no share; a real count is at least one in one sample.
    const count = row[i]! - prior
    row[i] = count > 0.5 ? count : 0
    total += row[i]!
  }
  if (total > 0) for (let i = 0; i < row.length; i++) row[i]! /= total
}

/** The top words of each topic with p(word | topic), its prior included, and p(word) in the corpus. */
function describe(corpus: Corpus, k: number, wordCounts: Float64Array) {
  const { vocabulary, words } = corpus
  const frequency = new Float64Array(vocabulary.length)
  for (const word of words) frequency[word]! += 1
  return Array.from({ length: k }, (_, topic) => {
    let total = vocabulary.length * BETA
    for (let word = 0; word < vocabulary.length; word++) total += wordCounts[word * k + topic]!
    return vocabulary
      .map((word, number) => ({ word, number, count: wordCounts[number * k + topic]! }))
      .filter(({ count }) => count >= 0.5)
      .sort((a, b) => b.count - a.count || a.number - b.number)
      .slice(0, TOPIC_WORDS)
      .map(({ word, number, count }) => ({ word, number, p: (count + BETA) / total, corpusP: frequency[number]! / words.length }))
  })
}
