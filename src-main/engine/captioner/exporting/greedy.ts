/**
 * A captioner as one ONNX graph, from a clip's features to the words of its greedy caption: the encoder once, and the
 * decoder step in a loop that ends with the end word. What corrections taught the model is in it: the encoder shifts neurons
 * near clips of the codebook, and where there are gates, the second look that they take is in the graph, too: a second loop, which takes no step unless a gate is open.
 */
import type { FloatTensor } from '../../../formats/safetensors.ts'
import type { FramesGraph } from '../../encoders/frames-graph.ts'
import { OnnxAssembly } from '../../graph/onnx-assembly.ts'
import type { Port } from '../../graph/onnx-assembly.ts'
import * as ops from '../../graph/ops.ts'
import { constant, input } from '../../graph/value.ts'
import type { Value } from '../../graph/value.ts'
import { rememberedInputs, wordStep } from '../decoding/graphs.ts'
import { createNetwork, embed } from '../model.ts'
import { modelTensors } from '../model-folder.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { neuronCount } from '../parameters.ts'
import type { Architecture } from '../parameters.ts'
import { END, START, SUPPRESSED_WORDS } from '../vocabulary.ts'
import { clipGraph, clipInputs, memoryOfMoved } from './clip-graph.ts'
import { codebookTensors } from './codebook-graph.ts'
import { gateGraph } from './gate-graph.ts'
import type { GateGraph } from './gate-graph.ts'

/** Less likely than any word. */
const NEVER = -1e30

/**
 * Inputs: `features` [n, F] and `mask` [n]. Outputs: `words`, int64 [most words], filled up with the end word; and
 * `topics`, f(v-bar) [1, K].
 */
export function emitGreedyCaptioner(model: CaptionerModel): Uint8Array {
  const assembly = new OnnxAssembly()
  const { features, mask } = clipInputs(model)
  const captioner = addCaptioner(assembly, model)
  return assembly.encode([features, mask], captioner.outputs, captioner.weights)
}

/**
 * The same with the frame encoder in front. Input: `frames`, as `framesGraph` takes them, of which all count and no more
 * than the captioner has room for. Outputs, beside those above: `features` [features of the frames, F].
 */
export function emitFrameCaptioner(model: CaptionerModel, { input: frames, addTo }: FramesGraph): Uint8Array {
  const assembly = new OnnxAssembly()
  const [n, F] = clipInputs(model).features.shape
  addTo(assembly, SEEN)
  padFeatures(assembly, n!)
  const { outputs, weights } = addCaptioner(assembly, model)
  const features: Port = { name: SEEN, shape: ['features', F!], dtype: 'float32' }
  return assembly.encode([frames], [features, ...outputs], weights)
}

/** Features of a clip, as many as it has. */
const SEEN = 'seen_features'

/** Makes `features` and `mask` of them. */
function padFeatures(assembly: OnnxAssembly, n: number): void {
  const part = (name: string): string => `${SEEN}/${name}`
  assembly.ints(part('most'), [n])
  assembly.ints(part('none'), [0])
  assembly.ints(part('no_pads'), [0, 0])
  assembly.ints(part('first'), [0])
  assembly.ints(part('last'), [1])
  assembly.floats(part('one'), [1])
  assembly.node('Shape', [SEEN], part('shape'))
  assembly.node('Slice', [part('shape'), part('first'), part('last')], part('count'))
  assembly.node('Sub', [part('most'), part('count')], part('lacking'))
  assembly.node('Concat', [part('no_pads'), part('lacking'), part('none')], part('pads'), { axis: 0 })
  assembly.node('Pad', [SEEN, part('pads')], 'features')
  assembly.node('Expand', [part('one'), part('count')], part('ones'))
  assembly.node('Concat', [part('none'), part('lacking')], part('mask_pads'), { axis: 0 })
  assembly.node('Pad', [part('ones'), part('mask_pads')], 'mask')
}

/** Adds the captioner behind the tensors `features` and `mask`. */
function addCaptioner(assembly: OnnxAssembly, model: CaptionerModel) {
  const { architecture, gates } = model
  const { v, vMean, topics, memory } = clipGraph(model)
  assembly.graph('encoder', { v, v_mean: vMean, topics, ...prefixed('first.', memory) })
  assembly.ints('start', [START], [1, 1])
  let weights: ReadonlyMap<string, FloatTensor> = new Map([...modelTensors(model), ...codebookTensors(model)])
  if (gates === null || gates.gates.length === 0) {
    searchGreedily(assembly, architecture, { look: 'first', words: 'words' })
  } else {
    const graph = gateGraph(model, gates)
    weights = new Map([...weights, ...graph.weights])
    lookTwice(assembly, model, graph)
  }
  const words: Port = { name: 'words', shape: [architecture.settings.maxWords], dtype: 'int64' }
  return { outputs: [words, { name: 'topics', shape: topics.shape, dtype: topics.dtype }], weights }
}

/** Captions, and where gates are open captions again with neurons moved; the second caption stands where it names a topic of theirs. */
function lookTwice(assembly: OnnxAssembly, model: CaptionerModel, gates: GateGraph): void {
  const { architecture } = model
  const { frames: n, topics: K, settings } = architecture
  const D = neuronCount(architecture)
  searchGreedily(assembly, architecture, { look: 'first', words: 'first.words' })
  const v = input('v', [1, n, D])
  const open = gates.open({
    vMean: input('v_mean', [1, D]),
    topics: input('topics', [1, K]),
    words: input('first.words', [settings.maxWords], 'int64'),
  })
  assembly.graph('gates', {
    open,
    any_open: ops.sum(open),
    ...prefixed('second.', memoryOfMoved(model, gates.move(v, open))),
  })
  isAboveZero(assembly, 'any_open', 'looks_again')
  searchGreedily(assembly, architecture, { look: 'second', words: 'second.words', when: 'looks_again' })
  const [wasOpen, caption] = [input('open', open.shape), input('second.words', [settings.maxWords], 'int64')]
  assembly.graph('verdict', { named: gates.named(wasOpen, caption) })
  isAboveZero(assembly, 'named', 'stands')
  assembly.node('Where', ['stands', 'second.words', 'first.words'], 'words')
}

/** A number of the assembly, whatever its shape, as the bool `name`, a scalar. */
function isAboveZero(assembly: OnnxAssembly, number: string, name: string): void {
  assembly.ints(`${name}/scalar`, [])
  assembly.floats(`${name}/zero`, [0], [])
  assembly.node('Reshape', [number, `${name}/scalar`], `${name}/number`)
  assembly.node('Greater', [`${name}/number`, `${name}/zero`], name)
}

interface Looking {
  /** What the names of the tensors that it reads begin with. */
  look: string
  /** Gets the words, int64 [most words]. */
  words: string
  /** The name of a bool: whether it is done at all. */
  when?: string
}

function searchGreedily(
  assembly: OnnxAssembly,
  architecture: Architecture,
  { look, words, when }: Looking,
): void {
  const { maxWords } = architecture.settings
  const step = greedyStep(architecture, look)
  assembly.loop(`${look}.search`, {
    most: maxWords,
    ...(when !== undefined && { when }),
    carried: [
      { first: 'start', current: step.word, next: step.nextWord },
      { first: `${look}.hidden`, current: step.hidden, next: step.nextHidden },
      { first: `${look}.memory`, current: step.memory, next: step.nextMemory },
    ],
    goOn: step.goesOn,
    collect: { name: `${look}.steps`, value: step.nextWord },
  })
  fillUp(assembly, { steps: `${look}.steps`, words, maxWords })
}

/** Words of each step [steps, 1, 1] as [most words], with end words behind. */
function fillUp(
  assembly: OnnxAssembly,
  { steps, words, maxWords }: { steps: string; words: string; maxWords: number },
): void {
  const part = (name: string): string => `${steps}/${name}`
  assembly.ints(part('flat'), [-1])
  assembly.ints(part('most'), [maxWords])
  assembly.ints(part('none'), [0])
  assembly.ints(part('end'), END)
  assembly.node('Reshape', [steps, part('flat')], part('row'))
  assembly.node('Shape', [part('row')], part('length'))
  assembly.node('Sub', [part('most'), part('length')], part('lacking'))
  assembly.node('Concat', [part('none'), part('lacking')], part('pads'), { axis: 0 })
  assembly.node('Pad', [part('row'), part('pads'), part('end')], words)
}

/** A decoder step that takes the likeliest word that may be said. */
function greedyStep(architecture: Architecture, look: string) {
  const { settings, vocabularySize: V } = architecture
  const network = createNetwork(architecture)
  const clip = rememberedInputs(architecture, 1, 1, `${look}.`)
  const word = input(`${look}.word`, [1, 1], 'int64')
  const hidden = input(`${look}.state.hidden`, [1, settings.hiddenSize])
  const memory = input(`${look}.state.memory`, [1, settings.hiddenSize])
  const embedded = ops.reshape(embed(network, word), [1, settings.embeddingSize])
  const step = wordStep(network, { ...clip, hidden, memory }, embedded)
  const suppressed = ops.reshape(
    perWord(V, (id) => (SUPPRESSED_WORDS.has(id) ? NEVER : 0)),
    [1, V],
  )
  const nextWord = ops.top(ops.add(step.logProbabilities, suppressed), 1).indices
  return {
    word,
    hidden,
    memory,
    nextWord,
    nextHidden: step.hidden,
    nextMemory: step.memory,
    goesOn: ops.gather(
      perWord(V, (id) => (id === END ? 0 : 1)),
      nextWord,
    ),
  }
}

/** A number for each word, [V, 1]: all that are no marks have that of the first of them. */
function perWord(V: number, numberOf: (id: number) => number): Value {
  const marks = Math.max(...SUPPRESSED_WORDS, END) + 1
  const ofMarks = Array.from({ length: marks }, (_, id) => numberOf(id))
  return ops.concat(
    [constant(ofMarks, [marks, 1]), ops.broadcast(constant(numberOf(marks)), [V - marks, 1])],
    0,
  )
}

const prefixed = (prefix: string, values: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]))
