/**
 * C_V, the coherence that agreed best with people (Röder, Both and Hinneburg, "Exploring the space of topic
 * coherence measures", WSDM 2015). Probabilities are of a window of 110 tokens that slides over each
 * document, one that is shorter being one window. A top word's vector has its normalised pointwise mutual
 * information with each top word of the topic, itself included; C_V is the mean over words of the cosine
 * between the word's vector and the sum of all. The figures are gensim's, but for documents longer than the
 * window: there gensim forgets a word that leaves the window although the window holds it once more.
 */
import type { Pacer } from '../pacer.ts'
import { COHERENCE_WORDS } from './coherence.ts'
import type { Corpus } from './corpus.ts'

const WINDOW = 110
/** Added to the probability of a pair, as in gensim, so that one which never meets has a logarithm. */
const EPSILON = 1e-12

/**
 * C_V of each topic. `topics`: word numbers, best first; at most the first ten are used. Null for a topic
 * with fewer than two words. `pause` is called between documents.
 */
export async function windowCoherence(
  corpus: Pick<Corpus, 'words' | 'starts'>,
  topics: readonly number[][],
  pause: Pacer,
  window = WINDOW,
): Promise<(number | null)[]> {
  const topWords = topics.map((words) => words.slice(0, COHERENCE_WORDS))
  const topicsOf = new Map<number, number[]>(topWords.flat().map((word) => [word, []]))
  topWords.forEach((words, topic) => words.forEach((word) => topicsOf.get(word)!.push(topic)))
  // Windows that hold two of a topic's top words, by their ranks.
  const together = topWords.map(() => new Float64Array(COHERENCE_WORDS ** 2))
  let windows = 0
  for (let d = 0; d + 1 < corpus.starts.length; d++) {
    if (pause.due()) {
      await pause()
    }
    const tokens = corpus.words.subarray(corpus.starts[d], corpus.starts[d + 1])
    if (tokens.length === 0) {
      continue
    }
    const count = Math.max(1, tokens.length - window + 1)
    windows += count
    const runsOf = windowRuns(tokens, topicsOf, window, count)
    for (const topic of new Set([...runsOf.keys()].flatMap((word) => topicsOf.get(word)!))) {
      addPairs(
        together[topic]!,
        topWords[topic]!.map((word) => runsOf.get(word)),
      )
    }
  }
  return topWords.map((words, topic) =>
    words.length < 2 ? null : meanCosine(together[topic]!, words.length, windows),
  )
}

/**
 * For each word of interest, the windows that hold it as runs [from, to) in rising order, flat; windows are
 * numbered by their first token.
 */
function windowRuns(
  tokens: Uint32Array,
  wanted: ReadonlyMap<number, unknown>,
  window: number,
  windows: number,
): Map<number, number[]> {
  const runsOf = new Map<number, number[]>()
  tokens.forEach((word, position) => {
    if (!wanted.has(word)) {
      return
    }
    const from = Math.max(0, position - window + 1)
    const to = Math.min(position + 1, windows)
    const runs = runsOf.get(word)
    if (runs === undefined) {
      runsOf.set(word, [from, to])
    } else if (runs[runs.length - 1]! >= from) {
      runs[runs.length - 1] = to
    } else {
      runs.push(from, to)
    }
  })
  return runsOf
}

/** Adds the windows of one document that hold pairs of a topic's words; `runs` of each word, by rank. */
function addPairs(together: Float64Array, runs: readonly (number[] | undefined)[]): void {
  runs.forEach((a, i) => {
    if (a === undefined) {
      return
    }
    for (let j = 0; j <= i; j++) {
      const b = runs[j]
      if (b === undefined) {
        continue
      }
      const both = overlap(a, b)
      together[i * COHERENCE_WORDS + j]! += both
      if (i !== j) {
        together[j * COHERENCE_WORDS + i]! += both
      }
    }
  })
}

/** How many windows are in the runs of both. */
function overlap(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    sum += Math.max(0, Math.min(a[i + 1]!, b[j + 1]!) - Math.max(a[i]!, b[j]!))
    if (a[i + 1]! < b[j + 1]!) {
      i += 2
    } else {
      j += 2
    }
  }
  return sum
}

/**
 * `together`: windows with two words, by rank, [COHERENCE_WORDS, COHERENCE_WORDS]; the diagonal has those
 * with one.
 */
function meanCosine(together: Float64Array, size: number, windows: number): number {
  const p = (i: number, j: number): number => together[i * COHERENCE_WORDS + j]! / windows
  const ranks = Array.from({ length: size }, (_, i) => i)
  const npmi = (i: number, j: number): number => {
    const chance = p(i, i) * p(j, j)
    return chance === 0 ? 0 : Math.log((p(i, j) + EPSILON) / chance) / -Math.log(p(i, j) + EPSILON)
  }
  const vectors = ranks.map((i) => ranks.map((j) => npmi(i, j)))
  const sum = ranks.map((j) => vectors.reduce((total, vector) => total + vector[j]!, 0))
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((total, value, i) => total + value * b[i]!, 0)
  const cosine = (a: readonly number[]): number => {
    const norms = Math.sqrt(dot(a, a) * dot(sum, sum))
    return norms === 0 ? 0 : dot(a, sum) / norms
  }
  return vectors.reduce((total, vector) => total + cosine(vector), 0) / size
}
