/**
 * Compiled graphs, whatever runs them. `compile` makes a plain function of a graph; `compileLoop` makes the
 * loop that training is: it holds its state (parameters and optimizer slots) from call to call and takes some
 * steps a call, so that only minibatches go in and only losses come out.
 */
import { requireKernels } from './kernels.ts'
import { stateNames } from './loop.ts'
import type { Loop, LoopBody } from './loop.ts'
import { nodeKinds } from './node-kinds.ts'
import { emitModel } from './onnx.ts'
import { compileOnnxLoop, compileResidentLoop } from './onnx-loops.ts'
import { createSession } from './session.ts'
import type { DeviceName, Session, Tensor, Tensors, Weights } from './session.ts'
import { compileTensorFlow, compileTensorFlowLoop } from './tensorflow.ts'
import { TENSORFLOW_DEVICES } from './tensorflow-library.ts'
import type { TensorFlowDevice } from './tensorflow-library.ts'
import type { Value } from './value.ts'

export type { DeviceName, Session, Tensor, Tensors } from './session.ts'

export interface CompiledLoop {
  readonly device: DeviceName
  /** Sets every state tensor, by its input's name, to a copy of what is given. */
  load(state: ReadonlyMap<string, Tensor>): void
  /**
   * Takes `steps` steps of one of the bodies. `feeds`: every per-step input by name as [steps, ...shape],
   * every other input as it is. Returns what is collected, [steps, ...shape] by name. Throws when no state is
   * loaded.
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

const isTensorFlow = (device: DeviceName): device is TensorFlowDevice =>
  TENSORFLOW_DEVICES.some((name) => name === device)

/**
 * Compiles `outputs` (by name) as a function of the inputs they depend on. Throws TOOL_MISSING when the
 * device is not to be had, or lacks an operation.
 */
export async function compile(
  outputs: Readonly<Record<string, Value>>,
  { device = 'cpu', weights }: CompileOptions = {},
): Promise<Session> {
  if (isTensorFlow(device)) {
    return compileTensorFlow(outputs, device, weights)
  }
  await requireKernels(nodeKinds(Object.values(outputs), device), device)
  return createSession(emitModel(outputs, weights, device), device)
}

/**
 * Compiles a loop with one body or several that share its state (the same step for other shapes of minibatch,
 * say); a body is compiled when it is first run, the first one at once. Throws as `compile`.
 */
export async function compileLoop(
  bodies: readonly [LoopBody, ...LoopBody[]],
  device: DeviceName = 'cpu',
): Promise<CompiledLoop> {
  const names = stateNames(bodies[0])
  const loop = await loopOn(device, bodies)
  let isLoaded = false
  const requireState = (): void => {
    if (!isLoaded) {
      throw new Error('the loop has no state')
    }
  }
  return {
    device,
    load(state) {
      loop.load(copyOf(state, names))
      isLoaded = true
    },
    async run(steps, feeds, body = 0) {
      requireState()
      if (!bodies[body]) {
        throw new Error(`the loop has no body ${body}`)
      }
      return loop.run(steps, feeds, body)
    },
    async state(wanted = names) {
      requireState()
      const unknown = wanted.find((name) => !names.includes(name))
      if (unknown !== undefined) {
        throw new Error(`the loop's state has no ${unknown}`)
      }
      return loop.state(wanted)
    },
    release: () => loop.release(),
  }
}

function loopOn(device: DeviceName, bodies: readonly LoopBody[]): Promise<Loop> {
  if (isTensorFlow(device)) {
    return compileTensorFlowLoop(bodies, device)
  }
  return device === 'webgpu' ? compileResidentLoop(bodies, device) : compileOnnxLoop(bodies, device)
}

/** A copy of a state's tensors of these names, in their order. Throws when one is missing. */
function copyOf(state: ReadonlyMap<string, Tensor>, names: readonly string[]): Map<string, Tensor> {
  return new Map(
    names.map((name) => {
      const tensor = state.get(name)
      if (!tensor) {
        throw new Error(`the loop's state lacks ${name}`)
      }
      return [name, { shape: tensor.shape, data: tensor.data.slice() }]
    }),
  )
}
