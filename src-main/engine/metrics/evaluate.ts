import { CancelledError, VitrineError } from '../../contract/index.ts'
import type { EngineContext, EngineParams, EngineResult } from '../contract.ts'
import { createPacer } from '../pacer.ts'
import { Cider } from './cider.ts'
import { meanAveragePrecision } from './meanAveragePrecision.ts'
import { scoreCaptions } from './score.ts'
import { tokenize } from './tokenize.ts'

type Evaluation = EngineParams<'metrics.evaluate'>

/** `metrics.score`: hypotheses and references must name the same ids, each once; the result keeps the hypotheses' order. */
export async function score(
  { hypotheses, references }: EngineParams<'metrics.score'>,
  { signal }: Pick<EngineContext, 'signal'>,
): Promise<EngineResult<'metrics.score'>> {
  const matched = match(hypotheses, references)
  if (signal.aborted) throw new CancelledError()
  const { metrics, captions } = scoreCaptions(matched.hypotheses, matched.references)
  return { metrics, captions: hypotheses.map(({ id }, i) => ({ id, metrics: captions[i]! })) }
}

/**
 * `metrics.evaluate`: metrics of a captioned split, the best fixed caption, and the topic scores. `captions` and
 * `references` must name the same clips, each once, and `topicTruth` must hold every one of them.
 */
export async function evaluate(
  { captions, references, candidates, topicTruth }: Evaluation,
  context: Pick<EngineContext, 'signal'>,
): Promise<EngineResult<'metrics.evaluate'>> {
  const matched = match(captions, references)
  const topics = topicTruth === null ? null : scoreTopics(captions, topicTruth)
  const cider = new Cider(matched.references)
  const scored = scoreCaptions(matched.hypotheses, matched.references, cider)
  const caption = await bestFixedCaption(cider, candidates, context.signal)
  const words = tokenize(caption)
  const fixed = scoreCaptions(captions.map(() => words), matched.references, cider)
  return {
    metrics: scored.metrics,
    cider: scored.captions.map((own) => own.CIDEr),
    fixedCaption: { caption, metrics: fixed.metrics },
    topics,
  }
}

/**
 * The candidate with the highest mean CIDEr over all documents; the earlier one of equals. Exact for any number of
 * candidates: they are scored in the order of an upper bound that costs next to nothing, until the bound falls below the
 * best score found.
 */
async function bestFixedCaption(cider: Cider, candidates: readonly string[], signal: AbortSignal): Promise<string> {
  const pause = createPacer(signal)
  const distinct = new Map<string, { caption: string; words: string[]; index: number; bound: number }>()
  const upperBound = cider.upperBound()
  for (const caption of candidates) {
    if (pause.due()) await pause()
    const words = tokenize(caption)
    const key = words.join(' ')
    if (!distinct.has(key)) distinct.set(key, { caption, words, index: distinct.size, bound: upperBound(words) })
  }
  const queue = [...distinct.values()].sort((a, b) => b.bound - a.bound)
  let best: { caption: string; index: number; score: number } | null = null
  for (const { caption, words, index, bound } of queue) {
    // The bound and the score round differently.
    if (best !== null && bound < best.score - 1e-9) break
    if (pause.due()) await pause()
    const score = cider.scoreEverywhere(words)
    if (best === null || score > best.score || (score === best.score && index < best.index)) best = { caption, index, score }
  }
  if (best === null) throw new VitrineError('BAD_INPUT', 'There is no caption to choose the best fixed caption from.')
  return best.caption
}

function scoreTopics(captions: Evaluation['captions'], truth: NonNullable<Evaluation['topicTruth']>) {
  const columns = new Map(truth.map((clip) => [clip.id, clip.topics]))
  const count = captions[0]!.topics.length
  const rows = captions.map(({ id, topics }) => {
    const own = columns.get(id)
    if (own === undefined) throw new VitrineError('BAD_INPUT', `Clip ${id} has topic scores but no topic vector to compare with.`)
    if (topics.length !== count || own.some((column) => column < 0 || column >= count)) {
      throw new VitrineError('BAD_INPUT', `Clip ${id} has ${topics.length} topic scores and the topics ${own.join(', ')}, where ${count} topics are expected.`)
    }
    if (!topics.every(Number.isFinite)) throw new VitrineError('DIVERGED', `The topic scores of clip ${id} are not finite numbers.`)
    return own
  })
  return meanAveragePrecision(captions.map((caption) => caption.topics), rows)
}

/** The words of captions and of their references, in the captions' order, after checking that they name the same ids. */
function match<Id extends string | number>(
  hypotheses: readonly { id: Id; caption: string }[],
  references: readonly { id: Id; captions: string[] }[],
): { hypotheses: string[][]; references: string[][][] } {
  if (hypotheses.length === 0) throw new VitrineError('BAD_INPUT', 'There is no caption to score.')
  const sentences = new Map<Id, string[]>()
  for (const { id, captions } of references) {
    if (sentences.has(id)) throw new VitrineError('BAD_INPUT', `The references name ${id} more than once.`)
    if (captions.length === 0) throw new VitrineError('BAD_INPUT', `The references of ${id} are empty.`)
    sentences.set(id, captions)
  }
  const seen = new Set<Id>()
  const matched = hypotheses.map(({ id }) => {
    if (seen.has(id)) throw new VitrineError('BAD_INPUT', `The captions to score name ${id} more than once.`)
    seen.add(id)
    const own = sentences.get(id)
    if (own === undefined) throw new VitrineError('BAD_INPUT', `The caption of ${id} has no reference to be scored against.`)
    return own.map(tokenize)
  })
  if (seen.size < sentences.size) {
    const missing = [...sentences.keys()].filter((id) => !seen.has(id))
    throw new VitrineError(
      'BAD_INPUT',
      `${missing.length} of ${sentences.size} references have no caption to score, ${missing[0]} for one.`,
      'Score captions against the references of the same clips only: the others would change the document frequencies of CIDEr.',
    )
  }
  return { hypotheses: hypotheses.map(({ caption }) => tokenize(caption)), references: matched }
}
