/**
 * The graph on TensorFlow. Nothing is compiled; what is prepared is the order of evaluation. Between the calls
 * of a loop its state stays on the device.
 */
import { bodyOutputs, perStepNames, stateNames } from './loop.ts'
import type { Loop, LoopBody } from './loop.ts'
import type { Session, Tensor, Tensors, Weights } from './session.ts'
import { elementCount, shapeText } from './shape.ts'
import { steppedLoop } from './stepped.ts'
import type { Stepper } from './stepped.ts'
import type { TensorFlow, TfTensor } from './tensorflow-api.ts'
import { loadTensorFlow } from './tensorflow-library.ts'
import type { TensorFlowDevice } from './tensorflow-library.ts'
import { evaluatePlan, planOf } from './tensorflow-plan.ts'
import type { Plan } from './tensorflow-plan.ts'
import type { Constant, Input, Value } from './value.ts'

/** As `compile` of runtime.ts. */
export async function compileTensorFlow(
  outputs: Readonly<Record<string, Value>>,
  device: TensorFlowDevice,
  weights: Weights = new Map(),
): Promise<Session> {
  const library = await loadTensorFlow(device)
  const names = Object.keys(outputs)
  const plan = planOf(Object.values(outputs), device)
  const resident = await library.use(
    async (tf) => new Map([...uploadConstants(tf, plan), ...uploadWeights(tf, plan, weights)]),
  )
  const fedInputs = plan.inputs.filter((input) => !resident.has(input))
  return {
    device,
    run: (feeds, into = {}) =>
      library.use(async (tf) => {
        const fed = uploadFeeds(tf, fedInputs, feeds)
        const results: TfTensor[] = []
        try {
          results.push(...evaluatePlan(tf, plan, new Map([...resident, ...fed])))
          return await downloadInto(names, results, into)
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

/** A loop's body on TensorFlow. */
interface PreparedBody {
  plan: Plan
  constants: ReadonlyMap<Value, TfTensor>
  stateNames: readonly string[]
  collectedNames: readonly string[]
}

/** As `compileLoop` of runtime.ts. */
export async function compileTensorFlowLoop(
  bodies: readonly LoopBody[],
  device: TensorFlowDevice,
): Promise<Loop> {
  const library = await loadTensorFlow(device)
  const prepared = await library.use(async (tf) => bodies.map((body) => prepare(tf, body, device)))
  const stepper: Stepper<TfTensor> = {
    upload: (state) =>
      library.use(async (tf) => new Map([...state].map(([name, tensor]) => [name, upload(tf, tensor)]))),
    step: (body, state, feeds) => library.use((tf) => runStep(tf, prepared[body]!, state, feeds)),
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
  }
  return steppedLoop(stepper, bodies.map(perStepNames))
}

function prepare(tf: TensorFlow, body: LoopBody, device: TensorFlowDevice): PreparedBody {
  const plan = planOf(bodyOutputs(body), device)
  return {
    plan,
    constants: uploadConstants(tf, plan),
    stateNames: stateNames(body),
    collectedNames: Object.keys(body.collect),
  }
}

async function runStep(
  tf: TensorFlow,
  { plan, constants, stateNames: names, collectedNames }: PreparedBody,
  state: ReadonlyMap<string, TfTensor>,
  feeds: Tensors,
) {
  const fed = uploadFeeds(
    tf,
    plan.inputs.filter(({ name }) => !state.has(name)),
    feeds,
  )
  const carried = plan.inputs.flatMap((input) => {
    const tensor = state.get(input.name)
    return tensor ? [[input, tensor] as const] : []
  })
  let results: TfTensor[]
  try {
    results = evaluatePlan(tf, plan, new Map([...constants, ...fed, ...carried]))
  } finally {
    disposeAll(fed.values())
  }
  const next = results.splice(0, names.length)
  const collected = await downloadInto(collectedNames, results, {})
  disposeAll(results)
  return { state: new Map(next.map((tensor, i) => [names[i]!, tensor])), collected }
}

function upload(tf: TensorFlow, { shape, data }: Tensor): TfTensor {
  if (elementCount(shape) !== data.length) {
    throw new Error(`${data.length} elements do not fill ${shapeText(shape)}`)
  }
  if (data instanceof Float32Array) {
    return tf.tensor(data, shape, 'float32')
  }
  const integers = data instanceof Uint8Array ? Int32Array.from(data) : Int32Array.from(data, Number)
  return tf.tensor(integers, shape, 'int32')
}

const uploadConstants = (tf: TensorFlow, { constants }: Plan): Map<Value, TfTensor> =>
  new Map(constants.map((value) => [value, upload(tf, constantTensor(value))]))

const constantTensor = ({ shape, dtype, elements }: Constant): Tensor => ({
  shape,
  data: dtype === 'float32' ? Float32Array.from(elements) : BigInt64Array.from(elements, BigInt),
})

/** The inputs that are weights. A copy of these, as some backends work on the memory they are given. */
const uploadWeights = (tf: TensorFlow, { inputs }: Plan, weights: Weights): [Input, TfTensor][] =>
  inputs.flatMap((input) => {
    const weight = weights.get(input.name)
    return weight ? [[input, upload(tf, { ...weight, data: weight.data.slice() })]] : []
  })

/** Throws when an input is not fed. */
const uploadFeeds = (tf: TensorFlow, inputs: readonly Input[], feeds: Tensors): Map<Value, TfTensor> =>
  new Map(
    inputs.map((input) => {
      const tensor = feeds[input.name]
      if (!tensor) {
        throw new Error(`input ${input.name} is not fed`)
      }
      return [input, upload(tf, { shape: input.shape, data: tensor.data })]
    }),
  )

async function download(tensor: TfTensor): Promise<Tensor> {
  const elements = await tensor.data()
  // A copy: on some backends it is the tensor's own memory, or that of what was fed, and not always of the
  // tensor's type.
  return {
    shape: [...tensor.shape],
    data: tensor.dtype === 'float32' ? Float32Array.from(elements) : BigInt64Array.from(elements, BigInt),
  }
}

/** Results by name; those that `into` names are written into its arrays and not returned. */
async function downloadInto(
  names: readonly string[],
  results: readonly TfTensor[],
  into: Tensors,
): Promise<Record<string, Tensor>> {
  const outputs: Record<string, Tensor> = {}
  for (const [i, tensor] of results.entries()) {
    const name = names[i]!
    const result = await download(tensor)
    const place = into[name]
    if (place?.data instanceof Float32Array && result.data instanceof Float32Array) {
      place.data.set(result.data)
    } else {
      outputs[name] = result
    }
  }
  return outputs
}

const disposeAll = (tensors: Iterable<TfTensor>): void => {
  for (const tensor of tensors) {
    tensor.dispose()
  }
}
