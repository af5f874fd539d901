/**
 * Compiled graphs, whatever runs them. `compile` makes a plain function of a graph; `compileLoop` makes the loop that
 * training is: it holds its state (parameters and optimizer slots) from call to call and takes some steps a call, so that
 * only minibatches go in and only losses come out.
 */
import type { LoopModel, Weights } from './onnx.ts'
import { emitLoop, emitModel } from './onnx.ts'
import { createSession } from './session.ts'
import type { DeviceName, Session, Tensor, Tensors } from './session.ts'
import type { Value } from './value.ts'

export type { DeviceName, Session, Tensor, Tensors } from './session.ts'

export interface CompiledLoop {
  readonly device: DeviceName
  /** Sets every state tensor, by its leaf's name, to a copy of what is given. */
  load(state: ReadonlyMap<string, Tensor>): void
  /**
   * Takes `steps` steps of one of the bodies. `feeds`: every per-step leaf by name as [steps, ...shape], every other leaf as it is. Returns what
   * is collected, [steps, ...shape] by name. Throws when no state is loaded.
   */
  run(steps: number, feeds: Tensors, body?: number): Promise<Record<string, Tensor>>
  /** A copy of the state, or of some of it, as it is now; not while a run is under way. */
  state(names?: readonly string[]): Promise<Map<string, Tensor>>
  release(): Promise<void>
}

export interface CompileOptions {
  device?: DeviceName
  /** Built into the graph instead of being fed: faster, as the runtime can lay them out for its products. */
  weights?: Weights
}

/** Compiles `outputs` (by name) as a function of the leaves they depend on. Throws TOOL_MISSING when the device is not to be had. */
export function compile(outputs: Readonly<Record<string, Value>>, { device = 'cpu', weights }: CompileOptions = {}): Promise<Session> {
  return createSession(emitModel(outputs, weights), device)
}

/**
 * Compiles a loop with one body or several that share its state (the same step for other shapes of minibatch, say); a body
 * is compiled when it is first run, the first one at once. Throws as `compile`.
 */
export async function compileLoop(bodies: readonly [LoopModel, ...LoopModel[]], device: DeviceName = 'cpu'): Promise<CompiledLoop> {
  const names = bodies[0].state.map(({ current }) => current.name ?? '')
  const sessions: Promise<Session>[] = []
  const sessionOf = (body: number): Promise<Session> => {
    const model = bodies[body]
    if (!model) throw new Error(`the loop has no body ${body}`)
    return (sessions[body] ??= createSession(emitLoop(model), device))
  }
  await sessionOf(0)
  let state: Map<string, Tensor> | null = null
  const prefixed = (prefix: string, tensors: ReadonlyMap<string, Tensor>) => Object.fromEntries([...tensors].map(([name, tensor]) => [prefix + name, tensor]))
  return {
    device,
    load(given) {
      state = new Map(names.map((name) => {
        const tensor = given.get(name)
        if (!tensor) throw new Error(`the loop's state lacks ${name}`)
        return [name, { shape: tensor.shape, data: tensor.data.slice() }]
      }))
    },
    async run(steps, feeds, body = 0) {
      if (!state) throw new Error('the loop has no state')
      const session = await sessionOf(body)
      const perStep = new Set(bodies[body]?.perStep.map((leaf) => leaf.name ?? ''))
      const fed: Record<string, Tensor> = { ...prefixed('first.', state), steps: { shape: [], data: BigInt64Array.of(BigInt(steps)) } }
      for (const [name, tensor] of Object.entries(feeds)) fed[perStep.has(name) ? `all.${name}` : name] = tensor
      // The state is written back into its own arrays: the loop reads them in its first iteration and copies the last
      // iteration's values out when it is done. New arrays of this size would cost as much time as a step.
      const out = await session.run(fed, prefixed('next.', state))
      return Object.fromEntries(Object.entries(out).filter(([name]) => !name.startsWith('next.')))
    },
    async state(wanted = names) {
      const held = state
      if (!held) throw new Error('the loop has no state')
      return new Map(wanted.map((name) => {
        const tensor = held.get(name)
        if (!tensor) throw new Error(`the loop's state has no ${name}`)
        return [name, { shape: tensor.shape, data: tensor.data.slice() }]
      }))
    },
    async release() {
      await Promise.all(sessions.map(async (session) => (await session).release()))
    },
  }
}
