/** What a clip is captioned as with its neurons moved; nothing is learnt. */
import { decoding } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { batchSizeFor, padded } from '../captioner/decoding/decoder.ts'
import type { EncodedClips } from '../captioner/decoding/decoder.ts'
import { captionAsCorrected, shiftKnown } from '../captioner/decoding/as-corrected.ts'
import { checkShapes } from '../captioner/feature-transform.ts'
import { withModel } from '../captioner/loaded-models.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import { resolveDevice } from '../graph/session.ts'
import { timeCourse } from '../neurons/activations.ts'
import { applyMoves } from '../captioner/decoding/moves.ts'
import { planMoves } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'

/** Places of a batch that a clip takes: as it is, and with its neurons moved. */
const BOTH = 2

/**
 * Decodes one clip as it is and with its neurons moved, side by side. Throws NOT_READY without a neuron map.
 */
export async function preview(
  params: EngineParams<'corrections.preview'>,
  { signal }: EngineContext,
): Promise<EngineResult<'corrections.preview'>> {
  const { modelDir, intervention, beam, device } = params
  const { longest } = await checkShapes([intervention.clip], Infinity, signal)
  const options = {
    decoding: decoding.parse({ beam }),
    device: resolveDevice(device),
    batchSize: BOTH,
    frames: longest,
  }
  return withModel(modelDir, options, (loaded) => decodeBoth(params, loaded, signal))
}

async function decodeBoth(
  { modelDir, intervention }: EngineParams<'corrections.preview'>,
  loaded: LoadedModel,
  signal: AbortSignal,
): Promise<EngineResult<'corrections.preview'>> {
  const { model, decoder, reader } = loaded
  const map = await readNeuronMap(modelDir)
  const { frames } = model.architecture
  const { id } = intervention.clip
  const encoded = await decoder.encode(await reader.batch(padded([intervention.clip], BOTH)))
  await shiftKnown(loaded, encoded)
  const changes = planMoves(map, intervention)
  applyMoves(encoded, { clip: 1, frames }, changes)
  const [plain, after] = await decoder.decode([{ encoded, ids: [id, id] }], signal)
  const [before] =
    model.gates === null ? [plain] : await captionAsCorrected(loaded, [intervention.clip], { signal })
  if (!before || !after) {
    throw new Error('nothing was decoded')
  }
  const neurons = changes.map(({ neuron, topic }) => ({
    neuron,
    topic,
    from: meanOf(timeCourse(encoded, { clip: 0, frames }, neuron)),
    to: meanOf(timeCourse(encoded, { clip: 1, frames }, neuron)),
  }))
  neurons.sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from) || a.neuron - b.neuron)
  return { before, after, neurons }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Decodes many clips as they are and with their neurons moved. Throws NOT_READY without a neuron map. */
export async function intervene(
  { modelDir, interventions, beam, device }: EngineParams<'corrections.intervene'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'corrections.intervene'>> {
  const map = await readNeuronMap(modelDir)
  const plans = interventions.map((moves) => planMoves(map, moves))
  const beamSearch = decoding.parse({ beam })
  const batchSize = Math.max(BOTH, batchSizeFor(beamSearch, BOTH * interventions.length))
  // A clip and what is made of it are neighbours, and in one batch.
  const pairs = Math.floor(batchSize / BOTH)
  const moved = interventions.map(({ clip }) => clip)
  const { longest } = await checkShapes(moved, Infinity, signal)
  const options = { decoding: beamSearch, device: resolveDevice(device), batchSize, frames: longest }
  return withModel(modelDir, options, async (loaded) => {
    const { model, decoder, reader } = loaded
    const { frames } = model.architecture
    async function* batches(): AsyncGenerator<EncodedClips> {
      for (let start = 0; start < interventions.length; start += pairs) {
        const chosen = interventions.slice(start, start + pairs)
        const clips = chosen.flatMap(({ clip }) => [clip, clip])
        const encoded = await decoder.encode(await reader.batch(padded(clips, batchSize)))
        await shiftKnown(loaded, encoded)
        chosen.forEach((_, i) => {
          applyMoves(encoded, { clip: BOTH * i + 1, frames }, plans[start + i] ?? [])
        })
        yield { encoded, ids: clips.map(({ id }) => id) }
      }
    }
    const captions = await decoder.decode(batches(), signal, (decoded) => {
      const done = Math.floor(decoded / BOTH)
      progress({ phase: 'captioning', done, total: interventions.length, unit: 'clips' })
    })
    const gated = model.gates === null ? null : await captionAsCorrected(loaded, moved, { signal })
    return {
      captions: interventions.map((_, i) => ({
        before: (gated?.[i] ?? captions[BOTH * i])?.caption ?? '',
        after: captions[BOTH * i + 1]?.caption ?? '',
      })),
    }
  })
}
