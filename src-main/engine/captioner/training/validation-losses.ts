import { compile } from '../../graph/runtime.ts'
import type { DeviceName, Session } from '../../graph/runtime.ts'
import { floats } from '../../graph/session.ts'
import { losses } from '../losses.ts'
import { batchFeeds, batchLeaves, batchTensors, layOut } from '../minibatch.ts'
import type { BatchEntry, BatchLeaves, BatchShape, BatchSize } from '../minibatch.ts'
import type { FeatureReader } from '../features.ts'
import { createNetwork } from '../model.ts'
import type { Architecture, Parameters } from '../parameters.ts'
import type { StepLosses } from './step-graph.ts'

interface Bucket {
  shape: BatchShape
  leaves: BatchLeaves
  /** Compiled when it is first run. */
  session: Promise<Session> | null
}

/** The training objective without dropout, for any parameters: they are fed as they are. */
export class ValidationLosses {
  readonly #architecture: Architecture
  readonly #lambda: number
  readonly #device: DeviceName
  readonly #buckets: readonly Bucket[]

  /** For minibatches of B and C as in `size`, and of the numbers of words T in `buckets`. */
  constructor(
    architecture: Architecture,
    options: { size: BatchSize; buckets: readonly number[]; lambda: number; device: DeviceName },
  ) {
    this.#architecture = architecture
    this.#lambda = options.lambda
    this.#device = options.device
    this.#buckets = options.buckets.map((words) => {
      const shape = { ...options.size, words }
      return { shape, leaves: batchLeaves(architecture, shape), session: null }
    })
  }

  /** The losses of one minibatch; `bucket` is an index into the numbers of words. */
  async measure(
    parameters: Parameters,
    { bucket: index, entries }: { bucket: number; entries: readonly BatchEntry[] },
    reader: FeatureReader,
  ): Promise<StepLosses> {
    const bucket = this.#buckets[index]
    if (!bucket) {
      throw new Error(`there is no bucket ${index}`)
    }
    const { shape, leaves } = bucket
    const arrays = await batchFeeds(leaves, layOut(entries, shape, this.#architecture.topics), reader)
    bucket.session ??= this.#compile(leaves)
    const out = await (
      await bucket.session
    ).run({
      ...Object.fromEntries(parameters),
      ...batchTensors(leaves, arrays),
    })
    return {
      loss: floats(out, 'loss')[0] ?? NaN,
      nll: floats(out, 'nll')[0] ?? NaN,
      topicLoss: floats(out, 'topicLoss')[0] ?? NaN,
    }
  }

  async release(): Promise<void> {
    await Promise.all(this.#buckets.map(async ({ session }) => (await session)?.release()))
  }

  #compile(leaves: BatchLeaves): Promise<Session> {
    const { total, nll, topicLoss } = losses(createNetwork(this.#architecture), leaves, {}, this.#lambda)
    return compile({ loss: total, nll, topicLoss }, { device: this.#device })
  }
}
