/** From classes to topics, neurons and frames; and classes that people correct, over the real engine. */
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { ActionsResult } from '#contract'
import { FRAMES } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let folder: string
let result: ActionsResult
beforeAll(async () => {
  bench = await createWorkbench()
  const { sample } = await bench.openPrepared('trained')
  folder = join(sample, 'actions')
  result = await compared()
  return bench.close
})

async function compared(): Promise<ActionsResult> {
  await bench.finished(await bench.client.actions.transfer({ clips: folder, folds: 2 }))
  const [newest] = await bench.client.actions.results()
  return newest!
}

it('knows the groups and the pairs of the sample, of which mean frame features know nothing', () => {
  expect(result).toMatchObject({ clips: 18, groups: 2, folds: 2 })
  expect(result.pairs).toEqual([
    ['left', 'right'],
    ['up', 'down'],
    ['grow', 'shrink'],
  ])
})

it('says by class which topics and neurons it leans on, and what is left without them', () => {
  const followed = result.sources.filter(({ of }) => of === 'neurons' || of === 'topics')
  expect(result.sources.filter(({ leaning }) => leaning !== null)).toEqual(followed)
  for (const { leaning, size } of followed) {
    expect(leaning).toHaveLength(9)
    for (const { toward, against, topics: ofClass, clips } of leaning!) {
      const weights = toward.map(({ weight }) => weight)
      expect(weights).toEqual(weights.toSorted((a, b) => b - a))
      expect(weights.every((weight) => weight > 0)).toBe(true)
      expect(against.every(({ weight }) => weight < 0)).toBe(true)
      expect([...toward, ...against].every(({ feature }) => feature < size)).toBe(true)
      expect(ofClass.every(({ recallWithout }) => recallWithout >= 0 && recallWithout <= 1)).toBe(true)
      expect(clips.every(({ clip }) => clip < result.clips)).toBe(true)
    }
  }
})

it('follows a mistaken clip to neurons, and to the second of their peaks', async () => {
  const clips = await bench.client.actions.clips({ id: result.id })
  const mistaken = clips.find(({ class: truth, answers }) => answers[0]?.predicted !== truth)!
  const reasons = await bench.client.actions.reasons({ id: result.id, source: 0, name: mistaken.name })
  expect(reasons.length).toBeGreaterThan(0)
  for (const { activation, peakSecond, weight } of reasons) {
    expect(activation).toHaveLength(FRAMES)
    expect(weight).toBeGreaterThan(0)
    expect(peakSecond).toBeGreaterThanOrEqual(0)
  }
  const frames = result.sources.findIndex(({ of }) => of === 'frames')
  expect(await bench.client.actions.reasons({ id: result.id, source: frames, name: mistaken.name })).toEqual(
    [],
  )
})

it('takes a person’s word on a class, as an edit that can be undone and counts from then on', async () => {
  const classOf = async (id: number, name: string) => {
    const { classes } = (await bench.client.actions.results()).find((other) => other.id === id)!
    const clip = (await bench.client.actions.clips({ id })).find((other) => other.name === name)!
    return [classes[clip.class], clip.relabelled]
  }
  const name = 'spin/v_spin_g01_c01'
  await bench.client.actions.relabel({ id: result.id, name, class: 'blink' })
  expect(await classOf(result.id, name)).toEqual(['spin', 'blink'])
  await bench.client.project.undo()
  expect(await classOf(result.id, name)).toEqual(['spin', null])
  await bench.client.project.redo()
  expect(await classOf(result.id, name)).toEqual(['spin', 'blink'])
  // Of the two clips of spin one is left: too few for two folds.
  expect(await bench.failure(await bench.client.actions.transfer({ clips: folder, folds: 2 }))).toMatch(
    /class "spin" has 1 clip/,
  )
  await bench.client.actions.relabel({ id: result.id, name: 'spin/v_spin_g02_c01', class: 'blink' })
  const next = await compared()
  expect(next.classes).toHaveLength(8)
  expect(await classOf(next.id, name)).toEqual(['blink', null])
  await expect(
    bench.client.actions.relabel({ id: result.id, name: 'none', class: 'blink' }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
