/** Loops over a graph: what one is made of, and what a runtime implements of it. */
import type { Tensor, Tensors } from './session.ts'
import type { Input, Value } from './value.ts'

/** One iteration of a loop. */
export interface LoopBody {
  /** What is carried: an input and the value that takes its place in the next iteration (same shape). */
  state: readonly { current: Input; next: Value }[]
  /** Inputs that change with every iteration: fed as [steps, ...shape]. */
  perStep: readonly Input[]
  /** What to collect of every iteration, by name: comes out as [steps, ...shape]. */
  collect: Readonly<Record<string, Value>>
}

/** What a runtime implements of a loop; `load` may keep what it is given. */
export interface Loop {
  load(state: Map<string, Tensor>): void
  run(steps: number, feeds: Tensors, body: number): Promise<Record<string, Tensor>>
  state(names: readonly string[]): Promise<Map<string, Tensor>>
  release(): Promise<void>
}

/** What an iteration computes: the next state, then what is collected. */
export const bodyOutputs = ({ state, collect }: LoopBody): Value[] => [
  ...state.map(({ next }) => next),
  ...Object.values(collect),
]

/** Names of what a body carries, in its order. */
export const stateNames = ({ state }: LoopBody): string[] => state.map(({ current }) => current.name)

/** Names of what a body is fed for every step. */
export const perStepNames = ({ perStep }: LoopBody): Set<string> => new Set(perStep.map(({ name }) => name))

/** Of a state that is held in the CPU's memory, a copy of the tensors with these names. */
export function copiesOf(state: ReadonlyMap<string, Tensor>, names: readonly string[]): Map<string, Tensor> {
  const named = [...state].filter(([name]) => names.includes(name))
  return new Map(named.map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]))
}
