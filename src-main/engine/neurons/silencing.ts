/** What the captioner says without some of its neurons: captions, and single words. */
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { encodeInBatches, GREEDY } from '../captioner/decoding/decoder.ts'
import type { EncodedBatch, EncodedClips } from '../captioner/decoding/decoder.ts'
import { encodeClips } from '../captioner/encoded-clips.ts'
import { withModel } from '../captioner/loaded-models.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import { wordLogProbabilities } from '../captioner/losses.ts'
import { batchLeaves, layOut } from '../captioner/minibatch.ts'
import type { BatchArrays, BatchEntry, BatchShape } from '../captioner/minibatch.ts'
import { createNetwork } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { END } from '../captioner/vocabulary.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName, Session } from '../graph/runtime.ts'
import { floats, resolveDevice, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { releasing } from '../releasing.ts'
import { failures } from './failures.ts'
import { readNeuronMap } from './neuron-map.ts'
import type { NeuronMapFile } from './neuron-map.ts'
import { deviationOf } from './statistics.ts'

/** Words that stand in fewer places say more of their clips than of the neurons. */
const FEWEST_PLACES = 2

/** A copy of an encoded batch with neurons multiplied by `scale`: at 0 they are silent. */
function silenced({ v, mask }: EncodedBatch, neurons: readonly number[], scale: number): EncodedBatch {
  const D = v.length / mask.length
  const copy = v.slice()
  for (let row = 0; row < copy.length; row += D) {
    for (const neuron of neurons) {
      copy[row + neuron]! *= scale
    }
  }
  return { v: copy, mask }
}

function requireNeurons(model: CaptionerModel, neurons: readonly number[]): void {
  const D = neuronCount(model.architecture)
  const unknown = neurons.find((neuron) => neuron < 0 || neuron >= D)
  if (unknown !== undefined) {
    throw failures.neuronUnknown({ neuron: unknown, last: D - 1 })
  }
}

/**
 * Greedy captions of clips, as they are and with the neurons multiplied by `scale`. Throws NOT_FOUND for a neuron that
 * is not there.
 */
export function silence(
  { modelDir, neurons, scale = 0, clips, device }: EngineParams<'neurons.silence'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'neurons.silence'>> {
  const options = { decoding: GREEDY, device: resolveDevice(device) }
  return withModel(modelDir, options, async (loaded) => {
    const { model, decoder } = loaded
    requireNeurons(model, neurons)
    async function* batches(): AsyncGenerator<EncodedClips> {
      for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
        const ids = batch.map(({ id }) => id)
        yield { encoded, ids }
        yield { encoded: silenced(encoded, neurons, scale), ids }
      }
    }
    const captions = await decoder.decode(batches(), signal, (decoded) => {
      progress({ phase: 'captioning', done: Math.floor(decoded / 2), total: clips.length, unit: 'clips' })
    })
    return {
      captions: clips.map(({ id }, i) => {
        // A batch as it is, then the same batch with the neurons at zero.
        const start = i - (i % decoder.batchSize)
        const inBatch = Math.min(decoder.batchSize, clips.length - start)
        const position = i + start
        return {
          id,
          before: captions[position]?.caption ?? '',
          after: captions[position + inBatch]?.caption ?? '',
        }
      }),
    }
  })
}

/** See the contract. Throws NOT_FOUND for a neuron that is not there, NOT_READY without the map. */
export async function silencedWords(
  { modelDir, neurons, clips, limit, device: setting }: EngineParams<'neurons.words'>,
  { signal }: EngineContext,
): Promise<EngineResult<'neurons.words'>> {
  const map = await readNeuronMap(modelDir)
  const excited = mostExcited(map, neurons, clips).slice(0, limit)
  const [words] = await wordFalls(modelDir, [{ neurons, clips: excited }], {
    device: resolveDevice(setting),
    signal,
  })
  return { clips: excited.length, words: words!.filter(({ count }) => count >= FEWEST_PLACES) }
}

type WordFall = EngineResult<'neurons.words'>['words'][number]

/** Neurons that are silenced in some clips. */
export interface Silencing {
  neurons: readonly number[]
  clips: readonly ClipFeatures[]
}

/**
 * Of each silencing, by word, over its places in the greedy captions of the clips: the mean fall of ln p with the
 * neurons at zero. Throws NOT_FOUND for a neuron that is not there.
 */
export function wordFalls(
  modelDir: string,
  silencings: readonly Silencing[],
  options: { device: DeviceName; signal: AbortSignal },
): Promise<WordFall[][]> {
  return withModel(modelDir, { decoding: GREEDY, device: options.device }, (loaded) => {
    for (const { neurons } of silencings) {
      requireNeurons(loaded.model, neurons)
    }
    return fallsOfWords(loaded, silencings, options)
  })
}

/**
 * The clips of the map, those that excite the neurons most first: by v-bar, each neuron less its mean and
 * over its deviation, summed.
 */
function mostExcited(
  { shuffled, clipIds, clipMeans }: NeuronMapFile,
  neurons: readonly number[],
  clips: readonly ClipFeatures[],
): ClipFeatures[] {
  const D = shuffled.length
  const excitement = new Map(Array.from(clipIds, (id) => [id, 0]))
  for (const neuron of neurons) {
    const values = Array.from(clipIds, (_, row) => clipMeans[row * D + neuron]!)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = deviationOf(values)
    clipIds.forEach((id, row) => {
      excitement.set(id, excitement.get(id)! + (deviation > 0 ? (values[row]! - mean) / deviation : 0))
    })
  }
  return clips
    .filter(({ id }) => excitement.has(id))
    .sort((a, b) => excitement.get(b.id)! - excitement.get(a.id)! || a.id - b.id)
}

async function fallsOfWords(
  loaded: LoadedModel,
  silencings: readonly Silencing[],
  { device, signal }: { device: DeviceName; signal: AbortSignal },
): Promise<WordFall[][]> {
  const { model, decoder } = loaded
  return releasing(async (use) => {
    const reader = use(await CaptionReader.compile(model, decoder.batchSize, device))
    const words: WordFall[][] = []
    for (const { neurons, clips } of silencings) {
      const falls = new WordFalls()
      for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
        const ids = batch.map(({ id }) => id)
        const generated = await decoder.decode([{ encoded, ids }], signal)
        const captions = reader.layOut(
          batch,
          generated.map(({ caption }) => caption),
        )
        const before = await reader.logProbabilities(encoded, captions)
        const after = await reader.logProbabilities(silenced(encoded, neurons, 0), captions)
        falls.add(captions, before, after)
      }
      words.push(falls.means(model.vocabulary.words))
    }
    return words
  })
}

/** ln p of every word of captions that are known. */
class CaptionReader {
  readonly #model: CaptionerModel
  readonly #shape: BatchShape
  readonly #session: Session
  readonly #leaves: ReturnType<typeof readerLeaves>

  private constructor(
    model: CaptionerModel,
    shape: BatchShape,
    session: Session,
    leaves: ReturnType<typeof readerLeaves>,
  ) {
    this.#model = model
    this.#shape = shape
    this.#session = session
    this.#leaves = leaves
  }

  static async compile(model: CaptionerModel, batchSize: number, device: DeviceName): Promise<CaptionReader> {
    const { architecture, parameters } = model
    const shape = { clips: batchSize, captions: 1, words: architecture.settings.maxWords + 1 }
    const leaves = readerLeaves(model, shape)
    const logProbability = wordLogProbabilities(createNetwork(architecture), leaves.v, leaves)
    const session = await compile({ logProbability }, { device, weights: parameters })
    return new CaptionReader(model, shape, session, leaves)
  }

  /** The arrays of one caption a clip; a clip whose caption is empty has no words at its place. */
  layOut(clips: readonly ClipFeatures[], captions: readonly string[]): BatchArrays {
    const { architecture, vocabulary } = this.#model
    const entries = clips.map((clip, i): BatchEntry => {
      const captioned = { ...clip, topics: [], captions: [captions[i] ?? ''] }
      const [encoded] = encodeClips([captioned], vocabulary, architecture.settings.maxWords)
      return encoded
        ? { clip: encoded, captions: [0] }
        : { clip: { ...captioned, words: new Int32Array(), ends: new Int32Array() }, captions: [] }
    })
    return layOut(entries, this.#shape, architecture.topics)
  }

  /** [T, B], of what `layOut` gave. */
  async logProbabilities({ v, mask }: EncodedBatch, captions: BatchArrays): Promise<Float32Array> {
    const leaves = this.#leaves
    const arrays = [
      [leaves.v, v],
      [leaves.frameMask, mask],
      [leaves.words, captions.words],
      [leaves.targets, captions.targets],
    ] as const
    const feeds = Object.fromEntries(arrays.map(([leaf, array]) => [leaf.name, tensorFor(leaf, array)]))
    return floats(await this.#session.run(feeds), 'logProbability')
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

function readerLeaves({ architecture }: CaptionerModel, shape: BatchShape) {
  const { frameMask, words, targets, wordMask } = batchLeaves(architecture, shape)
  const v = input('v', [shape.clips, architecture.frames, neuronCount(architecture)])
  return { v, frameMask, words, targets, wordMask }
}

/** How far ln p falls, by word id. */
class WordFalls {
  readonly #falls = new Map<bigint, { fall: number; count: number }>()

  /** Counts the words of captions but their end, by ln p before and after, [T, B]. */
  add({ targets, wordMask }: BatchArrays, before: Float32Array, after: Float32Array): void {
    targets.forEach((word, at) => {
      if (wordMask[at] !== 1 || word === BigInt(END)) {
        return
      }
      const { fall, count } = this.#falls.get(word) ?? { fall: 0, count: 0 }
      this.#falls.set(word, { fall: fall + before[at]! - after[at]!, count: count + 1 })
    })
  }

  /** By word, largest fall first. */
  means(vocabulary: readonly string[]): WordFall[] {
    return [...this.#falls]
      .map(([id, { fall, count }]) => ({ word: vocabulary[Number(id)] ?? '', fall: fall / count, count }))
      .sort((a, b) => b.fall - a.fall || (a.word < b.word ? -1 : 1))
  }
}
