/**
 * What silencing a topic's neurons does to the captions of test clips that name it, and three controls that
 * could show that it is not the topic: as many random neurons, as many that are about as active, and the other
 * topics that the same captions name. A dose curve turns the neurons down by degrees; the words of the topic
 * lose probability, or all do.
 */
import type { Corpus } from './corpora/corpus.ts'
import { SilencedCaptions } from './silenced-captions.ts'
import type { Turned } from './silenced-captions.ts'
import { mean } from './student.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import type { EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { neuronsOfTopic } from '../../../src-main/engine/neurons/intervention.ts'
import { activationsOf, matchedNeurons } from '../../../src-main/engine/neurons/matched.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import type { NeuronMapFile } from '../../../src-main/engine/neurons/neuron-map.ts'
import { wordFalls } from '../../../src-main/engine/neurons/silencing.ts'
import { topicSpotter } from '../../../src-main/project/review/topic-verdicts.ts'

/** Draws of each control. */
const DRAWS = 3
/** So many of a topic's strongest neurons are silenced, and at last all that it owns. */
const STRONGEST = [4, 8, 16, 32, Infinity]
/** What all that a topic owns is multiplied by. */
const DOSES = [0.75, 0.5, 0.25]

/** Pairs of a topic and a test clip whose caption names it, and shares of them whose caption does so no more. */
export interface Silencing {
  pairs: number
  /** Neurons silenced, mean over the pairs. */
  neurons: number
  /** With the topic's neurons silenced; with equally many that are about as active; with equally many random ones. */
  owned: number
  matched: number
  random: number
  /** Mean activation (root mean square over clips) of the topic's neurons and of the matched ones. */
  activation: { owned: number; matched: number }
}

export interface Silenced {
  /** All that a topic owns, as an intervention moves them. */
  all: Silencing
  /** Its strongest only. */
  strongest: Silencing[]
  /** The share that loses the topic when all that it owns is turned down to a part. */
  doses: { scale: number; owned: number }[]
  /**
   * Other topics that the same captions name, in pairs with them, and the share that is lost with the topic's neurons,
   * and with those that are about as active.
   */
  others: { pairs: number; owned: number; matched: number }
  /**
   * Mean fall of ln p of the places of the topic's own words in these captions, and of all other words, with
   * the topic's neurons silenced, and with those that are about as active.
   */
  words: { own: Fall; other: Fall }
}

/** In nats. */
interface Fall {
  owned: number
  matched: number
}

/** A topic with the test clips whose captions name it, by their places, and the neurons to silence there. */
interface TopicTrial {
  topic: number
  clips: number[]
  owned: number[]
  /** By how many of the strongest. */
  choices: Choice[]
}

/** Some of a topic's neurons, and draws of as many others. */
interface Choice {
  chosen: number[]
  matched: number[][]
  random: number[][]
}

/** Silences each topic's neurons in the test clips whose captions name it; the model has a map. */
export async function silencing(
  modelDir: string,
  { clips: { test }, topics }: Corpus,
  context: EngineContext,
): Promise<Silenced> {
  const map = await readNeuronMap(modelDir)
  const captions = new SilencedCaptions(modelDir, test, context)
  await captions.decode(test.map((_, clip) => ({ clip, neurons: [], scale: 1 })))
  const topicsIn = topicSpotter(topics)
  const named: Named = (turned) => topicsIn(captions.of(turned))
  const trials = topics.flatMap((_, topic): TopicTrial[] => {
    const clips = [...test.keys()].filter((clip) => named({ clip, neurons: [], scale: 1 })[topic])
    const owned = neuronsOfTopic(map, topic)
    return clips.length === 0 ? [] : [{ topic, clips, owned, choices: choicesOf(map, topic, owned) }]
  })
  await captions.decode(trials.flatMap(captionsOfTrial))
  const strongest = STRONGEST.map((_, i) => silencingOf(trials, i, named, activationsOf(map)))
  const all = strongest.pop()!
  return {
    all,
    strongest,
    doses: DOSES.map((scale) => ({
      scale,
      owned: shareLost(trials, ({ owned }) => [owned], { named, scale }),
    })),
    others: loseOthers(trials, named),
    words: await fallInWords(modelDir, { trials, test, topicsIn }, context),
  }
}

/** Which topics a caption names. */
type Named = (turned: Turned) => boolean[]

function choicesOf(map: NeuronMapFile, topic: number, owned: readonly number[]): Choice[] {
  const free = Array.from(map.shuffled.keys()).filter((j) => j >= map.firstLearnt && !owned.includes(j))
  const draws = Array.from({ length: DRAWS }, (_, draw) => draw)
  return STRONGEST.map((count) => {
    const chosen = owned.slice(0, count)
    return {
      chosen,
      matched: draws.map((seed) => matchedNeurons(map, chosen, { without: owned, seed })),
      random: draws.map((draw) =>
        createRandom(DRAWS * topic + draw)
          .shuffle([...free])
          .slice(0, chosen.length),
      ),
    }
  })
}

/** All captions that are looked at. */
const captionsOfTrial = ({ clips, owned, choices }: TopicTrial): Turned[] =>
  [
    ...choices.flatMap(({ chosen, matched, random }) =>
      [chosen, ...matched, ...random].map((neurons) => ({ neurons, scale: 0 })),
    ),
    ...DOSES.map((scale) => ({ neurons: owned, scale })),
  ].flatMap((turned) => clips.map((clip) => ({ clip, ...turned })))

function silencingOf(
  trials: readonly TopicTrial[],
  size: number,
  named: Named,
  activations: Float64Array,
): Silencing {
  const choiceOf = ({ choices }: TopicTrial): Choice => choices[size]!
  const pairs = trials.reduce((sum, { clips }) => sum + clips.length, 0)
  const meanOfPairs = (valueOf: (choice: Choice) => number): number =>
    trials.reduce((sum, trial) => sum + trial.clips.length * valueOf(choiceOf(trial)), 0) / pairs
  const activation = (neurons: readonly number[]): number =>
    neurons.length === 0 ? 0 : mean(neurons.map((j) => activations[j]!))
  const lost = (sets: (choice: Choice) => number[][]): number =>
    shareLost(trials, (trial) => sets(choiceOf(trial)), { named, scale: 0 })
  return {
    pairs,
    neurons: meanOfPairs(({ chosen }) => chosen.length),
    owned: lost(({ chosen }) => [chosen]),
    matched: lost(({ matched }) => matched),
    random: lost(({ random }) => random),
    activation: {
      owned: meanOfPairs(({ chosen }) => activation(chosen)),
      matched: meanOfPairs(({ matched }) => activation(matched.flat())),
    },
  }
}

/** The share of the pairs that lose the topic; of several sets of neurons the mean. */
function shareLost(
  trials: readonly TopicTrial[],
  setsOf: (trial: TopicTrial) => readonly number[][],
  { named, scale }: { named: Named; scale: number },
): number {
  return mean(
    trials.flatMap((trial) =>
      trial.clips.map((clip) =>
        mean(setsOf(trial).map((neurons) => Number(!named({ clip, neurons, scale })[trial.topic]))),
      ),
    ),
  )
}

/** What becomes of the other topics that the captions name. */
function loseOthers(trials: readonly TopicTrial[], named: Named): Silenced['others'] {
  const pairs = trials.flatMap(({ topic, clips, choices }) =>
    clips.flatMap((clip) => {
      const before = named({ clip, neurons: [], scale: 1 })
      const lost = (neurons: number[], other: number): number =>
        Number(!named({ clip, neurons, scale: 0 })[other])
      const { chosen, matched } = choices.at(-1)!
      return Array.from(before.keys())
        .filter((other) => other !== topic && before[other])
        .map((other) => ({
          owned: lost(chosen, other),
          matched: mean(matched.map((neurons) => lost(neurons, other))),
        }))
    }),
  )
  return {
    pairs: pairs.length,
    owned: mean(pairs.map(({ owned }) => owned)),
    matched: mean(pairs.map(({ matched }) => matched)),
  }
}

interface WordTrial {
  trials: readonly TopicTrial[]
  test: Corpus['clips']['test']
  topicsIn: (sentence: string) => boolean[]
}

/** How much less likely the topic's own words become, and the others. */
async function fallInWords(
  modelDir: string,
  { trials, test, topicsIn }: WordTrial,
  { signal }: EngineContext,
): Promise<Silenced['words']> {
  const silencingsWith = (neuronsOf: (trial: TopicTrial) => number[]) =>
    trials.map((trial) => ({ neurons: neuronsOf(trial), clips: trial.clips.map((clip) => test[clip]!) }))
  const options = { device: 'cpu', signal } as const
  const owned = await wordFalls(
    modelDir,
    silencingsWith((trial) => trial.owned),
    options,
  )
  const matched = await wordFalls(
    modelDir,
    silencingsWith((trial) => trial.choices.at(-1)!.matched[0]!),
    options,
  )
  const meanFall = (falls: typeof owned, isOwn: boolean): number => {
    const places = falls.flatMap((ofTopic, i) =>
      ofTopic.filter(({ word }) => topicsIn(word)[trials[i]!.topic] === isOwn),
    )
    const count = places.reduce((sum, place) => sum + place.count, 0)
    return places.reduce((sum, place) => sum + place.fall * place.count, 0) / count
  }
  return {
    own: { owned: meanFall(owned, true), matched: meanFall(matched, true) },
    other: { owned: meanFall(owned, false), matched: meanFall(matched, false) },
  }
}
