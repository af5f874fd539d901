/**
 * Probes of topics that do not read the neurons: ridge regression from clips' summaries (captioner/gates.ts)
 * to whether they bear a topic, solved over the clips, which are fewer than the features.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import type { Gate } from '../captioner/gates.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { dot } from '../vectors.ts'

/** Beside a kernel whose mean diagonal is 1. Chosen on validation clips of the sample, as docs/evidence.md tells. */
const RIDGE = 0.13

export type LinearProbe = Pick<Gate, 'weights' | 'bias'>

/**
 * The probe of each row of truths, over clips with summaries [N][S]; a truth says of each clip whether it bears
 * the topic. Features that do not vary have no weight.
 */
export async function fitProbes(
  summaries: readonly Float64Array[],
  truths: readonly (readonly boolean[])[],
): Promise<LinearProbe[]> {
  const N = summaries.length
  const S = summaries[0]?.length ?? 0
  const { mean, scale } = scalesOf(summaries)
  const rows = summaries.map((summary) => summary.map((x, j) => (x - mean[j]!) * scale[j]!))
  const varying = Math.max(1, scale.filter((x) => x > 0).length)
  const products = await productsOf(rows)
  const kernel = new Matrix(
    Array.from({ length: N }, (_, a) =>
      Float64Array.from({ length: N }, (_, b) => products[a * N + b]! / varying + (a === b ? RIDGE : 0)),
    ),
  )
  const shares = truths.map((truth) => truth.filter(Boolean).length / N)
  const targets = new Matrix(N, truths.length)
  truths.forEach((truth, k) => {
    truth.forEach((bears, i) => targets.set(i, k, Number(bears) - shares[k]!))
  })
  const solved = new CholeskyDecomposition(kernel).solve(targets)
  return truths.map((_, k) => {
    const weights = new Float64Array(S)
    rows.forEach((row, i) => {
      const weight = solved.get(i, k) / varying
      row.forEach((x, j) => {
        weights[j]! += weight * x
      })
    })
    const ofRaw = weights.map((weight, j) => weight * scale[j]!)
    return { weights: [...ofRaw], bias: shares[k]! - dot(ofRaw, mean) }
  })
}

/** The inner products of all pairs of rows, [N, N]: they are nearly all of the work, and run in a compiled graph. */
async function productsOf(rows: readonly Float64Array[]): Promise<Float32Array> {
  const x = input('x', [rows.length, rows[0]?.length ?? 0])
  const session = await compile({ products: ops.matmul(x, x, { transposeB: true }) })
  try {
    const values = new Float32Array(x.shape[0]! * x.shape[1]!)
    rows.forEach((row, i) => {
      values.set(row, i * row.length)
    })
    return floats(await session.run({ x: tensorFor(x, values) }), 'products')
  } finally {
    await session.release()
  }
}

/** Mean and the inverse of the deviation of each feature of the summaries; 0 where it does not vary. */
function scalesOf(summaries: readonly Float64Array[]): { mean: Float64Array; scale: Float64Array } {
  const [N, S] = [summaries.length, summaries[0]?.length ?? 0]
  const mean = new Float64Array(S)
  const squares = new Float64Array(S)
  for (const summary of summaries) {
    summary.forEach((x, j) => {
      mean[j]! += x / N
    })
  }
  for (const summary of summaries) {
    summary.forEach((x, j) => {
      squares[j]! += (x - mean[j]!) ** 2 / N
    })
  }
  return { mean, scale: squares.map((variance) => (variance > 1e-12 ? 1 / Math.sqrt(variance) : 0)) }
}
