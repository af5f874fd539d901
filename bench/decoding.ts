/**
 * Captions a second, from frame features in memory to n-best lists, at beams of 1, 5 and 10; beside the form
 * that decoding had before: weights fed at every step, the whole vocabulary's log-probabilities out of the
 * runtime, batches of eight clips that wait for their longest caption. Both run the same graph and the same
 * search. Then the delay of a preview.
 *
 * The weights are random but for one LSTM unit, which counts the words and ends captions after about eight,
 * at each clip a little earlier or later, as captions of people do; without it they would end at once or
 * never.
 *
 *   npm run bench -- decoding
 */
import { figure, printTable } from './lib/table.ts'
import { printMachine } from './lib/machine.ts'
import { bestOf } from './lib/timing.ts'
import { decoding } from '#contract'
import { presetSettings } from '../src-main/common/presets.ts'
import type { Preset } from '#contract'
import { Decoder } from '../src-main/engine/captioner/decoding/decoder.ts'
import type { EncodedClips } from '../src-main/engine/captioner/decoding/decoder.ts'
import type { FeatureBatch } from '../src-main/engine/captioner/features.ts'
import { captioningGraphs } from '../src-main/engine/captioner/decoding/graphs.ts'
import type { CaptionerModel } from '../src-main/engine/captioner/model-folder.ts'
import { initialParameters } from '../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../src-main/engine/captioner/parameters.ts'
import { DecoderSlots } from '../src-main/engine/captioner/decoding/slots.ts'
import { createSearch } from '../src-main/engine/captioner/decoding/create-search.ts'
import {
  END,
  SPECIAL_WORDS,
  SUPPRESSED_WORDS,
  vocabularyOf,
} from '../src-main/engine/captioner/vocabulary.ts'
import { compile } from '../src-main/engine/graph/runtime.ts'
import type { Tensor } from '../src-main/engine/graph/runtime.ts'
import { floats, tensorFor } from '../src-main/engine/graph/session.ts'
import { createRandom } from '../src-main/common/random.ts'

const [FRAMES, VOCABULARY, WORDS, CLIPS, ROUNDS] = [28, 10_000, 8, 128, 4]
const { signal } = new AbortController()

function captioner(preset: Preset): CaptionerModel {
  const settings = presetSettings(preset)
  const architecture: Architecture = {
    settings,
    frames: FRAMES,
    inputSize: settings.projection,
    vocabularySize: VOCABULARY,
    topics: 100,
  }
  const parameters = initialParameters(architecture, createRandom(1))
  const [H, W] = [settings.hiddenSize, settings.embeddingSize]
  const dataOf = (name: string): Float32Array => parameters.get(name)!.data
  const clear = (name: string, width: number, column: number) => {
    dataOf(name).forEach((_, i, data) => {
      if (i % width === column) {
        data[i] = 0
      }
    })
  }
  // Words of a trained model differ in likelihood by some nats.
  dataOf('output.word').forEach((x, i, data) => {
    data[i] = 30 * x
  })
  // LSTM unit 0 hears nothing; its gates are open and its memory grows by tanh(0.1) a word, from where the
  // clip starts it.
  const GATES = { input: 20, forget: 20, candidate: 0.1, output: 20 }
  Object.values(GATES).forEach((bias, gate) => {
    for (const name of ['decoder.word', 'decoder.context', 'decoder.hidden']) {
      clear(name, 4 * H, gate * H)
    }
    dataOf('decoder.bias')[gate * H] = bias
  })
  // Unit 0 of the logits' hidden layer turns from -1 to 1 as it passes WORDS, and the end word's logit with
  // it.
  for (const name of ['output.hidden', 'output.context', 'embedding']) {
    clear(name, W, 0)
  }
  dataOf('output.hidden')[0] = 20
  dataOf('output.bias')[0] = -20 * Math.tanh(0.1 * (WORDS + 0.5))
  clear('output.word', VOCABULARY, END)
  dataOf('output.word').fill(0, 0, VOCABULARY)
  dataOf('output.word')[END] = 40
  const words = [
    ...SPECIAL_WORDS,
    ...Array.from({ length: VOCABULARY - SPECIAL_WORDS.length }, (_, i) => `word${i}`),
  ]
  return {
    kind: 'interpretive',
    architecture,
    vocabulary: vocabularyOf(words),
    transform: { mean: new Float32Array(0), scale: new Float32Array(0), projection: null },
    parameters,
  }
}

function randomBatches({ inputSize }: Architecture, batchSize: number): FeatureBatch[] {
  const random = createRandom(2)
  return Array.from({ length: CLIPS / batchSize }, () => ({
    features: Float32Array.from({ length: FRAMES * batchSize * inputSize }, () => random.normal()),
    mask: new Float32Array(FRAMES * batchSize).fill(1),
  }))
}

interface Form {
  batchSize: number
  /** Captions all clips; returns the mean number of words. */
  run(): Promise<number>
  release(): Promise<unknown>
}

function nowForm(model: CaptionerModel, beam: number): Form {
  const decoder = new Decoder(model, { decoding: decoding.parse({ beam, nBest: beam }), device: 'cpu' })
  const { batchSize } = decoder
  const batches = randomBatches(model.architecture, batchSize)
  async function* encoded(): AsyncGenerator<EncodedClips> {
    for (const batch of batches) {
      yield { encoded: await decoder.encode(batch), ids: Array.from({ length: batchSize }, (_, b) => b) }
    }
  }
  return {
    batchSize,
    async run() {
      const captions = await decoder.decode(encoded(), signal)
      return captions.reduce((sum, { words }) => sum + words.length, 0) / captions.length
    },
    release: () => decoder.release(),
  }
}

async function formBefore({ architecture, parameters }: CaptionerModel, beam: number): Promise<Form> {
  const BATCH = 8
  const batches = randomBatches(architecture, BATCH)
  const { leaves, ...graphs } = captioningGraphs(architecture, BATCH, beam, null)
  const [encoder, memory, step] = [
    await compile(graphs.encoder),
    await compile(graphs.memory),
    await compile(graphs.step),
  ]
  const fed = Object.fromEntries(parameters)
  const columns = beam + SUPPRESSED_WORDS.size
  const captionAll = async (): Promise<number> => {
    let words = 0
    for (const { features, mask } of batches) {
      const maskTensor = tensorFor(leaves.mask, mask)
      const { v } = await encoder.run({
        ...fed,
        features: tensorFor(leaves.features, features),
        mask: maskTensor,
      })
      const remembered = await memory.run({ ...fed, v: v!, mask: maskTensor })
      const slots = new DecoderSlots<number>(leaves, columns)
      for (let b = 0; b < BATCH; b++) {
        slots.start(
          b,
          createSearch(decoding.parse({ beam, nBest: beam }), b, architecture.settings.maxWords),
          (name) => {
            const data = floats(remembered, name)
            return data.subarray((b * data.length) / BATCH, ((b + 1) * data.length) / BATCH)
          },
        )
      }
      while (!slots.empty) {
        const out = await step.run({ ...fed, ...slots.feeds })
        for (const { captions } of slots.advance({
          ...out,
          ...likeliest(floats(out, 'log_probabilities'), columns),
        })) {
          words += captions[0]?.words.length ?? 0
        }
      }
    }
    return words / CLIPS
  }
  return {
    batchSize: BATCH,
    run: captionAll,
    release: () => Promise.all([encoder, memory, step].map((session) => session.release())),
  }
}

/**
 * Captions a second of each form: the best of ROUNDS runs, taken in turn so that other load falls on both.
 */
async function captionsPerSecond(forms: readonly Form[]): Promise<number[]> {
  for (const { run } of forms) {
    await run()
  }
  const best = forms.map(() => Infinity)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { run }] of forms.entries()) {
      const started = performance.now()
      await run()
      best[i] = Math.min(best[i]!, performance.now() - started)
    }
  }
  return best.map((milliseconds) => (1000 * CLIPS) / milliseconds)
}

/** The likeliest words of each row [rows, V], found in JavaScript. */
function likeliest(all: Float32Array, columns: number): Record<string, Tensor> {
  const rows = all.length / VOCABULARY
  const words = new BigInt64Array(rows * columns)
  const values = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const own = all.subarray(row * VOCABULARY, (row + 1) * VOCABULARY)
    const kept: number[] = []
    for (let word = 0; word < VOCABULARY; word++) {
      if (kept.length === columns && own[word]! <= own[kept[columns - 1]!]!) {
        continue
      }
      const at = kept.findIndex((other) => own[word]! > own[other]!)
      kept.splice(at < 0 ? kept.length : at, 0, word)
      kept.length = Math.min(kept.length, columns)
    }
    kept.forEach((word, k) => {
      words[row * columns + k] = BigInt(word)
      values[row * columns + k] = own[word]!
    })
  }
  const shape = [rows, columns]
  return { next_words: { shape, data: words }, log_probabilities: { shape, data: values } }
}

/**
 * Milliseconds to decode a clip as it is and with its neurons moved, side by side, with the sessions ready.
 */
async function measurePreview(model: CaptionerModel): Promise<number> {
  const decoder = new Decoder(model, { decoding: decoding.parse({}), device: 'cpu', batchSize: 2 })
  const [batch] = randomBatches(model.architecture, 2)
  const milliseconds = await bestOf(2 * ROUNDS, async () =>
    decoder.decode([{ encoded: await decoder.encode(batch!), ids: [0, 0] }], signal),
  )
  await decoder.release()
  return milliseconds
}

printMachine()
console.log(
  `${CLIPS} clips of ${FRAMES} frames, vocabulary ${figure(VOCABULARY)}; the best of ${ROUNDS} runs each\n`,
)
const table: string[][] = []
const previews: string[] = []
for (const preset of ['default', 'fast'] as const) {
  const model = captioner(preset)
  for (const beam of [1, 5, 10]) {
    const forms = [nowForm(model, beam), await formBefore(model, beam)] as const
    const [words, wordsBefore] = [await forms[0].run(), await forms[1].run()]
    if (Math.abs(words - wordsBefore) > 1) {
      throw new Error(`captions of ${words} words now and of ${wordsBefore} before can't be compared`)
    }
    const [now = NaN, before = NaN] = await captionsPerSecond(forms)
    table.push([
      preset,
      String(beam),
      String(forms[0].batchSize),
      figure(words, 1),
      figure(now),
      figure(before),
      (now / before).toFixed(1),
    ])
    for (const { release } of forms) {
      await release()
    }
  }
  previews.push(`${preset} ${figure(await measurePreview(model))} ms`)
}
printTable(['preset', 'beam', 'clips at a time', 'words a caption', 'captions/s', 'before', 'ratio'], table)
console.log(`\nPreview of a correction at beam 5: ${previews.join(', ')} (goal: 150 ms)`)
