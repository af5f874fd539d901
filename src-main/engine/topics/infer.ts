import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import type { Pacer } from '../pacer.ts'
import { createRandom } from '../../common/random.ts'
import { assignmentsOf } from './assignments.ts'
import { readCorpus } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import type { Constraints } from './constraints.ts'
import { SparseSampler } from './sampler.ts'
import type { Priors } from './sampler.ts'

/** Sweeps are left out as burn-in up to this share of them: a short document settles at once. */
const BURN_IN_SHARE = 0.5

/** Topics whose words stay as they are, `counts` being whole tokens. */
export interface FrozenTopics {
  priors: Priors
  counts: Constraints['counts']
}

/**
 * The topics of documents under topics that stay as they are: the mean counts, [D, K], of a short chain for
 * each document. Each token begins in the topic that holds most of its word. A document's chain has a
 * generator of its own, so what it gets does not depend on the others.
 */
export async function foldIn(
  corpus: Corpus,
  { priors, counts }: FrozenTopics,
  { iterations, seed }: { iterations: number; seed: number },
  { pause, onDocument }: { pause: Pacer; onDocument?: (documents: number) => void },
): Promise<Float32Array> {
  const k = priors.alpha.length
  const sampler = new SparseSampler(corpus, {
    k,
    priors,
    random: createRandom(seed),
    constraints: {
      counts,
      fixed: new Set(Array.from({ length: k }, (_, topic) => topic)),
      allowed: new Map(),
      start: likeliestTopics(corpus.vocabulary.length, counts),
    },
  })
  const burnIn = Math.floor(iterations * BURN_IN_SHARE)
  const means = new Float32Array((corpus.starts.length - 1) * k)
  for (let d = 0; d + 1 < corpus.starts.length; d++) {
    const random = createRandom(seed)
    for (let sweep = 0; sweep < iterations; sweep++) {
      if (pause.due()) {
        await pause()
      }
      sampler.sweepDocument(d, random)
      if (sweep >= burnIn) {
        for (let i = corpus.starts[d]!; i < corpus.starts[d + 1]!; i++) {
          means[d * k + sampler.topicOf[i]!]! += 1 / (iterations - burnIn)
        }
      }
    }
    onDocument?.(d + 1)
  }
  return means
}

/** The topic that holds most of each word, for words to begin in; the first for one that none holds. */
function likeliestTopics(vocabularySize: number, counts: Constraints['counts']): Map<number, number[]> {
  const largest = new Float64Array(vocabularySize)
  const likeliest = new Map<number, number[]>(Array.from(largest, (_, word) => [word, [0]]))
  for (const { word, topic, count } of counts) {
    if (count > largest[word]!) {
      largest[word] = count
      likeliest.set(word, [topic])
    }
  }
  return likeliest
}

/** Folds documents in: see `foldIn`. The same params give the same result. */
export async function inferTopics(
  params: EngineParams<'topics.infer'>,
  context: EngineContext,
): Promise<EngineResult<'topics.infer'>> {
  const { model, documents, iterations, seed } = params
  const pause = createPacer(context.signal)
  const corpus = await readCorpus(
    documents,
    { ...model, vocabulary: model.vocabulary.map(({ word }) => word) },
    pause,
  )
  const counts = model.topics.flatMap((held, topic) =>
    held.counts.map(({ word, count }) => ({ word, topic, count: Math.round(count) })),
  )
  const priors = { alpha: Float64Array.from(model.topics, ({ alpha }) => alpha), beta: model.beta }
  const onDocument = (done: number): void => {
    if (done % 100 === 0 || done === documents.length) {
      context.progress({ phase: 'finding topics', done, total: documents.length, unit: 'clips' })
    }
  }
  const documentTopic = await foldIn(corpus, { priors, counts }, { iterations, seed }, { pause, onDocument })
  return { assignments: assignmentsOf(documents, corpus, documentTopic, params) }
}
