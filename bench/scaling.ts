/**
 * How the training step's time and memory grow: batch, hidden size, vocabulary, frames and words, each alone,
 * from the paper's sizes. Every size is measured in a process of its own, twice, long apart: the faster
 * counts. Its memory is the most that the process ever held, compiled step, parameters and optimizer's state
 * included. The growth is the exponent e of time ~ size^e, fitted over a dimension's rows: below 1 where most
 * of the step does not depend on it.
 *
 *   npm run bench -- scaling
 */
import './lib/heap.ts'
import { execFileSync } from 'node:child_process'
import { compiledStep, describe, PAPER, PAPER_SHAPE, randomBatches, stacked } from './lib/captioner.ts'
import { printMachine } from './lib/machine.ts'
import { figure, megabytes, printTable } from './lib/table.ts'
import { bestOf } from './lib/timing.ts'
import { stepOperations } from '../src-main/engine/captioner/training/step-cost.ts'

interface Point {
  clips: number
  hidden: number
  vocabulary: number
  frames: number
  words: number
}
const BASE: Point = {
  clips: PAPER_SHAPE.clips,
  hidden: PAPER.settings.hiddenSize,
  vocabulary: PAPER.vocabularySize,
  frames: PAPER.frames,
  words: PAPER_SHAPE.words,
}
const SIZES: Record<keyof Point, { name: string; sizes: number[] }> = {
  clips: { name: 'clips a batch (8 captions each)', sizes: [4, 8, 16, 32] },
  hidden: { name: 'hidden size', sizes: [256, 512, 1024, 2048] },
  vocabulary: { name: 'vocabulary', sizes: [5_000, 10_000, 20_000, 40_000] },
  frames: { name: 'frames', sizes: [14, 28, 56, 112] },
  words: { name: 'words a caption', sizes: [7, 13, 26, 52] },
}
const STEPS = 2

interface Measured {
  milliseconds: number
  bytes: number
  operations: number
}

/** The sizes that this process is to measure; all, each in a process of its own, when none are given. */
const [point] = process.argv.slice(2)
if (point !== undefined) {
  const { clips, hidden, vocabulary, frames, words } = JSON.parse(point) as Point
  const architecture = {
    ...PAPER,
    frames,
    vocabularySize: vocabulary,
    settings: { ...PAPER.settings, hiddenSize: hidden },
  }
  const shape = { ...PAPER_SHAPE, clips, words }
  const { step, leaves } = await compiledStep(architecture, shape)
  const feeds = stacked(leaves, randomBatches(architecture, leaves, STEPS))
  const milliseconds =
    (await bestOf(4, () => step.run(0, 0, feeds, new Array<number>(STEPS).fill(1e-3)))) / STEPS
  // Node gives the peak in kibibytes.
  const measured: Measured = {
    milliseconds,
    bytes: 1024 * process.resourceUsage().maxRSS,
    operations: stepOperations(architecture, shape),
  }
  console.log(JSON.stringify(measured))
} else {
  const known = new Map<string, Measured>()
  const keyOf = (dimension: string, size: number) => JSON.stringify({ ...BASE, [dimension]: size })
  const keys = new Set(
    Object.entries(SIZES).flatMap(([dimension, { sizes }]) => sizes.map((size) => keyOf(dimension, size))),
  )
  for (let round = 0; round < 2; round++) {
    for (const key of keys) {
      const measured = JSON.parse(
        execFileSync(process.execPath, [import.meta.filename, key], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      ) as Measured
      const before = known.get(key)
      if (!before || measured.milliseconds < before.milliseconds) {
        known.set(key, measured)
      }
    }
  }
  printMachine()
  console.log(`from ${describe(PAPER, PAPER_SHAPE)}\n`)
  const rows: string[][] = []
  for (const [dimension, { name, sizes }] of Object.entries(SIZES)) {
    const points = sizes.map((size) => ({ size, ...known.get(keyOf(dimension, size))! }))
    const growth = (value: (measured: Measured) => number) =>
      exponent(
        points.map(({ size }) => size),
        points.map(value),
      ).toFixed(2)
    points.forEach(({ size, milliseconds, bytes, operations }, i) => {
      rows.push([
        i === 0 ? name : '',
        figure(size),
        figure(milliseconds),
        megabytes(bytes),
        figure(operations / milliseconds / 1e6),
      ])
    })
    rows.push(['  growth', '', growth(({ milliseconds }) => milliseconds), growth(({ bytes }) => bytes), ''])
  }
  printTable(['', 'size', 'ms a step', 'memory', 'GFLOP/s'], rows)
}

/** The slope of log y over log x, by least squares. */
function exponent(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)]
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length
  const [meanU, meanV] = [mean(u), mean(v)]
  return (
    u.reduce((sum, value, i) => sum + (value - meanU) * (v[i]! - meanV), 0) /
    u.reduce((sum, value) => sum + (value - meanU) ** 2, 0)
  )
}
