/**
 * One operation, one definition: `defineOp` takes everything that an operation is (its attributes, shape,
 * gradient, ONNX, TensorFlow and reference meaning) and returns the function that applies it. To add one, see
 * docs/graph-compiler.md.
 */
import { application } from './value.ts'
import type { Application, Op, Value } from './value.ts'

/** The function that applies an operation; it carries the operation along. */
export type Operation<
  Parameters extends readonly unknown[],
  Inputs extends readonly Value[] = readonly Value[],
  Attributes = unknown,
> = ((...parameters: Parameters) => Value) & { readonly op: Op<Inputs, Attributes> }

type Definition<Parameters extends readonly unknown[], Inputs extends readonly Value[], Attributes> = Op<
  Inputs,
  Attributes
> & {
  /** What callers pass, sorted into inputs and attributes. Gives both their types. */
  signature(...parameters: Parameters): { inputs: Inputs; attributes: Attributes }
}

const defined = new Map<string, Op>()

/** Every operation that was defined, by name. */
export const OPS: ReadonlyMap<string, Op> = defined

/** Defines an operation. Throws when its name is taken. */
export function defineOp<
  Parameters extends readonly unknown[],
  const Inputs extends readonly Value[],
  Attributes,
>({
  signature,
  ...op
}: Definition<Parameters, Inputs, Attributes>): Operation<Parameters, Inputs, Attributes> {
  if (defined.has(op.name)) {
    throw new Error(`there are two operations called ${op.name}`)
  }
  defined.set(op.name, op)
  const apply = (...parameters: Parameters): Value => {
    const { inputs, attributes } = signature(...parameters)
    return application(op, inputs, attributes)
  }
  return Object.assign(apply, { op })
}

/** Whether an operation made a value, whose inputs and attributes are then of that operation's types. */
export function isMadeBy<Inputs extends readonly Value[], Attributes>(
  value: Value,
  { op }: { readonly op: Op<Inputs, Attributes> },
): value is Application<Inputs, Attributes> {
  return value.kind === 'application' && value.op.name === op.name
}
