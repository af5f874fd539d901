/** A tied topic head lets every neuron reach one topic, from its first values on and through training. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { initialParameters } from '../../../src-main/engine/captioner/parameters.ts'
import type { Architecture, Parameters } from '../../../src-main/engine/captioner/parameters.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { listening, tinySettings, trainedCaptioner } from './tiny.ts'

const architecture = (topics: number): Architecture => ({
  settings: tinySettings({ topicHead: 'tied', encoderSize: 8, topicHiddenSize: 12, keepFeatures: false }),
  frames: 3,
  inputSize: 4,
  vocabularySize: 9,
  topics,
})

/** By neuron, the topics that it reaches through some hidden unit. */
function reached(parameters: Parameters): number[][] {
  const [W1, W2] = [parameters.get('topics.hidden')!, parameters.get('topics.output')!]
  const [D, P, K] = [W1.shape[0]!, W1.shape[1]!, W2.shape[1]!]
  const indices = (n: number) => Array.from({ length: n }, (_, i) => i)
  return indices(D).map((j) =>
    indices(K).filter((k) => indices(P).some((p) => W1.data[j * P + p]! * W2.data[p * K + k]! !== 0)),
  )
}
const dealt = (topics: number) => Array.from({ length: 16 }, (_, j) => [j % topics])

it('ties every neuron to one topic, and every topic to as many neurons as any other', () => {
  expect(reached(initialParameters(architecture(5), createRandom(1)))).toEqual(dealt(5))
})

it('ties LSTM neurons alone where it is asked to: kept features reach no topic', () => {
  const { settings, ...sizes } = architecture(5)
  const withFeatures = (topicHead: 'tied' | 'tied-learnt') => ({
    ...sizes,
    settings: { ...settings, topicHead, keepFeatures: true },
  })
  expect(reached(initialParameters(withFeatures('tied-learnt'), createRandom(1)))).toEqual([
    ...Array.from({ length: 4 }, () => []),
    ...dealt(5),
  ])
  expect(reached(initialParameters(withFeatures('tied'), createRandom(1)))).toEqual(
    Array.from({ length: 20 }, (_, j) => [j % 5]),
  )
})

it('says at first of multiplied neurons what it says of those that are not', () => {
  const { settings, ...sizes } = architecture(5)
  const headOf = (neuronGain: number, topicHead: 'joint' | 'tied-learnt') =>
    initialParameters(
      { ...sizes, settings: { ...settings, topicHead, keepFeatures: true, neuronGain } },
      createRandom(1),
    ).get('topics.hidden')!
  for (const topicHead of ['joint', 'tied-learnt'] as const) {
    const [plain, multiplied] = [headOf(1, topicHead), headOf(4, topicHead)]
    const features = sizes.inputSize * plain.shape[1]!
    expect(multiplied.data.slice(0, features)).toEqual(plain.data.slice(0, features))
    expect(multiplied.data.slice(features).map((weight) => 4 * weight)).toEqual(plain.data.slice(features))
  }
})

it('is joint where there are fewer hidden units than topics', () => {
  expect(
    reached(initialParameters(architecture(13), createRandom(1))).every((topics) => topics.length === 13),
  ).toBe(true)
})

it('stays tied while it learns, and through refining on its own topics; a head of other topics is joint', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-tied-'))
  try {
    const { clips, modelDir } = await trainedCaptioner(folder, { topicHead: 'tied', neurons: 'non-negative' })
    const { parameters, architecture } = await loadModel(modelDir)
    expect(reached(parameters)).toEqual(dealt(4))
    expect(parameters.get('topics.hidden')!.data).not.toEqual(
      initialParameters(architecture, createRandom(1)).get('topics.hidden')!.data,
    )
    const refined = async (to: string, columns: number[]) => {
      const train = clips.map((clip) => ({
        ...clip,
        topics: clip.topics.map((topic) => columns.indexOf(topic)),
      }))
      await captionerHandlers['captioner.refine'](
        { modelDir, to, columns, train, validation: train, epochs: 1, seed: 1, device: 'cpu' },
        listening(),
      )
      return loadModel(to)
    }
    expect(reached((await refined(join(folder, 'same'), [0, 1, 2, 3])).parameters)).toEqual(dealt(4))
    const other = await refined(join(folder, 'other'), [1, 0, 2, 3])
    expect(other.architecture.settings.topicHead).toBe('joint')
    expect(reached(other.parameters).every((topics) => topics.length === 4)).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})
