/**
 * How much of what people say of a picture can be read off its features: ridge regressions from the standardised features
 * to whether the captions have each of the commonest words, and the mean average precision of their scores over the words.
 *
 * Solved in its dual form, (K + lambda I) A = Y with K = X X' / F, so that one decomposition serves all words and the cost
 * does not depend on F. The products are ONNX Runtime's, all else is plain.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { meanAveragePrecision } from '../../../src-main/engine/metrics/index.ts'
import { OnnxBuilder } from '../../../src-main/engine/encoders/onnx.ts'
import { ort } from '../../../src-main/engine/onnx-runtime.ts'
import type { Picture } from './pictures.ts'

/** Words that are probed for. */
const WORDS = 150
const RIDGES = [0.1, 0.3, 1, 3]

/** Features [n, F], row-major, of as many pictures. */
export interface Features {
  values: Float32Array
  size: number
}

export interface WordProbe {
  /** Of the ridge that is best on the validation pictures. */
  ridge: number
  validation: number
  /** At that ridge. */
  test: number | null
}

/** The commonest words of pictures by how many pictures have them. */
export function commonestWords(pictures: readonly Picture[]): string[] {
  const counts = new Map<string, number>()
  for (const word of pictures.flatMap(({ words }) => [...words])) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, WORDS)
    .map(([word]) => word)
}

/** What a ranking of pictures at random would have, for each word; the mean over the words. */
export const chance = (pictures: readonly Picture[], words: readonly string[]): number =>
  precision(
    pictures.map(() => words.map(() => 0)),
    pictures,
    words,
  )

/** Fits the probe on the pictures of `fit`; `test` is looked at only where it is given. */
export async function probeWords(
  words: readonly string[],
  sets: Record<'fit' | 'validation', Probed> & { test: Probed | null },
): Promise<WordProbe> {
  const standardise = standardiser(sets.fit.features)
  const fit = standardise(sets.fit.features)
  const similarities = await product(fit, fit)
  const truth = centred(truthOf(sets.fit.pictures, words))
  const scorer = async ({ features, pictures }: Probed) => {
    const between = await product(standardise(features), fit)
    return (weights: Matrix) => precision(between.mmul(weights).to2DArray(), pictures, words)
  }
  const [validation, test] = [await scorer(sets.validation), sets.test && (await scorer(sets.test))]
  let best: WordProbe | null = null
  for (const ridge of RIDGES) {
    const weights = new CholeskyDecomposition(withRidge(similarities, ridge)).solve(truth)
    const found = validation(weights)
    if (best === null || found > best.validation) {
      best = { ridge, validation: found, test: test && test(weights) }
    }
  }
  if (best === null) {
    throw new Error('there is no ridge to choose from')
  }
  return best
}

export interface Probed {
  features: Features
  pictures: readonly Picture[]
}

/** Each component less its mean and divided by its deviation over `features`; constant ones become 0. */
function standardiser({ values, size }: Features): (features: Features) => Features {
  const count = values.length / size
  const [mean, deviation] = [new Float64Array(size), new Float64Array(size)]
  values.forEach((value, at) => {
    mean[at % size]! += value / count
  })
  values.forEach((value, at) => {
    deviation[at % size]! += (value - mean[at % size]!) ** 2 / count
  })
  return (features) => ({
    size,
    values: features.values.map((value, at) => {
      const [center, scale] = [mean[at % size]!, Math.sqrt(deviation[at % size]!)]
      return scale > 0 ? (value - center) / scale : 0
    }),
  })
}

/** X Y' / F of rows [n, F] and [m, F]. */
async function product(x: Features, y: Features): Promise<Matrix> {
  const builder = new OnnxBuilder()
  const [rows, columns] = [x.values.length / x.size, y.values.length / y.size]
  const left = builder.input('x', [rows, x.size])
  const right = builder.input('y', [x.size, columns])
  builder.output('xy', builder.matMul(left, right), [rows, columns])
  const session = await ort.InferenceSession.create(builder.build('product'))
  const transposed = new Float32Array(y.values.length)
  y.values.forEach((value, at) => {
    transposed[(at % y.size) * columns + Math.floor(at / y.size)] = value
  })
  const { xy } = await session.run({
    x: new ort.Tensor('float32', x.values, [rows, x.size]),
    y: new ort.Tensor('float32', transposed, [x.size, columns]),
  })
  const values = xy?.data as Float32Array
  await session.release()
  return Matrix.from1DArray(
    rows,
    columns,
    Array.from(values, (value) => value / x.size),
  )
}

const truthOf = (pictures: readonly Picture[], words: readonly string[]): Matrix =>
  new Matrix(pictures.map((picture) => words.map((word) => (picture.words.has(word) ? 1 : 0))))

const centred = (truth: Matrix): Matrix => truth.clone().center('column')

const withRidge = (similarities: Matrix, ridge: number): Matrix =>
  Matrix.add(similarities, Matrix.eye(similarities.rows, similarities.rows, ridge))

function precision(
  scores: readonly number[][],
  pictures: readonly Picture[],
  words: readonly string[],
): number {
  const truth = pictures.map((picture) => words.flatMap((word, k) => (picture.words.has(word) ? [k] : [])))
  return meanAveragePrecision(scores, truth)?.mAP ?? NaN
}
