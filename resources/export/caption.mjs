// Captions a feature file with this exported model: node caption.mjs FEATURES.npy Needs onnxruntime-node (npm
// install onnxruntime-node). FEATURES.npy holds float32 [frames, features], C order.
import { readFile } from 'node:fs/promises'
import { InferenceSession, Tensor } from 'onnxruntime-node'

const [START, END] = [1, 2]
const NEVER = new Set([0, 1, 3]) // pad, start, unknown

const [path] = process.argv.slice(2)
if (!path) {
  fail('usage: node caption.mjs FEATURES.npy')
}
const read = (name) => readFile(new URL(name, import.meta.url))
const { words, beam, lengthNormalisation, maxWords, frames, featureSize, hiddenSize } = JSON.parse(
  String(await read('vocabulary.json')),
)
const clip = await encode(await readFeatures(path))
const decoder = await InferenceSession.create(await read('decoder.onnx'))
console.log((await caption()).map((word) => words[word]).join(' '))

async function encode(features) {
  const padded = new Float32Array(frames * featureSize)
  padded.set(features)
  const mask = new Float32Array(frames).fill(1, 0, features.length / featureSize)
  const encoder = await InferenceSession.create(await read('encoder.onnx'))
  return encoder.run({
    features: new Tensor('float32', padded, [frames, featureSize]),
    mask: new Tensor('float32', mask, [frames]),
  })
}

/**
 * Beam search: a caption that ends keeps its place of the beam, and the best by log-probability /
 * words^lengthNormalisation (the end word counted) wins.
 */
async function caption() {
  const repeat = (row) => take(row.data, new Array(beam).fill(0))
  const take = (data, rows) => {
    const out = new Float32Array(beam * hiddenSize)
    rows.forEach((from, to) =>
      out.set(data.subarray(from * hiddenSize, (from + 1) * hiddenSize), to * hiddenSize),
    )
    return new Tensor('float32', out, [beam, hiddenSize])
  }
  let [hidden, memory] = [repeat(clip.hidden), repeat(clip.memory)]
  let live = [{ sentence: [], total: 0 }]
  const done = []
  const finish = (sentence, total, length) =>
    done.push({ sentence, score: total / length ** lengthNormalisation })
  while (live.length > 0) {
    const fed = BigInt64Array.from({ length: beam }, (_, row) => BigInt(live[row]?.sentence.at(-1) ?? START))
    const out = await decoder.run({
      frame_keys: clip.frame_keys,
      frame_gates: clip.frame_gates,
      frame_output: clip.frame_output,
      frame_bias: clip.frame_bias,
      hidden,
      memory,
      words: new Tensor('int64', fed, [beam]),
    })
    const places = beam - done.length
    const candidates = live.flatMap(({ total }, row) => {
      const scores = out.log_probabilities.data.subarray(row * words.length, (row + 1) * words.length)
      const order = [...scores.keys()]
        .filter((word) => !NEVER.has(word))
        .sort((a, b) => scores[b] - scores[a] || a - b)
      return order.slice(0, places).map((word) => ({ row, word, total: total + scores[word] }))
    })
    candidates.sort((a, b) => b.total - a.total || a.row - b.row || a.word - b.word)
    const next = []
    const parents = []
    for (const { row, word, total } of candidates.slice(0, places)) {
      const { sentence } = live[row]
      if (word === END) {
        finish(sentence, total, sentence.length + 1)
      } else if (sentence.length + 1 >= maxWords) {
        finish([...sentence, word], total, sentence.length + 1)
      } else {
        next.push({ sentence: [...sentence, word], total })
        parents.push(row)
      }
    }
    live = next
    hidden = take(out.next_hidden.data, parents)
    memory = take(out.next_memory.data, parents)
  }
  return done.reduce((best, candidate) => (candidate.score > best.score ? candidate : best)).sentence
}

async function readFeatures(file) {
  const bytes = await readFile(file)
  const length = bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, 10 + length)
  const shape = /\((\d+), (\d+)\)/.exec(header)
  if (!header.includes("'<f4'") || !header.includes('False') || !shape) {
    fail(`${file} is not a float32 array of frames by features.`)
  }
  const [rows, size] = [Number(shape[1]), Number(shape[2])]
  if (rows < 1 || rows > frames || size !== featureSize) {
    fail(`${file} has shape (${rows}, ${size}); 1 to ${frames} rows of ${featureSize} features are needed.`)
  }
  const data = bytes.subarray(10 + length)
  return Float32Array.from({ length: rows * size }, (_, i) => data.readFloatLE(4 * i))
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
