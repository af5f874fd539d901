/**
 * Captioning: encode clips, then decode them, batched over clips and their hypotheses. A caller can step in
 * between: the compiled graphs go from features to v (encoder), from v to topic scores, from v to what
 * decoding needs (memory), and through one decoder step for all hypotheses. An intervention changes v after
 * the first.
 *
 * The step is where the time goes. Its weights are built in, its rows are kept busy (slots.ts), and of a
 * vocabulary's log-probabilities only the likeliest leave the runtime where the search looks at no others.
 */
import { decoding as decodingSchema } from '#contract'
import type { CaptionerSettings, Decoding } from '#contract'
import type { ClipFeatures, GeneratedCaption } from '../../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../../cancellation.ts'
import type { DeviceName } from '../../graph/runtime.ts'
import { floats, tensorFor } from '../../graph/session.ts'
import type { FeatureBatch, FeatureReader } from '../features.ts'
import type { CaptionerModel } from '../model-folder.ts'
import type { Parameters } from '../parameters.ts'
import { SUPPRESSED_WORDS } from '../vocabulary.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { CompiledGraphs } from './compiled-graphs.ts'
import { createSearch, searchRows } from './create-search.ts'
import { captioningGraphs } from './graphs.ts'
import type { CaptioningGraphs } from './graphs.ts'
import type { DecodedCaption } from './search.ts'
import { DecoderSlots } from './slots.ts'

/** The likeliest word at every step; also for who only wants clips encoded. */
export const GREEDY: Decoding = decodingSchema.parse({ method: 'greedy' })

/** Hypotheses of a step that the products are quick with, and the most clips that they are of. */
const QUICK_ROWS = 160
const MAX_CLIPS = 32

/** The encoder's output for the clips of a batch. */
export interface EncodedBatch {
  /** [B, n, D]; may be changed before decoding. */
  v: Float32Array
  /** [n, B]. */
  mask: Float32Array
}

/** An encoded batch, and the ids of its first clips: the rest only fill it up. */
export interface EncodedClips {
  encoded: EncodedBatch
  ids: readonly number[]
}

/** A clip while its captions are searched for. */
interface DecodedClip {
  id: number
  /** Its place among all clips. */
  index: number
  frames: number
  topics: number[]
}

/** A clip that waits for a slot, and its rows of what the memory graph gave. */
interface WaitingClip {
  clip: DecodedClip
  rowOf(name: string): Float32Array
}

export interface DecoderOptions {
  decoding: Decoding
  device: DeviceName
  /** Clips encoded at a time, and decoded at a time. */
  batchSize?: number
}

/**
 * How many clips to decode at a time when there are `clips` of them: a power of two, so that a few sizes
 * serve all.
 */
export function batchSizeFor(decoding: Decoding, clips = Infinity): number {
  const fitting = Math.min(clips, MAX_CLIPS, QUICK_ROWS / searchRows(decoding))
  return 2 ** Math.ceil(Math.log2(Math.max(1, fitting)))
}

/** Captions with a model, whose graphs are compiled when they are first needed. */
export class Decoder {
  readonly batchSize: number
  readonly #decoding: Decoding
  readonly #vocabulary: Vocabulary
  readonly #settings: CaptionerSettings
  readonly #leaves: CaptioningGraphs['leaves']
  readonly #graphs: CompiledGraphs
  /** Words that the step gives of each row. */
  readonly #columns: number

  /** `decoding` as its schema allows it. */
  constructor(
    { architecture, vocabulary, parameters }: CaptionerModel,
    { decoding, device, batchSize = batchSizeFor(decoding) }: DecoderOptions,
  ) {
    const rows = searchRows(decoding)
    // The suppressed words may be among the likeliest.
    const likeliest =
      decoding.method === 'sample'
        ? null
        : Math.min(architecture.vocabularySize, rows + SUPPRESSED_WORDS.size)
    const { leaves, ...graphs } = captioningGraphs(architecture, batchSize, rows, likeliest)
    this.batchSize = batchSize
    this.#decoding = decoding
    this.#vocabulary = vocabulary
    this.#settings = architecture.settings
    this.#leaves = leaves
    this.#graphs = new CompiledGraphs(graphs, parameters, device)
    this.#columns = likeliest ?? architecture.vocabularySize
  }

  /** Whether captions are drawn by chance. */
  get draws(): boolean {
    return this.#decoding.method === 'sample'
  }

  /** Features of `batchSize` clips to v. */
  async encode({ features, mask }: FeatureBatch): Promise<EncodedBatch> {
    const out = await this.#graphs.run('encoder', {
      features: tensorFor(this.#leaves.features, features),
      mask: tensorFor(this.#leaves.mask, mask),
    })
    return { v: floats(out, 'v'), mask }
  }

  /** v to f(v-bar) and v-bar of each clip: [B][K] and [B][D]. */
  async topics(encoded: EncodedBatch): Promise<{ scores: number[][]; means: Float32Array[] }> {
    const out = await this.#graphs.run('topics', this.#feedsOf(encoded))
    const [scores, means] = [floats(out, 'topics'), floats(out, 'v_mean')]
    const clips = Array.from({ length: this.batchSize }, (_, b) => b)
    return {
      scores: clips.map((b) => [...this.#rowOf(scores, b)]),
      means: clips.map((b) => this.#rowOf(means, b)),
    }
  }

  /**
   * Captions clips, in their order. A batch is asked for when there is a slot for its clips; `report` hears
   * how many are done.
   */
  async decode(
    batches: Iterable<EncodedClips> | AsyncIterable<EncodedClips>,
    signal: AbortSignal,
    report?: (done: number) => void,
  ): Promise<GeneratedCaption[]> {
    const step = await this.#graphs.step()
    const waiting = this.#remember(batches)
    const slots = new DecoderSlots<DecodedClip>(this.#leaves, this.#columns)
    const generated: GeneratedCaption[] = []
    let done = 0
    for (;;) {
      await this.#fill(slots, waiting)
      if (slots.empty) {
        return generated
      }
      throwIfCancelled(signal)
      const finished = slots.advance(await step.run(slots.feeds))
      for (const { clip, captions } of finished) {
        generated[clip.index] = this.#generatedCaption(clip, captions)
      }
      done += finished.length
      if (finished.length > 0) {
        report?.(done)
      }
    }
  }

  /** Uses other parameters of the same architecture from now on; not while it decodes. */
  async use(parameters: Parameters): Promise<void> {
    await this.#graphs.use(parameters)
  }

  async release(): Promise<void> {
    await this.#graphs.release()
  }

  /** Clips one by one, each with its rows of what the memory graph gave. */
  async *#remember(
    batches: Iterable<EncodedClips> | AsyncIterable<EncodedClips>,
  ): AsyncGenerator<WaitingClip> {
    let index = 0
    for await (const { encoded, ids } of batches) {
      const out = await this.#graphs.run('memory', this.#feedsOf(encoded))
      for (const [b, id] of ids.entries()) {
        const rowOf = (name: string) => this.#rowOf(floats(out, name), b)
        const frames = validFrames(encoded.mask, b, this.batchSize)
        yield { clip: { id, index: index++, frames, topics: [...rowOf('topics')] }, rowOf }
      }
    }
  }

  /** Begins to search for the captions of waiting clips, as many as there are slots for. */
  async #fill(slots: DecoderSlots<DecodedClip>, waiting: AsyncGenerator<WaitingClip>): Promise<void> {
    while (!slots.full) {
      const next = await waiting.next()
      if (next.done) {
        return
      }
      const { clip, rowOf } = next.value
      slots.start(clip, createSearch(this.#decoding, clip.id, this.#settings), rowOf)
    }
  }

  #generatedCaption(clip: DecodedClip, captions: readonly DecodedCaption[]): GeneratedCaption {
    const [best, ...alternatives] = captions.map(({ words, logProbability }) => {
      const generated = words.map((word) => ({
        word: this.#vocabulary.words[word.word] ?? '',
        logProbability: word.logProbability,
        attention: word.attention.slice(0, clip.frames),
      }))
      return { caption: generated.map(({ word }) => word).join(' '), words: generated, logProbability }
    })
    if (!best) {
      throw new Error('a search found no caption')
    }
    return { id: clip.id, ...best, alternatives, topics: clip.topics }
  }

  #feedsOf({ v, mask }: EncodedBatch) {
    return { v: tensorFor(this.#leaves.v, v), mask: tensorFor(this.#leaves.mask, mask) }
  }

  /** The row of clip b of an array [B, ...]. */
  #rowOf(array: Float32Array, b: number): Float32Array {
    const width = array.length / this.batchSize
    return array.subarray(b * width, (b + 1) * width)
  }
}

/** What turns clips into v. */
export interface ClipEncoder {
  decoder: Pick<Decoder, 'batchSize' | 'encode'>
  reader: Pick<FeatureReader, 'batch'>
}

export interface BatchControl {
  signal: AbortSignal
  /** Awaited before each batch. */
  unpaused?: () => Promise<void>
}

/** Encodes clips batch by batch, in their order. Throws CancelledError when the signal aborts. */
export async function* encodeInBatches<Clip extends ClipFeatures>(
  { decoder, reader }: ClipEncoder,
  clips: readonly Clip[],
  { signal, unpaused }: BatchControl,
): AsyncGenerator<{ batch: Clip[]; encoded: EncodedBatch }> {
  for (let start = 0; start < clips.length; start += decoder.batchSize) {
    await unpaused?.()
    throwIfCancelled(signal)
    const batch = clips.slice(start, start + decoder.batchSize)
    yield { batch, encoded: await decoder.encode(await reader.batch(padded(batch, decoder.batchSize))) }
  }
}

/** Captions clips in their order; `report` hears how many are done. */
export function captionClips(
  source: { decoder: Decoder; reader: FeatureReader },
  clips: readonly ClipFeatures[],
  control: BatchControl & { report?: (done: number) => void },
): Promise<GeneratedCaption[]> {
  async function* batches(): AsyncGenerator<EncodedClips> {
    for await (const { batch, encoded } of encodeInBatches(source, clips, control)) {
      yield { encoded, ids: batch.map(({ id }) => id) }
    }
  }
  return source.decoder.decode(batches(), control.signal, control.report)
}

/** `clips` filled up to a whole batch with copies of the first. */
export function padded(clips: readonly ClipFeatures[], size: number): ClipFeatures[] {
  const [first] = clips
  if (!first) {
    throw new Error('a batch needs a clip')
  }
  return Array.from({ length: size }, (_, i) => clips[i] ?? first)
}

/** Number of frames of clip b in a mask [n, B]. */
function validFrames(mask: Float32Array, b: number, batchSize: number): number {
  let count = 0
  for (let i = b; i < mask.length; i += batchSize) {
    count += mask[i] ?? 0
  }
  return count
}
