/** What the captioner says without some of its neurons: captions, and single words. */
import { CancelledError, VitrineError } from '../../contract/index.ts'
import type { EngineContext, EngineParams, EngineResult } from '../contract.ts'
import { encodeClips, layOut } from '../captioner/batches.ts'
import { GREEDY, padded } from '../captioner/decoder.ts'
import type { EncodedBatch } from '../captioner/decoder.ts'
import { wordLogProbabilities } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { neuronCount, parameterLeaves } from '../captioner/parameters.ts'
import { withModel } from '../captioner/ready.ts'
import type { ReadyModel } from '../captioner/ready.ts'
import { batchLeaves } from '../captioner/step.ts'
import { compile } from '../graph/runtime.ts'
import { floats, resolveDevice, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'

/** Words that stand in fewer places say more of their clips than of the neurons. */
const FEWEST_PLACES = 2

/** A copy of v [B, n, D] with neurons at zero. */
function without(v: Float32Array, neurons: readonly number[], D: number): Float32Array {
  const silenced = v.slice()
  for (let row = 0; row < silenced.length; row += D) for (const neuron of neurons) silenced[row + neuron] = 0
  return silenced
}

function requireNeurons(model: CaptionerModel, neurons: readonly number[]): void {
  const D = neuronCount(model.architecture)
  const unknown = neurons.find((neuron) => neuron < 0 || neuron >= D)
  if (unknown !== undefined) throw new VitrineError('NOT_FOUND', `There is no neuron ${unknown}; this model has neurons 0 to ${D - 1}.`)
}

/** Greedy captions of clips, as they are and with the neurons at zero. Throws NOT_FOUND for a neuron that is not there. */
export function silence({ modelDir, neurons, clips, device }: EngineParams<'neurons.silence'>, { signal, progress }: EngineContext): Promise<EngineResult<'neurons.silence'>> {
  return withModel(modelDir, { decoding: GREEDY, device: resolveDevice(device) }, async ({ model, decoder, reader }) => {
    requireNeurons(model, neurons)
    const D = neuronCount(model.architecture)
    const B = decoder.batchSize
    const both = async function* () {
      for (let start = 0; start < clips.length; start += B) {
        const chosen = clips.slice(start, start + B)
        const encoded = await decoder.encode(await reader.batch(padded(chosen, B)))
        const ids = chosen.map(({ id }) => id)
        yield { encoded, ids }
        yield { encoded: { ...encoded, v: without(encoded.v, neurons, D) }, ids }
      }
    }
    const captions = await decoder.decode(both(), signal, (done) => { progress({ phase: 'captioning', done: Math.floor(done / 2), total: clips.length, unit: 'clips' }) })
    return {
      captions: clips.map(({ id }, i) => {
        const batch = Math.floor(i / B)
        const inBatch = Math.min(B, clips.length - batch * B)
        const at = 2 * batch * B + (i - batch * B)
        return { id, before: captions[at]?.caption ?? '', after: captions[at + inBatch]?.caption ?? '' }
      }),
    }
  })
}

/** See the contract. Words are those of the clips' greedy captions, read by the decoder with and without the neurons. */
export function silencedWords(params: EngineParams<'neurons.words'>, { signal }: EngineContext): Promise<EngineResult<'neurons.words'>> {
  return withModel(params.modelDir, { decoding: GREEDY, device: resolveDevice(params.device) }, (ready) => measureWords(params, ready, signal))
}

async function measureWords({ neurons, clips, device }: EngineParams<'neurons.words'>, { model, decoder, reader }: ReadyModel, signal: AbortSignal): Promise<EngineResult<'neurons.words'>> {
  requireNeurons(model, neurons)
  const { architecture, vocabulary } = model
  const [D, B] = [neuronCount(architecture), decoder.batchSize]
  const shape = { clips: B, captions: 1, words: architecture.settings.maxWords + 1 }
  const batch = batchLeaves(architecture, shape)
  const v = input('v', [B, architecture.frames, D])
  const session = await compile({ words: wordLogProbabilities(architecture, parameterLeaves(architecture), v, batch) }, { device: resolveDevice(device), weights: model.parameters })
  const falls = new Map<number, { fall: number; count: number }>()
  try {
    for (let start = 0; start < clips.length; start += B) {
      if (signal.aborted) throw new CancelledError()
      const chosen = clips.slice(start, start + B)
      const encoded: EncodedBatch = await decoder.encode(await reader.batch(padded(chosen, B)))
      const captions = await decoder.decode([{ encoded, ids: chosen.map(({ id }) => id) }], signal)
      const said = encodeClips(chosen.map((clip, i) => ({ ...clip, topics: [], captions: [captions[i]?.caption ?? ''] })), vocabulary, architecture.settings.maxWords)
      if (said.length === 0) continue
      // Clips that say nothing are left out of `said`, so places are those of the clips that are in it.
      const places = said.map(({ id }) => chosen.findIndex((clip) => clip.id === id))
      const laidOut = layOut(said.map((clip) => ({ clip, captions: [0] })), shape, architecture.topics)
      const lined = (from: Float32Array): Float32Array => {
        const out = from.slice()
        const size = architecture.frames * D
        places.forEach((place, row) => { out.set(from.subarray(place * size, (place + 1) * size), row * size) })
        return out
      }
      const mask = encoded.mask.map((_, i) => encoded.mask[Math.floor(i / B) * B + (places[i % B] ?? i % B)] ?? 0)
      const read = async (of: Float32Array): Promise<Float32Array> => floats(await session.run({
        v: tensorFor(v, lined(of)), [batch.frameMask.name ?? '']: tensorFor(batch.frameMask, mask), [batch.words.name ?? '']: tensorFor(batch.words, laidOut.words),
        [batch.targets.name ?? '']: tensorFor(batch.targets, laidOut.targets), [batch.wordMask.name ?? '']: tensorFor(batch.wordMask, laidOut.wordMask),
      }), 'words')
      const [before, after] = [await read(encoded.v), await read(without(encoded.v, neurons, D))]
      said.forEach(({ words }, row) => {
        words.forEach((word, t) => {
          const at = t * B + row
          const own = falls.get(word) ?? { fall: 0, count: 0 }
          falls.set(word, { fall: own.fall + before[at]! - after[at]!, count: own.count + 1 })
        })
      })
    }
  } finally {
    await session.release()
  }
  const words = [...falls].filter(([, { count }]) => count >= FEWEST_PLACES).map(([word, { fall, count }]) => ({ word: vocabulary.words[word] ?? '', fall: fall / count, count }))
  return { words: words.sort((a, b) => b.fall - a.fall || (a.word < b.word ? -1 : 1)) }
}
