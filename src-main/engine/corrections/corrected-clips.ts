import type { Decoding } from '#contract'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { Decoder } from '../captioner/decoding/decoder.ts'
import type { EncodedBatch } from '../captioner/decoding/decoder.ts'
import type { FeatureBatch, FeatureReader } from '../captioner/features.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Parameters } from '../captioner/parameters.ts'
import type { DeviceName } from '../graph/runtime.ts'

interface ClipSource {
  model: CaptionerModel
  reader: FeatureReader
  device: DeviceName
  signal: AbortSignal
}

/** Some clips as one batch of a decoder, and what the network says of them. */
export class CorrectedClips {
  readonly features: FeatureBatch
  readonly #ids: readonly number[]
  readonly #decoder: Decoder
  readonly #signal: AbortSignal

  private constructor(ids: readonly number[], features: FeatureBatch, decoder: Decoder, signal: AbortSignal) {
    this.#ids = ids
    this.features = features
    this.#decoder = decoder
    this.#signal = signal
  }

  static async read(
    clips: readonly ClipFeatures[],
    decoding: Decoding,
    { model, reader, device, signal }: ClipSource,
  ): Promise<CorrectedClips> {
    const features = await reader.batch(clips)
    const decoder = new Decoder(model, { decoding, device, batchSize: clips.length })
    return new CorrectedClips(
      clips.map(({ id }) => id),
      features,
      decoder,
      signal,
    )
  }

  encode(): Promise<EncodedBatch> {
    return this.#decoder.encode(this.features)
  }

  /** The captions of the clips as they are encoded, or with the activations of `encoded`. */
  async captions(encoded?: EncodedBatch): Promise<string[]> {
    const batch = { encoded: encoded ?? (await this.encode()), ids: this.#ids }
    return (await this.#decoder.decode([batch], this.#signal)).map(({ caption }) => caption)
  }

  /** The captions with other parameters, which the decoder keeps. */
  async captionsWith(parameters: Parameters): Promise<string[]> {
    await this.#decoder.use(parameters)
    return this.captions()
  }

  async release(): Promise<void> {
    await this.#decoder.release()
  }
}
