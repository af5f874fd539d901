// Captions a video, or a file of features, with this exported model: node caption.mjs [--greedy] VIDEO or FEATURES.npy
// By beam search; --greedy takes the likeliest word at every step, in one call of captioner.onnx. --features FILE.npy
// writes the features of a video there, too. Needs onnxruntime-node (npm install onnxruntime-node); for videos ffmpeg 5.1
// or later (on PATH, or named by FFMPEG) and an export with frames.onnx. FEATURES.npy holds float32 or float16 [frames,
// features], C order.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs, promisify } from 'node:util'

// Else ONNX Runtime sends its makers a device id and events; it has to be known before the library is loaded.
process.env.ORT_DISABLE_TELEMETRY = '1'
const { InferenceSession, Tensor } = await import('onnxruntime-node')

const [PAD, START, END, UNKNOWN] = [0, 1, 2, 3]
const NEVER_WRITTEN = new Set([PAD, START, UNKNOWN])

const {
  values: { greedy: isGreedy, features: featuresTo },
  positionals: [path],
} = parseArgs({
  allowPositionals: true,
  options: { greedy: { type: 'boolean', default: false }, features: { type: 'string' } },
})
if (!path) {
  fail('usage: node caption.mjs [--greedy] [--features FILE.npy] VIDEO or FEATURES.npy')
}
const readModelFile = (name) => readFile(new URL(name, import.meta.url))
const { words, beam, lengthNormalisation, maxWords, frames, featureSize, hiddenSize } = JSON.parse(
  String(await readModelFile('vocabulary.json')),
)
const features = path.endsWith('.npy') ? await readFeatures(path) : await see(path)
if (featuresTo) {
  await writeFile(featuresTo, npyOf(features))
}
const mask = new Float32Array(frames).fill(1, 0, features.length / featureSize)
if (isGreedy) {
  console.log((await greedyCaption()).join(' '))
  process.exit()
}
const clip = await encode('encoder.onnx')
const decoder = await InferenceSession.create(await readModelFile('decoder.onnx'))
const gates = await readModelFile('gates.json').then(
  (text) => JSON.parse(String(text)),
  () => null,
)
const caption = await bestCaption(clip)
console.log((gates === null ? caption : await secondLook(caption)).join(' '))

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

/** The bytes of an .npy file of features. */
function npyOf(rows) {
  const shape = `(${rows.length / featureSize}, ${featureSize})`
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8])
  return Buffer.concat([
    start,
    Buffer.from(padded),
    Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength),
  ])
}

/** The features of a video: of the first frame of each of so many equal parts. */
async function see(path) {
  const network = await readModelFile('frames.onnx').catch(() =>
    fail('This export has no frame encoder: it captions files of features (.npy), not videos.'),
  )
  const { video: how } = JSON.parse(String(await readModelFile('preprocessing.json')))
  const count = await countFrames(path)
  const parts = Math.min(count, how.frames)
  const chosen = Array.from({ length: parts }, (_, part) => `eq(n\\,${Math.floor((part * count) / parts)})`)
  const filters = `select=${chosen.join('+')},${how.filters}`
  const pixels = await ffmpeg(path, ['-vf', filters, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'])
  const session = await InferenceSession.create(network)
  const shape = [pixels.length / (how.height * how.width * 3), how.height, how.width, 3]
  const seen = await session.run({ frames: new Tensor('uint8', new Uint8Array(pixels), shape) })
  return seen.seen_features.data
}

async function countFrames(video) {
  const reports = await ffmpeg(video, [
    '-fps_mode',
    'passthrough',
    '-progress',
    '-',
    '-f',
    'null',
    '/dev/null',
  ])
  const counts = [...String(reports).matchAll(/^frame=(\d+)/gm)].map(([, count]) => Number(count))
  return counts.at(-1) || fail(`${video} has no frames.`)
}

async function ffmpeg(video, commands) {
  const program = process.env.FFMPEG ?? 'ffmpeg'
  const input = ['-v', 'error', '-nostdin', '-i', video, '-map', '0:v:0']
  return promisify(execFile)(program, [...input, ...commands], {
    encoding: 'buffer',
    maxBuffer: 2 ** 30,
  }).then(
    ({ stdout }) => stdout,
    (error) =>
      fail(
        error.code === 'ENOENT'
          ? `${program} is not installed: it is what reads videos (FFMPEG names another one).`
          : `${video} can't be read: ${String(error.stderr).trim()}`,
      ),
  )
}

/** The value of a float16: a sign, five bits of exponent, ten of fraction. */
function fromHalf(bits) {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/**
 * Where a gate (a probe, and the network's own score) is sure of a topic that the caption does not name, its neurons
 * are moved and the clip is captioned again; that stands where it names such a topic.
 */
async function secondLook(first) {
  const summary = summarise()
  const topicScore = (topic) => Math.min(1, Math.max(0, clip.topics.data[topic]))
  const isSure = ({ topic, weights, bias, topicShare, threshold }) =>
    weights.reduce((score, weight, i) => score + weight * summary[i], bias + topicShare * topicScore(topic)) >
    threshold
  const sure = gates.gates.filter((gate) => !names(gate, first) && isSure(gate))
  if (sure.length === 0 || isExempt()) {
    return first
  }
  const v = Float32Array.from(clip.v.data)
  const moves = new Map(sure.flatMap((gate) => gate.moves.map((move) => [move.neuron, move])))
  for (const { neuron, target, strength } of moves.values()) {
    for (let t = 0; t < frames; t++) {
      const i = t * neurons() + neuron
      v[i] += mask[t] * strength * (target - v[i])
    }
  }
  const session = await InferenceSession.create(await readModelFile('memory.onnx'))
  const again = await bestCaption(
    await session.run({
      v: new Tensor('float32', v, clip.v.dims),
      mask: new Tensor('float32', mask, [frames]),
    }),
  )
  return sure.some((gate) => names(gate, again)) ? again : first
}

function names(gate, caption) {
  return gate.words.some((word) => caption.includes(word))
}

function neurons() {
  return clip.v.dims[2]
}

/** Of each feature its mean, the mean of its changes over four frames, and its deviation. */
function summarise() {
  const rows = features.length / featureSize
  const summary = new Float64Array(3 * featureSize)
  for (let j = 0; j < featureSize; j++) {
    const values = Array.from({ length: rows }, (_, t) => features[t * featureSize + j])
    const mean = values.reduce((sum, x) => sum + x, 0) / rows
    const changes = values.slice(4).reduce((sum, x, t) => sum + Math.abs(x - values[t]), 0)
    summary[j] = mean
    summary[featureSize + j] = changes / Math.max(1, rows - 4)
    summary[2 * featureSize + j] = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows)
  }
  return summary
}

/** Whether the clip is one that gates leave alone, by the mean of v. */
function isExempt() {
  const count = mask.reduce((sum, x) => sum + x, 0)
  const mean = Array.from({ length: neurons() }, (_, j) =>
    mask.reduce((sum, x, t) => sum + (x * clip.v.data[t * neurons() + j]) / count, 0),
  )
  return gates.exempt.some(({ key, radius }) => Math.hypot(...key.map((x, j) => x - mean[j])) <= radius)
}

/** One call from features to words; behind the caption stand end words. */
async function greedyCaption() {
  const said = Array.from((await encode('captioner.onnx')).words.data, Number)
  return said.slice(0, [...said, END].indexOf(END)).map((word) => words[word])
}

/** What a network makes of the features. */
async function encode(network) {
  const padded = new Float32Array(frames * featureSize)
  padded.set(features)
  const encoder = await InferenceSession.create(await readModelFile(network))
  return encoder.run({
    features: new Tensor('float32', padded, [frames, featureSize]),
    mask: new Tensor('float32', mask, [frames]),
  })
}

/**
 * Beam search: a caption that ends keeps its place of the beam, and the best by log-probability /
 * words^lengthNormalisation (the end word counted) wins.
 */
async function bestCaption(clip) {
  let hypotheses = [{ sentence: [], total: 0 }]
  let hidden = stackRows(clip.hidden.data, new Array(beam).fill(0))
  let memory = stackRows(clip.memory.data, new Array(beam).fill(0))
  const ended = []
  const end = (sentence, total, length) =>
    ended.push({ sentence, score: total / length ** lengthNormalisation })
  while (hypotheses.length > 0) {
    const step = await decode(clip, hypotheses, hidden, memory)
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
  const { sentence } = ended.reduce((best, caption) => (caption.score > best.score ? caption : best))
  return sentence.map((word) => words[word])
}

/** One step of the decoder, from the last word of each hypothesis. */
function decode(clip, hypotheses, hidden, memory) {
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
