/**
 * Learning from scores: the captions that the model finds for a training clip with a beam are held against what people
 * say of it (CIDEr-D), and those that are better than the clip's mean become likelier, the others less likely. The
 * likelihood of people's captions asks for every word that somebody might have said; this asks for a caption that many
 * would have, which is what a caption is judged by.
 *
 * The gradient is that of self-critical sequence training (Rennie et al., CVPR 2017), with the captions of a beam in
 * place of draws and their mean reward as the baseline, as in Cornia et al. (Meshed-Memory Transformer, CVPR 2020). The
 * interpretive loss goes on beside it. Draws word by word were tried, and are worse here (docs/evidence.md).
 *
 * Some minibatches are searched for at once, with the parameters as they are then: the unit in which a run stops and
 * goes on.
 */
import { decoding as decodingSchema } from '#contract'
import { tokenize } from '../../../common/tokenize.ts'
import type { CaptionedClip, EngineContext, GeneratedCaption } from '../../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../../cancellation.ts'
import type { Tensor } from '../../graph/runtime.ts'
import type { DeviceName } from '../../graph/runtime.ts'
import type { Input } from '../../graph/value.ts'
import { Cider } from '../../metrics/cider.ts'
import { batchSizeFor, captionClips, Decoder } from '../decoding/decoder.ts'
import { drawDropout } from '../dropout.ts'
import { longestCaption, withCaptions } from '../encoded-clips.ts'
import type { FeatureReader } from '../features.ts'
import { batchFeeds, captionCount, layOut } from '../minibatch.ts'
import type { BatchEntry, BatchSize } from '../minibatch.ts'
import type { CaptionerModel } from '../model-folder.ts'
import type { Architecture } from '../parameters.ts'
import { parameterTable } from '../parameters.ts'
import { randomStream } from '../random-streams.ts'
import { END, SPECIAL_WORDS, wordIds } from '../vocabulary.ts'
import type { Learner, StepsTaken } from './learner.ts'
import type { Schedule } from './schedule.ts'
import type { StepLosses } from './step-graph.ts'
import { compileTrainingStep, parametersOf, stack } from './step.ts'
import type { TrainingStep } from './step.ts'

/** Captions of a clip that are held against each other. */
export const OWN_CAPTIONS = 5
const BEAM = decodingSchema.parse({ method: 'beam', beam: OWN_CAPTIONS, nBest: OWN_CAPTIONS })
/** Minibatches whose captions are searched for at once, at most. */
const BATCHES_A_SEARCH = 10

interface RewardOptions {
  model: CaptionerModel
  clips: readonly CaptionedClip[]
  size: BatchSize
  /** Numbers of words to compile for, the most that a caption has among them. */
  buckets: readonly number[]
  seed: number
  lambda: number
  reader: FeatureReader
  device: DeviceName
}

/** B and C of the minibatches, of about as many captions as those of people's have. */
export const rewardSize = ({ clips, captions }: BatchSize, trainingClips: number): BatchSize => ({
  clips: Math.min(Math.max(1, Math.round((clips * captions) / OWN_CAPTIONS)), trainingClips),
  captions: OWN_CAPTIONS,
})

/** Nothing is smoothed or asked of attention: only which caption is better counts. */
const rewardArchitecture = (architecture: Architecture): Architecture => ({
  ...architecture,
  settings: {
    ...architecture.settings,
    optimizer: 'adam',
    labelSmoothing: 0,
    attentionPenalty: 0,
    weightDecay: 0,
  },
})

export class RewardLearner implements Learner {
  readonly #options: RewardOptions
  readonly #schedule: Schedule
  readonly #control: Pick<EngineContext, 'signal' | 'unpaused'>
  readonly #architecture: Architecture
  readonly #step: TrainingStep
  readonly #decoder: Decoder
  readonly #rewards: Rewards
  readonly #parameterNames: readonly string[]

  private constructor(
    options: RewardOptions,
    step: TrainingStep,
    schedule: Schedule,
    control: Pick<EngineContext, 'signal' | 'unpaused'>,
  ) {
    const { model, clips, device } = options
    this.#options = options
    this.#architecture = rewardArchitecture(model.architecture)
    this.#schedule = schedule
    this.#control = control
    this.#step = step
    this.#decoder = new Decoder(model, {
      decoding: BEAM,
      device,
      batchSize: batchSizeFor(BEAM, clips.length),
    })
    this.#rewards = new Rewards(clips)
    this.#parameterNames = [...parameterTable(model.architecture).keys()]
  }

  static async compile(
    options: RewardOptions,
    schedule: Schedule,
    control: Pick<EngineContext, 'signal' | 'unpaused'>,
  ): Promise<RewardLearner> {
    const { model, size, buckets, lambda, device } = options
    const architecture = rewardArchitecture(model.architecture)
    const step = await compileTrainingStep(architecture, { size, buckets, lambda, device, scored: true })
    return new RewardLearner(options, step, schedule, control)
  }

  get loop() {
    return this.#step.loop
  }

  /**
   * Takes the steps of one search. What a cancel cuts short is taken back, so that a run which goes on searches with the
   * same parameters.
   */
  async takeSteps(first: number, rateOf: (step: number) => number): Promise<StepsTaken> {
    const startedAt = performance.now()
    const state = await this.loop.state()
    const clips = this.#clipsAfter(first)
    const entries = await this.#searched(clips, state)
    const losses: StepLosses[] = []
    try {
      for (const batch of this.#batches(entries.map(({ entry }) => entry))) {
        throwIfCancelled(this.#control.signal)
        const taken = first + losses.length
        losses.push(...(await this.#takeStep(batch, taken, rateOf(taken))))
      }
    } catch (error) {
      this.loop.load(state)
      throw error
    }
    return {
      losses,
      captions: captionCount(entries.map(({ entry }) => entry)),
      milliseconds: performance.now() - startedAt,
      reward: mean(entries.map(({ reward }) => reward)),
    }
  }

  async release(): Promise<void> {
    await Promise.all([this.#step.release(), this.#decoder.release()])
  }

  /** The clips of the steps up to the next stop: an epoch deals all of them once. */
  #clipsAfter(first: number): CaptionedClip[] {
    const { clips, size, seed } = this.#options
    const { epoch, batch } = this.#schedule.placeInReward(first)
    const steps = Math.min(BATCHES_A_SEARCH, this.#schedule.nextStop(first) - first)
    const order = randomStream(seed, 'rewards', epoch).shuffle([...clips.keys()])
    const start = batch * size.clips
    // A call never reaches into the next epoch: the last minibatch of this one may be smaller.
    return order.slice(start, start + steps * size.clips).map((place) => clips[place]!)
  }

  /** The beam's captions of clips, with their advantages. */
  async #searched(
    clips: readonly CaptionedClip[],
    state: ReadonlyMap<string, Tensor>,
  ): Promise<{ entry: BatchEntry; reward: number }[]> {
    const { model, reader } = this.#options
    await this.#decoder.use(parametersOf(state, this.#parameterNames))
    const generated = await captionClips({ decoder: this.#decoder, reader }, clips, this.#control)
    return generated.map((captions, i) => this.#rewards.entryOf(clips[i]!, captions, model))
  }

  /** The minibatches of a search: those with the shortest captions first, so that few are padded far. */
  #batches(entries: readonly BatchEntry[]): BatchEntry[][] {
    const { clips: B } = this.#options.size
    const byLength = entries.toSorted((a, b) => longestCaption([a.clip]) - longestCaption([b.clip]))
    return Array.from({ length: Math.ceil(entries.length / B) }, (_, i) => byLength.slice(i * B, (i + 1) * B))
  }

  async #takeStep(batch: readonly BatchEntry[], taken: number, rate: number): Promise<StepLosses[]> {
    const { buckets, reader, seed } = this.#options
    const words = longestCaption(batch.map(({ clip }) => clip))
    const bucket = buckets.findIndex((most) => words <= most)
    const shape = this.#step.shapes[bucket]
    if (!shape) {
      throw new Error(`there is no bucket for ${words} words`)
    }
    const { topics } = this.#architecture
    const arrays = new Map([
      ...(await batchFeeds(shape.batch, layOut(batch, shape, topics), reader)),
      ...drawDropout(this.#architecture, shape.masks, randomStream(seed, 'dropout', taken)),
    ])
    const leaves: Input[] = [...Object.values(shape.batch), ...Object.values(shape.masks)]
    const feeds = leaves.map((leaf) => [leaf.name, stack(leaf, [arrays.get(leaf.name)!])] as const)
    return this.#step.run(bucket, taken, new Map(feeds), [rate])
  }
}

/** CIDEr-D by clip. The end word is scored as well: else a caption that breaks off early loses nothing by it. */
class Rewards {
  readonly #cider: Cider
  readonly #places: ReadonlyMap<number, number>

  constructor(clips: readonly CaptionedClip[]) {
    this.#cider = new Cider(clips.map(({ captions }) => captions.map(withEnd)))
    this.#places = new Map(clips.map(({ id }, place) => [id, place]))
  }

  /** What a clip's captions are to learn: each counts by how much better than their mean it is. */
  entryOf(
    { captions: _said, ...clip }: CaptionedClip,
    generated: GeneratedCaption,
    { vocabulary, architecture }: CaptionerModel,
  ): { entry: BatchEntry; reward: number } {
    const captions = [generated, ...generated.alternatives].map(({ caption }) => caption)
    const scores = captions.map((caption) => this.#cider.score(this.#places.get(clip.id)!, withEnd(caption)))
    const reward = mean(scores)
    const ids = captions.map((caption) => wordIds(vocabulary, caption, architecture.settings.maxWords))
    return {
      entry: {
        clip: withCaptions(clip, ids),
        captions: [...ids.keys()],
        advantages: scores.map((score) => score - reward),
      },
      reward,
    }
  }
}

const withEnd = (caption: string): string[] => [...tokenize(caption), SPECIAL_WORDS[END]]

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
