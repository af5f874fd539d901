import type { Decoding } from '#contract'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { Decoder } from '../captioner/decoding/decoder.ts'
import type { EncodedBatch } from '../captioner/decoding/decoder.ts'
import type { FeatureBatch, FeatureReader } from '../captioner/features.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { DeviceName } from '../graph/runtime.ts'

interface ClipSource {
  model: CaptionerModel
  reader: FeatureReader
  device: DeviceName
  signal: AbortSignal
}

/** Some clips as one batch of a decoder, and what the network says of them. */
export class CorrectedClips {
  readonly decoder: Decoder
  readonly #features: FeatureBatch
  readonly #ids: readonly number[]
  readonly #signal: AbortSignal

  private constructor(ids: readonly number[], features: FeatureBatch, decoder: Decoder, signal: AbortSignal) {
    this.#ids = ids
    this.#features = features
    this.decoder = decoder
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
    return this.decoder.encode(this.#features)
  }

  /** The captions of the clips with the activations of `encoded`. */
  async captions(encoded: EncodedBatch): Promise<string[]> {
    const generated = await this.decoder.decode([{ encoded, ids: this.#ids }], this.#signal)
    return generated.map(({ caption }) => caption)
  }

  async release(): Promise<void> {
    await this.decoder.release()
  }
}
