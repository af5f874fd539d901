import { decoding } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { batchSizeFor, padded } from '../captioner/decoder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { withModel } from '../captioner/ready.ts'
import type { ReadyModel } from '../captioner/ready.ts'
import { resolveDevice } from '../graph/session.ts'
import { applyMoves, planMoves } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'

/** Places of a batch: the clip as it is, and with its neurons moved. */
const BOTH = 2

/**
 * Decodes one clip as it is and with its neurons moved, side by side. Throws NOT_READY without a neuron map.
 */
export function preview(
  params: EngineParams<'corrections.preview'>,
  { signal }: EngineContext,
): Promise<EngineResult<'corrections.preview'>> {
  const { modelDir, beam, device } = params
  return withModel(
    modelDir,
    { decoding: decoding.parse({ beam }), device: resolveDevice(device), batchSize: BOTH },
    (ready) => decodeBoth(params, ready, signal),
  )
}

async function decodeBoth(
  { modelDir, intervention }: EngineParams<'corrections.preview'>,
  { model, decoder, reader }: ReadyModel,
  signal: AbortSignal,
): Promise<EngineResult<'corrections.preview'>> {
  const map = await readNeuronMap(modelDir)
  const { id } = intervention.clip
  const sizes = { B: BOTH, n: model.architecture.frames, D: neuronCount(model.architecture) }
  const { v, mask } = await decoder.encode(await reader.batch(padded([intervention.clip], BOTH)))
  const changes = planMoves(map, intervention)
  applyMoves(v, mask, 1, sizes, changes)
  const [before, after] = await decoder.decode([{ encoded: { v, mask }, ids: [id, id] }], signal)
  if (!before || !after) {
    throw new Error('nothing was decoded')
  }
  const meanAt = (place: number, neuron: number): number => {
    let [total, count] = [0, 0]
    for (let t = 0; t < sizes.n; t++) {
      if (mask[t * BOTH + place] !== 1) {
        continue
      }
      total += v[(place * sizes.n + t) * sizes.D + neuron] ?? 0
      count++
    }
    return total / count
  }
  const neurons = changes.map(({ neuron, topic }) => ({
    neuron,
    topic,
    from: meanAt(0, neuron),
    to: meanAt(1, neuron),
  }))
  neurons.sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from) || a.neuron - b.neuron)
  return { before, after, neurons }
}

/** Decodes many clips as they are and with their neurons moved. Throws NOT_READY without a neuron map. */
export async function intervene(
  { modelDir, interventions, beam, device }: EngineParams<'corrections.intervene'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'corrections.intervene'>> {
  const map = await readNeuronMap(modelDir)
  const plans = interventions.map((moves) => planMoves(map, moves))
  const how = decoding.parse({ beam })
  const batchSize = batchSizeFor(how, BOTH * interventions.length)
  // A clip and what is made of it are neighbours, and in one batch.
  const pairs = Math.max(1, Math.floor(batchSize / BOTH))
  return withModel(
    modelDir,
    { decoding: how, device: resolveDevice(device), batchSize: Math.max(BOTH, batchSize) },
    async ({ model, decoder, reader }) => {
      const sizes = { B: decoder.batchSize, n: model.architecture.frames, D: neuronCount(model.architecture) }
      const batches = async function* () {
        for (let start = 0; start < interventions.length; start += pairs) {
          const chosen = interventions.slice(start, start + pairs)
          const encoded = await decoder.encode(
            await reader.batch(
              padded(
                chosen.flatMap(({ clip }) => [clip, clip]),
                sizes.B,
              ),
            ),
          )
          chosen.forEach((_, i) => {
            applyMoves(encoded.v, encoded.mask, BOTH * i + 1, sizes, plans[start + i] ?? [])
          })
          yield { encoded, ids: chosen.flatMap(({ clip }) => [clip.id, clip.id]) }
        }
      }
      const captions = await decoder.decode(batches(), signal, (done) => {
        progress({
          phase: 'captioning',
          done: Math.floor(done / BOTH),
          total: interventions.length,
          unit: 'clips',
        })
      })
      return {
        captions: interventions.map((_, i) => ({
          before: captions[BOTH * i]?.caption ?? '',
          after: captions[BOTH * i + 1]?.caption ?? '',
        })),
      }
    },
  )
}
