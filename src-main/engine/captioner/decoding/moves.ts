/** Neurons that are moved between the encoder and the decoder. */
import type { EncodedBatch } from './decoder.ts'

export interface NeuronMove {
  neuron: number
  /** Where strength 1 puts the neuron. */
  target: number
  /** How far on the way there; above 1, beyond. */
  strength: number
}

/** Moves the neurons of a clip of a batch in every valid frame; changes `v`. `frames`: n. */
export function applyMoves(
  { v, mask }: EncodedBatch,
  { clip, frames: n }: { clip: number; frames: number },
  changes: readonly NeuronMove[],
): void {
  const [B, D] = [mask.length / n, v.length / mask.length]
  for (let t = 0; t < n; t++) {
    if (mask[t * B + clip] !== 1) {
      continue
    }
    const row = (clip * n + t) * D
    for (const { neuron, target, strength } of changes) {
      const value = v[row + neuron] ?? 0
      v[row + neuron] = value + strength * (target - value)
    }
  }
}
