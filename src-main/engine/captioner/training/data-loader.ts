/** Minibatches as calls of the training step take them, loaded while earlier calls compute. */
import type { Tensor } from '../../graph/runtime.ts'
import { drawDropout } from '../dropout.ts'
import type { EncodedClip } from '../encoded-clips.ts'
import type { FeatureReader } from '../features.ts'
import { batchFeeds, layOut } from '../minibatch.ts'
import type { Architecture } from '../parameters.ts'
import { randomStream } from '../random-streams.ts'
import type { MinibatchSampler, PlannedBatch } from './sampler.ts'
import { stack } from './step.ts'
import type { StepShape } from './step-graph.ts'

/** What one call takes: minibatches of one bucket, and their arrays stacked by leaf. */
interface LoadedBatches {
  bucket: number
  batches: readonly PlannedBatch[]
  feeds: Map<string, Tensor>
}

interface DataLoaderOptions {
  architecture: Architecture
  sampler: MinibatchSampler
  reader: FeatureReader
  /** Of each bucket of the sampler, what a step is fed. */
  shapes: readonly StepShape[]
  seed: number
  totalSteps: number
  /** The step that a call which begins after `step` steps may reach. */
  endOfCall(step: number): number
}

export class DataLoader {
  readonly #options: DataLoaderOptions
  /** The call that is loaded ahead. */
  #ahead: { step: number; loading: Promise<LoadedBatches> } | null = null

  constructor(options: DataLoaderOptions) {
    this.#options = options
  }

  /** The minibatches of the call after `step` steps. */
  async load(step: number): Promise<LoadedBatches> {
    const loading = this.#ahead?.step === step ? this.#ahead.loading : this.#load(step)
    this.#ahead = null
    return loading
  }

  /** Begins to load what `load` will soon be asked for; what goes wrong comes up there. */
  loadAhead(step: number): void {
    if (step >= this.#options.totalSteps) {
      return
    }
    const loading = this.#load(step)
    loading.catch(() => undefined)
    this.#ahead = { step, loading }
  }

  /** Loads a call, and sends for the features of the call after it. */
  async #load(step: number): Promise<LoadedBatches> {
    const { reader, totalSteps } = this.#options
    const { bucket, batches } = this.#batchesAfter(step)
    reader.prefetch(clipsOf(batches))
    const next = step + batches.length
    if (next < totalSteps) {
      reader.prefetch(clipsOf(this.#batchesAfter(next).batches))
    }
    return { bucket, batches, feeds: await this.#feedsOf(bucket, batches, step) }
  }

  #batchesAfter(step: number) {
    const { sampler, endOfCall } = this.#options
    return sampler.batches(step, endOfCall(step))
  }

  /** The arrays of minibatches of one bucket, for the steps after `step`, stacked by leaf. */
  async #feedsOf(
    bucket: number,
    batches: readonly PlannedBatch[],
    step: number,
  ): Promise<Map<string, Tensor>> {
    const { architecture, reader, seed, shapes } = this.#options
    const shape = shapes[bucket]
    if (!shape) {
      throw new Error(`there is no bucket ${bucket}`)
    }
    const minibatches: Map<string, Tensor['data']>[] = []
    for (const [k, { entries }] of batches.entries()) {
      const arrays = await batchFeeds(shape.batch, layOut(entries, shape, architecture.topics), reader)
      const masks = drawDropout(architecture, shape.masks, randomStream(seed, 'dropout', step + k))
      minibatches.push(new Map([...arrays, ...masks]))
    }
    const leaves = [...Object.values(shape.batch), ...Object.values(shape.masks)]
    return new Map(
      leaves.map((leaf) => {
        const name = leaf.name
        return [
          name,
          stack(
            leaf,
            minibatches.map((arrays) => arrays.get(name)!),
          ),
        ]
      }),
    )
  }
}

const clipsOf = (batches: readonly PlannedBatch[]): EncodedClip[] =>
  batches.flatMap(({ entries }) => entries.map(({ clip }) => clip))
