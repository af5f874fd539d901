/**
 * Captions whose topics contradict those of the clip's other captions. The topics of a text are the mixture
 * under which its words are likeliest, given p(word | topic) (the folding-in of probabilistic LSA: Hofmann,
 * UAI 1999, by EM). A caption contradicts the others when its mixture and theirs hardly overlap and it shares
 * next to no content word with them.
 */
import type { TopicModel } from '../../engine-host/contract/index.ts'
import type { Pacer } from '../pacer.ts'
import { readCorpus } from '../topics/corpus.ts'
import type { CaptionFinding, CheckedClip } from './captions.ts'

const STEPS = 15
/** Fewer other captions, or words of its own, say too little. */
const FEWEST_OTHERS = 3
const FEWEST_WORDS = 2
/** More of their topics in common is no contradiction; nor is more of its words in the others. */
const MOST_OVERLAP = 0.15
const MOST_SHARED = 0.25

/** By time linear in the words. `pause` is called between clips. */
export async function contradictions(
  clips: readonly CheckedClip[],
  topics: TopicModel,
  pause: Pacer,
  report: (clips: number) => void,
): Promise<CaptionFinding[]> {
  const k = topics.topics.length
  const captions = clips.flatMap((clip) => clip.captions)
  const vocabulary = topics.vocabulary.map(({ word }) => word)
  const corpus = await readCorpus(
    captions.map(({ id, text }) => ({ id, captions: [text] })),
    { vocabulary, phrases: topics.phrases, rule: topics.rule },
    pause,
  )
  const likelihood = wordLikelihoods(topics)
  const found: CaptionFinding[] = []
  let at = 0
  for (const [done, clip] of clips.entries()) {
    if (pause.due()) {
      await pause()
    }
    const own = clip.captions.map((caption, i) => ({
      caption,
      words: corpus.words.subarray(corpus.starts[at + i], corpus.starts[at + i + 1]),
    }))
    at += clip.captions.length
    report(done + 1)
    if (own.filter(({ words }) => words.length > 0).length <= FEWEST_OTHERS) {
      continue
    }
    // In how many captions a word is, to see which words the others have.
    const holders = new Map<number, number>()
    for (const { words } of own) {
      for (const word of new Set(words)) {
        holders.set(word, (holders.get(word) ?? 0) + 1)
      }
    }
    for (const { caption, words } of own) {
      const different = [...new Set(words)]
      if (different.length < FEWEST_WORDS) {
        continue
      }
      const shared = different.filter((word) => (holders.get(word) ?? 0) > 1).length / different.length
      if (shared > MOST_SHARED) {
        continue
      }
      const others = own.flatMap((other) => (other.caption === caption ? [] : [...other.words]))
      const [its, theirs] = [mixture(words, likelihood, k), mixture(others, likelihood, k)]
      const overlap = its.reduce((sum, share, topic) => sum + Math.min(share, theirs[topic]!), 0)
      if (overlap > MOST_OVERLAP) {
        continue
      }
      const said = different
        .filter((word) => holders.get(word) === 1)
        .map((word) => `"${vocabulary[word]!.replaceAll('_', ' ')}"`)
      found.push({
        caption,
        suggestion: null,
        score: (1 - overlap) * (1 - shared) * (1 - 1 / (1 + different.length)),
        reason: `No other caption speaks of ${said.slice(0, 4).join(', ')}, and their topics are others.`,
      })
    }
  }
  return found
}

/** p(word | topic) by word, [V][K]. */
function wordLikelihoods({ vocabulary, topics, beta }: TopicModel): Float64Array[] {
  const k = topics.length
  const likelihood = vocabulary.map(() => new Float64Array(k))
  topics.forEach(({ counts }, topic) => {
    const total = counts.reduce((sum, { count }) => sum + count, 0) + beta * vocabulary.length
    for (const of of likelihood) {
      of[topic] = beta / total
    }
    for (const { word, count } of counts) {
      if (likelihood[word]) {
        likelihood[word][topic] = (count + beta) / total
      }
    }
  })
  return likelihood
}

/** The mixture of topics under which words are likeliest, [K]; equal shares without words. */
function mixture(words: ArrayLike<number>, likelihood: readonly Float64Array[], k: number): Float64Array {
  let shares = new Float64Array(k).fill(1 / k)
  for (let step = 0; step < STEPS && words.length > 0; step++) {
    const next = new Float64Array(k)
    for (let i = 0; i < words.length; i++) {
      const of = likelihood[words[i]!]!
      let total = 0
      for (let topic = 0; topic < k; topic++) {
        total += shares[topic]! * of[topic]!
      }
      for (let topic = 0; topic < k; topic++) {
        next[topic]! += (shares[topic]! * of[topic]!) / total / words.length
      }
    }
    shares = next
  }
  return shares
}
