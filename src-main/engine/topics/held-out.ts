import type { Pacer } from '../pacer.ts'
import type { Chain } from './chain.ts'
import type { Corpus } from './corpus.ts'
import { LEAST_COUNT } from './fitted-words.ts'
import { foldIn } from './infer.ts'

/** Of the chain that finds the topics of a document from its seen half. */
const SWEEPS = 100

/**
 * How well topics predict documents that they were not fitted to, by document completion (Wallach, Murray,
 * Salakhutdinov and Mimno, "Evaluation methods for topic models", ICML 2009): every other token of a document
 * says which topics it has, and the mean ln p of the tokens between them is returned. Null when there are
 * none. Rare words of the unseen half cost the same whatever the topics are; the figure compares fits of one
 * corpus only.
 */
export async function heldOutLikelihood(
  heldOut: Corpus,
  { wordTopic, priors }: Pick<Chain, 'wordTopic' | 'priors'>,
  seed: number,
  pause: Pacer,
): Promise<number | null> {
  const { vocabulary } = heldOut
  const k = priors.alpha.length
  const seen = everyOther(heldOut, 0)
  const hidden = everyOther(heldOut, 1)
  const counts: { word: number; topic: number; count: number }[] = []
  const totals = new Float64Array(k).fill(vocabulary.length * priors.beta)
  wordTopic.forEach((count, i) => {
    totals[i % k]! += count
    if (count >= LEAST_COUNT) {
      counts.push({ word: Math.floor(i / k), topic: i % k, count: Math.round(count) })
    }
  })
  const documentTopic = await foldIn(seen, { priors, counts }, { iterations: SWEEPS, seed }, { pause })
  const alphaSum = priors.alpha.reduce((sum, alpha) => sum + alpha, 0)
  let sum = 0
  for (let d = 0; d + 1 < hidden.starts.length; d++) {
    if (pause.due()) {
      await pause()
    }
    // p(topic) of the document over the topic's size; the size of what was seen of it is divided by at the
    // end.
    const weights = Float64Array.from(
      totals,
      (total, topic) => (documentTopic[d * k + topic]! + priors.alpha[topic]!) / total,
    )
    const logSize = Math.log(seen.starts[d + 1]! - seen.starts[d]! + alphaSum)
    for (let i = hidden.starts[d]!; i < hidden.starts[d + 1]!; i++) {
      let p = 0
      for (let topic = 0; topic < k; topic++) {
        p += weights[topic]! * (wordTopic[hidden.words[i]! * k + topic]! + priors.beta)
      }
      sum += Math.log(p) - logSize
    }
  }
  return hidden.words.length > 0 ? sum / hidden.words.length : null
}

/** Each document's tokens at even (0) or odd (1) places. */
function everyOther({ vocabulary, words, starts }: Corpus, parity: 0 | 1): Corpus {
  const keptWords: number[] = []
  const keptStarts = new Uint32Array(starts.length)
  for (let d = 0; d + 1 < starts.length; d++) {
    for (let i = starts[d]! + parity; i < starts[d + 1]!; i += 2) {
      keptWords.push(words[i]!)
    }
    keptStarts[d + 1] = keptWords.length
  }
  return { vocabulary, words: Uint32Array.from(keptWords), starts: keptStarts }
}
