import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import type { Decoder, EncodedBatch } from '../captioner/decoding/decoder.ts'
import type { FeatureBatch, FeatureReader } from '../captioner/features.ts'
import type { Parameters } from '../captioner/parameters.ts'

/** The clips that are corrected, as one batch of the decoder, and what the network says of them. */
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
    reader: FeatureReader,
    decoder: Decoder,
    signal: AbortSignal,
  ): Promise<CorrectedClips> {
    const ids = clips.map(({ id }) => id)
    return new CorrectedClips(ids, await reader.batch(clips), decoder, signal)
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
}
