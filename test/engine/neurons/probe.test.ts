/** A probe on activations of another system: what it reads is what its formula says, and a planted neuron is found. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { readSafetensors } from '../../../src-main/formats/safetensors.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import type { LabelledClip } from '../../../src-main/engine-host/contract/index.ts'
import { engineContext } from '../context.ts'

const [NEURONS, FRAMES, CLIPS, TOPICS] = [6, 3, 60, 2]
/** The neuron that is planted for each topic, and one that never moves. */
const PLANTED = [4, 1]
const DEAD = 3
const context = engineContext()
let folder: string
let clips: (LabelledClip & { mean: number[] })[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-probe-'))
  const random = createRandom(7)
  clips = []
  for (let id = 0; id < CLIPS; id++) {
    const topics = [id % 2, ...(id % 3 === 0 ? [1 - (id % 2)] : [])].sort()
    const frames = 1 + (id % FRAMES)
    const values = new Float32Array(frames * NEURONS)
    for (let i = 0; i < values.length; i++) {
      const neuron = i % NEURONS
      const planted = topics.includes(PLANTED.indexOf(neuron))
      // Of a unit of its own: hundreds.
      values[i] = neuron === DEAD ? 5 : (planted ? 300 : 0) + 20 * random.normal()
    }
    const path = join(folder, `${id}.npy`)
    await writeFile(path, encodeNpy([frames, NEURONS], values))
    const mean = Array.from({ length: NEURONS }, (_, j) => {
      let sum = 0
      for (let t = 0; t < frames; t++) {
        sum += values[t * NEURONS + j]!
      }
      return sum / frames
    })
    clips.push({ id, features: path, topics, mean })
  }
  await mkdir(join(folder, 'model'))
  return () => rm(folder, { recursive: true })
})

const split = () => ({ train: clips.slice(0, 36), validation: clips.slice(36, 48), test: clips.slice(48) })

it('tells topics from raw activations, finds the neurons that are tied to them, and the dead one', async () => {
  const modelDir = join(folder, 'model')
  const { train, validation, test } = split()
  const probed = await neuronHandlers['neurons.probe'](
    { modelDir, frames: FRAMES, topicCount: TOPICS, clips, train, validation, seed: 1 },
    context,
  )
  expect(probed.neurons).toBe(NEURONS)
  expect(probed.mAP).toBeGreaterThan(0.95)

  // f by its formula, from the file.
  const tensors = await readSafetensors(join(modelDir, 'probe.safetensors'))
  const take = (name: string) => tensors.get(name)!
  const layer = (x: readonly number[], name: string): number[] =>
    Array.from(take(`${name}_bias`).data, (bias, o) =>
      x.reduce((sum, value, i) => sum + value * take(name).data[i * take(name).shape[1]! + o]!, bias),
    )
  for (const [i, { mean }] of clips.entries()) {
    const hidden = layer(mean, 'topics.hidden').map((x) => Math.max(0, x))
    const scores = layer(hidden, 'topics.output')
    probed.scores[i]!.topics.forEach((score, k) => expect(score).toBeCloseTo(scores[k]!, 3))
  }

  const map = await neuronHandlers['neurons.interpret'](
    {
      modelDir,
      clips,
      train,
      heldOut: test,
      truth: null,
      reference: 'zero',
      videoSet: 'bearing',
      shuffles: 2,
      seed: 1,
      device: 'cpu',
    },
    context,
  )
  PLANTED.forEach((neuron, topic) => {
    const scores = map.neurons[neuron]!
    expect(scores).toMatchObject({ part: 'activation', topic, dead: false })
    expect(scores.alignment!.precision).toBe(1)
    // Nothing else tells that topic as well.
    const best = map.neurons.filter((other) => other.topic === topic).sort((a, b) => b.delta - a.delta)
    expect(best[0]!.neuron).toBe(neuron)
  })
  expect(map.neurons[DEAD]!.delta).toBeCloseTo(0, 6)
  expect(map.neurons.filter(({ dead }) => dead).map(({ neuron }) => neuron)).toEqual([DEAD])

  const detail = await neuronHandlers['neurons.neuron'](
    { modelDir, neuron: PLANTED[0]!, clips, limit: 4, device: 'cpu' },
    context,
  )
  const bearing = clips.filter(({ topics }) => topics.includes(0))
  expect(detail.clips.every(({ id }) => bearing.some((clip) => clip.id === id))).toBe(true)
  const strip = await neuronHandlers['neurons.strip'](
    { modelDir, clip: bearing[0]!, topics: [0], limit: 1, device: 'cpu' },
    context,
  )
  expect(strip.topics[0]!.neurons[0]!.neuron).toBe(PLANTED[0])
  expect(strip.topics[0]!.values).toHaveLength(1 + (bearing[0]!.id % FRAMES))
})
