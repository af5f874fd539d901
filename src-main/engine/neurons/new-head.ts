/**
 * A topic head for neurons that never had one: f trained anew on the frozen v-bar of training clips, a joint perceptron
 * with the interpretive loss, dropout and weight decay of its settings, in full batches; of its states the one with the
 * highest mean average precision on the validation clips is kept. It is the best that the neurons offer, not what they were
 * made to be.
 */
import { createRandom } from '../../common/random.ts'
import type { Random } from '../../common/random.ts'
import type { EngineContext } from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { drawDropout } from '../captioner/dropout.ts'
import { createNetwork, interpretiveLoss, topicScores } from '../captioner/model.ts'
import type { Network } from '../captioner/model.ts'
import { initialParameters, neuronCount } from '../captioner/parameters.ts'
import type { Architecture, Parameters } from '../captioner/parameters.ts'
import { parametersOf, stack } from '../captioner/training/step.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { initialState, optimizer, takeSteps } from '../graph/optimizers.ts'
import { compile, compileLoop } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import type { Input } from '../graph/value.ts'
import { meanAveragePrecision } from '../metrics/index.ts'

const TRAINING = { calls: 20, stepsPerCall: 20, learningRate: 5e-3 }
const STEPS = TRAINING.calls * TRAINING.stepsPerCall

/** v-bar of a clip, [D], and the columns of the topics that it bears. */
export interface HeadExample {
  mean: Float32Array
  topics: readonly number[]
}
type Examples = Record<'train' | 'validation', readonly HeadExample[]>

/**
 * The parameters `topics.*` of a joint head for the neurons and topics of an architecture, and its mean average precision
 * on the validation clips. The same seed gives the same head. Throws CancelledError.
 */
export async function trainHead(
  architecture: Architecture,
  examples: Examples,
  seed: number,
  { signal, progress }: EngineContext,
): Promise<{ mAP: number; parameters: Parameters }> {
  const head = await compileHead(architecture, examples)
  try {
    const random = createRandom(seed)
    head.load(initialParameters(architecture, random))
    let best: { mAP: number; parameters: Parameters } | null = null
    for (let done = 0; done < STEPS; done += TRAINING.stepsPerCall) {
      throwIfCancelled(signal)
      const parameters = await head.train(done, random)
      const mAP = await head.validate(parameters)
      if (best === null || mAP > best.mAP) {
        best = { mAP, parameters }
      }
      progress({
        phase: 'training a topic head',
        done: done + TRAINING.stepsPerCall,
        total: STEPS,
        unit: 'steps',
      })
    }
    if (best === null) {
      throw new Error('the head took no step')
    }
    return best
  } finally {
    await head.release()
  }
}

/** f on v-bar of the clips: its training steps, and how well it does on the validation clips. */
async function compileHead(architecture: Architecture, { train, validation }: Examples) {
  const [D, K] = [neuronCount(architecture), architecture.topics]
  const meansOf = (examples: readonly HeadExample[]): Float32Array =>
    flat(
      examples.map(({ mean }) => mean),
      D,
    )
  const truthOf = (examples: readonly HeadExample[]): Float32Array =>
    flat(
      examples.map(({ topics }) => Float32Array.from({ length: K }, (_, k) => (topics.includes(k) ? 1 : 0))),
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
        { length: TRAINING.stepsPerCall },
        (_, i) => (TRAINING.learningRate / 2) * (1 + Math.cos((Math.PI * (done + i)) / STEPS)),
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
        validation.map(({ topics }) => [...topics]),
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
