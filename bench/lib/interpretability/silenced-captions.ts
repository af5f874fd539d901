/**
 * Captions of clips with neurons turned down, many at a time: clips are encoded once, and the decoder's rows are filled
 * with whatever is asked for, any clip with any neurons. What was decoded once is not decoded again.
 */
import type { ClipFeatures, EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { encodeInBatches, GREEDY } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import type { EncodedBatch, EncodedClips } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { withModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import type { LoadedModel } from '../../../src-main/engine/captioner/loaded-models.ts'

/** A clip by its place, and the neurons that are multiplied by `scale`. */
export interface Turned {
  clip: number
  neurons: readonly number[]
  scale: number
}

/** v of a clip, [n, D], and which of its frames there are, [n]. */
interface EncodedClip {
  v: Float32Array
  mask: Float32Array
}

export class SilencedCaptions {
  readonly #modelDir: string
  readonly #clips: readonly ClipFeatures[]
  readonly #context: EngineContext
  readonly #captions = new Map<string, string>()

  constructor(modelDir: string, clips: readonly ClipFeatures[], context: EngineContext) {
    this.#modelDir = modelDir
    this.#clips = clips
    this.#context = context
  }

  /** Decodes what is not there yet, greedily. */
  async decode(wanted: readonly Turned[]): Promise<void> {
    const missing = [...new Map(wanted.map((turned) => [keyOf(turned), turned]))].filter(
      ([key]) => !this.#captions.has(key),
    )
    const captions = await withModel(this.#modelDir, { decoding: GREEDY, device: 'cpu' }, (loaded) =>
      this.#captionsBy(
        loaded,
        missing.map(([, turned]) => turned),
      ),
    )
    missing.forEach(([key], i) => this.#captions.set(key, captions[i]!))
  }

  /** A caption that was decoded. */
  of(turned: Turned): string {
    const caption = this.#captions.get(keyOf(turned))
    if (caption === undefined) {
      throw new Error(`nobody asked for the caption ${keyOf(turned)}`)
    }
    return caption
  }

  async #captionsBy(loaded: LoadedModel, wanted: readonly Turned[]): Promise<string[]> {
    const { signal } = this.#context
    const encoded: EncodedClip[] = []
    for await (const { batch, encoded: together } of encodeInBatches(loaded, this.#clips, { signal })) {
      encoded.push(...batch.map((_, b) => clipOf(together, b, loaded.decoder.batchSize)))
    }
    const generated = await loaded.decoder.decode(
      batchesOf(wanted, encoded, loaded.decoder.batchSize),
      signal,
    )
    return generated.map(({ caption }) => caption)
  }
}

const keyOf = ({ clip, neurons, scale }: Turned): string =>
  neurons.length === 0 ? `${clip}` : `${clip}, ${scale} of ${[...neurons].sort((a, b) => a - b).join(' ')}`

function clipOf({ v, mask }: EncodedBatch, b: number, B: number): EncodedClip {
  const size = v.length / B
  return {
    v: v.slice(b * size, (b + 1) * size),
    mask: Float32Array.from({ length: mask.length / B }, (_, frame) => mask[frame * B + b]!),
  }
}

/** Batches of B rows, the last one filled up with its first. */
function* batchesOf(
  wanted: readonly Turned[],
  encoded: readonly EncodedClip[],
  B: number,
): Generator<EncodedClips> {
  for (let start = 0; start < wanted.length; start += B) {
    const part = wanted.slice(start, start + B)
    const rows = Array.from({ length: B }, (_, b) => part[b] ?? part[0]!)
    yield { encoded: laidOut(rows, encoded), ids: part.map((_, i) => start + i) }
  }
}

function laidOut(rows: readonly Turned[], encoded: readonly EncodedClip[]): EncodedBatch {
  const [size, n] = [encoded[0]!.v.length, encoded[0]!.mask.length]
  const D = size / n
  const v = new Float32Array(rows.length * size)
  const mask = new Float32Array(rows.length * n)
  rows.forEach(({ clip, neurons, scale }, b) => {
    v.set(encoded[clip]!.v, b * size)
    encoded[clip]!.mask.forEach((isFrame, frame) => {
      mask[frame * rows.length + b] = isFrame
    })
    for (let frame = 0; frame < n; frame++) {
      for (const neuron of neurons) {
        v[b * size + frame * D + neuron]! *= scale
      }
    }
  })
  return { v, mask }
}
