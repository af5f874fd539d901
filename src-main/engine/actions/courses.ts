/** When in a clip neurons are active: from a class that was mistaken to the frame that did it. */
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { resolveDevice } from '../graph/session.ts'
import { frameActivations } from '../neurons/activations.ts'
import { withNeurons } from '../neurons/source.ts'

/** See the contract. */
export function courses(
  { modelDir, clip, neurons, device }: EngineParams<'actions.courses'>,
  { signal }: EngineContext,
): Promise<EngineResult<'actions.courses'>> {
  return withNeurons(modelDir, { device: resolveDevice(device), batchSize: 1 }, async (source) => {
    const [values = new Float32Array()] = await frameActivations(source, [clip], signal)
    const D = neuronCount(source.model.architecture)
    return {
      courses: neurons.map((neuron) =>
        Array.from({ length: values.length / D }, (_, frame) => values[frame * D + neuron] ?? 0),
      ),
    }
  })
}
