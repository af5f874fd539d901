/** v and v-bar of many clips: what the neurons do, before anything is decoded. */
import { CancelledError } from '#contract'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { padded } from '../captioner/decoder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import type { ReadyModel } from '../captioner/ready.ts'

export interface Activation {
  id: number
  /** v-bar, [D]. */
  mean: Float32Array
  /** One neuron's v_i over the valid frames, when one was asked for. */
  course: number[]
}

/** v-bar of each clip, in order, and the time course of neuron `course` where it is given. */
export async function activations(
  { model, decoder, reader }: ReadyModel,
  clips: readonly ClipFeatures[],
  signal: AbortSignal,
  { course = null, report }: { course?: number | null; report?: (done: number) => void } = {},
): Promise<Activation[]> {
  const D = neuronCount(model.architecture)
  const n = model.architecture.frames
  const found: Activation[] = []
  for (let start = 0; start < clips.length; start += decoder.batchSize) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    const chosen = clips.slice(start, start + decoder.batchSize)
    const encoded = await decoder.encode(await reader.batch(padded(chosen, decoder.batchSize)))
    const { means } = await decoder.topics(encoded)
    chosen.forEach(({ id }, b) => {
      const values: number[] = []
      for (let t = 0; course !== null && t < n; t++) {
        if (encoded.mask[t * decoder.batchSize + b] === 1) {
          values.push(encoded.v[(b * n + t) * D + course] ?? 0)
        }
      }
      found.push({ id, mean: (means[b] ?? new Float32Array(D)).slice(), course: values })
    })
    report?.(found.length)
  }
  return found
}
