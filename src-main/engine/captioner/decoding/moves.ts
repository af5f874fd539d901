/** Neurons that are moved between the encoder and the decoder. */
import type { EncodedBatch } from './decoder.ts'

export interface NeuronMove {
  neuron: number
  /** Where strength 1 puts the neuron. */
  target: number
  /** How far on the way there; above 1, beyond. */
  strength: number
}

/** A clip of a batch. `frames`: n. */
interface Place {
  clip: number
  frames: number
}

/** Moves the neurons of a clip of a batch in every valid frame; changes `v`. */
export function applyMoves(encoded: EncodedBatch, place: Place, changes: readonly NeuronMove[]): void {
  const { v } = encoded
  for (const row of validRows(encoded, place)) {
    for (const { neuron, target, strength } of changes) {
      const value = v[row + neuron] ?? 0
      v[row + neuron] = value + strength * (target - value)
    }
  }
}

/**
 * Adds a shift to the neurons of a clip of a batch in its valid frames; changes `v`. The shift is of all frames alike, [D], or
 * each frame's own, [m, D]: frames beyond m stay.
 */
export function applyShift(encoded: EncodedBatch, place: Place, shift: ArrayLike<number>): void {
  const { v, mask } = encoded
  const D = v.length / mask.length
  const firstRow = place.clip * place.frames * D
  for (const row of validRows(encoded, place)) {
    const offset = shift.length === D ? 0 : row - firstRow
    const size = Math.min(D, shift.length - offset)
    for (let j = 0; j < size; j++) {
      v[row + j]! += shift[offset + j]!
    }
  }
}

/** Where the valid frames of a clip begin in v. */
function* validRows({ v, mask }: EncodedBatch, { clip, frames: n }: Place): Generator<number> {
  const [B, D] = [mask.length / n, v.length / mask.length]
  for (let t = 0; t < n; t++) {
    if (mask[t * B + clip] === 1) {
      yield (clip * n + t) * D
    }
  }
}
