/** A clip over time: what f reads from each frame alone, and the neurons behind each topic. */
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { padded } from '../captioner/decoding/decoder.ts'
import type { EncodedBatch } from '../captioner/decoding/decoder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { resolveDevice } from '../graph/session.ts'
import { timeCourse } from './activations.ts'
import { predictionDifference } from './prediction-difference.ts'
import { withNeurons } from './source.ts'
import type { NeuronSource } from './source.ts'

/** See the contract. */
export function topicStrip(
  { modelDir, clip, topics, limit, device: setting }: EngineParams<'neurons.strip'>,
  { signal }: EngineContext,
): Promise<EngineResult<'neurons.strip'>> {
  const device = resolveDevice(setting)
  return withNeurons(modelDir, { device }, async ({ model, decoder, reader }) => {
    const { architecture } = model
    const [n, D, K] = [architecture.frames, neuronCount(architecture), architecture.topics]
    const encoded = await decoder.encode(await reader.batch(padded([clip], decoder.batchSize)))
    const { means } = await decoder.topics(encoded)
    const scores = await scoresOfFrames(decoder, encoded, n)
    const reference = new Float32Array(D)
    const options = { reference, sets: ['all'] as const, device, signal }
    const [delta] = await predictionDifference(model, means.slice(0, 1), options)
    if (!delta) {
      throw new Error('no differences')
    }
    return {
      topics: topics.map((topic) => ({
        topic,
        values: scores.map((ofFrame) => ofFrame[topic] ?? 0),
        neurons: strongest(delta, { K, topic, count: limit }).map((neuron) => ({
          neuron,
          difference: delta[neuron * K + topic]!,
          activation: timeCourse(encoded, { clip: 0, frames: n }, neuron),
        })),
      })),
    }
  })
}

/**
 * The topic scores of each valid frame of a batch's first clip, as if it were a clip's only frame: f is asked
 * of v_i as if it were v-bar. A batch of the decoder takes a frame in the place of each clip.
 */
async function scoresOfFrames(
  decoder: NeuronSource['decoder'],
  { v, mask }: EncodedBatch,
  n: number,
): Promise<number[][]> {
  const [B, D] = [decoder.batchSize, v.length / mask.length]
  const frames = Array.from({ length: n }, (_, t) => t).filter((t) => mask[t * B] === 1)
  const scores: number[][] = []
  for (let start = 0; start < frames.length; start += B) {
    const batch = frames.slice(start, start + B)
    const alone = { v: new Float32Array(B * n * D), mask: new Float32Array(n * B).fill(1, 0, B) }
    batch.forEach((t, b) => {
      alone.v.set(v.subarray(t * D, (t + 1) * D), b * n * D)
    })
    scores.push(...(await decoder.topics(alone)).scores.slice(0, batch.length))
  }
  return scores
}

/** The `count` neurons with the largest delta [D, K] for a topic, the largest first. */
function strongest(
  delta: Float32Array,
  { K, topic, count }: { K: number; topic: number; count: number },
): number[] {
  return Array.from({ length: delta.length / K }, (_, j) => j)
    .sort((a, b) => delta[b * K + topic]! - delta[a * K + topic]! || a - b)
    .slice(0, count)
}
