import { createRandom } from '../../common/random.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { runChain } from './chain.ts'
import { coherence, COHERENCE_WORDS, meanOfDefined } from './coherence.ts'
import { constraintsOf } from './constraints.ts'
import { buildCorpus, readCorpus } from './corpus.ts'
import { assertEnoughClips, clipsWithTokens } from './fit.ts'
import { fittedWords } from './fitted-words.ts'
import { heldOutLikelihood } from './held-out.ts'
import { sweepProgress } from './progress.ts'
import { windowCoherence } from './window-coherence.ts'

/**
 * Finds topics for each of several k, each once, with the same seed, and measures them: mean NPMI and C_V over
 * the topics on the clips that they were found in, mean ln p of the held-out clips' tokens. The vocabulary is
 * that of the clips that topics are found in, the same for every k, so that the figures compare. Throws as
 * `fitTopics` does.
 */
export async function sweepTopics(
  params: EngineParams<'topics.sweep'>,
  context: EngineContext,
): Promise<EngineResult<'topics.sweep'>> {
  const { documents, ks, seed, iterations } = params
  const pause = createPacer(context.signal)
  const fitted = await buildCorpus(documents, params, pause)
  const heldOut = await readCorpus(params.heldOut, { ...fitted, rule: params }, pause)
  const clips = clipsWithTokens(fitted).length
  const rising = [...new Set(ks)].sort((a, b) => a - b)
  assertEnoughClips(rising.at(-1) ?? 0, clips)

  const points: EngineResult<'topics.sweep'>['points'] = []
  for (const [i, k] of rising.entries()) {
    const constraints = constraintsOf(params.topics, k, fitted)
    const chain = await runChain(fitted, {
      k,
      settings: params,
      constraints,
      random: createRandom(seed),
      pause,
      onSweep: sweepProgress(context, `sampling ${k} topics`, fitted.words.length, {
        before: i * iterations,
        all: rising.length * iterations,
      }),
    })
    const topWords = fittedWords(chain, constraints).map((words) =>
      words.slice(0, COHERENCE_WORDS).map(({ word }) => word),
    )
    points.push({
      k,
      npmi: meanOfDefined(coherence(fitted, topWords)),
      cv: meanOfDefined(await windowCoherence(fitted, topWords, pause)),
      heldOut: await heldOutLikelihood(heldOut, chain, seed, pause),
      seconds: chain.seconds,
    })
  }
  return {
    documents: clips,
    tokens: fitted.words.length,
    heldOutDocuments: clipsWithTokens(heldOut).length,
    points,
  }
}
