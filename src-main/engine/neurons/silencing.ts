/** What the captioner says without some of its neurons: captions, and single words. */
import { VitrineError } from '#contract'
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { encodeClips, layOut } from '../captioner/batches.ts'
import { GREEDY, padded } from '../captioner/decoder.ts'
import { wordLogProbabilities } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { neuronCount, parameterLeaves } from '../captioner/parameters.ts'
import { withModel } from '../captioner/ready.ts'
import type { ReadyModel } from '../captioner/ready.ts'
import { batchLeaves } from '../captioner/step.ts'
import { END } from '../captioner/vocabulary.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName } from '../graph/runtime.ts'
import { floats, resolveDevice, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { deviationOf, readNeuronMap } from './neuron-map.ts'
import type { NeuronMapFile } from './neuron-map.ts'

/** Words that stand in fewer places say more of their clips than of the neurons. */
const FEWEST_PLACES = 2

/** A copy of v [B, n, D] with neurons at zero. */
function without(v: Float32Array, neurons: readonly number[], D: number): Float32Array {
  const silenced = v.slice()
  for (let row = 0; row < silenced.length; row += D) {
    for (const neuron of neurons) {
      silenced[row + neuron] = 0
    }
  }
  return silenced
}

function requireNeurons(model: CaptionerModel, neurons: readonly number[]): void {
  const D = neuronCount(model.architecture)
  const unknown = neurons.find((neuron) => neuron < 0 || neuron >= D)
  if (unknown !== undefined) {
    throw new VitrineError(
      'NOT_FOUND',
      `There is no neuron ${unknown}; this model has neurons 0 to ${D - 1}.`,
    )
  }
}

/**
 * Greedy captions of clips, as they are and with the neurons at zero. Throws NOT_FOUND for a neuron that is
 * not there.
 */
export function silence(
  { modelDir, neurons, clips, device }: EngineParams<'neurons.silence'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'neurons.silence'>> {
  return withModel(
    modelDir,
    { decoding: GREEDY, device: resolveDevice(device) },
    async ({ model, decoder, reader }) => {
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
      const captions = await decoder.decode(both(), signal, (done) => {
        progress({ phase: 'captioning', done: Math.floor(done / 2), total: clips.length, unit: 'clips' })
      })
      return {
        captions: clips.map(({ id }, i) => {
          const batch = Math.floor(i / B)
          const inBatch = Math.min(B, clips.length - batch * B)
          const at = 2 * batch * B + (i - batch * B)
          return { id, before: captions[at]?.caption ?? '', after: captions[at + inBatch]?.caption ?? '' }
        }),
      }
    },
  )
}

/** See the contract. Throws NOT_FOUND for a neuron that is not there, NOT_READY without the map. */
export async function silencedWords(
  { modelDir, neurons, clips, most, device }: EngineParams<'neurons.words'>,
  { signal }: EngineContext,
): Promise<EngineResult<'neurons.words'>> {
  const map = await readNeuronMap(modelDir)
  return withModel(modelDir, { decoding: GREEDY, device: resolveDevice(device) }, async (ready) => {
    requireNeurons(ready.model, neurons)
    const read = mostExcited(map, neurons, clips, most)
    return {
      clips: read.length,
      words: await fallsOfWords(ready, neurons, read, resolveDevice(device), signal),
    }
  })
}

/**
 * The `most` clips of the map that excite the neurons most: by v-bar, each neuron less its mean and over its
 * deviation, summed.
 */
function mostExcited(
  { shuffled, clipIds, clipMeans }: NeuronMapFile,
  neurons: readonly number[],
  clips: readonly ClipFeatures[],
  most: number,
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
  const known = clips.filter(({ id }) => excitement.has(id))
  return known.sort((a, b) => excitement.get(b.id)! - excitement.get(a.id)! || a.id - b.id).slice(0, most)
}

/**
 * By word, over its places in the greedy captions of clips: the mean fall of ln p with the neurons at zero.
 */
async function fallsOfWords(
  { model, decoder, reader }: ReadyModel,
  neurons: readonly number[],
  clips: readonly ClipFeatures[],
  device: DeviceName,
  signal: AbortSignal,
): Promise<EngineResult<'neurons.words'>['words']> {
  const { architecture, vocabulary } = model
  const [D, B] = [neuronCount(architecture), decoder.batchSize]
  const shape = { clips: B, captions: 1, words: architecture.settings.maxWords + 1 }
  const { frameMask, words, targets, wordMask } = batchLeaves(architecture, shape)
  const v = input('v', [B, architecture.frames, D])
  const graph = wordLogProbabilities(architecture, parameterLeaves(architecture), v, {
    frameMask,
    words,
    targets,
    wordMask,
  })
  const session = await compile({ logProbability: graph }, { device, weights: model.parameters })
  const falls = new Map<bigint, { fall: number; count: number }>()
  try {
    for (let start = 0; start < clips.length; start += B) {
      const chosen = clips.slice(start, start + B)
      const encoded = await decoder.encode(await reader.batch(padded(chosen, B)))
      const said = await decoder.decode([{ encoded, ids: chosen.map(({ id }) => id) }], signal)
      // A place for every clip: one that says nothing has no words at its place.
      const places = chosen.map((clip, place) => {
        const [one] = encodeClips(
          [{ ...clip, topics: [], captions: [said[place]?.caption ?? ''] }],
          vocabulary,
          architecture.settings.maxWords,
        )
        return one
          ? { clip: one, captions: [0] }
          : { clip: { ...clip, topics: [], words: new Int32Array(), ends: new Int32Array() }, captions: [] }
      })
      const laidOut = layOut(places, shape, architecture.topics)
      const read = async (activation: Float32Array): Promise<Float32Array> => {
        const fed = [
          [v, activation],
          [frameMask, encoded.mask],
          [words, laidOut.words],
          [targets, laidOut.targets],
        ] as const
        return floats(
          await session.run(
            Object.fromEntries(fed.map(([leaf, data]) => [leaf.name, tensorFor(leaf, data)])),
          ),
          'logProbability',
        )
      }
      const [before, after] = [await read(encoded.v), await read(without(encoded.v, neurons, D))]
      laidOut.targets.forEach((word, at) => {
        if (laidOut.wordMask[at] !== 1 || word === BigInt(END)) {
          return
        }
        const own = falls.get(word) ?? { fall: 0, count: 0 }
        falls.set(word, { fall: own.fall + before[at]! - after[at]!, count: own.count + 1 })
      })
    }
  } finally {
    await session.release()
  }
  const kept = [...falls].filter(([, { count }]) => count >= FEWEST_PLACES)
  const named = kept.map(([word, { fall, count }]) => ({
    word: vocabulary.words[Number(word)] ?? '',
    fall: fall / count,
    count,
  }))
  return named.sort((a, b) => b.fall - a.fall || (a.word < b.word ? -1 : 1))
}
