/**
 * Transfer to action recognition: linear classifiers on v-bar of frozen encoders, on topic scores and on mean frame features,
 * over the same rounds.
 */
import type { ActionEvaluation, ActionHead } from '#contract'
import { createRandom } from '../../common/random.ts'
import type {
  ActionSource,
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { Decoder, GREEDY } from '../captioner/decoding/decoder.ts'
import { readFeatures } from '../captioner/feature-files.ts'
import { FeatureReader } from '../captioner/features.ts'
import { loadModel } from '../captioner/model-folder.ts'
import { initialParameters } from '../captioner/parameters.ts'
import type { DeviceName } from '../graph/runtime.ts'
import { resolveDevice } from '../graph/session.ts'
import { activations } from '../neurons/activations.ts'
import { withNeurons } from '../neurons/source.ts'
import type { NeuronSource } from '../neurons/source.ts'
import { releasing } from '../releasing.ts'
import { Classifier, probabilitiesOf } from './classifier.ts'
import type { TrainedHead } from './classifier.ts'
import { failures } from './failures.ts'
import { compareSources, figuresOf, keptAnswer, predictedOf } from './figures.ts'
import type { FullAnswer, Questions } from './figures.ts'
import { decidingClips, predictedWithout, reasonsFor } from './leaning.ts'

/** Frames of a clip when no model says how many. */
const MAX_FRAMES = 128

const NAMES: Record<ActionSource['of'], string> = {
  neurons: 'neurons',
  topics: 'topic scores',
  untrained: 'the untrained encoder',
  frames: 'frame features',
}

type Params = EngineParams<'actions.transfer'>

export async function transfer(
  params: Params,
  context: EngineContext,
): Promise<EngineResult<'actions.transfer'>> {
  const { clips, classes, pairs, seed } = params
  const questions: Questions = { clips, classes, pairs }
  const chance = { seed, signal: context.signal }
  const evaluation: Omit<ActionEvaluation, 'comparisons'> = {
    figures: [],
    answers: [],
    heads: [],
    deciding: [],
    rightWithout: [],
  }
  for (const source of params.sources) {
    const features = await featuresOf(source, params, context)
    const { given, strengths, head, deciding, rightWithout } = await answerRounds(
      features,
      source,
      params,
      context,
    )
    evaluation.figures.push({
      size: features[0]?.length ?? 0,
      strengths,
      ...(await figuresOf(given, questions, chance)),
    })
    evaluation.answers.push(given.map((answer) => keptAnswer(answer, questions)))
    evaluation.heads.push(keptHead(head, classes))
    evaluation.deciding.push(deciding)
    evaluation.rightWithout.push(rightWithout)
  }
  return { ...evaluation, comparisons: await compareSources(evaluation.answers, questions, chance) }
}

function keptHead({ mean, factor, weights, strength }: TrainedHead, classes: number): ActionHead {
  const weightCount = mean.length * classes
  return {
    mean: Float32Array.from(mean),
    factor: Float32Array.from(factor),
    weights: Float32Array.from(weights.subarray(0, weightCount)),
    bias: Float32Array.from(weights.subarray(weightCount)),
    strength,
  }
}

interface Answered {
  given: FullAnswer[]
  strengths: number[]
  /** Of all clips. */
  head: TrainedHead
  deciding: ActionEvaluation['deciding'][number]
  /** By topic and class. */
  rightWithout: number[][]
}

/** What the classifier of each round says of the clips that it is asked about, and what that of all clips leans on. */
function answerRounds(
  features: Float32Array[],
  { of, topicOf }: ActionSource,
  { clips, classes, rounds, topics, seed, device }: Params,
  { signal, progress }: EngineContext,
): Promise<Answered> {
  return releasing(async (use) => {
    const problem = {
      features,
      classes,
      areNeurons: of !== 'frames',
      clips: clips.map((clip) => ({ class: clip.class, group: String(clip.group) })),
    }
    const classifier = use(await Classifier.compile(problem, resolveDevice(device)))
    const report = (done: number): void => {
      progress({ phase: `classifying by ${NAMES[of]}`, done, total: rounds.length + 1, unit: 'rounds' })
    }
    const given: FullAnswer[] = []
    const strengths: number[] = []
    const silencing =
      topicOf === null
        ? null
        : { topicOf, topics, at: of === 'topics' ? ('mean' as const) : ('zero' as const) }
    const rightWithout = Array.from({ length: silencing === null ? 0 : topics }, () =>
      new Array<number>(classes).fill(0),
    )
    for (const [round, { train, test }] of rounds.entries()) {
      report(round)
      const head = await classifier.train(train, seed, signal)
      strengths.push(head.strength)
      for (const clip of test) {
        const truth = clips[clip]!.class
        const probabilities = probabilitiesOf(head, problem, clip)
        const predicted = predictedOf({ probabilities })
        const because = predicted === truth ? [] : reasonsFor(head, problem, { clip, predicted, truth })
        given.push({ clip, round, probabilities, because })
        if (silencing !== null) {
          predictedWithout(head, problem, { clip, probabilities }, silencing).forEach((answer, topic) => {
            rightWithout[topic]![truth]! += Number(answer === truth)
          })
        }
      }
    }
    report(rounds.length)
    const head = await classifier.train([...clips.keys()], seed, signal)
    return { given, strengths, head, deciding: decidingClips(head, problem), rightWithout }
  })
}

/** The features of each clip by a source, [N][D]. */
async function featuresOf(
  source: ActionSource,
  { clips, seed, device }: Params,
  { signal, progress }: EngineContext,
): Promise<Float32Array[]> {
  const report = (done: number): void => {
    progress({ phase: `reading ${NAMES[source.of]}`, done, total: clips.length, unit: 'clips' })
  }
  if (source.of === 'frames') {
    return meanFeatures(clips, report)
  }
  const work = async (neurons: NeuronSource): Promise<Float32Array[]> => {
    const measured = await activations(neurons, clips, signal, { report })
    return measured.map(({ mean, scores }) => (source.of === 'topics' ? Float32Array.from(scores) : mean))
  }
  if (source.modelDir === null) {
    throw failures.noModel({ features: NAMES[source.of] })
  }
  const options = { device: resolveDevice(device) }
  return source.of === 'untrained'
    ? withUntrained(source.modelDir, { ...options, seed }, work)
    : withNeurons(source.modelDir, options, work)
}

/** Runs `work` with a model's encoder as it may have been before training: the same form, weights drawn anew. */
async function withUntrained<T>(
  modelDir: string,
  { device, seed }: { device: DeviceName; seed: number },
  work: (source: NeuronSource) => Promise<T>,
): Promise<T> {
  const trained = await loadModel(modelDir)
  const parameters = initialParameters(trained.architecture, createRandom(seed))
  const model = { ...trained, parameters, gates: null }
  return releasing((use) =>
    work({
      model,
      decoder: use(new Decoder(model, { decoding: GREEDY, device })),
      reader: use(new FeatureReader(model.architecture.frames, model.transform)),
    }),
  )
}

/** The mean frame feature of each clip, [F]. */
async function meanFeatures(
  clips: readonly ClipFeatures[],
  report: (done: number) => void,
): Promise<Float32Array[]> {
  const means: Float32Array[] = []
  for (const clip of clips) {
    const { rows, size, data } = await readFeatures(clip, MAX_FRAMES)
    const sums = new Float64Array(size)
    data.forEach((value, i) => {
      sums[i % size]! += value
    })
    means.push(Float32Array.from(sums, (sum) => sum / rows))
    report(means.length)
  }
  return means
}
