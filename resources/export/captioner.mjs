// Captions features with an exported model, whatever runs its networks: caption.mjs and caption.html show how it is used.

const [PAD, START, END, UNKNOWN] = [0, 1, 2, 3]
const NEVER_WRITTEN = new Set([PAD, START, UNKNOWN])

/** What networks take of a clip's features, filled up to the frames that they have room for. Throws where they do not fit. */
export function clipFeeds({ frames, featureSize }, features) {
  const rows = features.length / featureSize
  if (!Number.isInteger(rows) || rows < 1 || rows > frames) {
    throw new Error(`${features.length} values are not 1 to ${frames} rows of ${featureSize} features.`)
  }
  const padded = new Float32Array(frames * featureSize)
  padded.set(features)
  return {
    features: { data: padded, dims: [frames, featureSize] },
    mask: { data: new Float32Array(frames).fill(1, 0, rows), dims: [frames] },
  }
}

/**
 * A function from features, as below, to the classes, the likeliest first: [{ name, probability }]. `classes`: those of
 * classes.json; `run(network, feeds)` runs "classes".
 */
export function createClassifier({ model, classes, run }) {
  return async (features) => {
    const { probabilities } = await run('classes', clipFeeds(model, features))
    return classes
      .map((name, place) => ({ name, probability: probabilities.data[place] }))
      .sort((a, b) => b.probability - a.probability)
  }
}

/**
 * A function from features, a Float32Array [rows, featureSize] of 1 to `frames` rows, to the words of the best caption by
 * beam search. `model`: the content of vocabulary.json; `gates`: that of gates.json, or null where there is none;
 * `run(network, feeds)`: runs "encoder", "decoder" or "memory" and gives its outputs by name. A tensor is
 * { data, dims }; of what is fed, data is a Float32Array, or an Int32Array for word ids.
 */
export function createCaptioner({ model, gates, run }) {
  const { words, beam, lengthNormalisation, maxWords, frames, featureSize, hiddenSize } = model

  async function caption(features) {
    const feeds = clipFeeds(model, features)
    const mask = feeds.mask.data
    const clip = await run('encoder', feeds)
    const first = await bestCaption(clip)
    return gates === null ? first : secondLook({ clip, features, mask, first })
  }

  /**
   * Where a gate (a probe, and the network's own score) is sure of a topic that the caption does not name, its neurons
   * are moved and the clip is captioned again; that stands where it names such a topic.
   */
  async function secondLook({ clip, features, mask, first }) {
    const summary = summarise(features)
    const topicScore = (topic) => Math.min(1, Math.max(0, clip.topics.data[topic]))
    const isSure = ({ topic, weights, bias, topicShare, threshold }) =>
      weights.reduce(
        (score, weight, i) => score + weight * summary[i],
        bias + topicShare * topicScore(topic),
      ) > threshold
    const sure = gates.gates.filter((gate) => !names(gate, first) && isSure(gate))
    if (sure.length === 0 || isExempt(clip, mask)) {
      return first
    }
    const neurons = clip.v.dims[2]
    const v = Float32Array.from(clip.v.data)
    const moves = new Map(sure.flatMap((gate) => gate.moves.map((move) => [move.neuron, move])))
    for (const { neuron, target, strength } of moves.values()) {
      for (let t = 0; t < frames; t++) {
        const i = t * neurons + neuron
        v[i] += mask[t] * strength * (target - v[i])
      }
    }
    const moved = await run('memory', {
      v: { data: v, dims: [...clip.v.dims] },
      mask: { data: mask, dims: [frames] },
    })
    const again = await bestCaption(moved)
    return sure.some((gate) => names(gate, again)) ? again : first
  }

  function names(gate, caption) {
    return gate.words.some((word) => caption.includes(word))
  }

  /** Of each feature its mean, the mean of its changes over four frames, and its deviation. */
  function summarise(features) {
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
  function isExempt({ v }, mask) {
    const neurons = v.dims[2]
    const count = mask.reduce((sum, x) => sum + x, 0)
    const mean = Array.from({ length: neurons }, (_, j) =>
      mask.reduce((sum, x, t) => sum + (x * v.data[t * neurons + j]) / count, 0),
    )
    const distances = gates.exempt.map(({ key }) => Math.hypot(...key.map((x, j) => x - mean[j])))
    const nearest = distances.indexOf(Math.min(...distances))
    return nearest >= 0 && distances[nearest] <= gates.exempt[nearest].radius
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
    const lastWords = Int32Array.from({ length: beam }, (_, row) => hypotheses[row]?.sentence.at(-1) ?? START)
    const { frame_keys, frame_gates, frame_output, frame_bias } = clip
    const words = { data: lastWords, dims: [beam] }
    return run('decoder', { frame_keys, frame_gates, frame_output, frame_bias, hidden, memory, words })
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
    return { data: stacked, dims: [beam, hiddenSize] }
  }

  return caption
}

/** The words of a greedy caption, as captioner.onnx and frames.onnx give them: behind it stand end words. */
export function wordsOf(ids, { words }) {
  const wordIds = Array.from(ids, Number)
  return wordIds.slice(0, [...wordIds, END].indexOf(END)).map((word) => words[word])
}

/**
 * The values and shape of an .npy file of float32 or float16 [rows, columns], C order, from its bytes as an ArrayBuffer.
 * Throws for any other.
 */
export function readNpy(buffer) {
  const bytes = new DataView(buffer)
  const headerLength = bytes.getUint16(8, true)
  const header = new TextDecoder('latin1').decode(new Uint8Array(buffer, 10, headerLength))
  const shape = /\((\d+), (\d+)\)/.exec(header)
  const bytesOf = { "'<f4'": 4, "'<f2'": 2 }[/'<f\d'/.exec(header)?.[0]]
  if (!bytesOf || !header.includes('False') || !shape) {
    throw new Error('is not a float32 or float16 array of frames by features')
  }
  const [rows, columns] = [Number(shape[1]), Number(shape[2])]
  const start = 10 + headerLength
  const read = (i) =>
    bytesOf === 4 ? bytes.getFloat32(start + 4 * i, true) : fromHalf(bytes.getUint16(start + 2 * i, true))
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, (_, i) => read(i)) }
}

/** The value of a float16: a sign, five bits of exponent, ten of fraction. */
function fromHalf(bits) {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
