/**
 * Captioning: encode clips, then beam search, batched over clips and beams. Three compiled graphs, so that a caller can
 * step in between: features to v (encoder), v to decoder memory and topic scores, and one decoder step. An intervention
 * changes v after the first.
 */
import type { GeneratedWord } from '../../contract/index.ts'
import { CancelledError } from '../../contract/index.ts'
import type { ClipFeatures, GeneratedCaption } from '../contract.ts'
import { emitModel } from '../graph/onnx.ts'
import * as ops from '../graph/ops.ts'
import { createSession, floats, tensorFor } from '../graph/session.ts'
import type { DeviceName, Session, Tensor } from '../graph/session.ts'
import { input, reachable } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import { BeamSearch } from './beam.ts'
import type { FeatureBatch, FeatureReader } from './features.ts'
import { decoderMemory, decoderStep, encode, leaf, logits, meanOverFrames, topicScores, wordGates } from './model.ts'
import type { CaptionerModel } from './model-folder.ts'
import { neuronCount, parameterLeaves } from './parameters.ts'
import type { Architecture, Parameters } from './parameters.ts'

/** Clips decoded at a time. */
const CLIPS = 8

/** The encoder's output for `clips` places of a batch. */
export interface EncodedBatch {
  /** [B, n, D]; may be changed before decoding. */
  v: Float32Array
  /** [n, B]. */
  mask: Float32Array
}

/** The graphs of captioning as values; also what a model export is made of. */
export function captioningGraphs(architecture: Architecture, clips: number, beam: number) {
  const { frames: n, inputSize: F, settings } = architecture
  const leaves = parameterLeaves(architecture)
  const D = neuronCount(architecture)
  const R = clips * beam
  const features = input('features', [n, clips, F])
  const mask = input('mask', [n, clips])
  const v = input('v', [clips, n, D])
  const vMean = meanOverFrames(v, mask)
  const memory = decoderMemory(leaves, v, vMean, mask)
  const given = {
    frameKeys: input('frame_keys', [clips, n, settings.attentionSize]),
    frameGates: input('frame_gates', [clips, n, 4 * settings.hiddenSize]),
    frameOutput: input('frame_output', [clips, n, settings.embeddingSize]),
    frameBias: input('frame_bias', [clips, 1, n]),
    hidden: input('hidden', [R, settings.hiddenSize]),
    memory: input('memory', [R, settings.hiddenSize]),
  }
  const words = input('words', [R], 'int64')
  const embedded = ops.gather(leaf(leaves, 'embedding'), words)
  const step = decoderStep(leaves, given, wordGates(leaves, embedded), given.hidden, given.memory)
  const context = ops.reshape(ops.matmul(step.frameWeights, given.frameOutput), [R, settings.embeddingSize])
  return {
    leaves: { features, mask, v, ...given, words } satisfies Record<string, Value>,
    encoder: { v: encode(architecture, leaves, features, mask) },
    memory: {
      frame_keys: memory.frameKeys, frame_gates: memory.frameGates, frame_output: memory.frameOutput, frame_bias: memory.frameBias, hidden: memory.hidden, memory: memory.memory,
      topics: topicScores(architecture, leaves, vMean), v_mean: vMean,
    },
    step: {
      log_probabilities: ops.logSoftmax(logits(architecture, leaves, step.hidden, context, embedded)),
      next_hidden: step.hidden, next_memory: step.memory, attention: step.attention,
    },
  }
}

export interface Decoder {
  /** Features of clips (at most `batchSize`) to v. */
  encode(features: FeatureBatch): Promise<EncodedBatch>
  /** v to f(v-bar) and v-bar of each place: [B][K] and [B][D]. */
  topics(encoded: EncodedBatch): Promise<{ scores: number[][]; means: Float32Array[] }>
  /** The best caption of each of the first `count` places. */
  decode(encoded: EncodedBatch, count: number, signal: AbortSignal): Promise<Omit<GeneratedCaption, 'id'>[]>
  batchSize: number
  /** Uses other parameters of the same architecture from now on. */
  use(parameters: Parameters): void
  release(): Promise<void>
}

/** Compiles captioning for a model. `beam` 1 is greedy. */
export async function createDecoder(model: CaptionerModel, beam: number, device: DeviceName, batchSize = CLIPS): Promise<Decoder> {
  const { architecture, vocabulary } = model
  const { frames: n, vocabularySize: V, settings } = architecture
  const graphs = captioningGraphs(architecture, batchSize, beam)
  const H = settings.hiddenSize
  const rows = batchSize * beam
  let parameters = model.parameters
  const sessions: Record<'encoder' | 'memory' | 'step', Session> = {
    encoder: await createSession(emitModel(graphs.encoder), device),
    memory: await createSession(emitModel(graphs.memory), device),
    step: await createSession(emitModel(graphs.step), device),
  }
  const used = { encoder: parameterNames(graphs.encoder), memory: parameterNames(graphs.memory), step: parameterNames(graphs.step) }
  const run = (graph: 'encoder' | 'memory' | 'step', feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> => {
    const weights: Record<string, Tensor> = {}
    for (const name of used[graph]) {
      const tensor = parameters.get(name)
      if (tensor) weights[name] = tensor
    }
    return sessions[graph].run({ ...weights, ...feeds })
  }
  const { leaves } = graphs
  const remember = (encoded: EncodedBatch) => run('memory', { v: tensorFor(leaves.v, encoded.v), mask: tensorFor(leaves.mask, encoded.mask) })

  return {
    batchSize,
    use(next) {
      parameters = next
    },
    async encode({ features, mask }) {
      const out = await run('encoder', { features: tensorFor(leaves.features, features), mask: tensorFor(leaves.mask, mask) })
      return { v: floats(out, 'v'), mask }
    },
    async topics(encoded) {
      const out = await remember(encoded)
      return { scores: rowsOf(floats(out, 'topics'), batchSize).map((row) => [...row]), means: rowsOf(floats(out, 'v_mean'), batchSize) }
    },
    async decode(encoded, count, signal) {
      const memory = await remember(encoded)
      const topics = rowsOf(floats(memory, 'topics'), batchSize)
      let hidden = repeatRows(floats(memory, 'hidden'), batchSize, beam)
      let cell = repeatRows(floats(memory, 'memory'), batchSize, beam)
      const searches = Array.from({ length: count }, () => new BeamSearch(beam, V, settings.maxWords))
      const fixed = {
        frame_keys: tensorFor(leaves.frameKeys, floats(memory, 'frame_keys')),
        frame_gates: tensorFor(leaves.frameGates, floats(memory, 'frame_gates')),
        frame_output: tensorFor(leaves.frameOutput, floats(memory, 'frame_output')),
        frame_bias: tensorFor(leaves.frameBias, floats(memory, 'frame_bias')),
      }
      while (searches.some((search) => !search.finished)) {
        if (signal.aborted) throw new CancelledError()
        const words = new BigInt64Array(rows)
        searches.forEach((search, b) => { search.words.forEach((word, k) => { words[b * beam + k] = BigInt(word) }) })
        const out = await run('step', { ...fixed, hidden: tensorFor(leaves.hidden, hidden), memory: tensorFor(leaves.memory, cell), words: tensorFor(leaves.words, words) })
        const logProbabilities = floats(out, 'log_probabilities')
        const attention = floats(out, 'attention')
        const from = Int32Array.from({ length: rows }, (_, row) => row)
        searches.forEach((search, b) => {
          if (search.finished) return
          const parents = search.advance(
            logProbabilities.subarray(b * beam * V, (b + 1) * beam * V),
            (k) => Array.from(attention.subarray((b * beam + k) * n, (b * beam + k + 1) * n)),
          )
          parents.forEach((parent, k) => { from[b * beam + k] = b * beam + parent })
        })
        hidden = takeRows(floats(out, 'next_hidden'), from, H)
        cell = takeRows(floats(out, 'next_memory'), from, H)
      }
      return searches.map((search, b) => {
        const best = search.best()
        const words: GeneratedWord[] = best.words.map(({ word, logProbability, attention }) => ({
          word: vocabulary.words[word] ?? '', logProbability, attention: attention.slice(0, validFrames(encoded.mask, b, batchSize)),
        }))
        return { caption: words.map(({ word }) => word).join(' '), words, logProbability: best.logProbability, topics: [...(topics[b] ?? [])] }
      })
    },
    async release() {
      await Promise.all(Object.values(sessions).map((session) => session.release()))
    },
  }
}

/** Captions clips in their order, a batch at a time; `report` hears how many are done. */
export async function captionClips(
  decoder: Decoder,
  reader: FeatureReader,
  clips: readonly ClipFeatures[],
  signal: AbortSignal,
  report: (done: number) => void = () => undefined,
): Promise<GeneratedCaption[]> {
  const captions: GeneratedCaption[] = []
  for (let start = 0; start < clips.length; start += decoder.batchSize) {
    const chosen = clips.slice(start, start + decoder.batchSize)
    const encoded = await decoder.encode(await reader.batch(padded(chosen, decoder.batchSize)))
    const decoded = await decoder.decode(encoded, chosen.length, signal)
    decoded.forEach((caption, i) => captions.push({ id: chosen[i]?.id ?? -1, ...caption }))
    report(captions.length)
  }
  return captions
}

/** `clips` filled up to a whole batch with copies of the first. */
export function padded(clips: readonly ClipFeatures[], size: number): ClipFeatures[] {
  const [first] = clips
  if (!first) throw new Error('a batch needs a clip')
  return Array.from({ length: size }, (_, i) => clips[i] ?? first)
}

/** Number of frames of place b in a mask [n, B]. */
export function validFrames(mask: Float32Array, b: number, batchSize: number): number {
  let count = 0
  for (let i = b; i < mask.length; i += batchSize) count += mask[i] ?? 0
  return count
}

const parameterNames = (outputs: Readonly<Record<string, Value>>): string[] =>
  reachable(Object.values(outputs)).flatMap((value) => (value.op === 'input' ? [value.name ?? ''] : []))

const rowsOf = (data: Float32Array, rows: number): Float32Array[] => {
  const width = data.length / rows
  return Array.from({ length: rows }, (_, row) => data.subarray(row * width, (row + 1) * width))
}

/** Every row `times` times: [rows, width] -> [rows * times, width]. */
function repeatRows(data: Float32Array, rows: number, times: number): Float32Array {
  const width = data.length / rows
  return takeRows(data, Int32Array.from({ length: rows * times }, (_, row) => Math.floor(row / times)), width)
}

function takeRows(data: Float32Array, from: Int32Array, width: number): Float32Array {
  const out = new Float32Array(from.length * width)
  from.forEach((source, row) => { out.set(data.subarray(source * width, (source + 1) * width), row * width) })
  return out
}
