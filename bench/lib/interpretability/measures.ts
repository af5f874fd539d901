/**
 * What is measured of the neurons of one trained captioner on clips that it has not seen: how selective they
 * are, and what silencing them does.
 */
import type { Corpus } from './corpora.ts'
import type {
  EngineContext,
  EngineParams,
  LabelledClip,
  NeuronScores,
} from '../../../src-main/engine-host/contract/index.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { neuronsOfTopic } from '../../../src-main/engine/neurons/intervention.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { topicSpotter } from '../../../src-main/project/review/topic-verdicts.ts'

const SHUFFLES = 5
/** Draws of random neurons to each silenced set. */
const DRAWS = 3
/** So many of a topic's strongest neurons are silenced, beside all that it owns. */
const STRONGEST = [4, 8, 16, 32]

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
}

/**
 * Pairs of a topic and a test clip whose caption names it, and shares of them whose caption does so no more.
 */
export interface Silencing {
  pairs: number
  /** Neurons silenced, mean over the pairs. */
  neurons: number
  /** With the topic's neurons silenced, and with equally many random ones. */
  owned: number
  random: number
}

export interface Silenced {
  /** All that a topic owns, as an intervention moves them. */
  all: Silencing
  /** Its strongest only. */
  strongest: Silencing[]
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

/**
 * Silences each topic's neurons, and equally many random learnt ones that it does not own, in the test clips
 * whose captions name it.
 */
export async function silencing(
  modelDir: string,
  { clips: { test }, topics }: Corpus,
  context: EngineContext,
): Promise<Silenced> {
  const map = await readNeuronMap(modelDir)
  const learnt = Array.from({ length: map.shuffled.length - map.firstLearnt }, (_, i) => map.firstLearnt + i)
  const topicsIn = topicSpotter(topics)
  const random = createRandom(1)
  const silence = async (neurons: number[], clips: LabelledClip[]) =>
    (await neuronHandlers['neurons.silence']({ modelDir, neurons, clips, device: 'cpu' }, context)).captions
  const named = (await silence([], test)).map(({ before }) => topicsIn(before))
  const sums = [...STRONGEST, Infinity].map(() => ({ pairs: 0, neurons: 0, owned: 0, random: 0 }))
  for (const topic of topics.keys()) {
    const clips = test.filter((_, i) => named[i]![topic])
    if (clips.length === 0) {
      continue
    }
    const owned = neuronsOfTopic(map, topic)
    const others = learnt.filter((neuron) => !owned.includes(neuron))
    const countLost = async (neurons: number[]): Promise<number> =>
      (await silence(neurons, clips)).filter(({ after }) => !topicsIn(after)[topic]).length
    for (const [i, sum] of sums.entries()) {
      const chosen = owned.slice(0, STRONGEST[i])
      sum.pairs += clips.length
      sum.neurons += clips.length * chosen.length
      sum.owned += await countLost(chosen)
      for (let draw = 0; draw < DRAWS; draw++) {
        sum.random += (await countLost(random.shuffle([...others]).slice(0, chosen.length))) / DRAWS
      }
    }
  }
  const silenced = sums.map((sum): Silencing => ({
    pairs: sum.pairs,
    neurons: sum.neurons / sum.pairs,
    owned: sum.owned / sum.pairs,
    random: sum.random / sum.pairs,
  }))
  return { all: silenced.at(-1)!, strongest: silenced.slice(0, -1) }
}
