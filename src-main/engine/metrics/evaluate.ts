import { isDeepStrictEqual } from 'node:util'
import { CancelledError } from '../../common/failures.ts'
import { tokenize } from '../../common/tokenize.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import type { Pacer } from '../pacer.ts'
import { Cider } from './cider.ts'
import { failures } from './failures.ts'
import { match, readReferences } from './match.ts'
import type { Matched } from './match.ts'
import { meanAveragePrecision } from './mean-average-precision.ts'
import { Meteor } from './meteor.ts'
import { bootstrapIntervals, comparePaired } from './resampling.ts'
import { scoreCaptions } from './score.ts'
import { TOKENIZERS } from './tokenizers.ts'
import { loadWordNet } from './wordnet.ts'

type Evaluation = EngineParams<'metrics.evaluate'>
type Context = Pick<EngineContext, 'signal'>

/** Of the intervals that every evaluation has. */
const BOOTSTRAP = { samples: 1000, seed: 1 }

/**
 * `metrics.score`: hypotheses and references must name the same ids, each once; the result keeps the
 * hypotheses' order.
 */
export async function score(
  { hypotheses, references, tokenizer, bootstrap }: EngineParams<'metrics.score'>,
  { signal }: Context,
): Promise<EngineResult<'metrics.score'>> {
  const tokenizeBy = TOKENIZERS[tokenizer]
  const matched = match(hypotheses, readReferences(references, tokenizeBy), tokenizeBy)
  const meteor = await createMeteor(signal)
  const { metrics, captions, rows } = scoreCaptions(matched.hypotheses, matched.references, { meteor })
  const intervals = bootstrap && (await bootstrapIntervals(rows, bootstrap, signal))
  return { metrics, intervals, captions: hypotheses.map(({ id }, i) => ({ id, metrics: captions[i]! })) }
}

/**
 * `metrics.cider`: an id may come with several captions, or none. Throws BAD_INPUT for one without
 * references.
 */
export async function cider({
  hypotheses,
  references,
}: EngineParams<'metrics.cider'>): Promise<EngineResult<'metrics.cider'>> {
  const sentences = readReferences(references, tokenize)
  const documents = new Map([...sentences.keys()].map((id, document) => [id, document]))
  const scorer = new Cider([...sentences.values()])
  return {
    cider: hypotheses.map(({ id, caption }) => {
      const document = documents.get(id)
      if (document === undefined) {
        throw failures.noReference({ id })
      }
      return scorer.score(document, tokenize(caption))
    }),
  }
}

/** `metrics.compare`: both systems' captions and the references must name the same ids, each once. */
export async function compare(
  { a, b, references, tokenizer, samples, seed }: EngineParams<'metrics.compare'>,
  { signal }: Context,
): Promise<EngineResult<'metrics.compare'>> {
  const tokenizeBy = TOKENIZERS[tokenizer]
  const sentences = readReferences(references, tokenizeBy)
  const placeInA = new Map(a.map(({ id }, i) => [id, i]))
  const inOrderOfA = b.toSorted((x, y) => (placeInA.get(x.id) ?? 0) - (placeInA.get(y.id) ?? 0))
  const matchedA = match(a, sentences, tokenizeBy)
  const matchedB = match(inOrderOfA, sentences, tokenizeBy)
  const options = { cider: new Cider(matchedA.references), meteor: await createMeteor(signal) }
  const rowsOf = ({ hypotheses }: Matched): Float64Array =>
    scoreCaptions(hypotheses, matchedA.references, options).rows
  const rowsA = rowsOf(matchedA)
  const rowsB = isDeepStrictEqual(matchedA.hypotheses, matchedB.hypotheses) ? rowsA : rowsOf(matchedB)
  return { metrics: await comparePaired(rowsA, rowsB, { samples, seed }, signal) }
}

/**
 * `metrics.evaluate`: metrics of a captioned split with their intervals, the best fixed caption, and the
 * topic scores. `captions` and `references` must name the same clips, each once, and `topicTruth` must hold
 * every one of them.
 */
export async function evaluate(
  { captions, references, candidates, topicTruth }: Evaluation,
  { signal }: Context,
): Promise<EngineResult<'metrics.evaluate'>> {
  const matched = match(captions, readReferences(references, tokenize), tokenize)
  const topics = topicTruth === null ? null : scoreTopics(captions, topicTruth)
  const options = { cider: new Cider(matched.references), meteor: await createMeteor(signal) }
  const scored = scoreCaptions(matched.hypotheses, matched.references, options)
  const caption = await bestFixedCaption(options.cider, candidates, signal)
  const words = tokenize(caption)
  const fixed = scoreCaptions(
    captions.map(() => words),
    matched.references,
    options,
  )
  return {
    metrics: scored.metrics,
    intervals: await bootstrapIntervals(scored.rows, BOOTSTRAP, signal),
    cider: scored.captions.map(({ CIDEr }) => CIDEr),
    fixedCaption: { caption, metrics: fixed.metrics },
    topics,
  }
}

/** Cancels are heard on the way: scoring itself holds the thread for less than a second or two. */
async function createMeteor(signal: AbortSignal): Promise<Meteor> {
  const wordNet = await loadWordNet()
  if (signal.aborted) {
    throw new CancelledError()
  }
  return new Meteor((stem) => wordNet.synonyms(stem))
}

/**
 * The caption with the highest mean CIDEr over all documents; the earlier one of equals. Exact for any
 * number of captions: they are scored in the order of an upper bound that costs next to nothing, until the
 * bound falls below the best score found.
 */
async function bestFixedCaption(
  cider: Cider,
  captions: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const pause = createPacer(signal)
  const candidates = await boundedCandidates(cider, captions, pause)
  candidates.sort((a, b) => b.bound - a.bound)
  let best: { caption: string; index: number; score: number } | null = null
  for (const { caption, words, index, bound } of candidates) {
    // The bound and the score round differently.
    if (best !== null && bound < best.score - 1e-9) {
      break
    }
    if (pause.due()) {
      await pause()
    }
    const score = cider.scoreEverywhere(words)
    if (best === null || score > best.score || (score === best.score && index < best.index)) {
      best = { caption, index, score }
    }
  }
  if (best === null) {
    throw failures.noFixedCaption()
  }
  return best.caption
}

/** Captions without repetitions, each with an upper bound of its mean CIDEr. */
async function boundedCandidates(
  cider: Cider,
  captions: readonly string[],
  pause: Pacer,
): Promise<{ caption: string; words: string[]; index: number; bound: number }[]> {
  const candidates = new Map<string, { caption: string; words: string[]; index: number; bound: number }>()
  const upperBound = cider.upperBound()
  for (const caption of captions) {
    if (pause.due()) {
      await pause()
    }
    const words = tokenize(caption)
    const key = words.join(' ')
    if (!candidates.has(key)) {
      candidates.set(key, { caption, words, index: candidates.size, bound: upperBound(words) })
    }
  }
  return [...candidates.values()]
}

/** The topic head's precision. Throws for a clip whose scores and topic vector don't fit together. */
function scoreTopics(
  captions: Evaluation['captions'],
  truth: NonNullable<Evaluation['topicTruth']>,
): EngineResult<'metrics.evaluate'>['topics'] {
  const columnsOf = new Map(truth.map(({ id, topics }) => [id, topics]))
  const count = captions[0]!.topics.length
  const rows = captions.map(({ id, topics }) => {
    const columns = columnsOf.get(id)
    if (columns === undefined) {
      throw failures.noTopicVector({ id })
    }
    if (topics.length !== count || columns.some((column) => column < 0 || column >= count)) {
      throw failures.topicCount({ id, scores: topics.length, topics: columns.join(', '), expected: count })
    }
    if (!topics.every(Number.isFinite)) {
      throw failures.scoresDiverged({ id })
    }
    return columns
  })
  return meanAveragePrecision(
    captions.map(({ topics }) => topics),
    rows,
  )
}
