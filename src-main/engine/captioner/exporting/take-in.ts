/**
 * An exported model, taken in: read from its numbers (export.ts) and written as a model's folder. It may come from
 * anybody: every shape is held against the settings, and every number looked at.
 */
import type { EngineParams, EngineResult } from '../../../engine-host/contract/index.ts'
import { failures } from '../failures.ts'
import { loadModel, modelTensors, saveModel } from '../model-folder.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { neuronCount } from '../parameters.ts'
import { SPECIAL_WORDS } from '../vocabulary.ts'
import { readClassHead } from './class-head.ts'
import { EXPORTED } from './export.ts'

/** Frames of a clip at most: graphs are unrolled over them. */
const MOST_FRAMES = 4096

/** As the engine's contract has it. */
export async function takeIn({
  from,
  to,
}: EngineParams<'captioner.takeIn'>): Promise<EngineResult<'captioner.takeIn'>> {
  const model = await loadModel(from, EXPORTED)
  const reason = whyNot(model)
  if (reason !== null) {
    throw failures.exportUnreadable({ path: from, reason })
  }
  const classifier = await readClassHead(from, model)
  if (to !== null) {
    await saveModel(to, model)
  }
  const { kind, architecture, transform } = model
  return {
    kind,
    settings: architecture.settings,
    frames: architecture.frames,
    featureSize: transform.mean.length,
    topics: architecture.topics,
    neurons: neuronCount(architecture),
    classifier,
  }
}

/** What is wrong with a model that could be read; null: nothing. */
function whyNot(model: CaptionerModel): string | null {
  const { architecture, vocabulary } = model
  if (architecture.frames > MOST_FRAMES) {
    return `it takes ${architecture.frames} frames, where ${MOST_FRAMES} are the most`
  }
  if (SPECIAL_WORDS.some((word, id) => vocabulary.words[id] !== word)) {
    return 'its vocabulary does not begin with the four marks'
  }
  if (vocabulary.idOf.size !== vocabulary.words.length) {
    return 'a word is in its vocabulary twice'
  }
  for (const [name, { data }] of modelTensors(model)) {
    if (!data.every(Number.isFinite)) {
      return `${name} holds numbers that are not finite`
    }
  }
  return gatesFit(model) ? null : 'its gates are not of this model'
}

function gatesFit({ gates, architecture, transform }: CaptionerModel): boolean {
  const D = neuronCount(architecture)
  const isShift = (shift: Float32Array): boolean =>
    shift.length >= D &&
    shift.length <= architecture.frames * D &&
    shift.length % D === 0 &&
    shift.every(Number.isFinite)
  return (
    gates === null ||
    (gates.gates.every(
      ({ topic, weights, moves }) =>
        topic >= 0 &&
        topic < architecture.topics &&
        weights.length === 3 * transform.mean.length &&
        moves.every(({ neuron }) => neuron >= 0 && neuron < D),
    ) &&
      gates.exempt.every(({ key, shift }) => key.length === D && (shift === null || isShift(shift))))
  )
}
