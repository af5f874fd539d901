/** Running a compiled Adam loop: the state that is carried from call to call, and one call of some steps. */
import { adamSchedule } from './adam.ts'
import type { Session, Tensor, Tensors } from './session.ts'
import type { Shape } from './value.ts'

/** Parameters and moments (`m.NAME`, `v.NAME`) by name, and the steps they have taken. */
export interface TrainingState {
  tensors: Map<string, Tensor>
  step: number
}

/** Copies of the parameters with zero moments, at step 0. */
export function initialState(parameters: ReadonlyMap<string, { shape: Shape; data: Float32Array }>): TrainingState {
  const tensors = new Map<string, Tensor>()
  for (const [name, { shape, data }] of parameters) {
    tensors.set(name, { shape, data: data.slice() })
    for (const moment of ['m', 'v']) tensors.set(`${moment}.${name}`, { shape, data: new Float32Array(data.length) })
  }
  return { tensors, step: 0 }
}

/**
 * One call of a loop model (`emitLoop` with `adam`'s state): as many steps as there are learning rates. `feeds` are the
 * other inputs, by the model's names. Moves `state` on and returns what the loop collected. Throws when an output is missing.
 */
export async function takeSteps(session: Session, state: TrainingState, learningRates: readonly number[], feeds: Tensors): Promise<Record<string, Tensor>> {
  const { rate, correction } = adamSchedule(state.step + 1, learningRates)
  const fed: Record<string, Tensor> = {
    ...feeds,
    'all.adam.rate': { shape: [learningRates.length], data: rate },
    'all.adam.correction': { shape: [learningRates.length], data: correction },
  }
  for (const [name, tensor] of state.tensors) fed[`first.${name}`] = tensor
  const out = await session.run(fed)
  for (const name of state.tensors.keys()) {
    const next = out[`next.${name}`]
    if (!next) throw new Error(`the loop returned no ${name}`)
    state.tensors.set(name, next)
  }
  state.step += learningRates.length
  return out
}
