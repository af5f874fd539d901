/**
 * Two loops over ONNX Runtime. Where the runtime has a `Loop` of its own, the steps of a call run inside it,
 * and the state is copied in and out once a call. On webgpu `Loop` would run on the CPU and take the state
 * there at every step; there each step is a run of its own, whose state goes from run to run without leaving
 * the GPU.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { requireKernels } from './kernels.ts'
import { emitLoop, emitModel, nodeKinds } from './onnx.ts'
import type { LoopModel } from './onnx.ts'
import type { Loop } from './runtime.ts'
import { createOrtSession, createSession, runtimeTensor, tensorOf } from './session.ts'
import type { DeviceName, Session, Tensor } from './session.ts'
import { steppedLoop } from './stepped.ts'
import { input } from './value.ts'
import type { Value } from './value.ts'

const nameOf = (leaf: Value): string => leaf.name ?? ''
const prefixed = <T>(prefix: string, tensors: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...tensors].map(([name, tensor]) => [prefix + name, tensor]))

/** Compiles each body when it is first asked for, the first one at once. */
async function lazily<Compiled>(
  bodies: readonly LoopModel[],
  compile: (body: LoopModel) => Promise<Compiled>,
) {
  const compiled: Promise<Compiled>[] = []
  const at = (index: number): Promise<Compiled> => {
    const body = bodies[index]
    if (!body) {
      throw new Error(`the loop has no body ${index}`)
    }
    return (compiled[index] ??= compile(body))
  }
  await at(0)
  return { at, all: () => Promise.all(compiled) }
}

const outputsOf = ({ state, collect }: LoopModel): Value[] => [
  ...state.map(({ next }) => next),
  ...Object.values(collect),
]

/** The runtime's own `Loop`. */
export async function compileOnnxLoop(bodies: readonly LoopModel[], device: DeviceName): Promise<Loop> {
  const sessions = await lazily<Session>(bodies, async (body) => {
    await requireKernels(nodeKinds(outputsOf(body), device), device)
    return createSession(emitLoop(body, device), device)
  })
  const perStep = bodies.map((body) => new Set(body.perStep.map(nameOf)))
  let state = new Map<string, Tensor>()
  return {
    load(given) {
      state = given
    },
    async run(steps, feeds, body) {
      const session = await sessions.at(body)
      const fed: Record<string, Tensor> = {
        ...prefixed('first.', state),
        steps: { shape: [], data: BigInt64Array.of(BigInt(steps)) },
      }
      for (const [name, tensor] of Object.entries(feeds)) {
        fed[perStep[body]?.has(name) ? `all.${name}` : name] = tensor
      }
      // The state is written back into its own arrays: the loop reads them in its first iteration and copies
      // the last iteration's values out when it is done. New arrays of this size would cost as much time as a
      // step.
      return session.run(fed, prefixed('next.', state))
    },
    state: async (names) =>
      new Map(
        [...state].flatMap(([name, { shape, data }]) =>
          names.includes(name) ? [[name, { shape, data: data.slice() }] as const] : [],
        ),
      ),
    async release() {
      for (const session of await sessions.all()) {
        await session.release()
      }
    },
  }
}

/** Steps whose state stays in GPU buffers; what is collected comes to the CPU. */
export async function compileResidentLoop(bodies: readonly LoopModel[], device: DeviceName): Promise<Loop> {
  const sessions = await lazily<InferenceSession>(bodies, async (body) => {
    const outputs = outputsOf(body)
    await requireKernels(nodeKinds(outputs, device), device)
    const names = [
      ...body.state.map(({ current }) => `next.${nameOf(current)}`),
      ...Object.keys(body.collect),
    ]
    const model = emitModel(
      Object.fromEntries(outputs.map((value, i) => [names[i] ?? '', value])),
      undefined,
      device,
    )
    return createOrtSession(model, device, {
      locations: Object.fromEntries(
        names.map((name) => [name, name.startsWith('next.') ? 'gpu-buffer' : 'cpu']),
      ),
    })
  })
  return steppedLoop<OrtTensor>(
    {
      upload: async (state) =>
        new Map([...state].map(([name, tensor]) => [name, runtimeTensor(name, tensor)])),
      async step(body, state, feeds) {
        const session = await sessions.at(body)
        const fed = Object.entries(feeds).map(
          ([name, tensor]) => [name, runtimeTensor(name, tensor)] as const,
        )
        const out = Object.entries(
          await session.run({ ...Object.fromEntries(state), ...Object.fromEntries(fed) }),
        )
        return {
          state: new Map(
            out.flatMap(([name, tensor]) =>
              name.startsWith('next.') ? [[name.slice('next.'.length), tensor] as const] : [],
            ),
          ),
          collected: Object.fromEntries(
            out.flatMap(([name, tensor]) =>
              name.startsWith('next.') ? [] : [[name, tensorOf(name, tensor)]],
            ),
          ),
        }
      },
      async download(state) {
        // GPU buffers come to the CPU as the outputs of a model that does nothing else.
        const copies = Object.fromEntries(
          [...state].map(([name, { dims }]) => [`copy.${name}`, input(name, dims)]),
        )
        const session = await createOrtSession(emitModel(copies, undefined, device), device)
        const out = await session.run(Object.fromEntries(state))
        await session.release()
        return new Map(
          Object.entries(out).map(([name, tensor]) => [name.slice('copy.'.length), tensorOf(name, tensor)]),
        )
      },
      dispose: (tensor) => {
        if (tensor.location === 'gpu-buffer') {
          tensor.dispose()
        }
      },
      async release() {
        for (const session of await sessions.all()) {
          await session.release()
        }
      },
    },
    bodies.map(({ perStep }) => new Set(perStep.map(nameOf))),
  )
}
