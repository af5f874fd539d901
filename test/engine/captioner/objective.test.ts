/**
 * The whole objective of a tiny captioner against finite differences, against ONNX Runtime, and against its
 * own padding.
 */
import { describe, expect, it } from 'vitest'
import type { CaptionerSettings } from '#contract'
import { dropoutLeaves } from '../../../src-main/engine/captioner/dropout.ts'
import { losses } from '../../../src-main/engine/captioner/losses.ts'
import { batchLeaves } from '../../../src-main/engine/captioner/minibatch.ts'
import {
  createNetwork,
  decoderStep,
  encode,
  meanOverFrames,
  topicScores,
} from '../../../src-main/engine/captioner/model.ts'
import { initialParameters, neuronCount } from '../../../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../../../src-main/engine/captioner/parameters.ts'
import { gradients } from '../../../src-main/engine/graph/gradient.ts'
import { evaluate } from '../../../src-main/engine/graph/reference.ts'
import { emitModel } from '../../../src-main/engine/graph/onnx.ts'
import { createSession, floats } from '../../../src-main/engine/graph/session.ts'
import type { Tensor } from '../../../src-main/engine/graph/session.ts'
import { elementCount, input, inputsOf } from '../../../src-main/engine/graph/value.ts'
import type { Input, Value } from '../../../src-main/engine/graph/value.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import type { Random } from '../../../src-main/common/random.ts'
import { tinySettings } from './tiny.ts'

const LAMBDA = 0.7
const SHAPE = { clips: 2, captions: 2, words: 3 }
/** Valid frames of each clip: the second is padded. */
const VALID = [6, 5]

const architectureOf = (frames: number, change: Partial<CaptionerSettings> = {}): Architecture => ({
  settings: tinySettings({
    encoderSize: 2,
    hiddenSize: 3,
    attentionSize: 2,
    embeddingSize: 3,
    topicHiddenSize: 3,
    keepFeatures: true,
    deltas: true,
    dropout: 0.5,
    inputDropout: 0.25,
    attentionPenalty: 0.7,
    neurons: 'signed',
    topicHead: 'joint',
    ...change,
  }),
  frames,
  inputSize: 3,
  vocabularySize: 7,
  topics: 2,
})

/** What the objective is made of, so that every term of it is in one. */
const FORMS: Record<string, Partial<CaptionerSettings>> = {
  "in the authors' form": { gateDropout: 0.4, attentionPenaltyForm: 'batch-sum' },
  'with a squared topic loss': { topicLoss: 'squared' },
  'with a cross-entropy, tied and non-negative': {
    topicLoss: 'cross-entropy',
    labelSmoothing: 0.2,
    neurons: 'non-negative',
    neuronGain: 3,
    topicHead: 'tied',
  },
}

type Feeds = Record<string, number[]>

/** Random features (zero where padded), topics, words and masks for the leaves of a batch. */
function randomFeeds(
  architecture: Architecture,
  shape: typeof SHAPE,
  valid: readonly number[],
  random: Random,
): Feeds {
  const { frames: n, inputSize: F, vocabularySize: V } = architecture
  const leaves = batchLeaves(architecture, shape)
  const draw = (leaf: Value, valueAt: (position: number) => number) =>
    Array.from({ length: elementCount(leaf.shape) }, (_, i) => valueAt(i))
  const B = shape.clips
  const isFrame = (t: number, b: number) => t < (valid[b] ?? n)
  const feeds: Feeds = {
    'batch.features': draw(leaves.features, (i) =>
      isFrame(Math.floor(i / (B * F)), Math.floor(i / F) % B) ? random.normal() : 0,
    ),
    'batch.frame_mask': draw(leaves.frameMask, (i) => (isFrame(Math.floor(i / B), i % B) ? 1 : 0)),
    'batch.topics': draw(leaves.topics, () => random.below(2)),
    'batch.words': draw(leaves.words, () => random.below(V)),
    'batch.targets': draw(leaves.targets, () => random.below(V)),
    // Captions of different lengths: row r has 1 + r mod T words.
    'batch.word_mask': draw(leaves.wordMask, (i) =>
      Math.floor(i / (B * shape.captions)) <= i % shape.words ? 1 : 0,
    ),
    'batch.caption_weight': draw(
      leaves.captionWeight,
      (i) => (i + 1) / ((B * shape.captions * (B * shape.captions + 1)) / 2),
    ),
  }
  for (const mask of Object.values(dropoutLeaves(architecture, shape)) as Input[]) {
    feeds[mask.name] = draw(mask, () => random.below(2))
  }
  return feeds
}

/** First parameters, with the biases moved off zero so that none hides. */
function randomParameters(architecture: Architecture, random: Random): Feeds {
  return Object.fromEntries(
    [...initialParameters(architecture, random)].map(([name, { data }]) => [
      name,
      Array.from(data, (x) => x + 0.2 * random.normal()),
    ]),
  )
}

function typedArray(dtype: Value['dtype'], values: readonly number[]): Tensor['data'] {
  switch (dtype) {
    case 'int64':
      return BigInt64Array.from(values.map(BigInt))
    case 'uint8':
      return Uint8Array.from(values)
    default:
      return Float32Array.from(values)
  }
}

describe.each(Object.entries(FORMS))('the objective %s', (_, form) => {
  const architecture = architectureOf(6, form)
  const network = createNetwork(architecture)
  const random = createRandom(11)
  const feeds = {
    ...randomParameters(architecture, random),
    ...randomFeeds(architecture, SHAPE, VALID, random),
  }
  const {
    total,
    nll,
    topicLoss: topics,
  } = losses(network, batchLeaves(architecture, SHAPE), dropoutLeaves(architecture, SHAPE), LAMBDA)
  const variables = [...network.leaves.values()]
  const derived = gradients(total, variables)

  it('has the gradient that finite differences give, for every parameter', () => {
    const analytic = evaluate(derived, feeds)
    const at = (name: string, element: number, shift: number): number => {
      const moved = (feeds[name] ?? []).map((x, i) => (i === element ? x + shift : x))
      return evaluate([total], { ...feeds, [name]: moved })[0]?.data[0] ?? NaN
    }
    variables.forEach((leaf, position) => {
      const { name } = leaf
      const gradient = analytic[position]?.data ?? new Float64Array()
      // The steepest element, so that no parameter passes by being 0 wherever it is looked at, and two more.
      const steepest = gradient.reduce(
        (best, x, i) => (Math.abs(x) > Math.abs(gradient[best] ?? 0) ? i : best),
        0,
      )
      expect(Math.abs(gradient[steepest] ?? 0), `${name} has a gradient`).toBeGreaterThan(1e-6)
      for (const element of new Set([
        steepest,
        random.below(gradient.length),
        random.below(gradient.length),
      ])) {
        const numeric = (at(name, element, 1e-5) - at(name, element, -1e-5)) / 2e-5
        expect(gradient[element], `${name}[${element}]`).toBeCloseTo(numeric, 6)
      }
    })
  })

  it('means the same in ONNX Runtime, forward and backward', async () => {
    const outputs = [total, nll, topics, ...derived]
    const expected = evaluate(outputs, feeds)
    const session = await createSession(
      emitModel(Object.fromEntries(outputs.map((value, i) => [`out${i}`, value]))),
    )
    const inputs: Record<string, Tensor> = {}
    for (const { name, shape, dtype } of inputsOf(outputs)) {
      const values = feeds[name] ?? []
      inputs[name] = {
        shape,
        data: typedArray(dtype, values),
      }
    }
    const got = await session.run(inputs)
    await session.release()
    outputs.forEach((_, i) => {
      floats(got, `out${i}`).forEach((x, element) => {
        expect(x, `output ${i}[${element}]`).toBeCloseTo(expected[i]?.data[element] ?? NaN, 4)
      })
    })
  })
})

it('smooths labels: every word takes an even share of the target', () => {
  const smoothing = 0.3
  const random = createRandom(4)
  const sharp = architectureOf(6)
  const feeds = { ...randomParameters(sharp, random), ...randomFeeds(sharp, SHAPE, VALID, random) }
  const totalOf = (labelSmoothing: number, word?: number): number => {
    const architecture = { ...sharp, settings: { ...sharp.settings, labelSmoothing } }
    const { total } = losses(
      createNetwork(architecture),
      batchLeaves(architecture, SHAPE),
      dropoutLeaves(architecture, SHAPE),
      LAMBDA,
    )
    const targets = feeds['batch.targets'] ?? []
    return (
      evaluate([total], {
        ...feeds,
        'batch.targets': word === undefined ? targets : targets.map(() => word),
      })[0]?.data[0] ?? NaN
    )
  }
  const everyWord = Array.from({ length: sharp.vocabularySize }, (_, word) => totalOf(0, word))
  const even = everyWord.reduce((a, b) => a + b, 0) / everyWord.length
  expect(totalOf(smoothing)).toBeCloseTo((1 - smoothing) * totalOf(0) + smoothing * even, 10)
})

it('sums the attention penalty over a batch, or averages it over captions', () => {
  const random = createRandom(6)
  const architecture = architectureOf(6)
  const feeds = {
    ...randomParameters(architecture, random),
    ...randomFeeds(architecture, SHAPE, VALID, random),
  }
  // Three captions; the fourth row is none.
  const weights = [1 / 3, 1 / 3, 1 / 3, 0]
  const wordMask = (feeds['batch.word_mask'] ?? []).map((x, i) => (i % 4 === 3 ? 0 : x))
  const penalty = (attentionPenaltyForm: CaptionerSettings['attentionPenaltyForm']): number => {
    const totalWith = (attentionPenalty: number): number => {
      const settings = { ...architecture.settings, attentionPenalty, attentionPenaltyForm }
      const { total } = losses(
        createNetwork({ ...architecture, settings }),
        batchLeaves(architecture, SHAPE),
        {},
        LAMBDA,
      )
      const batch = { ...feeds, 'batch.caption_weight': weights, 'batch.word_mask': wordMask }
      return evaluate([total], batch)[0]?.data[0] ?? NaN
    }
    return totalWith(1) - totalWith(0)
  }
  expect(penalty('batch-sum')).toBeGreaterThan(0)
  expect(penalty('batch-sum')).toBeCloseTo((3 / architecture.frames) * penalty('caption-mean'), 10)
})

it('drops the gates but not the candidate: without any, what an LSTM holds fades by half a word', () => {
  const random = createRandom(7)
  const architecture = architectureOf(2)
  const H = architecture.settings.hiddenSize
  const clips = {
    frameKeys: input('keys', [1, 2, architecture.settings.attentionSize]),
    frameGates: input('frame_gates', [1, 2, 4 * H]),
    frameBias: input('frame_bias', [1, 1, 2]),
  }
  const [wordGates, memory, factors] = [
    input('word', [1, 4 * H]),
    input('memory', [1, H]),
    input('kept', [1, 3 * H]),
  ]
  const step = decoderStep(createNetwork(architecture), clips, {
    wordGates,
    hidden: input('hidden', [1, H]),
    memory,
    gateFactors: factors,
  })
  const draw = (leaf: Value): number[] =>
    Array.from({ length: elementCount(leaf.shape) }, () => random.normal())
  const parameters = randomParameters(architecture, random)
  const none = Object.fromEntries(Object.entries(parameters).map(([name, x]) => [name, x.map(() => 0)]))
  const [gates, held] = [draw(wordGates), draw(memory)]
  const [after] = evaluate([step.memory], {
    ...none,
    keys: draw(clips.frameKeys),
    frame_gates: draw(clips.frameGates).map(() => 0),
    frame_bias: [0, 0],
    hidden: new Array<number>(H).fill(0),
    word: gates,
    memory: held,
    kept: new Array<number>(3 * H).fill(0),
  })
  for (let j = 0; j < H; j++) {
    expect(after?.data[j]).toBeCloseTo(0.5 * (held[j] ?? NaN) + 0.5 * Math.tanh(gates[2 * H + j] ?? NaN), 10)
  }
})

describe('padding', () => {
  const random = createRandom(5)
  const parameters = randomParameters(architectureOf(5), random)
  const alone = { clips: 1, captions: 1, words: 3 }
  const F = 3

  /** v, topic scores and losses of a batch, without dropout. */
  function measure(architecture: Architecture, shape: typeof SHAPE, feeds: Feeds) {
    const network = createNetwork(architecture)
    const batch = batchLeaves(architecture, shape)
    const v = encode(network, batch.features, batch.frameMask)
    const { total, nll, topicLoss } = losses(network, batch, {}, LAMBDA)
    const [vs, scores, ...scalars] = evaluate(
      [v, topicScores(network, meanOverFrames(v, batch.frameMask)), total, nll, topicLoss],
      { ...parameters, ...feeds },
    )
    return {
      v: [...(vs?.data ?? [])],
      scores: [...(scores?.data ?? [])],
      losses: scalars.map(({ data }) => data[0] ?? NaN),
    }
  }
  const close = (got: readonly number[], expected: readonly number[]) => {
    expect(got).toHaveLength(expected.length)
    got.forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i] ?? NaN, 10)
    })
  }

  // 2 and 4 frames are too few for a delta, 5 give one.
  it.each([1, 2, 4, 5])(
    'changes nothing of a clip of %i frames, nor do its neighbours and rows without weight',
    (rows) => {
      const small = architectureOf(rows)
      const feeds = randomFeeds(small, alone, [rows], random)
      const expected = measure(small, alone, { ...feeds, 'batch.caption_weight': [1] })

      // The same clip in place 1 of 3, its caption in row 3 of 6, padded to 8 frames and 5 words beside other
      // clips.
      const large = architectureOf(8)
      const shape = { clips: 3, captions: 2, words: 5 }
      const [place, row, R] = [1, 3, 6]
      const crowd = randomFeeds(large, shape, [8, rows, 6], random)
      const put = (name: string, width: number, count: number, stride: number, start: number, first = 0) => {
        for (let t = first; t < count; t++) {
          for (let j = 0; j < width; j++) {
            ;(crowd[name] ?? [])[t * stride + start + j] = feeds[name]?.[t * width + j] ?? 0
          }
        }
      }
      put('batch.features', F, rows, 3 * F, place * F)
      put('batch.topics', 2, 1, 0, 2 * place)
      for (const name of ['batch.words', 'batch.targets', 'batch.word_mask']) {
        put(name, 1, 5, R, row)
      }
      crowd['batch.caption_weight'] = Array.from({ length: R }, (_, r) => (r === row ? 1 : 0))
      const got = measure(large, shape, crowd)

      const D = neuronCount(large)
      const ofClip = got.v.slice(place * 8 * D, (place + 1) * 8 * D)
      close(ofClip.slice(0, rows * D), expected.v)
      expect(ofClip.slice(rows * D).every((x) => x === 0)).toBe(true)
      close(got.scores.slice(2 * place, 2 * place + 2), expected.scores)
      close(got.losses, expected.losses)
    },
  )
})
