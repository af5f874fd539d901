/**
 * Prediction differences against their formula, and the neuron map of a captioner that has learnt its topics.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionerModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { initialParameters, neuronCount } from '../../../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../../../src-main/engine/captioner/parameters.ts'
import { GREEDY } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { withModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import { vocabularyOf } from '../../../src-main/engine/captioner/vocabulary.ts'
import type {
  CaptionedClip,
  EngineParams,
  LabelledClip,
} from '../../../src-main/engine-host/contract/index.ts'
import { activations } from '../../../src-main/engine/neurons/activations.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import { predictionDifference } from '../../../src-main/engine/neurons/prediction-difference.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { listening, SENTENCES, tinySettings, trainedCaptioner } from '../captioner/tiny.ts'
import { topicHead } from './topic-head.ts'

const { signal } = listening()

/**
 * The formula as it is printed: one forward pass of f for every silenced neuron. `sets[k]`: the clips
 * that topic k's mean is over.
 */
function plainDelta(
  model: CaptionerModel,
  means: readonly Float32Array[],
  neuron: number,
  reference: number,
  sets: readonly (readonly number[])[],
): number[] {
  const difference = means.map((mean) => {
    const whole = topicHead(model, mean)
    const silenced = topicHead(
      model,
      Float64Array.from(mean, (x, j) => (j === neuron ? reference : x)),
    )
    return whole.map((score, k) => score - (silenced[k] ?? 0))
  })
  return sets.map(
    (clips, k) => clips.reduce((sum, i) => sum + (difference[i]?.[k] ?? NaN), 0) / Math.max(1, clips.length),
  )
}

it('agrees with the formula over more neurons and clips than fit one product', async () => {
  // 512 rows a product: both kinds of mean take two.
  const architecture: Architecture = {
    settings: tinySettings({ encoderSize: 18, topicHiddenSize: 512 }),
    frames: 6,
    inputSize: 8,
    vocabularySize: 4,
    topics: 2,
  }
  const D = neuronCount(architecture)
  const random = createRandom(4)
  const model: CaptionerModel = {
    kind: 'interpretive',
    architecture,
    vocabulary: vocabularyOf(['', '', '', '']),
    parameters: initialParameters(architecture, random),
    transform: { mean: new Float32Array(8), scale: new Float32Array(8), projection: null },
    gates: null,
  }
  const N = 530
  const means = Array.from({ length: N }, () => Float32Array.from({ length: D }, () => random.normal()))
  const reference = Float32Array.from({ length: D }, () => 0.3 * random.normal())
  const bearing = [0, 1].map((k) =>
    Array.from({ length: N }, (_, i) => i).filter((i) => i % 3 === k || i % 3 === 2),
  )
  const everything = [0, 1].map(() => Array.from({ length: N }, (_, i) => i))
  const topicsOf = means.map((_, i) => (i % 3 === 2 ? [0, 1] : [i % 3]))
  const deltas = await predictionDifference(model, means, {
    reference,
    sets: [topicsOf, 'all'],
    device: 'cpu',
    signal,
  })
  for (const neuron of [0, 31, 32, D - 1]) {
    for (const [s, sets] of [bearing, everything].entries()) {
      const expected = plainDelta(model, means, neuron, reference[neuron] ?? NaN, sets)
      expected.forEach((delta, k) => {
        expect(deltas[s]?.[neuron * 2 + k], `neuron ${neuron}, topic ${k}, set ${s}`).toBeCloseTo(delta, 5)
      })
    }
  }
})

describe('the neurons of a captioner that has learnt its topics', () => {
  let folder: string
  let modelDir: string
  let clips: CaptionedClip[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-neurons-'))
    ;({ clips, modelDir } = await trainedCaptioner(folder))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const interpret = (change: Partial<EngineParams<'neurons.interpret'>> = {}) =>
    neuronHandlers['neurons.interpret'](
      {
        modelDir,
        clips,
        train: clips,
        heldOut: [],
        truth: null,
        reference: 'zero',
        videoSet: 'bearing',
        shuffles: 5,
        seed: 1,
        device: 'cpu',
        ...change,
      },
      listening(),
    )
  const detail = (neuron: number) =>
    neuronHandlers['neurons.neuron']({ modelDir, neuron, clips, limit: 3, device: 'cpu' }, listening())
  /** v-bar of clips. */
  const meansOf = async (labelled: readonly LabelledClip[], directory = modelDir) =>
    withModel(directory, { decoding: GREEDY, device: 'cpu' }, async (loaded) =>
      (await activations(loaded, labelled, signal)).map(({ mean }) => mean),
    )
  const bearers = (labelled: readonly LabelledClip[], topic: number) =>
    labelled.flatMap(({ topics }, i) => (topics.includes(topic) ? [i] : []))

  it.each([
    ['zero', 'bearing'],
    ['mean', 'bearing'],
    ['zero', 'all'],
    ['mean', 'all'],
  ] as const)("have the formula's deltas: %s reference, %s clips", async (reference, videoSet) => {
    const chosen = clips.slice(0, 7)
    const { neurons } = await interpret({ train: chosen, reference, videoSet })
    const model = await loadModel(modelDir)
    const means = await meansOf(chosen)
    const sets = SENTENCES.map((_, k) =>
      videoSet === 'all' ? chosen.map((_clip, i) => i) : bearers(chosen, k),
    )
    for (const { neuron, topic, delta, runnerUp, margin } of neurons) {
      const silent =
        reference === 'mean' ? means.reduce((sum, mean) => sum + (mean[neuron] ?? 0), 0) / chosen.length : 0
      const expected = plainDelta(model, means, neuron, silent, sets)
      const stored = (await readNeuronMap(modelDir)).delta.subarray(
        neuron * SENTENCES.length,
        (neuron + 1) * SENTENCES.length,
      )
      stored.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k] ?? NaN, 5)
      })
      const ranked = [...stored].sort((a, b) => b - a)
      expect([stored[topic], stored[runnerUp]]).toEqual(ranked.slice(0, 2))
      expect(delta).toBe(ranked[0])
      expect(margin).toBeCloseTo((ranked[0] ?? NaN) - (ranked[1] ?? NaN), 6)
    }
  })

  it('stand for their topics better than for shuffled ones, the same under the same seed', async () => {
    const first = await interpret()
    expect(first.meanDelta).toBeGreaterThan(1.5 * first.shuffledBaseline)
    expect(first.shuffledBaseline).toBeGreaterThan(0)
    expect(new Set(first.neurons.map(({ topic }) => topic))).toEqual(new Set([0, 1, 2, 3]))
    expect(first.neurons.map(({ part }) => part)).toEqual([
      ...new Array<string>(8).fill('forward'),
      ...new Array<string>(8).fill('backward'),
    ])
    const again = await interpret()
    expect(again.neurons).toEqual(first.neurons)
    expect((await interpret({ seed: 2 })).shuffledBaseline).not.toBe(first.shuffledBaseline)
  })

  it('of a tied head stand for one topic or for none, and answer to others all the same', async () => {
    const tied = join(folder, 'tied')
    const { architecture, ...model } = await loadModel(modelDir)
    const settings = {
      ...architecture.settings,
      topicHead: 'tied' as const,
      neurons: 'non-negative' as const,
    }
    const retied = { ...architecture, settings }
    const parameters = new Map([
      ...model.parameters,
      ...[...initialParameters(retied, createRandom(1))].filter(([name]) => name.startsWith('topics.')),
    ])
    // Neuron 0 feeds nothing.
    parameters.get('topics.hidden')!.data.fill(0, 0, settings.topicHiddenSize)
    await saveModel(tied, { ...model, architecture: retied, parameters })
    // Topic 1 is borne wherever topic 0 is, so who answers to one answers to the other.
    const labelled = clips.map((clip) => ({
      ...clip,
      topics: clip.topics.flatMap((topic) => [[0, 1], [], [2], [3]][topic]!),
    }))
    const { neurons } = await interpret({
      modelDir: tied,
      train: labelled,
      heldOut: [...labelled, ...labelled.map((clip) => ({ ...clip, id: clip.id + clips.length }))],
    })
    expect(neurons[0]).toMatchObject({ delta: 0, margin: 0, alignment: null, polysemantic: false })
    const standing = neurons.filter(({ delta }) => delta > 0)
    expect(standing.every(({ neuron, topic }) => topic === neuron % SENTENCES.length)).toBe(true)
    expect(standing.every(({ alignment }) => alignment !== null)).toBe(true)
    const answering = standing.filter(({ topic, alignment }) => topic <= 1 && alignment!.q <= 0.05)
    expect(answering.length).toBeGreaterThan(0)
    expect(answering.every(({ polysemantic }) => polysemantic)).toBe(true)
  })

  it('are multiplied by their gain', async () => {
    const { architecture, ...model } = await loadModel(modelDir)
    const settings = { ...architecture.settings, neuronGain: 5 }
    const multiplied = join(folder, 'multiplied')
    await saveModel(multiplied, { ...model, architecture: { ...architecture, settings } })
    const [plain, after] = [await meansOf(clips), await meansOf(clips, multiplied)]
    after.forEach((mean, i) => {
      mean.forEach((value, j) => {
        expect(value).toBeCloseTo(5 * plain[i]![j]!, 4)
      })
    })
  })

  it('are found dead when nothing moves them', async () => {
    // One clip over and over: every neuron has the same mean everywhere.
    const { neurons } = await interpret({ clips: new Array<CaptionedClip>(3).fill(clips[0]!) })
    expect(neurons.every(({ dead, polysemantic }) => dead && !polysemantic)).toBe(true)
    expect((await interpret()).neurons.some(({ dead }) => dead)).toBe(false)
  })

  it('are shown with the clips that excite them most, frame by frame', async () => {
    await interpret()
    const map = await readNeuronMap(modelDir)
    const all = await meansOf(clips)
    for (const neuron of [0, 15]) {
      const shown = await detail(neuron)
      expect(shown.deltas).toEqual([...map.delta.subarray(neuron * 4, (neuron + 1) * 4)])
      expect(shown.clips.map(({ mean }) => mean)).toEqual(
        all
          .map((mean) => mean[neuron])
          .sort((a = 0, b = 0) => b - a)
          .slice(0, 3),
      )
      shown.clips.forEach(({ id, mean, activation }) => {
        expect(activation).toHaveLength(6 - (id % 3))
        expect(activation.reduce((a, b) => a + b, 0) / activation.length).toBeCloseTo(mean, 5)
      })
    }
    await expect(detail(16)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
