/**
 * Captions whose topics contradict those of the clip's other captions. The topics of a text are the mixture
 * under which its words are likeliest, given p(word | topic) (the folding-in of probabilistic LSA: Hofmann,
 * UAI 1999, by EM). A caption contradicts the others when its mixture and theirs hardly overlap and it shares
 * next to no content word with them.
 */
import type { TopicModel } from '../../engine-host/contract/topics.ts'
import type { Pacer } from '../pacer.ts'
import { readCorpus } from '../topics/corpus.ts'
import type { CaptionFinding, CheckedCaption, CheckedClip } from './captions.ts'

/** Of the EM algorithm. */
const STEPS = 15
/** Fewer other captions, or words of its own, say too little. */
const MIN_OTHERS = 3
const MIN_WORDS = 2
/** More of their topics in common is no contradiction; nor is more of its words in the others. */
const MAX_OVERLAP = 0.15
const MAX_SHARED = 0.25
/** Words that the reason names, at most. */
const NAMED_WORDS = 4

/** A caption with its words, by their numbers in the vocabulary. */
interface CaptionWords {
  caption: CheckedCaption
  words: Uint32Array
}

/** By time linear in the words. `pause` is called between clips. */
export async function contradictions(
  clips: readonly CheckedClip[],
  topics: TopicModel,
  pause: Pacer,
  report: (clips: number) => void,
): Promise<CaptionFinding[]> {
  const captions = clips.flatMap((clip) => clip.captions)
  const vocabulary = topics.vocabulary.map(({ word }) => word)
  const corpus = await readCorpus(
    captions.map(({ id, text }) => ({ id, captions: [text] })),
    { vocabulary, phrases: topics.phrases, rule: topics.rule },
    pause,
  )
  const likelihoods = wordLikelihoods(topics)
  const found: CaptionFinding[] = []
  let first = 0
  for (const [done, clip] of clips.entries()) {
    if (pause.due()) {
      await pause()
    }
    const read = clip.captions.map((caption, i) => ({
      caption,
      words: corpus.words.subarray(corpus.starts[first + i], corpus.starts[first + i + 1]),
    }))
    first += clip.captions.length
    report(done + 1)
    found.push(...contradictionsIn(read, vocabulary, likelihoods))
  }
  return found
}

/** Of the captions of one clip. */
function contradictionsIn(
  captions: readonly CaptionWords[],
  vocabulary: readonly string[],
  likelihoods: WordLikelihoods,
): CaptionFinding[] {
  if (captions.filter(({ words }) => words.length > 0).length <= MIN_OTHERS) {
    return []
  }
  const captionsWith = captionCounts(captions)
  return captions.flatMap(({ caption, words }): CaptionFinding[] => {
    const distinct = [...new Set(words)]
    if (distinct.length < MIN_WORDS) {
      return []
    }
    const unshared = distinct.filter((word) => captionsWith.get(word) === 1)
    const shared = (distinct.length - unshared.length) / distinct.length
    if (shared > MAX_SHARED) {
      return []
    }
    const others = captions.flatMap((other) => (other.caption === caption ? [] : [...other.words]))
    const overlap = overlapOf(mixture(words, likelihoods), mixture(others, likelihoods))
    if (overlap > MAX_OVERLAP) {
      return []
    }
    const quoted = unshared.map((word) => `"${vocabulary[word]!.replaceAll('_', ' ')}"`)
    return [
      {
        caption,
        suggestion: null,
        score: (1 - overlap) * (1 - shared) * (1 - 1 / (1 + distinct.length)),
        reason: `No other caption speaks of ${quoted.slice(0, NAMED_WORDS).join(', ')}, and their topics are others.`,
      },
    ]
  })
}

/** In how many captions each word is, to see which words the others have. */
function captionCounts(captions: readonly CaptionWords[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { words } of captions) {
    for (const word of new Set(words)) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  return counts
}

/** p(word | topic), [K], by word. */
interface WordLikelihoods {
  k: number
  byWord: readonly Float64Array[]
}

function wordLikelihoods({ vocabulary, topics, beta }: TopicModel): WordLikelihoods {
  const k = topics.length
  const byWord = vocabulary.map(() => new Float64Array(k))
  topics.forEach(({ counts }, topic) => {
    const total = counts.reduce((sum, { count }) => sum + count, 0) + beta * vocabulary.length
    for (const likelihood of byWord) {
      likelihood[topic] = beta / total
    }
    for (const { word, count } of counts) {
      if (byWord[word]) {
        byWord[word][topic] = (count + beta) / total
      }
    }
  })
  return { k, byWord }
}

/** The mixture of topics under which words are likeliest, [K]; equal shares without words. */
function mixture(words: ArrayLike<number>, { k, byWord }: WordLikelihoods): Float64Array {
  let shares = new Float64Array(k).fill(1 / k)
  for (let step = 0; step < STEPS && words.length > 0; step++) {
    const next = new Float64Array(k)
    for (let i = 0; i < words.length; i++) {
      const likelihood = byWord[words[i]!]!
      let total = 0
      for (let topic = 0; topic < k; topic++) {
        total += shares[topic]! * likelihood[topic]!
      }
      for (let topic = 0; topic < k; topic++) {
        next[topic]! += (shares[topic]! * likelihood[topic]!) / total / words.length
      }
    }
    shares = next
  }
  return shares
}

/** How much of two mixtures is the same, 0 to 1. */
const overlapOf = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, share, topic) => sum + Math.min(share, b[topic]!), 0)
