/**
 * A topic head for a captioner that never learnt one. A baseline's f is as it was drawn, and says nothing of
 * its neurons; f as a random-topics captioner learnt it says what is not so. So that all are asked the same,
 * f is trained anew on the frozen v-bar of the training clips: a joint perceptron (whatever the model's own
 * head is) with the same loss, dropout and weight decay, full batches; of its states the one with the highest
 * mean average precision on the validation clips is kept. It is the best that the neurons offer, not what
 * they were made to be.
 */
import { createNetwork, interpretiveLoss, topicScores } from '../../../src-main/engine/captioner/model.ts'
import type { Network } from '../../../src-main/engine/captioner/model.ts'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import {
  initialParameters,
  neuronCount,
  withJointHead,
} from '../../../src-main/engine/captioner/parameters.ts'
import type { Architecture, Parameters } from '../../../src-main/engine/captioner/parameters.ts'
import { drawDropout } from '../../../src-main/engine/captioner/dropout.ts'
import { parametersOf, stack } from '../../../src-main/engine/captioner/training/step.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { gradients } from '../../../src-main/engine/graph/gradient.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { initialState, optimizer, takeSteps } from '../../../src-main/engine/graph/optimizers.ts'
import { compile, compileLoop } from '../../../src-main/engine/graph/runtime.ts'
import { floats, tensorFor } from '../../../src-main/engine/graph/session.ts'
import { input } from '../../../src-main/engine/graph/value.ts'
import type { Input } from '../../../src-main/engine/graph/value.ts'
import { meanAveragePrecision } from '../../../src-main/engine/metrics/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import type { Random } from '../../../src-main/common/random.ts'

const PROBE = { calls: 20, stepsPerCall: 20, learningRate: 5e-3 }
const STEPS = PROBE.calls * PROBE.stepsPerCall

/** v-bar by clip. */
export type Means = ReadonlyMap<number, Float32Array>

type Clips = Record<'train' | 'val', readonly CaptionedClip[]>

/** Writes the model of `from` with an f that was trained on `means` into `to`. */
export async function saveProbed(
  { from, to }: { from: string; to: string },
  means: Means,
  clips: Clips,
  seed: number,
): Promise<void> {
  const model = await loadModel(from)
  const architecture = withJointHead(model.architecture)
  const parameters = await trainHead(architecture, means, clips, seed)
  await saveModel(to, {
    ...model,
    architecture,
    parameters: new Map([...model.parameters, ...parameters]),
  })
}

/** The best of the states that training goes through. */
async function trainHead(
  architecture: Architecture,
  means: Means,
  clips: Clips,
  seed: number,
): Promise<Parameters> {
  const head = await compileHead(architecture, means, clips)
  try {
    const random = createRandom(seed)
    head.load(initialParameters(architecture, random))
    let best: { mAP: number; parameters: Parameters } | null = null
    for (let done = 0; done < STEPS; done += PROBE.stepsPerCall) {
      const parameters = await head.train(done, random)
      const mAP = await head.validate(parameters)
      if (best === null || mAP > best.mAP) {
        best = { mAP, parameters }
      }
    }
    if (best === null) {
      throw new Error('the probe took no step')
    }
    return best.parameters
  } finally {
    await head.release()
  }
}

/** f on v-bar of the clips: its training steps, and how well it does on the validation clips. */
async function compileHead(architecture: Architecture, means: Means, { train, val: validation }: Clips) {
  const [D, K] = [neuronCount(architecture), architecture.topics]
  const meansOf = (clips: readonly CaptionedClip[]): Float32Array =>
    flat(
      clips.map(({ id }) => means.get(id) ?? new Float32Array(D)),
      D,
    )
  const truthOf = (clips: readonly CaptionedClip[]): Float32Array =>
    flat(
      clips.map(({ topics }) => Float32Array.from({ length: K }, (_, k) => (topics.includes(k) ? 1 : 0))),
      K,
    )
  const network = createNetwork(architecture)
  const { loop, rule, leaves } = await compileTraining(network, train.length)
  const feeds = {
    rows: tensorFor(leaves.rows, meansOf(train)),
    truth: tensorFor(leaves.truth, truthOf(train)),
  }
  const validationRows = input('validation_rows', [validation.length, D])
  const scorer = await compile({ scores: topicScores(network, validationRows) })
  return {
    load(fresh: Parameters): void {
      loop.load(initialState(new Map([...fresh].filter(([name]) => isOfHead(name)))))
    },
    /** Takes the steps of a call, whose first is step `done`; returns the parameters after them. */
    async train(done: number, random: Random): Promise<Parameters> {
      const rates = Array.from(
        { length: PROBE.stepsPerCall },
        (_, i) => (PROBE.learningRate / 2) * (1 + Math.cos((Math.PI * (done + i)) / STEPS)),
      )
      const masks = stack(
        leaves.dropped.topics,
        rates.map(() => drawDropout(architecture, leaves.dropped, random).get('dropped')!),
      )
      await takeSteps(loop, rule, {
        taken: done,
        learningRates: rates,
        feeds: { ...feeds, dropped: masks },
      })
      return parametersOf(await loop.state(), leaves.names)
    },
    /** Mean average precision on the validation clips. */
    async validate(trained: Parameters): Promise<number> {
      const scores = floats(
        await scorer.run({
          ...Object.fromEntries(trained),
          validation_rows: tensorFor(validationRows, meansOf(validation)),
        }),
        'scores',
      )
      const precision = meanAveragePrecision(
        validation.map((_, i) => [...scores.subarray(i * K, (i + 1) * K)]),
        validation.map(({ topics }) => topics),
      )
      return precision?.mAP ?? 0
    },
    release: () => Promise.all([loop.release(), scorer.release()]),
  }
}

const isOfHead = (name: string): boolean => name.startsWith('topics.')

/** The training step of f on so many rows of v-bar, and what it is fed. */
async function compileTraining(network: Network<Input>, count: number) {
  const { architecture, leaves } = network
  const learnt = [...leaves].filter(([name]) => isOfHead(name))
  const rows = input('rows', [count, neuronCount(architecture)])
  const truth = input('truth', [count, architecture.topics])
  const dropped = { topics: input('dropped', [count, architecture.settings.topicHiddenSize], 'uint8') }
  const loss = ops.affine(
    ops.sum(interpretiveLoss(architecture, topicScores(network, rows, dropped), truth)),
    1 / count,
  )
  const parameters = learnt.map(([, leaf]) => leaf)
  const { weightDecay, clipNorm } = architecture.settings
  const rule = optimizer(parameters, gradients(loss, parameters), { kind: 'adam', weightDecay, clipNorm })
  const loop = await compileLoop([
    { state: rule.state, perStep: [...rule.perStep, dropped.topics], collect: { loss } },
  ])
  return { loop, rule, leaves: { rows, truth, dropped, names: learnt.map(([name]) => name) } }
}

function flat(rows: readonly Float32Array[], width: number): Float32Array {
  const values = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    values.set(row, i * width)
  })
  return values
}
