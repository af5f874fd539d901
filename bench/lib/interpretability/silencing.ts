/**
 * What silencing a topic's neurons does to the captions of test clips that name it, and three controls that
 * could show that it is not the topic: as many random neurons, as many that are about as active, and the other
 * topics that the same captions name. A dose curve turns the neurons down by degrees; the words of the topic
 * lose probability, or all do.
 */
import type { Corpus } from './corpora/corpus.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import type { CaptionedClip, EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { neuronsOfTopic } from '../../../src-main/engine/neurons/intervention.ts'
import { matchedNeurons } from '../../../src-main/engine/neurons/matched.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import type { NeuronMapFile } from '../../../src-main/engine/neurons/neuron-map.ts'
import { wordFalls } from '../../../src-main/engine/neurons/silencing.ts'
import { topicSpotter } from '../../../src-main/project/review/topic-verdicts.ts'

/** Draws of each control. */
const DRAWS = 3
/** So many of a topic's strongest neurons are silenced, beside all that it owns. */
const STRONGEST = [4, 8, 16, 32]
/** What all that a topic owns is multiplied by, beside 0. */
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

/** Silences each topic's neurons in the test clips whose captions name it; the model has a map. */
export async function silencing(
  modelDir: string,
  { clips: { test }, topics }: Corpus,
  context: EngineContext,
): Promise<Silenced> {
  const map = await readNeuronMap(modelDir)
  const captioner = new Captioner(modelDir, topicSpotter(topics), context)
  const named = await captioner.topics([], test)
  const sums = new Sums()
  for (const topic of topics.keys()) {
    const clips = test.filter((_, i) => named[i]!.before[topic])
    if (clips.length > 0) {
      const trial = { topic, clips, map, owned: neuronsOfTopic(map, topic), captioner, sums }
      await silenceStrongest(trial)
      await turnDown(trial)
      await loseOthers(trial)
      await fallInWords(trial)
    }
  }
  return sums.figures()
}

/** The topics that two captions of a clip name. */
interface Named {
  before: boolean[]
  after: boolean[]
}

/** What a model says with neurons turned down. */
class Captioner {
  readonly #modelDir: string
  readonly #context: EngineContext
  readonly topicsIn: (sentence: string) => boolean[]

  constructor(modelDir: string, topicsIn: (sentence: string) => boolean[], context: EngineContext) {
    this.#modelDir = modelDir
    this.#context = context
    this.topicsIn = topicsIn
  }

  /** Which topics the captions of clips name as they are, and with neurons multiplied by `scale`. */
  async topics(neurons: number[], clips: CaptionedClip[], scale = 0): Promise<Named[]> {
    const { captions } = await neuronHandlers['neurons.silence'](
      { modelDir: this.#modelDir, neurons, scale, clips, device: 'cpu' },
      this.#context,
    )
    return captions.map(({ before, after }) => ({
      before: this.topicsIn(before),
      after: this.topicsIn(after),
    }))
  }

  /** How far ln p falls with the neurons silenced, by word of the captions of clips, with the word's places. */
  async falls(neurons: number[], clips: CaptionedClip[]) {
    return wordFalls(this.#modelDir, neurons, clips, { device: 'cpu', signal: this.#context.signal })
  }
}

/** A topic, the clips whose captions name it, and the neurons that it owns. */
interface TopicTrial {
  topic: number
  clips: CaptionedClip[]
  map: NeuronMapFile
  owned: number[]
  captioner: Captioner
  /** What is found is added here. */
  sums: Sums
}

/** The topic's strongest neurons, at last all that it owns, beside as many random and as many matched ones. */
async function silenceStrongest({ topic, clips, map, owned, captioner, sums }: TopicTrial): Promise<void> {
  const others = learntOf(map).filter((neuron) => !owned.includes(neuron))
  const lost = async (neurons: number[]): Promise<number> =>
    countLost(await captioner.topics(neurons, clips), topic)
  for (const [i, sum] of sums.strongest.entries()) {
    const chosen = owned.slice(0, STRONGEST[i])
    sum.pairs += clips.length
    sum.neurons += clips.length * chosen.length
    sum.owned += await lost(chosen)
    for (let draw = 0; draw < DRAWS; draw++) {
      const random = createRandom(DRAWS * topic + draw).shuffle([...others])
      sum.random += (await lost(random.slice(0, chosen.length))) / DRAWS
      const matched = matchedNeurons(map, chosen, { without: owned, seed: draw })
      sum.matched += (await lost(matched)) / DRAWS
    }
  }
}

/** All that the topic owns, turned down by degrees. */
async function turnDown({ topic, clips, owned, captioner, sums }: TopicTrial): Promise<void> {
  for (const dose of sums.doses) {
    dose.owned += countLost(await captioner.topics(owned, clips, dose.scale), topic)
  }
}

/** What becomes of the other topics that the captions name. */
async function loseOthers({ topic, clips, map, owned, captioner, sums }: TopicTrial): Promise<void> {
  const matched = matchedNeurons(map, owned, { seed: 0 })
  const kept = async (neurons: number[]): Promise<boolean[]> =>
    (await captioner.topics(neurons, clips)).flatMap(({ before, after }) =>
      after.filter((_, other) => other !== topic && before[other]),
    )
  const [withOwned, withMatched] = [await kept(owned), await kept(matched)]
  sums.others.pairs += withOwned.length
  sums.others.owned += withOwned.filter((isNamed) => !isNamed).length
  sums.others.matched += withMatched.filter((isNamed) => !isNamed).length
}

/** How much less likely the topic's own words become, and the others. */
async function fallInWords({ topic, clips, map, owned, captioner, sums }: TopicTrial): Promise<void> {
  const matched = matchedNeurons(map, owned, { seed: 0 })
  for (const [name, neurons] of [['owned', owned] as const, ['matched', matched] as const]) {
    for (const { word, fall, count } of await captioner.falls(neurons, clips)) {
      const sum = captioner.topicsIn(word)[topic] ? sums.own : sums.other
      sum[name] += fall * count
      sum.places[name] += count
    }
  }
}

const countLost = (captions: readonly Named[], topic: number): number =>
  captions.filter(({ after }) => !after[topic]).length

const learntOf = ({ shuffled, firstLearnt }: NeuronMapFile): number[] =>
  Array.from({ length: shuffled.length - firstLearnt }, (_, i) => firstLearnt + i)

/** Counts over all topics. */
class Sums {
  readonly strongest: Silencing[] = [...STRONGEST, Infinity].map(() => ({
    pairs: 0,
    neurons: 0,
    owned: 0,
    matched: 0,
    random: 0,
  }))
  readonly doses = DOSES.map((scale) => ({ scale, owned: 0 }))
  readonly others = { pairs: 0, owned: 0, matched: 0 }
  readonly own = { owned: 0, matched: 0, places: { owned: 0, matched: 0 } }
  readonly other = { owned: 0, matched: 0, places: { owned: 0, matched: 0 } }

  figures(): Silenced {
    const silenced = this.strongest.map(({ pairs, neurons, owned, matched, random }): Silencing => ({
      pairs,
      neurons: neurons / pairs,
      owned: owned / pairs,
      matched: matched / pairs,
      random: random / pairs,
    }))
    const all = silenced.at(-1)!
    const { pairs, owned, matched } = this.others
    return {
      all,
      strongest: silenced.slice(0, -1),
      doses: this.doses.map((dose) => ({ scale: dose.scale, owned: dose.owned / all.pairs })),
      others: { pairs, owned: owned / pairs, matched: matched / pairs },
      words: { own: meanFall(this.own), other: meanFall(this.other) },
    }
  }
}

const meanFall = ({ owned, matched, places }: Sums['own']): Fall => ({
  owned: owned / places.owned,
  matched: matched / places.matched,
})
