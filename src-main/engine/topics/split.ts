import { createRandom } from '../../common/random.ts'
import { quoted } from '../../common/text.ts'
import { proposeLabels } from '../../common/topic-labels.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { runChain } from './chain.ts'
import type { Chain } from './chain.ts'
import { UNCONSTRAINED } from './constraints.ts'
import type { Constraints } from './constraints.ts'
import { readCorpus } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { failures } from './failures.ts'
import { foldIn } from './infer.ts'
import { sweepProgress } from './progress.ts'

type Params = EngineParams<'topics.split'>

/** Words of a part, with the tokens that it has of the topic's. */
type PartWords = { word: string; count: number }[]
type Fractions = EngineResult<'topics.split'>['fractions'][number]

/** What is laid down of a split. */
interface Plan {
  /** Number of parts. */
  k: number
  /** What the chain is to obey; its topics are the parts. */
  constraints: Constraints
  /** The part of each clip that is laid down, by its id. */
  partOf: ReadonlyMap<number, number>
  seed: number
}

/** Short chains of few topics settle soon. A clip is taken to be mostly about one part. */
const CHAIN = {
  iterations: 200,
  burnIn: null,
  sampleEvery: 1,
  documentPrior: 'fixed',
  wordPrior: 'fixed',
  topicsPerClip: 1,
} as const
/** Of the chain that finds the parts of a clip that says nothing of how words are divided. */
const FOLD_IN_SWEEPS = 100
/** A part that would hold less of a word, in tokens, leaves it to the others. */
const LEAST_COUNT = 0.5

/**
 * Divides a topic by finding topics among its own words in its clips: free ones for a proposal; by words,
 * each part's words are held in it and count as seen there once before; by clips, their tokens are held in
 * their part. What is not laid down goes where it fits best; `others` are folded into the parts that are found.
 * Clips without a token of the topic are divided as the topic is. See the contract.
 */
export async function splitTopic(
  params: Params,
  context: EngineContext,
): Promise<EngineResult<'topics.split'>> {
  const { documents, others, words, how } = params
  const pause = createPacer(context.signal)
  const reading = {
    vocabulary: words.map(({ word }) => word),
    phrases: params.phrases,
    rule: params.rule,
  }
  const corpus = await readCorpus(documents, reading, pause)
  const plan = planSplit(params, corpus)
  const isFree = ({ id }: { id: number }): boolean => !plan.partOf.has(id)
  const free = plan.partOf.size > 0 ? withoutDocuments(corpus, documents.map(isFree)) : corpus
  const chain = await runChain(free, {
    k: plan.k,
    settings: CHAIN,
    constraints: plan.constraints,
    random: createRandom(plan.seed),
    pause,
    onSweep: sweepProgress(context, 'splitting a topic', free.words.length, {
      before: 0,
      all: CHAIN.iterations,
    }),
  })

  const tokens = partTokens(chain, plan)
  const typical = typicalShares(tokens, plan.k)
  const parts = divideWords(words, plan, tokens, typical)
  assertWordsInEveryPart(parts, params)
  const sizes = parts.map((part) => part.reduce((sum, { count }) => sum + count, 0))
  const order = parts.map((_, part) => part)
  if (how.by === 'proposal') {
    order.sort((a, b) => sizes[b]! - sizes[a]!)
  }
  for (const part of parts) {
    part.sort((a, b) => b.count - a.count)
  }
  const labels = labelsOf(parts, sizes, order, words)
  const ofOthers = await foldIn(
    await readCorpus(others, reading, pause),
    { priors: chain.priors, counts: countsOf(parts, words) },
    { iterations: FOLD_IN_SWEEPS, seed: plan.seed },
    { pause },
  )
  const divide = (clips: Params['documents'], documentParts: Float32Array): Fractions[] =>
    clips.map(({ id }, d) => {
      const fractions = fractionsOf(id, documentParts.subarray(d * plan.k, (d + 1) * plan.k), plan, typical)
      return { id, fractions: order.map((part) => fractions[part]!) }
    })
  return {
    parts: order.map((part, i) => ({ label: labels[i]!, words: parts[part]! })),
    fractions: [...divide(documents, chain.documentTopic), ...divide(others, ofOthers)],
  }
}

/** What parts hold of each word, in whole tokens, as `foldIn` takes it. */
function countsOf(parts: readonly PartWords[], words: Params['words']): Constraints['counts'] {
  const numbers = new Map(words.map(({ word }, number) => [word, number]))
  return parts.flatMap((part, topic) =>
    part
      .map(({ word, count }) => ({ word: numbers.get(word)!, topic, count: Math.round(count) }))
      .filter(({ count }) => count > 0),
  )
}

/** Throws BAD_INPUT for words or clips that the topic has not, or that two parts have. */
function planSplit({ documents, others, words, how }: Params, corpus: Corpus): Plan {
  switch (how.by) {
    case 'proposal':
      return { k: 2, constraints: UNCONSTRAINED, partOf: new Map(), seed: how.seed }
    case 'words':
      return {
        k: how.parts.length,
        constraints: constrainWords(how.parts, words),
        partOf: new Map(),
        seed: 1,
      }
    case 'clips': {
      const partOf = partsOfClips(how.parts, [...documents, ...others])
      const constraints = constrainClips(
        documents.map(({ id }) => partOf.get(id)),
        corpus,
      )
      return { k: how.parts.length, constraints, partOf, seed: 1 }
    }
  }
}

/**
 * Each part's words are drawn in it alone. Throws BAD_INPUT for words that the topic has not, naming them, or
 * that two parts have.
 */
function constrainWords(parts: readonly string[][], words: Params['words']): Constraints {
  const numbers = new Map(words.map(({ word }, number) => [word, number]))
  const numberOf = (word: string): number | undefined =>
    numbers.get(word) ?? numbers.get(word.trim().toLowerCase().replaceAll(/\s+/g, '_'))
  const missing = parts.flat().filter((word) => numberOf(word) === undefined)
  if (missing.length > 0) {
    const failing = missing.length === 1 ? failures.wordNotInTopic : failures.wordsNotInTopic
    throw failing({ words: quoted(missing) })
  }
  const allowed = new Map<number, Uint16Array>()
  const counts: Constraints['counts'][number][] = []
  parts.forEach((partWords, part) => {
    for (const word of partWords) {
      const number = numberOf(word)!
      const before = allowed.get(number)?.[0]
      if (before === part) {
        continue
      }
      if (before !== undefined) {
        throw failures.wordInTwoParts({ word })
      }
      allowed.set(number, Uint16Array.of(part))
      counts.push({ word: number, topic: part, count: Math.max(1, Math.round(words[number]!.count)) })
    }
  })
  return { ...UNCONSTRAINED, allowed, counts }
}

/**
 * The part of each clip that is laid down, by its id. Throws BAD_INPUT for clips that the topic has not, or that
 * two parts have.
 */
function partsOfClips(parts: readonly number[][], clips: Params['documents']): Map<number, number> {
  const known = new Set(clips.map(({ id }) => id))
  const partOf = new Map<number, number>()
  parts.forEach((ids, part) => {
    for (const id of ids) {
      if (!known.has(id)) {
        throw failures.clipNotInTopic({ clipId: id })
      }
      if ((partOf.get(id) ?? part) !== part) {
        throw failures.clipInTwoParts({ clipId: id })
      }
      partOf.set(id, part)
    }
  })
  return partOf
}

/** The words of clips that are laid down count as seen in their parts; `parts`: by place, where there is one. */
function constrainClips(parts: readonly (number | undefined)[], { words, starts }: Corpus): Constraints {
  const counts = new Map<string, Constraints['counts'][number]>()
  for (const [d, topic] of parts.entries()) {
    if (topic === undefined) {
      continue
    }
    for (const word of words.subarray(starts[d], starts[d + 1])) {
      const key = `${word} ${topic}`
      const entry = counts.get(key) ?? { word, topic, count: 0 }
      counts.set(key, entry)
      entry.count += 1
    }
  }
  return { ...UNCONSTRAINED, counts: [...counts.values()] }
}

/** The corpus with all documents emptied but those that `stays` says. */
function withoutDocuments(corpus: Corpus, stays: readonly boolean[]): Corpus {
  const starts = new Uint32Array(corpus.starts.length)
  const words: number[] = []
  for (let d = 0; d + 1 < starts.length; d++) {
    if (stays[d]) {
      words.push(...corpus.words.subarray(corpus.starts[d], corpus.starts[d + 1]))
    }
    starts[d + 1] = words.length
  }
  return { vocabulary: corpus.vocabulary, words: Uint32Array.from(words), starts }
}

/** What parts hold of each word: its tokens in the chain and in the clips that are laid down; [V, k]. */
function partTokens({ wordTopic }: Chain, { k, constraints, partOf }: Plan): Float64Array {
  const tokens = Float64Array.from(wordTopic)
  if (partOf.size > 0) {
    for (const { word, topic, count } of constraints.counts) {
      tokens[word * k + topic]! += count
    }
  }
  return tokens
}

/** The parts' shares of all tokens, [k]; equal ones when there are none. */
function typicalShares(tokens: Float64Array, k: number): Float64Array {
  const sums = new Float64Array(k)
  tokens.forEach((count, i) => {
    sums[i % k]! += count
  })
  return sharesOf(sums) ?? new Float64Array(k).fill(1 / k)
}

/** Counts as shares that sum to 1; null when all are 0. */
function sharesOf(counts: ArrayLike<number>): Float64Array | null {
  const shares = Float64Array.from(counts)
  const total = shares.reduce((sum, count) => sum + count, 0)
  return total > 0 ? shares.map((count) => count / total) : null
}

/** The parts' words with their counts; the counts of a word sum to the topic's. */
function divideWords(
  words: Params['words'],
  { k, constraints }: Plan,
  tokens: Float64Array,
  typical: Float64Array,
): PartWords[] {
  const parts = Array.from({ length: k }, (): PartWords => [])
  words.forEach(({ word, count }, number) => {
    const shares =
      sharesOf(tokens.subarray(number * k, (number + 1) * k)) ??
      equalShares(constraints.allowed.get(number), k) ??
      allIn(indexOfLargest(typical), k)
    const largest = indexOfLargest(shares)
    let left = count
    shares.forEach((share, part) => {
      if (part === largest || share * count < LEAST_COUNT) {
        return
      }
      parts[part]!.push({ word, count: share * count })
      left -= share * count
    })
    parts[largest]!.push({ word, count: left })
  })
  return parts
}

/** Of a word without tokens that is laid down: equal shares of the parts that may hold it. */
function equalShares(allowed: Uint16Array | undefined, k: number): Float64Array | null {
  return allowed === undefined
    ? null
    : Float64Array.from({ length: k }, (_, part) => (allowed.includes(part) ? 1 / allowed.length : 0))
}

const allIn = (chosen: number, k: number): Float64Array =>
  Float64Array.from({ length: k }, (_, part) => (part === chosen ? 1 : 0))

const indexOfLargest = (values: Float64Array): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0)

/** Throws BAD_INPUT for a part without a word. */
function assertWordsInEveryPart(parts: readonly PartWords[], { words, how }: Params): void {
  if (how.by === 'proposal') {
    // One word alone is in both halves, which then are the same.
    if (words.length < 2 || parts.some((part) => part.length === 0)) {
      throw failures.inseparable()
    }
    return
  }
  const empty = parts.findIndex((part) => part.length === 0)
  if (empty >= 0) {
    throw failures.partEmpty({ part: empty + 1 })
  }
}

/** Labels of the parts in their order. */
function labelsOf(
  parts: readonly PartWords[],
  sizes: readonly number[],
  order: readonly number[],
  words: Params['words'],
): string[] {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const countOf = new Map(words.map(({ word, count }) => [word, count]))
  return proposeLabels(
    order.map((part) =>
      parts[part]!.map(({ word, count }) => ({
        word,
        p: count / sizes[part]!,
        corpusP: countOf.get(word)! / total,
      })),
    ),
  )
}

/** The parts' fractions of the topic's share in a clip, [k], by its tokens in each part, [k]. */
function fractionsOf(
  clipId: number,
  tokens: Float32Array,
  { k, partOf }: Plan,
  typical: Float64Array,
): Float64Array {
  const part = partOf.get(clipId)
  return part === undefined ? (sharesOf(tokens) ?? typical) : allIn(part, k)
}
