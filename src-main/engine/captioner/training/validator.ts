/**
 * Validation during a run: the objective without dropout over every caption, and greedy captions scored
 * against the human ones.
 */
import type { CaptionedClip, EngineContext, GeneratedCaption } from '../../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../../cancellation.ts'
import type { DeviceName } from '../../graph/runtime.ts'
import { meanAveragePrecision, scoreCaptions } from '../../metrics/index.ts'
import { tokenize } from '../../../common/tokenize.ts'
import { batchSizeFor, captionClips, Decoder, GREEDY } from '../decoding/decoder.ts'
import { encodeSplit } from '../encoded-clips.ts'
import type { EncodedClip } from '../encoded-clips.ts'
import type { FeatureReader } from '../features.ts'
import { captionCount } from '../minibatch.ts'
import type { CaptionerModel } from '../model-folder.ts'
import type { Parameters } from '../parameters.ts'
import { randomStream } from '../random-streams.ts'
import type { Validation } from './progress.ts'
import { batchSizeAndBuckets, planEpoch } from './sampler.ts'
import type { PlannedBatch } from './sampler.ts'
import { ValidationLosses } from './validation-losses.ts'

/** Validation looks at no more clips than this, drawn under the run's seed: the same at every check. */
const MAX_CLIPS = 500

interface ValidatorOptions {
  model: CaptionerModel
  clips: readonly CaptionedClip[]
  /** Of the run. */
  seed: number
  /** Weight of the interpretive loss; 0: there are no topics to check. */
  lambda: number
  reader: FeatureReader
  device: DeviceName
}

type Control = Pick<EngineContext, 'signal' | 'unpaused'>

export class Validator {
  readonly #clips: readonly EncodedClip[]
  /** Human captions of each clip, as words. */
  readonly #references: string[][][]
  readonly #batches: readonly PlannedBatch[]
  readonly #reader: FeatureReader
  readonly #losses: ValidationLosses
  readonly #decoder: Decoder
  readonly #hasTopics: boolean

  /** Throws NOT_READY when no clip has a caption. */
  constructor({ model, clips, seed, lambda, reader, device }: ValidatorOptions) {
    const { architecture, vocabulary } = model
    const captioned = encodeSplit('validation', clips, vocabulary, architecture.settings)
    this.#clips = drawClips(captioned, seed)
    const captionsOf = new Map(clips.map(({ id, captions }) => [id, captions.map(tokenize)]))
    this.#references = this.#clips.map(({ id }) => captionsOf.get(id) ?? [])
    const { size, buckets } = batchSizeAndBuckets(architecture, this.#clips)
    this.#batches = planEpoch({ clips: this.#clips, buckets, size, runLength: 1, seed: 0, epoch: 0 })
    this.#losses = new ValidationLosses(architecture, { size, buckets, lambda, device })
    const batchSize = batchSizeFor(GREEDY, this.#clips.length)
    this.#decoder = new Decoder(model, { decoding: GREEDY, device, batchSize })
    this.#reader = reader
    this.#hasTopics = lambda > 0
  }

  /** Clips that a validation captions, and human captions whose likelihood it takes. */
  get clips(): number {
    return this.#clips.length
  }

  get captions(): number {
    return this.#batches.reduce((sum, { entries }) => sum + captionCount(entries), 0)
  }

  /** Throws CancelledError when the signal aborts; held while it is paused. */
  async validate(parameters: Parameters, control: Control): Promise<Validation> {
    const { nll, topicLoss } = await this.#meanLosses(parameters, control)
    await this.#decoder.use(parameters)
    const generated = await captionClips(
      { decoder: this.#decoder, reader: this.#reader },
      this.#clips,
      control,
    )
    const { metrics } = scoreCaptions(
      generated.map(({ caption }) => tokenize(caption)),
      this.#references,
    )
    return {
      nll,
      bleu4: metrics.BLEU_4,
      cider: metrics.CIDEr,
      topicMap: this.#hasTopics ? this.#topicMap(generated) : null,
      topicLoss: this.#hasTopics ? topicLoss : null,
    }
  }

  async release(): Promise<void> {
    await Promise.all([this.#losses.release(), this.#decoder.release()])
  }

  /** Means over all captions. */
  async #meanLosses(
    parameters: Parameters,
    { signal, unpaused }: Control,
  ): Promise<{ nll: number; topicLoss: number }> {
    let nll = 0
    let topicLoss = 0
    let count = 0
    for (const batch of this.#batches) {
      await unpaused()
      throwIfCancelled(signal)
      const losses = await this.#losses.measure(parameters, batch, this.#reader)
      const captions = captionCount(batch.entries)
      nll += captions * losses.nll
      topicLoss += captions * losses.topicLoss
      count += captions
    }
    return { nll: nll / count, topicLoss: topicLoss / count }
  }

  #topicMap(generated: readonly GeneratedCaption[]): number | null {
    const precision = meanAveragePrecision(
      generated.map(({ topics }) => topics),
      this.#clips.map(({ topics }) => [...topics]),
    )
    return precision?.mAP ?? null
  }
}

/** At most as many clips as validation looks at, in their order. */
export function drawClips<Clip>(clips: readonly Clip[], seed: number): readonly Clip[] {
  if (clips.length <= MAX_CLIPS) {
    return clips
  }
  const places = randomStream(seed, 'validation').shuffle([...clips.keys()])
  return places
    .slice(0, MAX_CLIPS)
    .sort((a, b) => a - b)
    .map((place) => clips[place]!)
}
