/**
 * Logistic regression on few features, by Newton's method to convergence: minimises
 *
 *     1/2 |w|^2 + sum over rows of ln(1 + exp(-y (w x + b))),   y = 1 or -1
 *
 * (the objective of scikit-learn's LogisticRegression with its default C = 1; the bias b is free). It is strictly
 * convex where both classes are there, so there is one solution and no setting.
 */

/** Rows of features, row-major [N, width], and whether each is of the class. */
export interface Samples {
  features: Float64Array
  width: number
  positive: Uint8Array
}

/** Once a Newton decrement is below it, the next step ends as near to the minimum as doubles tell. */
const TOLERANCE = 1e-10
const MOST_STEPS = 100

/** Weights, [width], and the bias after them. Both classes must be there. */
export function fitLogistic(samples: Samples): Float64Array {
  const size = samples.width + 1
  let weights = new Float64Array(size)
  let state = derivatives(samples, weights)
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = solvePositive(state.curvature, state.gradient)
    const decrement = direction.reduce((sum, d, i) => sum + d * state.gradient[i]!, 0)
    if (decrement < TOLERANCE) {
      return weights.map((w, i) => w - direction[i]!)
    }
    ;({ weights, state } = halvedStep(samples, { weights, direction, loss: state.loss }))
  }
  return weights
}

/** A score for each row: w x + b. */
export function logisticScores({ features, width, positive }: Samples, weights: Float64Array): Float32Array {
  return Float32Array.from(positive, (_, row) => {
    let score = weights[width]!
    for (let i = 0; i < width; i++) {
      score += weights[i]! * features[row * width + i]!
    }
    return score
  })
}

interface Derivatives {
  loss: number
  /** [width + 1]. */
  gradient: Float64Array
  /** The Hessian, [width + 1, width + 1], its lower triangle. */
  curvature: Float64Array
}

function derivatives({ features, width, positive }: Samples, weights: Float64Array): Derivatives {
  const size = width + 1
  const [gradient, curvature] = [new Float64Array(size), new Float64Array(size * size)]
  let loss = 0
  for (let i = 0; i < width; i++) {
    loss += weights[i]! ** 2 / 2
    gradient[i] = weights[i]!
    curvature[i * size + i] = 1
  }
  const x = new Float64Array(size).fill(1)
  for (let row = 0; row < positive.length; row++) {
    let score = weights[width]!
    for (let i = 0; i < width; i++) {
      x[i] = features[row * width + i]!
      score += weights[i]! * x[i]!
    }
    const margin = positive[row] === 1 ? score : -score
    loss += Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)))
    const probability = 1 / (1 + Math.exp(-score))
    const residual = probability - positive[row]!
    const weight = probability * (1 - probability)
    for (let i = 0; i < size; i++) {
      gradient[i]! += residual * x[i]!
      const scaled = weight * x[i]!
      for (let j = 0; j <= i; j++) {
        curvature[i * size + j]! += scaled * x[j]!
      }
    }
  }
  return { loss, gradient, curvature }
}

/** A step against the direction, halved until the loss does not grow. */
function halvedStep(
  samples: Samples,
  { weights, direction, loss }: { weights: Float64Array; direction: Float64Array; loss: number },
): { weights: Float64Array<ArrayBuffer>; state: Derivatives } {
  for (let length = 1; ; length /= 2) {
    const next = Float64Array.from(weights, (w, i) => w - length * direction[i]!)
    const state = derivatives(samples, next)
    if (state.loss <= loss || length < TOLERANCE) {
      return { weights: next, state }
    }
  }
}

/** Solves A x = b for a symmetric positive definite A, of which the lower triangle is read (Cholesky). */
function solvePositive(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  const lower = new Float64Array(n * n)
  const x = Float64Array.from(b)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let m = 0; m < j; m++) {
        sum -= lower[i * n + m]! * lower[j * n + m]!
      }
      lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / lower[j * n + j]!
    }
    for (let m = 0; m < i; m++) {
      x[i]! -= lower[i * n + m]! * x[m]!
    }
    x[i]! /= lower[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let m = i + 1; m < n; m++) {
      x[i]! -= lower[m * n + i]! * x[m]!
    }
    x[i]! /= lower[i * n + i]!
  }
  return x
}
