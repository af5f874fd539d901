/** Gates: what their probes read of a clip, and when they are sure. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import {
  clipSummary,
  GATES_FILE,
  isExempt,
  openGates,
  probeScore,
  readGates,
  withColumns,
  writeGates,
} from '../../../src-main/engine/captioner/gates.ts'
import type { Gate } from '../../../src-main/engine/captioner/gates.ts'
import { fitProbes } from '../../../src-main/engine/corrections/ridge-probe.ts'

const gateOf = (parts: Partial<Gate>): Gate => ({
  topic: 0,
  words: ['dog'],
  weights: [],
  bias: 0,
  topicShare: 0,
  threshold: 0,
  moves: [],
  ...parts,
})

it('reads means, changes over four frames, and deviations', () => {
  // One feature that rises by 1 a frame, and one that stands still.
  const features = Float32Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? i / 2 : 7))
  expect([...clipSummary({ rows: 6, size: 2, data: features })]).toEqual([
    2.5,
    7,
    4,
    0,
    Math.sqrt(35 / 12),
    0,
  ])
  expect([...clipSummary({ rows: 1, size: 2, data: Float32Array.of(3, 4) })]).toEqual([3, 4, 0, 0, 0, 0])
})

it('tells a topic', async () => {
  const random = createRandom(1)
  const bears = Array.from({ length: 40 }, (_, i) => i % 4 === 0)
  const summaries = bears.map((isBorne) =>
    Float64Array.from({ length: 6 }, (_, j) => random.normal() + (isBorne && j < 2 ? 3 : 0)),
  )
  // A feature that never varies has no weight, whatever its scale.
  summaries.forEach((summary) => summary.set([1e6], 5))
  const [probe] = await fitProbes(summaries, [bears])
  expect(probe!.weights[5]).toBe(0)
  const scores = summaries.map((summary) => probeScore(probe!, summary))
  scores.forEach((score, i) => {
    expect(score > 0.5).toBe(bears[i])
  })
})

it('is sure where probe and f are together, f held between 0 and 1', () => {
  const gate = gateOf({ topic: 1, weights: [1], bias: 0.1, topicShare: 1, threshold: 0.9 })
  const isOpen = (summary: number, f: number): boolean =>
    openGates([gate], new Set(['cat']), { summary: Float64Array.of(summary), topics: [9, f] }).length === 1
  expect([isOpen(0.4, 0.5), isOpen(0.4, 0.3)]).toEqual([true, false])
  expect([isOpen(-0.3, 7), isOpen(0.9, -7)]).toEqual([false, true])
  const inputs = { summary: Float64Array.of(9), topics: [0, 0] }
  expect(openGates([gate], new Set(['dog']), inputs)).toEqual([])
})

it('follows its topic to other columns, or goes with it; and leaves exempt clips alone', () => {
  const gates = {
    gates: [gateOf({ topic: 0 }), gateOf({ topic: 2 })],
    exempt: [{ key: [0, 0], radius: 1, shift: null }],
  }
  expect(withColumns(gates, (column) => [1, 2].indexOf(column))?.gates.map(({ topic }) => topic)).toEqual([1])
  expect(isExempt(gates, Float32Array.of(0.6, 0.6))).toBe(true)
  expect(isExempt(gates, Float32Array.of(0.8, 0.8))).toBe(false)
})

it('is kept in a file; shifts of older files, as numbers, are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-gates-'))
  const shift = Float32Array.of(0.1, -2, 1e-20, 3)
  const learnt = { gates: [gateOf({})], exempt: [{ key: [0, 1], radius: 1, shift }] }
  await writeGates(folder, learnt)
  expect(await readGates(folder)).toEqual(learnt)
  const asNumbers = { ...learnt, exempt: [{ key: [0, 1], radius: 1, shift: [...shift] }] }
  await writeFile(join(folder, GATES_FILE), JSON.stringify(asNumbers))
  expect(await readGates(folder)).toEqual(learnt)
  await rm(folder, { recursive: true })
})
