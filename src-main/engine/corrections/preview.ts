import type { EngineContext, EngineParams, EngineResult } from '../contract.ts'
import { createDecoder, padded } from '../captioner/decoder.ts'
import { FeatureReader } from '../captioner/features.ts'
import { loadModel } from '../captioner/model-folder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { resolveDevice } from '../graph/session.ts'
import { applyIntervention, planIntervention } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'

/** Decodes one clip as it is and with the topics' neurons moved, side by side. Throws NOT_READY without a neuron map. */
export async function preview(params: EngineParams<'corrections.preview'>, { signal }: EngineContext): Promise<EngineResult<'corrections.preview'>> {
  const { modelDir, intervention, beam } = params
  const model = await loadModel(modelDir)
  const map = await readNeuronMap(modelDir)
  const sizes = { B: 2, n: model.architecture.frames, D: neuronCount(model.architecture) }
  const decoder = await createDecoder(model, beam, resolveDevice(params.device), sizes.B)
  try {
    const features = await new FeatureReader(sizes.n, model.transform).batch(padded([intervention.clip], sizes.B))
    const encoded = await decoder.encode(features)
    const changes = planIntervention(map, intervention)
    const v = encoded.v.slice()
    applyIntervention(v, encoded.mask, 1, sizes, changes, intervention.strength)
    const [before, after] = await decoder.decode({ v, mask: encoded.mask }, sizes.B, signal)
    if (!before || !after) throw new Error('nothing was decoded')
    const meanAt = (place: number, neuron: number): number => {
      let [total, count] = [0, 0]
      for (let t = 0; t < sizes.n; t++) {
        if (encoded.mask[t * sizes.B + place] !== 1) continue
        total += v[(place * sizes.n + t) * sizes.D + neuron] ?? 0
        count++
      }
      return total / count
    }
    const neurons = changes.map(({ neuron, topic }) => ({ neuron, topic, from: meanAt(0, neuron), to: meanAt(1, neuron) }))
    neurons.sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from) || a.neuron - b.neuron)
    const { id } = intervention.clip
    return { before: { id, ...before }, after: { id, ...after }, neurons }
  } finally {
    await decoder.release()
  }
}
