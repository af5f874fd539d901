/**
 * Reverse-mode differentiation. The gradient of a scalar is itself a graph, made of the same primitives, so
 * it compiles with everything else. One pass from the loss back to the inputs, latest value first: when a
 * value's turn comes, all its users have contributed, and the deferred contributions (see `Contribution`)
 * become one product and one concatenation.
 */
import type { Contribution } from './op.ts'
import { opOf } from './ops.ts'
import * as ops from './ops.ts'
import { constant, dim, elementCount, reachable, sameShape } from './value.ts'
import type { Shape, Value } from './value.ts'

/**
 * The gradients of `loss` (a scalar) with respect to each of `parameters` (inputs, or values on the way), in
 * their order and of their shapes. Only paths that lead to a parameter are differentiated; a parameter that
 * the loss does not depend on gets zeros.
 */
export function gradients(loss: Value, parameters: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) {
    throw new Error(`a loss is a scalar, not [${loss.shape.join(', ')}]`)
  }
  const values = reachable([loss])
  const asked: ReadonlySet<number> = new Set(parameters.map((parameter) => parameter.id))
  const wanted = new Set(asked)
  for (const value of values) {
    if (value.inputs.some((input) => wanted.has(input.id))) {
      wanted.add(value.id)
    }
  }

  const contributions = new Map<number, Contribution[]>([[loss.id, [{ kind: 'value', value: constant(1) }]]])
  const result = new Map<number, Value>()
  for (const value of values.reverse()) {
    const given = contributions.get(value.id)
    if (!given || !wanted.has(value.id)) {
      continue
    }
    contributions.delete(value.id)
    const gradient = total(given, value.shape)
    if (asked.has(value.id)) {
      result.set(value.id, gradient)
    }
    if (value.op === 'input') {
      continue
    }
    const flowing = opOf(value).gradient(gradient, value)
    value.inputs.forEach((input, position) => {
      const contribution = flowing[position]
      if (!contribution || !wanted.has(input.id)) {
        return
      }
      const list = contributions.get(input.id)
      if (list) {
        list.push(contribution)
      } else {
        contributions.set(input.id, [contribution])
      }
    })
  }
  return parameters.map(
    (parameter) => result.get(parameter.id) ?? ops.broadcast(constant(0), parameter.shape),
  )
}

/** The sum of all contributions to one gradient. */
function total(contributions: readonly Contribution[], shape: Shape): Value {
  const parts: Value[] = []
  for (const contribution of contributions) {
    if (contribution.kind !== 'value') {
      continue
    }
    if (!sameShape(contribution.value.shape, shape)) {
      throw new Error(
        `a gradient of [${contribution.value.shape.join(', ')}] came to a value of [${shape.join(', ')}]`,
      )
    }
    parts.push(contribution.value)
  }
  const rows = shape.length - 2
  const products: { left: Value; right: Value }[] = []
  for (const contribution of contributions) {
    if (contribution.kind !== 'product') {
      continue
    }
    const { left, right } = contribution
    // Joining costs a copy of the rows, adding one of the product: the smaller is taken.
    if (elementCount(left.shape) + elementCount(right.shape) > elementCount(shape)) {
      parts.push(ops.matmul(left, right, true))
    } else {
      products.push(contribution)
    }
  }
  if (products.length > 0) {
    const left = ops.concat(
      products.map((product) => product.left),
      rows,
    )
    const right = ops.concat(
      products.map((product) => product.right),
      rows,
    )
    parts.push(ops.matmul(left, right, true))
  }
  const pieces = contributions.filter((contribution) => contribution.kind === 'piece')
  for (const axis of new Set(pieces.map((piece) => piece.axis))) {
    parts.push(
      ...assemble(
        pieces.filter((piece) => piece.axis === axis),
        axis,
        shape,
      ),
    )
  }
  return parts.reduce((a, b) => ops.add(a, b))
}

/**
 * Pieces along one axis, laid out side by side in as few full-size tensors as their overlaps allow; gaps are
 * zero.
 */
function assemble(pieces: readonly { start: number; value: Value }[], axis: number, shape: Shape): Value[] {
  const layers: { parts: Value[]; end: number }[] = []
  const gap = (size: number): Value =>
    ops.broadcast(
      constant(0),
      shape.map((extent, i) => (i === axis ? size : extent)),
    )
  for (const piece of [...pieces].sort((a, b) => a.start - b.start)) {
    let layer = layers.find((candidate) => candidate.end <= piece.start)
    if (!layer) {
      layers.push((layer = { parts: [], end: 0 }))
    }
    if (layer.end < piece.start) {
      layer.parts.push(gap(piece.start - layer.end))
    }
    layer.parts.push(piece.value)
    layer.end = piece.start + dim(piece.value, axis)
  }
  const size = shape[axis] ?? 0
  return layers.map(({ parts, end }) => ops.concat(end < size ? [...parts, gap(size - end)] : parts, axis))
}
