import type { CaptionerModel } from '../../../src-main/engine/captioner/model-folder.ts'

/** f(v-bar), [K], in float64 loops. */
export function topicHead({ parameters, architecture }: CaptionerModel, mean: ArrayLike<number>): number[] {
  const valuesOf = (name: string) => parameters.get(name)?.data ?? new Float32Array()
  const [w1, b1, w2, b2] = [
    valuesOf('topics.hidden'),
    valuesOf('topics.hidden_bias'),
    valuesOf('topics.output'),
    valuesOf('topics.output_bias'),
  ]
  const P = architecture.settings.topicHiddenSize
  const hidden = Array.from(b1)
  for (let j = 0; j < mean.length; j++) {
    for (let p = 0; p < P; p++) {
      hidden[p] = (hidden[p] ?? 0) + (mean[j] ?? 0) * (w1[j * P + p] ?? 0)
    }
  }
  return Array.from(b2, (bias, k) =>
    hidden.reduce((sum, h, p) => sum + Math.max(0, h) * (w2[p * b2.length + k] ?? 0), bias),
  )
}
