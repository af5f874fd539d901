/** Gates and the codebook as values of a graph, against gates.ts and moves.ts, on gates and keys that overlap. */
import { expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import { applyMoves, applyShift } from '../../../src-main/engine/captioner/decoding/moves.ts'
import { codebookTensors, shiftOf } from '../../../src-main/engine/captioner/exporting/codebook-graph.ts'
import { gateGraph } from '../../../src-main/engine/captioner/exporting/gate-graph.ts'
import { clipSummary, isExempt, knownAs, openGates } from '../../../src-main/engine/captioner/gates.ts'
import type { Gate, Gates } from '../../../src-main/engine/captioner/gates.ts'
import type { CaptionerModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { initialParameters, neuronCount } from '../../../src-main/engine/captioner/parameters.ts'
import { SPECIAL_WORDS, vocabularyOf } from '../../../src-main/engine/captioner/vocabulary.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { compile } from '../../../src-main/engine/graph/runtime.ts'
import { floats } from '../../../src-main/engine/graph/session.ts'
import { input } from '../../../src-main/engine/graph/value.ts'
import { tinySettings } from './tiny.ts'

const [FRAMES, FEATURES, TOPICS] = [7, 5, 3]
const vocabulary = vocabularyOf([...SPECIAL_WORDS, 'a', 'red', 'blue', 'dog', 'cat'])
const architecture = {
  settings: tinySettings(),
  frames: FRAMES,
  inputSize: FEATURES,
  topics: TOPICS,
  vocabularySize: vocabulary.words.length,
}
const D = neuronCount(architecture)
const random = createRandom(11)
const numbers = (count: number): number[] => Array.from({ length: count }, () => random.normal())
/** Of all frames alike, or of the first ones, each its own. */
const randomShift = (frames: number): Float32Array => Float32Array.from(numbers(frames * D))
const model: CaptionerModel = {
  kind: 'interpretive',
  architecture,
  vocabulary,
  transform: {
    mean: new Float32Array(FEATURES),
    scale: new Float32Array(FEATURES).fill(1),
    projection: null,
  },
  parameters: initialParameters(architecture, random),
  gates: null,
}

const randomGate = (): Gate => ({
  topic: Math.floor(TOPICS * random.next()),
  words: vocabulary.words
    .slice(4)
    .filter(() => random.next() < 0.3)
    .concat('nowhere'),
  weights: numbers(3 * FEATURES),
  bias: random.normal(),
  topicShare: random.next(),
  threshold: random.normal(),
  moves: numbers(4).map((target) => ({
    neuron: Math.floor(6 * random.next()),
    target,
    strength: 2 * random.next(),
  })),
})

it('opens, names and moves as the program does', async () => {
  let opened = 0
  for (let round = 0; round < 30; round++) {
    const rows = 1 + Math.floor(FRAMES * random.next())
    const mask = new Float32Array(FRAMES).fill(1, 0, rows)
    const features = new Float32Array(FRAMES * FEATURES)
    features.set(numbers(rows * FEATURES))
    const v = new Float32Array(FRAMES * D)
    v.set(numbers(rows * D))
    const [vMean, topics] = [Float32Array.from(numbers(D)), Float32Array.from(numbers(TOPICS))]
    const spoken = [4 + Math.floor(5 * random.next()), 2, 2]
    // Every third clip is one of the codebook; the others lie near a key that does not reach them.
    const near = [...vMean].map((value) => value + 0.01 * random.normal())
    const gates: Gates = {
      gates: Array.from({ length: 4 }, randomGate),
      exempt: [
        { key: numbers(D), radius: 0.1, shift: randomShift(1) },
        {
          key: near,
          radius: round % 3 === 0 ? 1 : 1e-6,
          shift: round % 2 === 0 ? randomShift(1 + (round % 5)) : null,
        },
        { key: near.map((value) => value + 0.1), radius: 100, shift: randomShift(1) },
      ],
    }
    const withCodebook = { ...model, gates }
    const shifted = { v: v.slice(), mask }
    applyShift(shifted, { clip: 0, frames: FRAMES }, knownAs(gates, vMean)?.shift ?? [])

    const words = new Set(spoken.map((id) => vocabulary.words[id]!))
    const summary = clipSummary({ rows, size: FEATURES, data: features })
    const open = isExempt(gates, vMean) ? [] : openGates(gates.gates, words, { summary, topics: [...topics] })
    const moved = v.slice()
    const moves = new Map(open.flatMap((gate) => gate.moves.map((move) => [move.neuron, move])))
    applyMoves({ v: moved, mask }, { clip: 0, frames: FRAMES }, [...moves.values()])
    opened += open.length

    const graph = gateGraph(model, gates)
    const mean = input('v_mean', [1, D])
    const wordIds = input('words', [spoken.length], 'int64')
    const isOpen = graph.open({
      vMean: mean,
      topics: input('topics', [1, TOPICS]),
      words: wordIds,
    })
    const session = await compile(
      {
        open: isOpen,
        moved: graph.move(input('v', [1, FRAMES, D]), isOpen),
        named: graph.named(isOpen, input('second', [1], 'int64')),
        shift: ops.broadcast(shiftOf(withCodebook, mean)!, [1, FRAMES, D]),
      },
      { weights: new Map([...graph.weights, ...codebookTensors(withCodebook)]) },
    )
    const out = await session.run({
      features: { shape: [FRAMES, FEATURES], data: features },
      mask: { shape: [FRAMES], data: mask },
      v: { shape: [1, FRAMES, D], data: v },
      v_mean: { shape: [1, D], data: vMean },
      topics: { shape: [1, TOPICS], data: topics },
      words: { shape: [spoken.length], data: BigInt64Array.from(spoken, BigInt) },
      second: { shape: [1], data: BigInt64Array.of(7n) },
    })
    await session.release()
    expect([...floats(out, 'open')]).toEqual(gates.gates.map((gate) => Number(open.includes(gate))))
    expect(floats(out, 'named')[0]).toBe(open.filter((gate) => gate.words.includes('dog')).length)
    floats(out, 'shift').forEach((added, i) => {
      expect(v[i]! + mask[Math.floor(i / D)]! * added).toBeCloseTo(shifted.v[i]!, 5)
    })
    floats(out, 'moved').forEach((activation, i) => {
      expect(activation).toBeCloseTo(moved[i]!, 4)
    })
  }
  expect(opened).toBeGreaterThan(10)
})
