// Captions a feature file with this exported model: node caption.mjs FEATURES.npy
// Needs onnxruntime-node (npm install onnxruntime-node). FEATURES.npy holds float32 or float16 [frames,
// features], C order.
import { readFile } from 'node:fs/promises'

// Else ONNX Runtime sends its makers a device id and events; it has to be known before the library is loaded.
process.env.ORT_DISABLE_TELEMETRY = '1'
const { InferenceSession, Tensor } = await import('onnxruntime-node')

const [PAD, START, END, UNKNOWN] = [0, 1, 2, 3]
const NEVER_WRITTEN = new Set([PAD, START, UNKNOWN])

const [path] = process.argv.slice(2)
if (!path) {
  fail('usage: node caption.mjs FEATURES.npy')
}
const readModelFile = (name) => readFile(new URL(name, import.meta.url))
const { words, beam, lengthNormalisation, maxWords, frames, featureSize, hiddenSize } = JSON.parse(
  String(await readModelFile('vocabulary.json')),
)
const clip = await encode(await readFeatures(path))
const decoder = await InferenceSession.create(await readModelFile('decoder.onnx'))
console.log((await bestSentence()).map((word) => words[word]).join(' '))

async function readFeatures(file) {
  const bytes = await readFile(file)
  const headerLength = bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, 10 + headerLength)
  const shape = /\((\d+), (\d+)\)/.exec(header)
  const bytesOf = { "'<f4'": 4, "'<f2'": 2 }[/'<f\d'/.exec(header)?.[0]]
  if (!bytesOf || !header.includes('False') || !shape) {
    fail(`${file} is not a float32 or float16 array of frames by features.`)
  }
  const [rows, size] = [Number(shape[1]), Number(shape[2])]
  if (rows < 1 || rows > frames || size !== featureSize) {
    fail(`${file} has shape (${rows}, ${size}); 1 to ${frames} rows of ${featureSize} features are needed.`)
  }
  const values = bytes.subarray(10 + headerLength)
  const read = (i) => (bytesOf === 4 ? values.readFloatLE(4 * i) : fromHalf(values.readUInt16LE(2 * i)))
  return Float32Array.from({ length: rows * size }, (_, i) => read(i))
}

/** The value of a float16: a sign, five bits of exponent, ten of fraction. */
function fromHalf(bits) {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

async function encode(features) {
  const padded = new Float32Array(frames * featureSize)
  padded.set(features)
  const mask = new Float32Array(frames).fill(1, 0, features.length / featureSize)
  const encoder = await InferenceSession.create(await readModelFile('encoder.onnx'))
  return encoder.run({
    features: new Tensor('float32', padded, [frames, featureSize]),
    mask: new Tensor('float32', mask, [frames]),
  })
}

/**
 * Beam search: a caption that ends keeps its place of the beam, and the best by log-probability /
 * words^lengthNormalisation (the end word counted) wins.
 */
async function bestSentence() {
  let hypotheses = [{ sentence: [], total: 0 }]
  let hidden = stackRows(clip.hidden.data, new Array(beam).fill(0))
  let memory = stackRows(clip.memory.data, new Array(beam).fill(0))
  const ended = []
  const end = (sentence, total, length) =>
    ended.push({ sentence, score: total / length ** lengthNormalisation })
  while (hypotheses.length > 0) {
    const step = await decode(hypotheses, hidden, memory)
    const places = beam - ended.length
    const continued = []
    const parents = []
    for (const { row, word, total } of candidates(hypotheses, step.log_probabilities.data, places)) {
      const { sentence } = hypotheses[row]
      if (word === END) {
        end(sentence, total, sentence.length + 1)
      } else if (sentence.length + 1 >= maxWords) {
        end([...sentence, word], total, sentence.length + 1)
      } else {
        continued.push({ sentence: [...sentence, word], total })
        parents.push(row)
      }
    }
    hypotheses = continued
    hidden = stackRows(step.next_hidden.data, parents)
    memory = stackRows(step.next_memory.data, parents)
  }
  return ended.reduce((best, caption) => (caption.score > best.score ? caption : best)).sentence
}

/** One step of the decoder, from the last word of each hypothesis. */
function decode(hypotheses, hidden, memory) {
  const lastWords = BigInt64Array.from({ length: beam }, (_, row) =>
    BigInt(hypotheses[row]?.sentence.at(-1) ?? START),
  )
  return decoder.run({
    frame_keys: clip.frame_keys,
    frame_gates: clip.frame_gates,
    frame_output: clip.frame_output,
    frame_bias: clip.frame_bias,
    hidden,
    memory,
    words: new Tensor('int64', lastWords, [beam]),
  })
}

/** The `count` most probable ways to go on, over all hypotheses. */
function candidates(hypotheses, logProbabilities, count) {
  return hypotheses
    .flatMap(({ total }, row) => {
      const scores = logProbabilities.subarray(row * words.length, (row + 1) * words.length)
      return [...scores.keys()]
        .filter((word) => !NEVER_WRITTEN.has(word))
        .sort((a, b) => scores[b] - scores[a] || a - b)
        .slice(0, count)
        .map((word) => ({ row, word, total: total + scores[word] }))
    })
    .sort((a, b) => b.total - a.total || a.row - b.row || a.word - b.word)
    .slice(0, count)
}

/** [beam, hiddenSize] of the named rows of `values`; the rest is zero. */
function stackRows(values, rows) {
  const stacked = new Float32Array(beam * hiddenSize)
  rows.forEach((source, target) =>
    stacked.set(values.subarray(source * hiddenSize, (source + 1) * hiddenSize), target * hiddenSize),
  )
  return new Tensor('float32', stacked, [beam, hiddenSize])
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
