/** A clip over time: what f reads from each frame alone, and the neurons behind each topic. */
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { GREEDY, padded } from '../captioner/decoder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { withModel } from '../captioner/ready.ts'
import { resolveDevice } from '../graph/session.ts'
import { predictionDifference } from './prediction-difference.ts'

/**
 * See the contract. The decoder's batch has a place for each frame: f is asked of v_i as if it were v-bar.
 */
export function topicStrip(
  { modelDir, clip, topics, most, device }: EngineParams<'neurons.strip'>,
  { signal }: EngineContext,
): Promise<EngineResult<'neurons.strip'>> {
  return withModel(
    modelDir,
    { decoding: GREEDY, device: resolveDevice(device) },
    async ({ model, decoder, reader }) => {
      const { architecture } = model
      const [n, D, B] = [architecture.frames, neuronCount(architecture), decoder.batchSize]
      const encoded = await decoder.encode(await reader.batch(padded([clip], B)))
      const frames = Array.from({ length: n }, (_, t) => t).filter((t) => encoded.mask[t * B] === 1)
      const { means } = await decoder.topics(encoded)
      // One frame a place: a clip whose only frame it is.
      const scores: number[][] = []
      for (let start = 0; start < frames.length; start += B) {
        const chosen = frames.slice(start, start + B)
        const v = new Float32Array(B * n * D)
        const mask = new Float32Array(n * B)
        mask.fill(1, 0, B)
        chosen.forEach((t, place) => {
          v.set(encoded.v.subarray(t * D, (t + 1) * D), place * n * D)
        })
        scores.push(...(await decoder.topics({ v, mask })).scores.slice(0, chosen.length))
      }
      const mean = means[0]
      if (!mean) {
        throw new Error('nothing was encoded')
      }
      const [delta] = await predictionDifference(
        model,
        [mean],
        new Float32Array(D),
        ['all'],
        resolveDevice(device),
        signal,
      )
      if (!delta) {
        throw new Error('no differences')
      }
      const K = architecture.topics
      return {
        topics: topics.map((topic) => {
          const order = Array.from({ length: D }, (_, j) => j)
            .sort((a, b) => delta[b * K + topic]! - delta[a * K + topic]! || a - b)
            .slice(0, most)
          return {
            topic,
            values: scores.map((own) => own[topic] ?? 0),
            neurons: order.map((neuron) => ({
              neuron,
              difference: delta[neuron * K + topic]!,
              activation: frames.map((t) => encoded.v[t * D + neuron] ?? 0),
            })),
          }
        }),
      }
    },
  )
}
