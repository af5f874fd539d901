/** Held-out alignment through the services: what is held out of a map, what is kept of it and exported. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NeuronMap, Split } from '#contract'
import { FRAMES } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let sample: string
beforeAll(async () => {
  bench = await createWorkbench()
  ;({ sample } = await bench.openPrepared('trained'))
})
afterAll(() => bench.close())

const idsOf = async (split: Split): Promise<number[]> =>
  (await bench.client.corpus.clips({ split })).rows.map(({ id }) => id)

async function interpret(modelId: number, heldOut?: 'val' | 'test'): Promise<NeuronMap> {
  await bench.finished(await bench.client.neurons.interpret({ modelId, heldOut }))
  return (await bench.client.neurons.map({ modelId }))!
}

it('is measured on clips that the model has not learnt from, and kept with what it was measured on', async () => {
  const { client } = bench
  const [learnt, heldOut] = [await idsOf('train'), await idsOf('test')]
  const before = Date.now()
  const map = await interpret(1, 'test')
  expect(map).toMatchObject({
    trainingClips: learnt.length,
    alignment: { split: 'test', clips: heldOut.length, draws: 10_000 },
  })
  expect(Date.parse(map.createdAt)).toBeGreaterThanOrEqual(before - 1000)
  const distinguishing = map.alignment!.topics.filter(
    ({ bearing }) => bearing > 0 && bearing < heldOut.length,
  )
  expect(map.alignment!.tests).toBe(distinguishing.length * map.neurons.length)
  expect(distinguishing.length).toBeGreaterThan(0)

  // What a page says of a neuron is what the list says of it.
  const neuron = map.neurons.find(({ alignment }) => alignment !== null)!
  const page = await client.neurons.neuron({ modelId: 1, neuron: neuron.neuron })
  const column = map.topics.findIndex(({ id }) => id === neuron.topicId)
  expect(page.alignment[column]!.precision).toBeCloseTo(neuron.alignment!.precision, 6)
  expect(page.alignment[column]!.p).toBeCloseTo(neuron.alignment!.p, 6)
  // Corrected for all pairs there, and for one test a neuron here.
  const tests = map.neurons.filter(({ alignment }) => alignment !== null)
  const smallest = Math.min(...tests.map(({ alignment }) => alignment!.p))
  const least = Math.min(...tests.map(({ alignment }) => alignment!.q))
  expect(least).toBeLessThanOrEqual(smallest * tests.length)
  expect(least).toBeGreaterThanOrEqual(smallest)

  await client.neurons.export({ modelId: 1, path: join(bench.folder, 'map.csv') })
  const lines = (await readFile(join(bench.folder, 'map.csv'), 'utf8')).split('\n')
  expect(lines[0]).toBe(
    'layer,unit,description,similarity,held_out_precision,held_out_auc,held_out_p,held_out_q',
  )
  const cells = lines[1 + map.neurons.indexOf(neuron)]!.trim().split(',')
  const { precision, auc, p, q } = neuron.alignment!
  expect(cells.slice(-4).map(Number)).toEqual([precision, auc, p, q])
})

it('holds neurons against what the sample shows over time', async () => {
  const truth = join(sample, 'truth.tsv')
  await bench.finished(await bench.client.neurons.interpret({ modelId: 1, heldOut: 'test', truth }))
  const map = (await bench.client.neurons.map({ modelId: 1 }))!
  const heldOut = await idsOf('test')
  expect(map.overTime!.frames).toBe(heldOut.length * FRAMES)
  expect(map.overTime!.neurons.map(({ neuron }) => neuron)).toEqual(map.neurons.map(({ neuron }) => neuron))
  const concepts = new Map(map.overTime!.concepts.map(({ concept, ...overlap }) => [concept, overlap]))
  // A background is there all the time: the share of frames is that of clips.
  const clipNames = (await bench.client.corpus.clips({ split: 'test' })).rows.map(({ name }) => name)
  const lines = (await readFile(truth, 'utf8')).split('\n').map((line) => line.split('\t'))
  const backgrounds = [...concepts.keys()].filter((concept) => concept.startsWith('background '))
  expect(backgrounds.length).toBeGreaterThan(0)
  for (const background of backgrounds) {
    const showing = lines.filter(([clip = '', concept]) => concept === background && clipNames.includes(clip))
    expect(concepts.get(background)!.always).toBeCloseTo(showing.length / clipNames.length, 6)
  }
  for (const { iou, always } of concepts.values()) {
    expect([iou, always].every((share) => share >= 0 && share <= 1)).toBe(true)
  }
})

it.each([
  ['clip0001\tred\t0\t1\nclip0001\tred\t2\t1\n', 'truth.tsv:2: "clip0001\tred\t2\t1" is no clip'],
  ['clip0001\tred\tsoon\t1\n', 'truth.tsv:1'],
  ['clip0001 red 0 1\n', 'truth.tsv:1'],
  ['nobody\tred\t0\t1\n', 'truth.tsv speaks of no clip of this project'],
])('refuses %j as a truth over time', async (text, message) => {
  const truth = join(bench.folder, 'truth.tsv')
  await writeFile(truth, text)
  expect(await bench.failure(await bench.client.neurons.interpret({ modelId: 1, truth }))).toContain(message)
})

it('leaves out what was in another split, and what a version was corrected on', async () => {
  const { client } = bench
  const [train, validation] = [await idsOf('train'), await idsOf('val')]
  await client.corpus.moveClips({ clipIds: train.slice(0, 3), split: 'val' })
  const map = await interpret(1)
  expect([map.trainingClips, map.alignment!.clips]).toEqual([train.length - 3, validation.length])

  const typed = (await client.corpus.clip({ clipId: train[4]! })).captions[0]!.text
  await client.corrections.enqueue({ modelId: 1, clipId: validation[0]!, typed })
  const learnt = await bench.finished(await client.corrections.learn({}))
  const version = learnt.result?.kind === 'correct' ? learnt.result.modelId : 0
  expect((await interpret(version)).alignment?.clips ?? 0).toBe(validation.length - 1)
})
