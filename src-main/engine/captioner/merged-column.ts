/**
 * The column of a topic head that says of a merged topic what the old columns say together, for each clip:
 * 1 - product of (1 - p_k) ("at least one of them", clips' topics being independent). It is fitted by
 * weighted ridge regression on the head's hidden layer h, starting from the sum of the old columns, which is
 * what holds where the topics exclude each other:
 *
 *     minimise over d:  sum over clips of weight (h . (w_sum + d) - target)^2 + RIDGE trace(H'WH)/P ||d||^2
 *
 * With the squared loss a score is p itself; with the cross-entropy it is the logit, and the weight p (1 - p)
 * is that of the logistic model's curvature.
 */
import type { CaptionerSettings } from '#contract'
import { addScaled, dot } from '../vectors.ts'

const RIDGE = 1e-3
/** Of conjugate gradients; the ridge bounds how many are needed. */
const ITERATIONS = 100
const TOLERANCE = 1e-8
/** Probabilities are kept this far from 0 and 1, for their logits. */
const MARGIN = 1e-3

/** One clip in the regression. */
interface Row {
  h: Float64Array
  weight: number
  /** Target less what the start says. */
  residual: number
}

/** From the old columns to the new one, [P + 1]; `hidden` are the clips' h with a 1, [N][P + 1]. */
export function mergedColumn(
  columns: readonly Float64Array[],
  hidden: readonly Float64Array[],
  loss: CaptionerSettings['topicLoss'],
): Float64Array {
  const start = new Float64Array(columns[0]?.length ?? 0)
  for (const column of columns) {
    addScaled(start, 1, column)
  }
  const rows = hidden.map((h): Row => {
    const { target, weight } = targetOf(
      columns.map((column) => dot(h, column)),
      loss,
    )
    return { h, weight, residual: target - dot(h, start) }
  })
  const ridge =
    (RIDGE * rows.reduce((sum, { h, weight }) => sum + weight * dot(h, h), 0)) / Math.max(1, start.length)
  if (ridge === 0) {
    return start
  }
  const change = solveRidge(rows, ridge, start.length)
  addScaled(change, 1, start)
  return change
}

/** What a clip's score is to be, and how much that counts, from its scores of the old columns. */
function targetOf(
  scores: readonly number[],
  loss: CaptionerSettings['topicLoss'],
): { target: number; weight: number } {
  const squared = loss === 'squared'
  const probability = (score: number): number =>
    squared ? Math.min(Math.max(score, 0), 1) : 1 / (1 + Math.exp(-score))
  const p = 1 - scores.reduce((none, score) => none * (1 - probability(score)), 1)
  if (squared) {
    return { target: p, weight: 1 }
  }
  const inner = Math.min(Math.max(p, MARGIN), 1 - MARGIN)
  return { target: Math.log(inner / (1 - inner)), weight: inner * (1 - inner) }
}

/** Conjugate gradients (Hestenes and Stiefel, 1952) on the normal equations. */
function solveRidge(rows: readonly Row[], ridge: number, size: number): Float64Array {
  const product = (vector: Float64Array): Float64Array => {
    const result = vector.map((value) => ridge * value)
    for (const { h, weight } of rows) {
      addScaled(result, weight * dot(h, vector), h)
    }
    return result
  }
  const solution = new Float64Array(size)
  const residual = new Float64Array(size)
  for (const row of rows) {
    addScaled(residual, row.weight * row.residual, row.h)
  }
  let direction = residual.slice()
  let norm = dot(residual, residual)
  const smallEnough = TOLERANCE ** 2 * norm
  for (let i = 0; i < ITERATIONS && norm > smallEnough; i++) {
    const image = product(direction)
    const rate = norm / dot(direction, image)
    addScaled(solution, rate, direction)
    addScaled(residual, -rate, image)
    const nextNorm = dot(residual, residual)
    const nextDirection = residual.slice()
    addScaled(nextDirection, nextNorm / norm, direction)
    direction = nextDirection
    norm = nextNorm
  }
  return solution
}
