/**
 * Two loops over ONNX Runtime. Where the runtime has a `Loop` of its own, the steps of a call run inside it,
 * and the state is copied in and out once a call. On webgpu `Loop` would run on the CPU and take the state
 * there at every step; there each step is a run of its own, whose state goes from run to run without leaving
 * the GPU.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { requireKernels } from './kernels.ts'
import { bodyOutputs, copiesOf, perStepNames, stateNames } from './loop.ts'
import type { Loop, LoopBody } from './loop.ts'
import { nodeKinds } from './node-kinds.ts'
import { emitLoop, emitModel } from './onnx.ts'
import { createOrtSession, createSession, runtimeTensor, tensorOf } from './session.ts'
import type { DeviceName, Session, Tensor, Tensors } from './session.ts'
import { steppedLoop } from './stepped.ts'
import type { Stepper } from './stepped.ts'
import { input } from './value.ts'

/** Tensors of the next state are named after what they take the place of. */
const NEXT = 'next.'
/** Copies of the state, on their way to the CPU. */
const COPY = 'copy.'

const prefixed = <T>(prefix: string, tensors: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...tensors].map(([name, tensor]) => [prefix + name, tensor]))

/** Compiles each body when it is first asked for, the first one at once. */
async function lazily<Compiled>(bodies: readonly LoopBody[], compile: (body: LoopBody) => Promise<Compiled>) {
  const compiled = new Map<number, Promise<Compiled>>()
  const at = (index: number): Promise<Compiled> => {
    const body = bodies[index]
    if (!body) {
      throw new Error(`the loop has no body ${index}`)
    }
    const compiling = compiled.get(index) ?? compile(body)
    compiled.set(index, compiling)
    return compiling
  }
  const releaseWith = async (release: (compiled: Compiled) => Promise<void>): Promise<void> => {
    for (const session of await Promise.all(compiled.values())) {
      await release(session)
    }
  }
  await at(0)
  return { at, releaseWith }
}

/** The runtime's own `Loop`. */
export async function compileOnnxLoop(bodies: readonly LoopBody[], device: DeviceName): Promise<Loop> {
  const sessions = await lazily<Session>(bodies, async (body) => {
    await requireKernels(nodeKinds(bodyOutputs(body), device), device)
    return createSession(emitLoop(body, device), device)
  })
  const changing = bodies.map(perStepNames)
  let held = new Map<string, Tensor>()
  return {
    load(state) {
      held = state
    },
    async run(steps, feeds, body) {
      const session = await sessions.at(body)
      const fed: Record<string, Tensor> = {
        ...prefixed('first.', held),
        steps: { shape: [], data: BigInt64Array.of(BigInt(steps)) },
      }
      for (const [name, tensor] of Object.entries(feeds)) {
        fed[changing[body]?.has(name) ? `all.${name}` : name] = tensor
      }
      // The state is written back into its own arrays: the loop reads them in its first iteration and copies
      // the last iteration's values out when it is done. New arrays of this size would cost as much time as a
      // step.
      return session.run(fed, prefixed(NEXT, held))
    },
    state: async (names) => copiesOf(held, names),
    release: () => sessions.releaseWith((session) => session.release()),
  }
}

/** Steps whose state stays in GPU buffers; what is collected comes to the CPU. */
export async function compileResidentLoop(bodies: readonly LoopBody[], device: DeviceName): Promise<Loop> {
  const sessions = await lazily(bodies, (body) => createStepSession(body, device))
  const stepper: Stepper<OrtTensor> = {
    upload: async (state) => new Map([...state].map(([name, tensor]) => [name, runtimeTensor(name, tensor)])),
    step: async (body, state, feeds) => runStep(await sessions.at(body), state, feeds),
    download: (state) => download(state, device),
    dispose(tensor) {
      if (tensor.location === 'gpu-buffer') {
        tensor.dispose()
      }
    },
    release: () => sessions.releaseWith((session) => session.release()),
  }
  return steppedLoop(stepper, bodies.map(perStepNames))
}

/** A session of one step, which leaves the next state on the GPU. */
async function createStepSession(body: LoopBody, device: DeviceName): Promise<InferenceSession> {
  const outputs = bodyOutputs(body)
  await requireKernels(nodeKinds(outputs, device), device)
  const names = [...stateNames(body).map((name) => NEXT + name), ...Object.keys(body.collect)]
  const model = emitModel(
    Object.fromEntries(outputs.map((value, i) => [names[i]!, value])),
    undefined,
    device,
  )
  const locations = names.map((name) => [name, name.startsWith(NEXT) ? 'gpu-buffer' : 'cpu'] as const)
  return createOrtSession(model, device, { locations: Object.fromEntries(locations) })
}

async function runStep(session: InferenceSession, state: ReadonlyMap<string, OrtTensor>, feeds: Tensors) {
  const fed = Object.entries(feeds).map(([name, tensor]) => [name, runtimeTensor(name, tensor)] as const)
  const outputs = await session.run({ ...Object.fromEntries(state), ...Object.fromEntries(fed) })
  const nextState = new Map<string, OrtTensor>()
  const collected: Record<string, Tensor> = {}
  for (const [name, tensor] of Object.entries(outputs)) {
    if (name.startsWith(NEXT)) {
      nextState.set(name.slice(NEXT.length), tensor)
    } else {
      collected[name] = tensorOf(name, tensor)
    }
  }
  return { state: nextState, collected }
}

/** GPU buffers come to the CPU as the outputs of a model that does nothing else. */
async function download(
  state: ReadonlyMap<string, OrtTensor>,
  device: DeviceName,
): Promise<Map<string, Tensor>> {
  const copies = [...state].map(([name, { dims }]) => [COPY + name, input(name, dims)] as const)
  const session = await createOrtSession(emitModel(Object.fromEntries(copies), undefined, device), device)
  const outputs = await session.run(Object.fromEntries(state))
  await session.release()
  return new Map(
    Object.entries(outputs).map(([name, tensor]) => [name.slice(COPY.length), tensorOf(name, tensor)]),
  )
}
