import type { Pacer } from '../pacer.ts'
import { createRandom } from '../../common/random.ts'
import { dot } from '../vectors.ts'

/**
 * More vectors than are wanted go along: those wanted settle the faster, the farther the first left out lies
 * below them.
 */
const SPARE = 8
const MAX_ROUNDS = 200
const MAX_JACOBI_ROUNDS = 50
/** Settled: the eigenvalues moved by less than this share. */
const TOLERANCE = 1e-10

/**
 * The eigenvectors of the `wanted` largest eigenvalues of a symmetric matrix without large negative ones, [n,
 * n], by subspace iteration with a Rayleigh-Ritz step each round (Golub and Van Loan, "Matrix computations",
 * 2013, 8.2.4). Largest first, of length 1; fewer when n is smaller. Time is n squared a round, at most 200
 * rounds. Deterministic. `pause` is called between rows.
 */
export async function leadingEigenvectors(
  matrix: Float64Array,
  n: number,
  wanted: number,
  pause: Pacer,
): Promise<{ value: number; vector: Float64Array }[]> {
  const random = createRandom(1)
  const size = Math.min(n, wanted + SPARE)
  let basis = orthonormal(
    Array.from({ length: size }, () => Float64Array.from({ length: n }, () => random.normal())),
  )
  let values: number[] = new Array<number>(size).fill(0)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const images = basis.map(() => new Float64Array(n))
    for (let i = 0; i < n; i++) {
      if (pause.due()) {
        await pause()
      }
      const row = matrix.subarray(i * n, (i + 1) * n)
      basis.forEach((vector, j) => {
        images[j]![i] = dot(row, vector)
      })
    }
    const ritz = symmetricEigen(basis.map((a) => images.map((b) => dot(a, b))))
    const order = ritz.values.map((_, i) => i).sort((a, b) => ritz.values[b]! - ritz.values[a]!)
    const next = order.map((i) => ritz.values[i]!)
    const settled = next
      .slice(0, wanted)
      .every(
        (value, i) =>
          Math.abs(value - values[i]!) <= TOLERANCE * Math.max(Math.abs(next[0]!), Number.MIN_VALUE),
      )
    values = next
    const turned = (vectors: readonly Float64Array[]): Float64Array[] =>
      order.map((i) =>
        combine(
          vectors,
          ritz.vectors.map((row) => row[i]!),
        ),
      )
    if (settled) {
      basis = turned(basis)
      break
    }
    basis = orthonormal(turned(images))
  }
  return basis.slice(0, wanted).map((vector, i) => ({ value: values[i]!, vector }))
}

function combine(vectors: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const sum = new Float64Array(vectors[0]!.length)
  vectors.forEach((vector, j) => {
    for (let i = 0; i < sum.length; i++) {
      sum[i]! += weights[j]! * vector[i]!
    }
  })
  return sum
}

/** Gram and Schmidt, each vector twice, in place. One that depends on those before it becomes 0. */
function orthonormal(vectors: Float64Array[]): Float64Array[] {
  vectors.forEach((vector, j) => {
    const before = Math.sqrt(dot(vector, vector))
    for (const other of [...vectors.slice(0, j), ...vectors.slice(0, j)]) {
      const along = dot(vector, other)
      for (let i = 0; i < vector.length; i++) {
        vector[i]! -= along * other[i]!
      }
    }
    const length = Math.sqrt(dot(vector, vector))
    const scale = length > 1e-12 * before && length > 0 ? 1 / length : 0
    for (let i = 0; i < vector.length; i++) {
      vector[i]! *= scale
    }
  })
  return vectors
}

/** All eigenvalues of a small symmetric matrix, and its eigenvectors as columns, by Jacobi's rotations. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): {
  values: number[]
  vectors: number[][]
} {
  const a = matrix.map((row) => [...row])
  const n = a.length
  const vectors = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)))
  const total = Math.hypot(...a.flat())
  for (let round = 0; round < MAX_JACOBI_ROUNDS; round++) {
    let offDiagonal = 0
    for (let p = 0; p < n; p++) {
      for (let q = 0; q < p; q++) {
        offDiagonal = Math.max(offDiagonal, Math.abs(a[p]![q]!))
      }
    }
    if (offDiagonal <= 1e-15 * total) {
      break
    }
    for (let p = 0; p < n; p++) {
      for (let q = 0; q < p; q++) {
        if (a[p]![q] !== 0) {
          rotateToZero(a, vectors, p, q)
        }
      }
    }
  }
  return { values: a.map((row, i) => row[i]!), vectors }
}

/** One rotation of Jacobi's: it makes a[p][q] zero, in place, and turns the eigenvectors alike. */
function rotateToZero(a: number[][], vectors: number[][], p: number, q: number): void {
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  const rotated = (first: number, second: number): [number, number] => [
    c * first - s * second,
    s * first + c * second,
  ]
  for (const row of a) {
    ;[row[p], row[q]] = rotated(row[p]!, row[q]!)
  }
  for (let i = 0; i < a.length; i++) {
    ;[a[p]![i], a[q]![i]] = rotated(a[p]![i]!, a[q]![i]!)
  }
  for (const row of vectors) {
    ;[row[p], row[q]] = rotated(row[p]!, row[q]!)
  }
}
