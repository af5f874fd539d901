/** v and v-bar of many clips: what the neurons do, before anything is decoded. */
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { encodeInBatches } from '../captioner/decoding/decoder.ts'
import type { EncodedBatch } from '../captioner/decoding/decoder.ts'
import type { NeuronSource } from './source.ts'

interface Activation {
  id: number
  /** v-bar, [D]. */
  mean: Float32Array
  /** f(v-bar), [K]. */
  scores: number[]
  /** One neuron's v_i over the valid frames, when one was asked for. */
  course: number[]
}

/** v-bar of each clip, in order, and the time course of neuron `course` where it is given. */
export async function activations(
  loaded: NeuronSource,
  clips: readonly ClipFeatures[],
  signal: AbortSignal,
  { course = null, report }: { course?: number | null; report?: (done: number) => void } = {},
): Promise<Activation[]> {
  const { model, decoder } = loaded
  const measured: Activation[] = []
  for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
    const { means, scores } = await decoder.topics(encoded)
    batch.forEach(({ id }, b) => {
      measured.push({
        id,
        mean: means[b]!.slice(),
        scores: scores[b]!,
        course:
          course === null ? [] : timeCourse(encoded, { clip: b, frames: model.architecture.frames }, course),
      })
    })
    report?.(measured.length)
  }
  return measured
}

/** v_i of all neurons over the valid frames of each clip, in order: [frames, D], row-major. */
export async function frameActivations(
  loaded: NeuronSource,
  clips: readonly ClipFeatures[],
  signal: AbortSignal,
  report?: (done: number) => void,
): Promise<Float32Array[]> {
  const n = loaded.model.architecture.frames
  const clipFrames: Float32Array[] = []
  for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
    const { v, mask } = encoded
    const [B, D] = [mask.length / n, v.length / mask.length]
    batch.forEach((_, b) => {
      const frames = Array.from({ length: n }, (_frame, t) => t).filter((t) => mask[t * B + b] === 1)
      const values = new Float32Array(frames.length * D)
      frames.forEach((t, i) => {
        values.set(v.subarray((b * n + t) * D, (b * n + t + 1) * D), i * D)
      })
      clipFrames.push(values)
    })
    report?.(clipFrames.length)
  }
  return clipFrames
}

/** A neuron's v_i over the valid frames of a clip of a batch. */
export function timeCourse(
  { v, mask }: EncodedBatch,
  { clip, frames: n }: { clip: number; frames: number },
  neuron: number,
): number[] {
  const [B, D] = [mask.length / n, v.length / mask.length]
  const values: number[] = []
  for (let t = 0; t < n; t++) {
    if (mask[t * B + clip] === 1) {
      values.push(v[(clip * n + t) * D + neuron] ?? 0)
    }
  }
  return values
}
