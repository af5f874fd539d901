/**
 * Captions a second, from frame features in memory to n-best lists, at beams of 1, 5 and 10; and the delay of
 * a preview.
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
import type { CaptionerModel } from '../src-main/engine/captioner/model-folder.ts'
import { initialParameters } from '../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../src-main/engine/captioner/parameters.ts'
import { END, SPECIAL_WORDS, vocabularyOf } from '../src-main/engine/captioner/vocabulary.ts'
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
  endAfter(WORDS, architecture, (name) => parameters.get(name)!.data)
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
    gates: null,
  }
}

/** Changes parameters so that captions end after about so many words. */
function endAfter(
  words: number,
  { settings, vocabularySize }: Architecture,
  weightsOf: (name: string) => Float32Array,
): void {
  const [H, W] = [settings.hiddenSize, settings.embeddingSize]
  const clearColumn = (name: string, width: number, column: number) => {
    const weights = weightsOf(name)
    for (let i = column; i < weights.length; i += width) {
      weights[i] = 0
    }
  }
  // Words of a trained model differ in likelihood by some nats.
  weightsOf('output.word').forEach((weight, i, weights) => {
    weights[i] = 30 * weight
  })
  // LSTM unit 0 hears nothing; its gates are open and its memory grows by tanh(0.1) a word, from where the
  // clip starts it.
  const GATES = { input: 20, forget: 20, candidate: 0.1, output: 20 }
  Object.values(GATES).forEach((bias, gate) => {
    for (const name of ['decoder.word', 'decoder.context', 'decoder.hidden']) {
      clearColumn(name, 4 * H, gate * H)
    }
    weightsOf('decoder.bias')[gate * H] = bias
  })
  // Unit 0 of the logits' hidden layer turns from -1 to 1 as it passes `words`, and the end word's logit with
  // it.
  for (const name of ['output.hidden', 'output.context', 'embedding']) {
    clearColumn(name, W, 0)
  }
  weightsOf('output.hidden')[0] = 20
  weightsOf('output.bias')[0] = -20 * Math.tanh(0.1 * (words + 0.5))
  clearColumn('output.word', vocabularySize, END)
  weightsOf('output.word').fill(0, 0, vocabularySize)
  weightsOf('output.word')[END] = 40
}

function randomBatches({ inputSize }: Architecture, batchSize: number): FeatureBatch[] {
  const random = createRandom(2)
  return Array.from({ length: CLIPS / batchSize }, () => ({
    features: Float32Array.from({ length: FRAMES * batchSize * inputSize }, () => random.normal()),
    mask: new Float32Array(FRAMES * batchSize).fill(1),
  }))
}

/** Captions all clips, some rounds. */
async function measureCaptioning(
  model: CaptionerModel,
  beam: number,
): Promise<{ batchSize: number; wordsPerCaption: number; captionsPerSecond: number }> {
  const decoder = new Decoder(model, { decoding: decoding.parse({ beam, nBest: beam }), device: 'cpu' })
  const { batchSize } = decoder
  const batches = randomBatches(model.architecture, batchSize)
  async function* encoded(): AsyncGenerator<EncodedClips> {
    for (const batch of batches) {
      yield { encoded: await decoder.encode(batch), ids: Array.from({ length: batchSize }, (_, b) => b) }
    }
  }
  let words = 0
  const milliseconds = await bestOf(ROUNDS, async () => {
    const captions = await decoder.decode(encoded(), signal)
    words = captions.reduce((sum, caption) => sum + caption.words.length, 0)
  })
  await decoder.release()
  return { batchSize, wordsPerCaption: words / CLIPS, captionsPerSecond: (1000 * CLIPS) / milliseconds }
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
const rows: string[][] = []
const previews: string[] = []
for (const preset of ['default', 'fast'] as const) {
  const model = captioner(preset)
  for (const beam of [1, 5, 10]) {
    const { batchSize, wordsPerCaption, captionsPerSecond } = await measureCaptioning(model, beam)
    rows.push([
      preset,
      String(beam),
      String(batchSize),
      figure(wordsPerCaption, 1),
      figure(captionsPerSecond),
    ])
  }
  previews.push(`${preset} ${figure(await measurePreview(model))} ms`)
}
printTable(['preset', 'beam', 'clips at a time', 'words a caption', 'captions/s'], rows)
console.log(`\nPreview of a correction at beam 5: ${previews.join(', ')} (goal: 150 ms)`)
