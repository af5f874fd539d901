/**
 * Reverse-mode differentiation. The gradient of a scalar is itself a graph, made of the same operations, so
 * it compiles with everything else. One pass from the loss back to the inputs, latest value first: when a
 * value's turn comes, all its users have contributed, and the deferred contributions (see `Contribution`)
 * become one product and one concatenation.
 */
import { add, broadcast, concat, matmul } from './ops.ts'
import { elementCount, sameShape, shapeText } from './shape.ts'
import type { Shape } from './shape.ts'
import { constant, dim, reachable } from './value.ts'
import type { Application, Contribution, Piece, Product, Value } from './value.ts'

/**
 * The gradients of `loss` (a scalar) with respect to each of `parameters` (inputs, or values on the way), in
 * their order and of their shapes. Only paths that lead to a parameter are differentiated; a parameter that
 * the loss does not depend on gets zeros.
 */
export function gradients(loss: Value, parameters: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) {
    throw new Error(`a loss is a scalar, not ${shapeText(loss.shape)}`)
  }
  const values = reachable([loss])
  const dependents = dependentsOf(parameters, values)
  const contributions = new Map<Value, Contribution[]>([[loss, [constant(1)]]])
  const results = new Map<Value, Value>()
  for (const value of values.reverse()) {
    const received = contributions.get(value)
    if (!received || !dependents.has(value)) {
      continue
    }
    contributions.delete(value)
    const gradient = total(received, value.shape)
    if (parameters.includes(value)) {
      results.set(value, gradient)
    }
    if (value.kind === 'application') {
      contribute(value, gradient, contributions, dependents)
    }
  }
  return parameters.map((parameter) => results.get(parameter) ?? broadcast(constant(0), parameter.shape))
}

/** The parameters and, of `values`, what depends on one. `values`: inputs before users. */
function dependentsOf(parameters: readonly Value[], values: readonly Value[]): Set<Value> {
  const dependents = new Set(parameters)
  for (const value of values) {
    if (value.kind === 'application' && value.inputs.some((input) => dependents.has(input))) {
      dependents.add(value)
    }
  }
  return dependents
}

/** Adds what a value contributes to its inputs' gradients, as far as these are wanted. */
function contribute(
  value: Application,
  gradient: Value,
  contributions: Map<Value, Contribution[]>,
  wanted: ReadonlySet<Value>,
): void {
  const perInput = value.op.gradient(gradient, value)
  value.inputs.forEach((input, position) => {
    const contribution = perInput?.[position]
    if (contribution && wanted.has(input)) {
      const received = contributions.get(input) ?? []
      received.push(contribution)
      contributions.set(input, received)
    }
  })
}

/** The sum of all contributions to the gradient of a value of `shape`. */
function total(contributions: readonly Contribution[], shape: Shape): Value {
  const values: Value[] = []
  const products: Product[] = []
  const pieces: Piece[] = []
  for (const contribution of contributions) {
    switch (contribution.kind) {
      case 'product':
        products.push(contribution)
        break
      case 'piece':
        pieces.push(contribution)
        break
      default:
        values.push(checked(contribution, shape))
    }
  }
  return [...values, ...multiplied(products, shape), ...assembled(pieces, shape)].reduce((a, b) => add(a, b))
}

function checked(gradient: Value, shape: Shape): Value {
  if (!sameShape(gradient.shape, shape)) {
    throw new Error(`a gradient of ${shapeText(gradient.shape)} came to a value of ${shapeText(shape)}`)
  }
  return gradient
}

/** Addends that are together the sum of the products, each of `shape`. */
function multiplied(products: readonly Product[], shape: Shape): Value[] {
  const rows = shape.length - 2
  // Joining costs a copy of the rows, adding one of the product: the smaller is taken.
  const isJoined = ({ left, right }: Product) =>
    elementCount(left.shape) + elementCount(right.shape) <= elementCount(shape)
  const addends = products
    .filter((product) => !isJoined(product))
    .map(({ left, right }) => matmul(left, right, { transposeA: true }))
  const joined = products.filter(isJoined)
  if (joined.length > 0) {
    const left = concat(
      joined.map((product) => product.left),
      rows,
    )
    const right = concat(
      joined.map((product) => product.right),
      rows,
    )
    addends.push(matmul(left, right, { transposeA: true }))
  }
  return addends
}

/** Addends that are together the sum of the pieces, each of `shape`. */
function assembled(pieces: readonly Piece[], shape: Shape): Value[] {
  const axes = new Set(pieces.map((piece) => piece.axis))
  return [...axes].flatMap((axis) =>
    tiled(
      pieces.filter((piece) => piece.axis === axis),
      axis,
      shape,
    ),
  )
}

/**
 * Pieces along one axis, laid out side by side in as few full-size tensors as their overlaps allow; gaps are
 * zero.
 */
function tiled(pieces: readonly Piece[], axis: number, shape: Shape): Value[] {
  const layers: { parts: Value[]; end: number }[] = []
  const gap = (size: number): Value =>
    broadcast(
      constant(0),
      shape.map((extent, i) => (i === axis ? size : extent)),
    )
  for (const piece of [...pieces].sort((a, b) => a.start - b.start)) {
    let layer = layers.find(({ end }) => end <= piece.start)
    if (!layer) {
      layers.push((layer = { parts: [], end: 0 }))
    }
    if (layer.end < piece.start) {
      layer.parts.push(gap(piece.start - layer.end))
    }
    layer.parts.push(piece.value)
    layer.end = piece.start + dim(piece.value, axis)
  }
  const size = shape[axis]!
  return layers.map(({ parts, end }) => concat(end < size ? [...parts, gap(size - end)] : parts, axis))
}
