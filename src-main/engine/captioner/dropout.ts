/**
 * Dropout: its masks are drawn in JavaScript for every minibatch and fed, so that they are the same on every
 * device.
 */
import * as ops from '../graph/ops.ts'
import { elementCount, input } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import type { Random } from '../../common/random.ts'
import type { BatchShape } from './minibatch.ts'
import { readSize } from './parameters.ts'
import type { Architecture } from './parameters.ts'

/** Masks, uint8 0 or 1; one that is left out: no dropout there. */
export interface DropoutMasks {
  /** [n, B, read]: of what the encoder reads. */
  read?: Input
  /** [n, B, F]: of the features that v keeps. */
  kept?: Input
  /** [T*R, W]: of the words that the decoder reads. */
  embedded?: Input
  /** [B, P]. */
  topics?: Input
  /** [T*R, H] and [T*R, W]. */
  hidden?: Input
  output?: Input
  /** [T*R, 3H]: of the decoder's input, forget and output gates, before their sigmoids. */
  gates?: Input
}

/** Inverted dropout: kept units are scaled by 1/(1-rate). */
export function dropout(x: Value, mask: Value | undefined, rate: number): Value {
  return mask ? ops.multiply(x, dropoutFactors(mask, rate)) : x
}

/** What dropout multiplies by: 0, or 1/(1-rate). */
export const dropoutFactors = (mask: Value, rate: number): Value =>
  ops.affine(ops.toFloat(mask), 1 / (1 - rate))

/** The leaves of the masks of one minibatch: those whose rate is above 0. */
export function dropoutLeaves(
  architecture: Architecture,
  { clips, captions, words }: BatchShape,
): DropoutMasks {
  const { settings, frames } = architecture
  const rows = clips * captions * words
  return {
    ...(settings.dropout > 0 && {
      topics: input('dropout.topics', [clips, settings.topicHiddenSize], 'uint8'),
      hidden: input('dropout.hidden', [rows, settings.hiddenSize], 'uint8'),
      output: input('dropout.output', [rows, settings.embeddingSize], 'uint8'),
    }),
    ...(settings.inputDropout > 0 && {
      read: input('dropout.read', [frames, clips, readSize(architecture)], 'uint8'),
    }),
    ...(settings.keepFeatures &&
      settings.featureDropout > 0 && {
        kept: input('dropout.kept', [frames, clips, architecture.inputSize], 'uint8'),
      }),
    ...(settings.embeddingDropout > 0 && {
      embedded: input('dropout.embedded', [rows, settings.embeddingSize], 'uint8'),
    }),
    ...(settings.gateDropout > 0 && {
      gates: input('dropout.gates', [rows, 3 * settings.hiddenSize], 'uint8'),
    }),
  }
}

/** Draws the masks of a minibatch, by leaf name. */
export function drawDropout(
  { settings }: Architecture,
  masks: DropoutMasks,
  random: Random,
): Map<string, Uint8Array> {
  const rates: Partial<Record<string, number>> = {
    read: settings.inputDropout,
    kept: settings.featureDropout,
    embedded: settings.embeddingDropout,
    gates: settings.gateDropout,
  }
  return new Map(
    Object.entries<Input>({ ...masks }).map(([place, mask]) => {
      const rate = rates[place] ?? settings.dropout
      return [mask.name, drawMask(elementCount(mask.shape), rate, random)]
    }),
  )
}

/** Bytes that are 1 with probability 1 - rate (to 1/256) and else 0: four to a draw. */
function drawMask(count: number, rate: number, random: Random): Uint8Array {
  const bytes = new Uint8Array(count)
  const threshold = Math.round(rate * 256)
  for (let i = 0; i < count; i += 4) {
    let draw = random.uint32()
    for (let k = i; k < i + 4 && k < count; k++, draw >>>= 8) {
      bytes[k] = (draw & 255) >= threshold ? 1 : 0
    }
  }
  return bytes
}
