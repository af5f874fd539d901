/** How selective the neurons of one trained captioner are on clips that it has not seen. */
import type { Corpus } from './corpora/corpus.ts'
import type {
  EngineContext,
  EngineParams,
  LabelledClip,
  NeuronScores,
} from '../../../src-main/engine-host/contract/index.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'

const SHUFFLES = 5

export interface Selectivity {
  /** Learnt neurons that are not dead. */
  live: number
  /**
   * Of them the means of delta (best topic), margin (best less runner-up), and largest delta under shuffled
   * topics.
   */
  delta: number
  margin: number
  shuffled: number
  /** Share of them whose runner-up is close to their topic. */
  polysemantic: number
}

/** Interprets the neurons over `train`: the map is written beside the model, with v-bar of `clips`. */
async function interpret(
  modelDir: string,
  clips: readonly LabelledClip[],
  train: readonly LabelledClip[],
  context: EngineContext,
): Promise<NeuronScores[]> {
  const params: EngineParams<'neurons.interpret'> = {
    modelDir,
    clips: [...clips],
    train: [...train],
    heldOut: [],
    truth: null,
    reference: 'zero',
    videoSet: 'bearing',
    shuffles: SHUFFLES,
    seed: 1,
    device: 'cpu',
  }
  return (await neuronHandlers['neurons.interpret'](params, context)).neurons
}

/** How selective the neurons are over the test clips. */
export async function selectivity(
  modelDir: string,
  { clips: { test } }: Corpus,
  context: EngineContext,
): Promise<Selectivity> {
  const live = (await interpret(modelDir, test, test, context)).filter(
    ({ part, dead }) => part !== 'feature' && !dead,
  )
  const meanOf = (figure: (scores: NeuronScores) => number): number =>
    live.reduce((sum, scores) => sum + figure(scores), 0) / live.length
  return {
    live: live.length,
    delta: meanOf(({ delta }) => delta),
    margin: meanOf(({ margin }) => margin),
    shuffled: meanOf(({ shuffled }) => shuffled),
    polysemantic: meanOf(({ polysemantic }) => Number(polysemantic)),
  }
}

/**
 * Makes the map that interventions read without the test clips: which neurons a topic owns is not learnt from
 * the clips it is tried on.
 */
export async function writeMap(
  modelDir: string,
  { clips: { train, val: validation } }: Corpus,
  context: EngineContext,
): Promise<void> {
  await interpret(modelDir, [...train, ...validation], train, context)
}
