/**
 * The graph on TensorFlow: the op table's `tensorflow` rules, evaluated one value after another, each
 * intermediate freed when its last user has run. Nothing is compiled; what is prepared is the order. Between
 * the calls of a loop its state stays on the device.
 */
import { VitrineError } from '#contract'
import type { LoopModel, Weights } from './onnx.ts'
import { opOf } from './ops.ts'
import type { Loop } from './runtime.ts'
import type { Session, Tensor, Tensors } from './session.ts'
import { steppedLoop } from './stepped.ts'
import type { TensorFlow, TfTensor } from './tensorflow-api.ts'
import { loadTensorFlow } from './tensorflow-library.ts'
import type { TensorFlowDevice } from './tensorflow-library.ts'
import { elementCount, reachable } from './value.ts'
import type { Value } from './value.ts'

/** The order in which values are evaluated, and after each of them those that nobody needs any more. */
interface Plan {
  device: TensorFlowDevice
  outputs: readonly Value[]
  order: { value: Value; inputs: readonly Value[]; done: readonly Value[] }[]
  leaves: readonly Value[]
  constants: readonly Value[]
}

function planOf(outputs: readonly Value[], device: TensorFlowDevice): Plan {
  // Equal values are evaluated once, as they are emitted once in ONNX.
  const same = new Map<string, Value>()
  const representative = new Map<number, Value>()
  const of = (value: Value): Value => representative.get(value.id) ?? value
  for (const value of reachable(outputs)) {
    const key = `${value.op} ${value.name ?? ''} [${value.shape.join()}] ${JSON.stringify(value.attributes)} ${value.inputs.map((input) => of(input).id).join()} ${value.data?.join() ?? ''}`
    const known = same.get(key)
    if (!known) {
      same.set(key, value)
    }
    representative.set(value.id, known ?? value)
  }
  const values = [...same.values()]
  const inner = values.filter(({ op }) => op !== 'input' && op !== 'constant')
  const lastUse = new Map<Value, Value>()
  for (const value of inner) {
    for (const needed of [value, ...value.inputs.map(of)]) {
      lastUse.set(needed, value)
    }
  }
  for (const output of outputs) {
    lastUse.delete(of(output))
  }
  const done = new Map<Value, Value[]>(inner.map((value) => [value, []]))
  for (const value of inner) {
    const last = lastUse.get(value)
    if (last) {
      done.get(last)?.push(value)
    }
  }
  const order = inner.map((value) => ({ value, inputs: value.inputs.map(of), done: done.get(value) ?? [] }))
  return {
    device,
    outputs: outputs.map(of),
    order,
    leaves: values.filter(({ op }) => op === 'input'),
    constants: values.filter(({ op }) => op === 'constant'),
  }
}

/**
 * Evaluates a plan. `given`: the tensors of leaves and constants, by value; they stay. Returns a new tensor
 * for each output.
 */
function evaluate(tf: TensorFlow, plan: Plan, given: ReadonlyMap<Value, TfTensor>): TfTensor[] {
  const live = new Map<Value, TfTensor>()
  const tensorOf = (value: Value): TfTensor => {
    const tensor = live.get(value) ?? given.get(value)
    if (!tensor) {
      throw new Error(`${value.op} ${value.name ?? value.id} has no tensor`)
    }
    return tensor
  }
  try {
    for (const { value, inputs, done } of plan.order) {
      const tensors = inputs.map(tensorOf)
      live.set(
        value,
        tf.tidy(() => applied(tf, plan.device, value, tensors)),
      )
      for (const finished of done) {
        live.get(finished)?.dispose()
        live.delete(finished)
      }
    }
    return plan.outputs.map((output) => tf.clone(tensorOf(output)))
  } finally {
    for (const tensor of live.values()) {
      tensor.dispose()
    }
  }
}

/** A new tensor: `tidy` would take an input that is returned as it is for one of its own. */
function applied(
  tf: TensorFlow,
  device: TensorFlowDevice,
  value: Value,
  inputs: readonly TfTensor[],
): TfTensor {
  try {
    const result = opOf(value).tensorflow(tf, inputs, value)
    return inputs.includes(result) ? tf.clone(result) : result
  } catch (error) {
    const lacking = /Kernel '(\w+)' not registered/.exec(error instanceof Error ? error.message : '')?.[1]
    if (lacking === undefined) {
      throw error
    }
    throw new VitrineError(
      'TOOL_MISSING',
      `The device ${device} lacks the operation ${lacking}, which ${value.op} needs.`,
      'Use another device.',
      { cause: error },
    )
  }
}

function upload(tf: TensorFlow, { shape, data }: Tensor): TfTensor {
  if (elementCount(shape) !== data.length) {
    throw new Error(`${data.length} elements do not fill [${shape.join(', ')}]`)
  }
  if (data instanceof Float32Array) {
    return tf.tensor(data, shape, 'float32')
  }
  return tf.tensor(
    data instanceof Uint8Array ? Int32Array.from(data) : Int32Array.from(data, Number),
    shape,
    'int32',
  )
}

async function download(tensor: TfTensor): Promise<Tensor> {
  const data = await tensor.data()
  // A copy: on some backends it is the tensor's own memory, or that of what was fed, and not always of the
  // tensor's type.
  return {
    shape: [...tensor.shape],
    data: tensor.dtype === 'float32' ? Float32Array.from(data) : BigInt64Array.from(data, BigInt),
  }
}

const uploadConstants = (tf: TensorFlow, { constants }: Plan): Map<Value, TfTensor> =>
  new Map(
    constants.map((value) => [
      value,
      upload(tf, {
        shape: value.shape,
        data:
          value.dtype === 'float32'
            ? Float32Array.from(value.data ?? [])
            : BigInt64Array.from(value.data ?? [], BigInt),
      }),
    ]),
  )

const disposeAll = (tensors: Iterable<TfTensor>): void => {
  for (const tensor of tensors) {
    tensor.dispose()
  }
}

/** As `compile` of runtime.ts. */
export async function compileTensorFlow(
  outputs: Readonly<Record<string, Value>>,
  device: TensorFlowDevice,
  weights: Weights = new Map(),
): Promise<Session> {
  const library = await loadTensorFlow(device)
  const names = Object.keys(outputs)
  const plan = planOf(Object.values(outputs), device)
  const resident = await library.use(async (tf) => {
    const builtIn = plan.leaves.flatMap((leaf) =>
      [...weights].flatMap(([name, weight]) =>
        name === leaf.name ? [[leaf, upload(tf, { ...weight, data: weight.data.slice() })] as const] : [],
      ),
    )
    return new Map([...uploadConstants(tf, plan), ...builtIn])
  })
  return {
    device,
    run: (feeds, into = {}) =>
      library.use(async (tf) => {
        const fed = new Map(
          plan.leaves.flatMap((leaf) =>
            resident.has(leaf) ? [] : [[leaf, upload(tf, fedTensor(feeds, leaf))] as const],
          ),
        )
        const results: TfTensor[] = []
        try {
          results.push(...evaluate(tf, plan, new Map([...resident, ...fed])))
          const entries: [string, Tensor][] = []
          for (const [i, tensor] of results.entries()) {
            const name = names[i] ?? ''
            const result = await download(tensor)
            const place = into[name]
            if (place?.data instanceof Float32Array && result.data instanceof Float32Array) {
              place.data.set(result.data)
            } else {
              entries.push([name, result])
            }
          }
          return Object.fromEntries(entries)
        } finally {
          disposeAll([...fed.values(), ...results])
        }
      }),
    release: () =>
      library.use(async () => {
        disposeAll(resident.values())
      }),
  }
}

/** As `compileLoop` of runtime.ts. */
export async function compileTensorFlowLoop(
  bodies: readonly LoopModel[],
  device: TensorFlowDevice,
): Promise<Loop> {
  const library = await loadTensorFlow(device)
  const prepared = await library.use(async (tf) =>
    bodies.map(({ state, collect }) => {
      const plan = planOf([...state.map(({ next }) => next), ...Object.values(collect)], device)
      return {
        plan,
        stateNames: state.map(({ current }) => nameOf(current)),
        collectedNames: Object.keys(collect),
        constants: uploadConstants(tf, plan),
      }
    }),
  )
  return steppedLoop<TfTensor>(
    {
      upload: (state) =>
        library.use(async (tf) => new Map([...state].map(([name, tensor]) => [name, upload(tf, tensor)]))),
      step: (body, state, feeds) =>
        library.use(async (tf) => {
          const found = prepared[body]
          if (!found) {
            throw new Error(`the loop has no body ${body}`)
          }
          const { plan, stateNames, collectedNames, constants } = found
          const fed = new Map(
            plan.leaves.flatMap((leaf) =>
              state.has(nameOf(leaf)) ? [] : [[leaf, upload(tf, fedTensor(feeds, leaf))] as const],
            ),
          )
          const carried = new Map(
            plan.leaves.flatMap((leaf) => {
              const tensor = state.get(nameOf(leaf))
              return tensor ? [[leaf, tensor] as const] : []
            }),
          )
          let results: TfTensor[]
          try {
            results = evaluate(tf, plan, new Map([...constants, ...fed, ...carried]))
          } finally {
            disposeAll(fed.values())
          }
          const next = results.splice(0, stateNames.length)
          const collected: Record<string, Tensor> = {}
          for (const [i, result] of results.entries()) {
            collected[collectedNames[i] ?? ''] = await download(result)
          }
          disposeAll(results)
          return { state: new Map(next.map((tensor, i) => [stateNames[i] ?? '', tensor])), collected }
        }),
      download: (state) =>
        library.use(async () => {
          const copies = new Map<string, Tensor>()
          for (const [name, tensor] of state) {
            copies.set(name, await download(tensor))
          }
          return copies
        }),
      dispose: (tensor) => {
        tensor.dispose()
      },
      release: () =>
        library.use(async () => {
          for (const { constants } of prepared) {
            disposeAll(constants.values())
          }
        }),
    },
    bodies.map(({ perStep }) => new Set(perStep.map(nameOf))),
  )
}

const nameOf = (leaf: Value): string => leaf.name ?? ''

function fedTensor(feeds: Tensors, { name = '', shape }: Value): Tensor {
  const tensor = feeds[name]
  if (!tensor) {
    throw new Error(`input ${name} is not fed`)
  }
  return { shape, data: tensor.data }
}
