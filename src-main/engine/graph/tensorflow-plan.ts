/**
 * The order in which TensorFlow evaluates a graph: the operations' `tensorflow` rules, one value after
 * another, each intermediate freed when its last user has run.
 */
import { failures } from './failures.ts'
import type { TensorFlow, TfTensor } from './tensorflow-api.ts'
import type { TensorFlowDevice } from './tensorflow-library.ts'
import { foldGraph } from './value.ts'
import type { Application, Constant, Input, Value } from './value.ts'

export interface Plan {
  device: TensorFlowDevice
  outputs: readonly Value[]
  inputs: readonly Input[]
  constants: readonly Constant[]
  steps: readonly PlannedStep[]
}

interface PlannedStep {
  value: Application
  inputs: readonly Value[]
  /** Values that nobody needs after it. */
  done: Value[]
}

/** The plan of `outputs`. Equal values are evaluated once, as they are emitted once in ONNX. */
export function planOf(outputs: readonly Value[], device: TensorFlowDevice): Plan {
  const distinct = new Map<string, Value>()
  const steps: PlannedStep[] = []
  const distinctOutputs = foldGraph<Value>(outputs, (value, inputs) => {
    const key = keyOf(value, inputs)
    const known = distinct.get(key)
    if (known) {
      return known
    }
    distinct.set(key, value)
    if (value.kind === 'application') {
      steps.push({ value, inputs, done: [] })
    }
    return value
  })
  freeAfterLastUse(steps, distinctOutputs)
  const values = [...distinct.values()]
  return {
    device,
    outputs: distinctOutputs,
    inputs: values.filter((value) => value.kind === 'input'),
    constants: values.filter((value) => value.kind === 'constant'),
    steps,
  }
}

/** Equal for equal values; `inputs`: what an application is of. */
function keyOf(value: Value, inputs: readonly Value[]): string {
  const type = `${value.kind} ${value.dtype} [${value.shape.join()}]`
  switch (value.kind) {
    case 'input':
      return `${type} ${value.name}`
    case 'constant':
      return `${type} ${value.elements.join()}`
    case 'application': {
      const ids = inputs.map(({ id }) => id)
      return `${type} ${value.op.name}(${ids.join()}) ${JSON.stringify(value.attributes)}`
    }
  }
}

/** Notes at each step which intermediates have their last use there; outputs stay. */
function freeAfterLastUse(steps: readonly PlannedStep[], outputs: readonly Value[]): void {
  const lastUse = new Map<Value, PlannedStep>()
  for (const step of steps) {
    for (const needed of [step.value, ...step.inputs]) {
      lastUse.set(needed, step)
    }
  }
  for (const output of outputs) {
    lastUse.delete(output)
  }
  for (const { value } of steps) {
    lastUse.get(value)?.done.push(value)
  }
}

/**
 * Evaluates a plan. `given`: the tensors of inputs and constants, by value; they stay. Returns a new tensor
 * for each output.
 */
export function evaluatePlan(tf: TensorFlow, plan: Plan, given: ReadonlyMap<Value, TfTensor>): TfTensor[] {
  const live = new Map<Value, TfTensor>()
  const tensorOf = (value: Value): TfTensor => {
    const tensor = live.get(value) ?? given.get(value)
    if (!tensor) {
      throw new Error(`the ${value.kind} ${value.kind === 'input' ? value.name : value.id} has no tensor`)
    }
    return tensor
  }
  try {
    for (const { value, inputs, done } of plan.steps) {
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
  value: Application,
  inputs: readonly TfTensor[],
): TfTensor {
  try {
    const result = value.op.tensorflow(tf, inputs, value)
    return inputs.includes(result) ? tf.clone(result) : result
  } catch (error) {
    const lacking = /Kernel '(\w+)' not registered/.exec(error instanceof Error ? error.message : '')?.[1]
    if (lacking === undefined) {
      throw error
    }
    throw failures.kernelMissing({ device, kernel: lacking, operation: value.op.name }, { cause: error })
  }
}
