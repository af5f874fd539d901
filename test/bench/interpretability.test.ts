/** The controls and verdicts of the bench of interpretability: what they claim to be is what they are. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captionerSettings } from '#contract'
import { readAlignment, rotated, saveUntrained } from '../../bench/lib/interpretability/alignment.ts'
import type { Encoded } from '../../bench/lib/interpretability/alignment.ts'
import { verdict } from '../../bench/lib/interpretability/goals.ts'
import { takeLock } from '../../bench/lib/interpretability/lock.ts'
import { SilencedCaptions } from '../../bench/lib/interpretability/silenced-captions.ts'
import { createRandom } from '../../src-main/common/random.ts'
import { loadModel } from '../../src-main/engine/captioner/model-folder.ts'
import type { CaptionedClip } from '../../src-main/engine-host/contract/index.ts'
import { neuronHandlers } from '../../src-main/engine/neurons/index.ts'
import { engineContext } from '../engine/context.ts'
import { trainedCaptioner } from '../engine/captioner/tiny.ts'

const context = engineContext()
const norm = (row: Float32Array): number => Math.hypot(...row)
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

describe('neurons that each answer to one topic', () => {
  const K = 6
  const random = createRandom(7)
  const clipsOf = (count: number): CaptionedClip[] =>
    Array.from({ length: count }, (_, id) => ({
      id,
      features: '',
      captions: [],
      topics: Array.from({ length: K }, (_topic, k) => k).filter(() => random.next() < 0.3),
    }))
  const clips = { train: clipsOf(120), val: [], test: clipsOf(80) }
  // Neuron k is high where topic k is borne; neuron 0 is low there.
  const meansOf = (chosen: CaptionedClip[]): Float32Array[] =>
    chosen.map(({ topics }) =>
      Float32Array.from(
        { length: K },
        (_, k) => (k === 0 ? -1 : 1) * Number(topics.includes(k)) + 0.1 * random.normal(),
      ),
    )
  const encoded: Encoded = {
    means: { train: meansOf(clips.train), test: meansOf(clips.test) },
    frames: { train: [meansOf(clips.train)], test: [meansOf(clips.test)] },
  }
  const topics = Array.from({ length: K }, () => ({ words: [] }))
  const corpus = { clips, topics: topics as never, truth: null }

  it('are read as such, whatever their sign', async () => {
    const reading = await readAlignment({ ...encoded, frames: null }, corpus, context)
    expect(reading.neurons).toBe(K)
    expect(reading.aligned).toBe(1)
    expect(reading.area).toBeGreaterThan(0.99)
    expect(reading.probes[0]).toBeGreaterThan(0.99)
    expect(reading.chance).toBeLessThan(0.45)
  })

  it('stand for nothing once they are rotated, though all of them together know the same', async () => {
    const turned = rotated(encoded, createRandom(3))
    const reading = await readAlignment({ ...turned, frames: null }, corpus, context)
    expect(reading.probes[0]).toBeLessThan(0.9)
    expect(reading.probes.at(-1)).toBeGreaterThan(0.99)
    const pairs = [
      [encoded.means.train, turned.means.train],
      [encoded.means.test, turned.means.test],
      [encoded.frames!.test[0]!, turned.frames!.test[0]!],
    ] as const
    for (const [before, after] of pairs) {
      expect(norm(after[5]!)).toBeCloseTo(norm(before[5]!), 5)
      expect(dot(after[2]!, after[3]!)).toBeCloseTo(dot(before[2]!, before[3]!), 5)
      expect(Math.max(...after[5]!.map((x, j) => Math.abs(x - before[5]![j]!)))).toBeGreaterThan(0.1)
    }
  })
})

describe('of a trained captioner', () => {
  let folder: string
  let clips: CaptionedClip[]
  let modelDir: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-interpretability-'))
    ;({ clips, modelDir } = await trainedCaptioner(folder))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('the untrained control has the features and the form, and no weight of it', async () => {
    const to = join(folder, 'untrained')
    await saveUntrained({ from: modelDir, to }, 1)
    const [trained, untrained] = [await loadModel(modelDir), await loadModel(to)]
    expect(untrained.architecture).toEqual(trained.architecture)
    expect(untrained.transform).toEqual(trained.transform)
    for (const name of ['encoder.forward.input', 'encoder.backward.hidden', 'topics.hidden']) {
      const [before, after] = [trained.parameters.get(name)!.data, untrained.parameters.get(name)!.data]
      expect(after.length).toBe(before.length)
      expect(after.every((x, i) => x !== before[i])).toBe(true)
    }
  })

  it('captions without neurons are the same in one batch as one silencing after the other', async () => {
    const together = new SilencedCaptions(modelDir, clips, context)
    const silencings = [[], [0, 3, 9], [1, 2, 4, 5, 6, 7, 8, 10, 11, 12]]
    const wanted = silencings.flatMap((neurons) =>
      clips.flatMap((_, clip) => [0, 0.5].map((scale) => ({ clip, neurons, scale }))),
    )
    await together.decode(wanted)
    for (const neurons of silencings) {
      for (const scale of [0, 0.5]) {
        const { captions } = await neuronHandlers['neurons.silence'](
          { modelDir, neurons, scale, clips, device: 'cpu' },
          context,
        )
        expect(clips.map((_, clip) => together.of({ clip, neurons, scale }))).toEqual(
          captions.map(({ after }) => after),
        )
      }
    }
    expect(() => together.of({ clip: 0, neurons: [15], scale: 0 })).toThrow('nobody asked')
  })

  it('a folder is locked to its settings', async () => {
    const settings = captionerSettings.parse({})
    const first = await takeLock(folder, settings)
    expect(first.made).toHaveLength(1)
    expect(await takeLock(folder, settings)).toEqual(first)
    await expect(takeLock(folder, { ...settings, epochs: 3 })).rejects.toThrow('epochs')
  })
})

it.each([
  [[0.99, 0.99, 0.99], { atLeast: 0.98 }, 'met'],
  [[0.9, 1.1], { atLeast: 0.98 }, 'met, not for certain'],
  [[0.99], { atLeast: 0.98 }, 'met, not for certain'],
  [[0.5, 0.51, 0.5], { atLeast: 0.98 }, 'not met'],
  [[0.001, 0.002, 0.001], { below: 0.01 }, 'met'],
  [[0.01, 0.01, 0.01], { below: 0.01 }, 'not met'],
] as const)('the goal of %j with %j is %s', (values, bound, expected) => {
  expect(verdict({ values: [...values], bound })).toBe(expected)
})
