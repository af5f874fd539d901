// Captions a video, or a file of features, with this exported model: node caption.mjs [--greedy | --classes] VIDEO or
// FEATURES.npy. By beam search; --greedy takes the likeliest word at every step, in one call of captioner.onnx. --classes tells its
// class instead, where the export has classes.onnx: a probability and a class a line, the likeliest first. --features FILE.npy
// writes the features of a video there, too. Needs onnxruntime-node (npm install onnxruntime-node); for videos ffmpeg 5.1
// or later (on PATH, or named by FFMPEG) and an export with frames.onnx. FEATURES.npy holds float32 or float16 [frames,
// features], C order.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs, promisify } from 'node:util'
import { clipFeeds, createCaptioner, createClassifier, readNpy, wordsOf } from './captioner.mjs'

// Else ONNX Runtime sends its makers a device id and events; it has to be known before the library is loaded.
process.env.ORT_DISABLE_TELEMETRY = '1'
const { InferenceSession, Tensor } = await import('onnxruntime-node')

const {
  values: { greedy: isGreedy, classes: isClasses, features: featuresTo },
  positionals: [path],
} = parseArgs({
  allowPositionals: true,
  options: {
    greedy: { type: 'boolean', default: false },
    classes: { type: 'boolean', default: false },
    features: { type: 'string' },
  },
})
if (!path || (isGreedy && isClasses)) {
  fail('usage: node caption.mjs [--greedy | --classes] [--features FILE.npy] VIDEO or FEATURES.npy')
}
const readModelFile = (name) => readFile(new URL(name, import.meta.url))
const readJson = async (name) => JSON.parse(String(await readModelFile(name)))
const model = await readJson('vocabulary.json')
const { frames, featureSize } = model
const features = path.endsWith('.npy') ? await readFeatures(path) : await see(path)
if (featuresTo) {
  await writeFile(featuresTo, npyOf(features))
}
if (isClasses) {
  for (const { name, probability } of await likeliestClasses()) {
    console.log(`${probability.toFixed(6)}\t${name}`)
  }
} else {
  console.log((await (isGreedy ? greedyCaption() : bestCaption())).join(' '))
}

async function likeliestClasses() {
  const { classes } = await readJson('classes.json').catch(() =>
    fail('This export has no classifier of actions.'),
  )
  return createClassifier({ model, classes, run: createRun() })(features)
}

async function bestCaption() {
  const gates = await readModelFile('gates.json').then(
    (text) => JSON.parse(String(text)),
    () => null,
  )
  return createCaptioner({ model, gates, run: createRun() })(features)
}

/** Runs networks by their names, each opened once. */
function createRun() {
  const sessions = new Map()
  return async (network, feeds) => {
    const session =
      sessions.get(network) ?? (await InferenceSession.create(await readModelFile(`${network}.onnx`)))
    sessions.set(network, session)
    return session.run(
      Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toTensor(tensor)])),
    )
  }
}

function toTensor({ data, dims }) {
  return data instanceof Int32Array
    ? new Tensor('int64', BigInt64Array.from(data, BigInt), dims)
    : new Tensor('float32', data, dims)
}

/** One call from features to words. */
async function greedyCaption() {
  const { words } = await createRun()('captioner', clipFeeds(model, features))
  return wordsOf(words.data, model)
}

async function readFeatures(file) {
  const { buffer, byteOffset, byteLength } = await readFile(file)
  const { rows, columns, values } = npyIn(file, buffer.slice(byteOffset, byteOffset + byteLength))
  if (rows < 1 || rows > frames || columns !== featureSize) {
    fail(
      `${file} has shape (${rows}, ${columns}); 1 to ${frames} rows of ${featureSize} features are needed.`,
    )
  }
  return values
}

function npyIn(file, bytes) {
  try {
    return readNpy(bytes)
  } catch (error) {
    return fail(`${file} ${error.message}.`)
  }
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
  const { video: how } = await readJson('preprocessing.json')
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
  const reports = await ffmpeg(video, ['-fps_mode', 'passthrough', '-progress', '-', '-f', 'null', '-'])
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

function fail(message) {
  console.error(message)
  process.exit(1)
}
