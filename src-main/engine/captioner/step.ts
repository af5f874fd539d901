/**
 * The compiled training step: the objective, its gradients and an optimizer's step over one minibatch,
 * several minibatches a call.
 */
import { gradients } from '../graph/gradient.ts'
import { optimizer, takeSteps } from '../graph/optimizers.ts'
import { compile, compileLoop } from '../graph/runtime.ts'
import type { CompiledLoop, DeviceName, Session, Tensor } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { elementCount, input } from '../graph/value.ts'
import type { Input } from '../graph/value.ts'
import type { Random } from '../../common/random.ts'
import type { BatchShape, CaptionBatch } from './batches.ts'
import type { FeatureReader } from './features.ts'
import { losses } from './model.ts'
import type { BatchLeaves, DropoutMasks } from './model.ts'
import { neuronCount, parameterLeaves, parameterTable, readSize } from './parameters.ts'
import type { Architecture, Parameters } from './parameters.ts'

/** The leaves of one minibatch. */
export function batchLeaves(
  { frames, inputSize, topics }: Architecture,
  { clips, captions, words }: BatchShape,
): BatchLeaves {
  const rows = clips * captions
  return {
    features: input('batch.features', [frames, clips, inputSize]),
    frameMask: input('batch.frame_mask', [frames, clips]),
    topics: input('batch.topics', [clips, topics]),
    words: input('batch.words', [words, rows], 'int64'),
    targets: input('batch.targets', [words, rows], 'int64'),
    wordMask: input('batch.word_mask', [words, rows]),
    captionWeight: input('batch.caption_weight', [rows]),
  }
}

/** The leaves of the dropout masks of one minibatch: those whose rate is above 0. */
export function dropoutLeaves(
  architecture: Architecture,
  { clips, captions, words }: BatchShape,
): DropoutMasks {
  const { settings, frames } = architecture
  const rows = clips * captions * words
  const drawn = settings.dropout > 0 && {
    topics: input('dropout.topics', [clips, settings.topicHiddenSize], 'uint8'),
    hidden: input('dropout.hidden', [rows, settings.hiddenSize], 'uint8'),
    output: input('dropout.output', [rows, settings.embeddingSize], 'uint8'),
  }
  return {
    ...drawn,
    ...(settings.inputDropout > 0 && {
      read: input('dropout.read', [frames, clips, readSize(architecture)], 'uint8'),
    }),
  }
}

/** Draws the masks of a minibatch, by leaf name. */
export function drawDropout(
  { settings }: Architecture,
  masks: DropoutMasks,
  random: Random,
): Map<string, Uint8Array> {
  return new Map(
    Object.values(masks).map((mask: Input) => {
      const rate = mask === masks.read ? settings.inputDropout : settings.dropout
      return [mask.name, dropoutBytes(elementCount(mask.shape), rate, random)]
    }),
  )
}

/** Bytes that are 1 with probability 1 - rate (to 1/256) and else 0: four to a draw. */
function dropoutBytes(count: number, rate: number, random: Random): Uint8Array {
  const bytes = new Uint8Array(count)
  const threshold = Math.round(rate * 256)
  for (let i = 0; i < count; i += 4) {
    let draw = random.uint32()
    for (let k = i; k < i + 4 && k < count; k++, draw >>>= 8) {
      bytes[k] = (draw & 255) >= threshold ? 1 : 0
    }
  }
  return bytes
}

/**
 * Stacks what changes with every step of a call: per-step arrays of each leaf, in step order -> [K,
 * ...shape].
 */
export function stack(leaf: Input, parts: readonly Tensor['data'][]): Tensor {
  const size = elementCount(leaf.shape)
  const make = leaf.dtype === 'int64' ? BigInt64Array : leaf.dtype === 'uint8' ? Uint8Array : Float32Array
  const data = new make(size * parts.length)
  parts.forEach((part, k) => {
    // All parts of a leaf have the leaf's type; TypedArray.set refuses a mix of BigInt and numbers by
    // throwing.
    ;(data as Float32Array).set(part as Float32Array, k * size)
  })
  return { shape: [parts.length, ...leaf.shape], data }
}

/** The arrays of one minibatch, by leaf name. */
export async function batchFeeds(
  leaves: BatchLeaves,
  batch: CaptionBatch,
  reader: FeatureReader,
): Promise<Map<string, Tensor['data']>> {
  const { features, mask } = await reader.batch(batch.clips)
  const name = (leaf: Input) => leaf.name
  return new Map<string, Tensor['data']>([
    [name(leaves.features), features],
    [name(leaves.frameMask), mask],
    [name(leaves.topics), batch.topics],
    [name(leaves.words), batch.words],
    [name(leaves.targets), batch.targets],
    [name(leaves.wordMask), batch.wordMask],
    [name(leaves.captionWeight), batch.captionWeight],
  ])
}

export interface StepLosses {
  loss: number
  nll: number
  topicLoss: number
}

/** The training step for every bucket; `bucket` is an index into the numbers of words it was compiled for. */
export interface TrainingStep {
  shapes: readonly StepShape[]
  /** Holds parameters and optimizer slots from call to call. */
  loop: CompiledLoop
  /**
   * Takes as many steps as there are learning rates, after `taken` earlier ones, on what `feeds` holds
   * (per-step leaves, stacked).
   */
  run(
    bucket: number,
    taken: number,
    feeds: ReadonlyMap<string, Tensor>,
    learningRates: readonly number[],
  ): Promise<StepLosses[]>
  release(): Promise<void>
}

/** What is fed of a minibatch of one bucket. */
export interface StepShape extends BatchShape {
  batch: BatchLeaves
  masks: DropoutMasks
}

/** The named parameters of a loop's state. Throws when one is missing. */
export function parametersOf(state: ReadonlyMap<string, Tensor>, names: Iterable<string>): Parameters {
  const parameters: Parameters = new Map()
  for (const name of names) {
    const tensor = state.get(name)
    if (!(tensor?.data instanceof Float32Array)) {
      throw new Error(`the state has no parameter ${name}`)
    }
    parameters.set(name, { shape: tensor.shape, data: tensor.data })
  }
  return parameters
}

/**
 * Floating-point operations of a training step, about: two for each multiplication of a weight with each row
 * that uses it, and twice that again for the gradients.
 */
export function stepOperations(architecture: Architecture, shape: BatchShape): number {
  const { settings, frames, vocabularySize: V } = architecture
  const { encoderSize: E, hiddenSize: H, attentionSize: A, embeddingSize: W } = settings
  const D = neuronCount(architecture)
  const rows = shape.clips * shape.captions * shape.words
  const perFrame = 2 * (readSize(architecture) + E) * 4 * E + D * (A + 4 * H + W)
  const perWord = (W + H) * 4 * H + H * A + frames * (A + 4 * H + W) + H * W + W * V
  return 6 * (shape.clips * frames * perFrame + rows * perWord)
}

/**
 * What a parameter and a word of unrolled recurrence cost a step beside products, as operations; measured on
 * two AVX-512 cores.
 */
const OVERHEAD = { parameter: 650, word: 2e8, frame: 3e7 }

/**
 * What a step costs, in floating-point operations of matrix products: the products themselves, the
 * optimizer's passes over the parameters, and the many small operations of every time step. For choosing
 * between shapes of batches.
 */
export function stepCost(architecture: Architecture, shape: BatchShape): number {
  const parameters = [...parameterTable(architecture).values()].reduce(
    (total, { shape: own }) => total + elementCount(own),
    0,
  )
  return (
    stepOperations(architecture, shape) +
    OVERHEAD.parameter * parameters +
    OVERHEAD.word * shape.words +
    OVERHEAD.frame * architecture.frames
  )
}

/**
 * The graph of a training step: the loop's body, what it is fed, and the optimizer, which knows the scalars
 * of each step. Parameters that are not `learnt` stay as they are: they are inputs of the body, fed with
 * every call.
 */
export function trainingStepGraph(
  architecture: Architecture,
  shape: BatchShape,
  lambda: number,
  learnt: (name: string) => boolean = () => true,
) {
  const { settings } = architecture
  const leaves = parameterLeaves(architecture)
  const batch = batchLeaves(architecture, shape)
  const masks = dropoutLeaves(architecture, shape)
  const { total, nll, topicLoss } = losses(architecture, leaves, batch, masks, lambda)
  const parameters = [...leaves].filter(([name]) => learnt(name)).map(([, leaf]) => leaf)
  const rule = optimizer(parameters, gradients(total, parameters), {
    kind: settings.optimizer,
    weightDecay: settings.weightDecay,
    clipNorm: settings.clipNorm,
  })
  const perStep = [...Object.values(batch), ...Object.values(masks), ...rule.perStep]
  return {
    shape: { ...shape, batch, masks },
    rule,
    body: { state: rule.state, perStep, collect: { loss: total, nll, topicLoss } },
  }
}

/**
 * Compiles the training step of an architecture for every number of words in `buckets`; `learnt`: see
 * `trainingStepGraph`.
 */
export async function compileTrainingStep(
  architecture: Architecture,
  size: Omit<BatchShape, 'words'>,
  buckets: readonly number[],
  lambda: number,
  device: DeviceName,
  learnt?: (name: string) => boolean,
): Promise<TrainingStep> {
  const compiled = buckets.map((words) => trainingStepGraph(architecture, { ...size, words }, lambda, learnt))
  const [first, ...others] = compiled
  if (!first) {
    throw new Error('a step needs a number of words')
  }
  const loop = await compileLoop([first.body, ...others.map(({ body }) => body)], device)
  return {
    shapes: compiled.map(({ shape }) => shape),
    loop,
    async run(bucket, taken, feeds, learningRates) {
      const out = await takeSteps(loop, first.rule, {
        taken,
        learningRates,
        feeds: Object.fromEntries(feeds),
        body: bucket,
      })
      const [loss, nll, topicLoss] = [floats(out, 'loss'), floats(out, 'nll'), floats(out, 'topicLoss')]
      return Array.from(loss, (value, k) => ({
        loss: value,
        nll: nll[k] ?? NaN,
        topicLoss: topicLoss[k] ?? NaN,
      }))
    },
    release: () => loop.release(),
  }
}

/**
 * The same objective without dropout, for validation: parameters fed as they are. A bucket is compiled when
 * it is first run.
 */
export function compileLosses(
  architecture: Architecture,
  size: Omit<BatchShape, 'words'>,
  buckets: readonly number[],
  lambda: number,
  device: DeviceName,
) {
  const compiled: Promise<Session>[] = []
  const shapes = buckets.map((words): StepShape => ({
    ...size,
    words,
    batch: batchLeaves(architecture, { ...size, words }),
    masks: {},
  }))
  const shapeOf = (bucket: number): StepShape => {
    const shape = shapes[bucket]
    if (!shape) {
      throw new Error(`there is no bucket ${bucket}`)
    }
    return shape
  }
  const compileBucket = (bucket: number): Promise<Session> => {
    const { total, nll, topicLoss } = losses(
      architecture,
      parameterLeaves(architecture),
      shapeOf(bucket).batch,
      {},
      lambda,
    )
    return compile({ loss: total, nll, topicLoss }, { device })
  }
  return {
    shapes,
    async run(
      bucket: number,
      parameters: Parameters,
      feeds: ReadonlyMap<string, Tensor['data']>,
    ): Promise<StepLosses> {
      const fed: Record<string, Tensor> = Object.fromEntries(parameters)
      for (const leaf of Object.values(shapeOf(bucket).batch)) {
        const data = feeds.get(leaf.name)
        if (data) {
          fed[leaf.name] = tensorFor(leaf, data)
        }
      }
      const out = await (await (compiled[bucket] ??= compileBucket(bucket))).run(fed)
      return {
        loss: floats(out, 'loss')[0] ?? NaN,
        nll: floats(out, 'nll')[0] ?? NaN,
        topicLoss: floats(out, 'topicLoss')[0] ?? NaN,
      }
    },
    async release() {
      await Promise.all(compiled.map(async (session) => (await session).release()))
    },
  }
}
