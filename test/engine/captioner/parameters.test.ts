/** First values: a topic head that starts tied lets every neuron reach one topic. */
import { expect, it } from 'vitest'
import { initialParameters } from '../../../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../../../src-main/engine/captioner/parameters.ts'
import { createRandom } from '../../../src-main/engine/random.ts'
import { tinySettings } from './tiny.ts'

const architecture = (topics: number): Architecture =>
  ({ settings: tinySettings({ topicStart: 'tied', encoderSize: 8, topicHiddenSize: 12, keepFeatures: false }), frames: 3, inputSize: 4, vocabularySize: 9, topics })

/** By neuron, the topics that it reaches through some hidden unit. */
function reached(architecture: Architecture): number[][] {
  const parameters = initialParameters(architecture, createRandom(1))
  const [W1, W2] = [parameters.get('topics.hidden')!, parameters.get('topics.output')!]
  const [D, P, K] = [W1.shape[0]!, W1.shape[1]!, W2.shape[1]!]
  const each = (n: number) => Array.from({ length: n }, (_, i) => i)
  return each(D).map((j) => each(K).filter((k) => each(P).some((p) => W1.data[j * P + p]! * W2.data[p * K + k]! !== 0)))
}

it('ties every neuron to one topic, and every topic to as many neurons as any other', () => {
  expect(reached(architecture(5))).toEqual(Array.from({ length: 16 }, (_, j) => [j % 5]))
})

it('mixes all where there are fewer hidden units than topics', () => {
  expect(reached(architecture(13)).every((topics) => topics.length === 13)).toBe(true)
})
