/**
 * Captioning: encode clips, then decode them, batched over clips and their hypotheses. A caller can step in
 * between: the compiled graphs go from features to v (encoder), from v to topic scores, from v to what
 * decoding needs (memory), and through one decoder step for all hypotheses. An intervention changes v after
 * the first.
 *
 * The step is where the time goes. Its weights are built in, its rows are kept busy (places.ts), and of a
 * vocabulary's log-probabilities only the likeliest leave the runtime where the search looks at no others.
 */
import type { Decoding, GeneratedWord } from '#contract'
import { CancelledError, decoding as decodingSchema } from '#contract'
import type { ClipFeatures, GeneratedCaption } from '../../engine-host/contract/index.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName, Session, Tensor } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { reachable } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import type { FeatureBatch, FeatureReader } from './features.ts'
import { captioningGraphs } from './graphs.ts'
import type { CaptionerModel } from './model-folder.ts'
import type { Parameters } from './parameters.ts'
import { Places } from './places.ts'
import { createSearch, searchRows } from './search.ts'
import type { DecodedCaption } from './search.ts'
import { NEVER_SAID } from './vocabulary.ts'

/** The likeliest word at every step; also for who only wants clips encoded. */
export const GREEDY: Decoding = decodingSchema.parse({ method: 'greedy' })

/** Hypotheses of a step that the products are quick with, and the most clips that they are of. */
const ROWS = 160
const MOST_CLIPS = 32

/** The encoder's output for the places of a batch. */
export interface EncodedBatch {
  /** [B, n, D]; may be changed before decoding. */
  v: Float32Array
  /** [n, B]. */
  mask: Float32Array
}

/** An encoded batch, and the ids of the clips at its first places. */
export interface EncodedClips {
  encoded: EncodedBatch
  ids: readonly number[]
}

export interface Decoder {
  /** Clips encoded at a time, and decoded at a time. */
  readonly batchSize: number
  /** Features of `batchSize` clips to v. */
  encode(features: FeatureBatch): Promise<EncodedBatch>
  /** v to f(v-bar) and v-bar of each place: [B][K] and [B][D]. */
  topics(encoded: EncodedBatch): Promise<{ scores: number[][]; means: Float32Array[] }>
  /**
   * Captions clips, in their order. A batch is asked for when there is place for its clips; `report` hears
   * how many are done.
   */
  decode(
    batches: Iterable<EncodedClips> | AsyncIterable<EncodedClips>,
    signal: AbortSignal,
    report?: (done: number) => void,
  ): Promise<GeneratedCaption[]>
  /** Uses other parameters of the same architecture from now on; not while it decodes. */
  use(parameters: Parameters): Promise<void>
  release(): Promise<void>
}

/**
 * How many clips to decode at a time when there are `clips` of them: a power of two, so that a few sizes
 * serve all.
 */
export function batchSizeFor(decoding: Decoding, clips = Infinity): number {
  const fits = Math.min(clips, MOST_CLIPS, ROWS / searchRows(decoding))
  return 2 ** Math.ceil(Math.log2(Math.max(1, fits)))
}

/**
 * Compiles captioning for a model, each graph when it is first needed. `decoding` as its schema allows it.
 */
export function createDecoder(
  model: CaptionerModel,
  decoding: Decoding,
  device: DeviceName,
  batchSize = batchSizeFor(decoding),
): Decoder {
  const { architecture, vocabulary } = model
  const { vocabularySize: V, settings } = architecture
  const rows = searchRows(decoding)
  // The words that are never said may be among the likeliest.
  const likeliest = decoding.method === 'sample' ? null : Math.min(V, rows + NEVER_SAID.size)
  const { leaves, ...graphs } = captioningGraphs(architecture, batchSize, rows, likeliest)
  const weightNames = {
    encoder: leafNames(graphs.encoder),
    topics: leafNames(graphs.topics),
    memory: leafNames(graphs.memory),
    step: leafNames(graphs.step),
  }
  const sessions = new Map<keyof typeof graphs, Promise<Session>>()
  let parameters = model.parameters

  const weightsOf = (graph: keyof typeof graphs): Parameters =>
    new Map([...parameters].filter(([name]) => weightNames[graph].has(name)))
  const sessionOf = (graph: keyof typeof graphs): Promise<Session> => {
    // Weights that are fed can change at no cost; only the step runs often enough for more.
    const session =
      sessions.get(graph) ??
      compile(graphs[graph], graph === 'step' ? { device, weights: weightsOf(graph) } : { device })
    sessions.set(graph, session)
    return session
  }
  const run = async (
    graph: 'encoder' | 'topics' | 'memory',
    feeds: Record<string, Tensor>,
  ): Promise<Record<string, Tensor>> =>
    (await sessionOf(graph)).run({ ...Object.fromEntries(weightsOf(graph)), ...feeds })
  const feedsOf = ({ v, mask }: EncodedBatch) => ({
    v: tensorFor(leaves.v, v),
    mask: tensorFor(leaves.mask, mask),
  })
  const rowOf = (out: Record<string, Tensor>, name: string, b: number): Float32Array => {
    const data = floats(out, name)
    return data.subarray((b * data.length) / batchSize, ((b + 1) * data.length) / batchSize)
  }

  /** Clips one by one, each with its row of what the memory graph gave. */
  async function* remembered(batches: Iterable<EncodedClips> | AsyncIterable<EncodedClips>) {
    let index = 0
    for await (const { encoded, ids } of batches) {
      const out = await run('memory', feedsOf(encoded))
      for (const [b, id] of ids.entries()) {
        yield {
          id,
          index: index++,
          frames: validFrames(encoded.mask, b, batchSize),
          remembered: (name: string) => rowOf(out, name, b),
        }
      }
    }
  }
  const generatedWords = (words: DecodedCaption['words'], frames: number): GeneratedWord[] =>
    words.map(({ word, logProbability, attention }) => ({
      word: vocabulary.words[word] ?? '',
      logProbability,
      attention: attention.slice(0, frames),
    }))

  return {
    batchSize,
    async encode({ features, mask }) {
      const out = await run('encoder', {
        features: tensorFor(leaves.features, features),
        mask: tensorFor(leaves.mask, mask),
      })
      return { v: floats(out, 'v'), mask }
    },
    async topics(encoded) {
      const out = await run('topics', feedsOf(encoded))
      const places = Array.from({ length: batchSize }, (_, b) => b)
      return {
        scores: places.map((b) => [...rowOf(out, 'topics', b)]),
        means: places.map((b) => rowOf(out, 'v_mean', b)),
      }
    },
    async decode(batches, signal, report) {
      const step = await sessionOf('step')
      const waiting = remembered(batches)
      const places = new Places<{ id: number; index: number; frames: number; topics: number[] }>(
        leaves,
        likeliest ?? V,
      )
      const generated: GeneratedCaption[] = []
      let done = 0
      for (;;) {
        while (!places.full) {
          const { value: clip } = await waiting.next()
          if (!clip) {
            break
          }
          places.seat(
            { ...clip, topics: [...clip.remembered('topics')] },
            createSearch(decoding, clip.id, settings.maxWords),
            clip.remembered,
          )
        }
        if (places.empty) {
          return generated
        }
        if (signal.aborted) {
          throw new CancelledError()
        }
        const found = places.advance(await step.run(places.feeds))
        for (const {
          clip: { id, index, frames, topics },
          captions,
        } of found) {
          const [best, ...alternatives] = captions.map(({ words, logProbability }) => {
            const said = generatedWords(words, frames)
            return { caption: said.map(({ word }) => word).join(' '), words: said, logProbability }
          })
          if (!best) {
            throw new Error('a search found no caption')
          }
          generated[index] = { id, ...best, alternatives, topics }
        }
        done += found.length
        if (found.length > 0) {
          report?.(done)
        }
      }
    },
    async use(next) {
      const step = sessions.get('step')
      const changed = [...weightNames.step].some((name) => next.get(name) !== parameters.get(name))
      parameters = next
      if (!step || !changed) {
        return
      }
      sessions.delete('step')
      await (await step).release()
    },
    async release() {
      await Promise.all([...sessions.values()].map(async (session) => (await session).release()))
    },
  }
}

export interface CaptioningControl {
  signal: AbortSignal
  /** Hears how many clips are done. */
  report?: (done: number) => void
  /** Awaited before each batch. */
  unpaused?: () => Promise<void>
}

/** Captions clips in their order. */
export function captionClips(
  decoder: Decoder,
  reader: FeatureReader,
  clips: readonly ClipFeatures[],
  { signal, report, unpaused }: CaptioningControl,
): Promise<GeneratedCaption[]> {
  async function* batches(): AsyncGenerator<EncodedClips> {
    for (let start = 0; start < clips.length; start += decoder.batchSize) {
      await unpaused?.()
      const chosen = clips.slice(start, start + decoder.batchSize)
      yield {
        encoded: await decoder.encode(await reader.batch(padded(chosen, decoder.batchSize))),
        ids: chosen.map(({ id }) => id),
      }
    }
  }
  return decoder.decode(batches(), signal, report)
}

/** `clips` filled up to a whole batch with copies of the first. */
export function padded(clips: readonly ClipFeatures[], size: number): ClipFeatures[] {
  const [first] = clips
  if (!first) {
    throw new Error('a batch needs a clip')
  }
  return Array.from({ length: size }, (_, i) => clips[i] ?? first)
}

/** Number of frames of place b in a mask [n, B]. */
export function validFrames(mask: Float32Array, b: number, batchSize: number): number {
  let count = 0
  for (let i = b; i < mask.length; i += batchSize) {
    count += mask[i] ?? 0
  }
  return count
}

const leafNames = (outputs: Readonly<Record<string, Value>>): Set<string> =>
  new Set(
    reachable(Object.values(outputs)).flatMap((value) => (value.op === 'input' ? [value.name ?? ''] : [])),
  )
