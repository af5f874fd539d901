/**
 * The slow reference: a graph evaluated in float64 by its operations' `reference` rules, so that gradients
 * can be checked by finite differences and runtimes against it.
 */
import { ndarray } from './ndarray.ts'
import type { NdArray } from './ndarray.ts'
import { elementCount, shapeText } from './shape.ts'
import { foldGraph } from './value.ts'
import type { Value } from './value.ts'

/** Evaluates `outputs` in float64 with the inputs fed by name. Throws when an input is missing. */
export function evaluate(
  outputs: readonly Value[],
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): NdArray[] {
  return foldGraph<NdArray>(outputs, (value, inputs) => {
    switch (value.kind) {
      case 'constant':
        return ndarray(value.shape, value.elements)
      case 'input': {
        const feed = feeds[value.name]
        if (feed?.length !== elementCount(value.shape)) {
          throw new Error(`input ${value.name} is not fed with ${shapeText(value.shape)}`)
        }
        return ndarray(value.shape, feed)
      }
      case 'application':
        return value.op.reference(inputs, value)
    }
  })
}
