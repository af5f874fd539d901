/**
 * A topic head for a captioner that never learnt one. A baseline's f is as it was drawn, and says nothing of
 * its neurons; f as a random-topics captioner learnt it says what is not so. So that all are asked the same,
 * f is trained anew on the frozen v-bar of the training clips: a joint perceptron (whatever the model's own
 * head is) with the same loss, dropout and weight decay, full batches; of its states the one with the highest
 * mean average precision on the validation clips is kept. It is the best that the neurons offer, not what
 * they were made to be.
 */
import { createNetwork, interpretiveLoss, topicScores } from '../../../src-main/engine/captioner/model.ts'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import {
  initialParameters,
  neuronCount,
  withJointHead,
} from '../../../src-main/engine/captioner/parameters.ts'
import type { Parameters } from '../../../src-main/engine/captioner/parameters.ts'
import { drawDropout } from '../../../src-main/engine/captioner/dropout.ts'
import { parametersOf, stack } from '../../../src-main/engine/captioner/training/step.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract.ts'
import { gradients } from '../../../src-main/engine/graph/gradient.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { initialState, optimizer, takeSteps } from '../../../src-main/engine/graph/optimizers.ts'
import { compile, compileLoop } from '../../../src-main/engine/graph/runtime.ts'
import { floats, tensorFor } from '../../../src-main/engine/graph/session.ts'
import { input } from '../../../src-main/engine/graph/value.ts'
import { meanAveragePrecision } from '../../../src-main/engine/metrics/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'

const PROBE = { calls: 20, stepsPerCall: 20, learningRate: 5e-3 }

/** v-bar by clip. */
export type Means = ReadonlyMap<number, Float32Array>

/** Writes the model of `modelDir` with an f that was trained on `means` into `to`. */
export async function saveProbed(
  modelDir: string,
  to: string,
  means: Means,
  { train, val }: Record<'train' | 'val', readonly CaptionedClip[]>,
  seed: number,
): Promise<void> {
  const model = await loadModel(modelDir)
  const architecture = withJointHead(model.architecture)
  const [D, K] = [neuronCount(architecture), architecture.topics]
  const network = createNetwork(architecture)
  const { leaves } = network
  const learnt = [...leaves].filter(([name]) => name.startsWith('topics.'))
  const [rows, truth] = [input('rows', [train.length, D]), input('truth', [train.length, K])]
  const dropped = { topics: input('dropped', [train.length, architecture.settings.topicHiddenSize], 'uint8') }
  const loss = ops.affine(
    ops.sum(interpretiveLoss(architecture, topicScores(network, rows, dropped), truth)),
    1 / train.length,
  )
  const parameters = learnt.map(([, leaf]) => leaf)
  const { weightDecay, clipNorm } = architecture.settings
  const rule = optimizer(parameters, gradients(loss, parameters), { kind: 'adam', weightDecay, clipNorm })
  const loop = await compileLoop([
    { state: rule.state, perStep: [...rule.perStep, dropped.topics], collect: { loss } },
  ])
  const seen = input('seen', [val.length, D])
  const judge = await compile({ scores: topicScores(network, seen) })
  const meansOf = (clips: readonly CaptionedClip[]): Float32Array =>
    flat(
      clips.map(({ id }) => means.get(id) ?? new Float32Array(D)),
      D,
    )
  const truthOf = train.map(({ topics }) =>
    Float32Array.from({ length: K }, (_, k) => (topics.includes(k) ? 1 : 0)),
  )
  const feeds = { rows: tensorFor(rows, meansOf(train)), truth: tensorFor(truth, flat(truthOf, K)) }
  try {
    const random = createRandom(seed)
    const fresh = initialParameters(architecture, random)
    loop.load(
      initialState(new Map([...fresh].filter(([name]) => leaves.has(name) && name.startsWith('topics.')))),
    )
    let best: { mAP: number; parameters: Parameters } | null = null
    const steps = PROBE.calls * PROBE.stepsPerCall
    for (let taken = 0; taken < steps; taken += PROBE.stepsPerCall) {
      const rates = Array.from(
        { length: PROBE.stepsPerCall },
        (_, i) => (PROBE.learningRate / 2) * (1 + Math.cos((Math.PI * (taken + i)) / steps)),
      )
      const masks = stack(
        dropped.topics,
        rates.map(() => drawDropout(architecture, dropped, random).get('dropped')!),
      )
      await takeSteps(loop, rule, { taken, learningRates: rates, feeds: { ...feeds, dropped: masks } })
      const now = parametersOf(
        await loop.state(),
        learnt.map(([name]) => name),
      )
      const scores = floats(
        await judge.run({ ...Object.fromEntries(now), seen: tensorFor(seen, meansOf(val)) }),
        'scores',
      )
      const { mAP } = meanAveragePrecision(
        val.map((_, i) => [...scores.subarray(i * K, (i + 1) * K)]),
        val.map(({ topics }) => topics),
      ) ?? { mAP: 0 }
      if (best === null || mAP > best.mAP) {
        best = { mAP, parameters: now }
      }
    }
    if (best === null) {
      throw new Error('the probe took no step')
    }
    await saveModel(to, {
      ...model,
      architecture,
      parameters: new Map([...model.parameters, ...best.parameters]),
    })
  } finally {
    await Promise.all([loop.release(), judge.release()])
  }
}

function flat(rows: readonly Float32Array[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    out.set(row, i * width)
  })
  return out
}
