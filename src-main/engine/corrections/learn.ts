/**
 * Learning corrections: the encoder and the topic head are fine-tuned so that the network itself yields the features that
 * the reviewer's interventions gave, while it stays near what it was:
 *
 *     minimise  mean over corrected clips and their frames of ||E(clip) - target||^2
 *               + beta ||theta - theta_before||^2
 *               + gamma (mean over replayed training clips of ||E(clip) - E_before(clip)||^2 + lambda L_I)
 *
 * theta are the encoder's and f's parameters; the decoder is held, so a replayed clip whose features stay keeps its
 * caption, and replaying the captions' likelihood itself (which would go on training the network) is not needed. Steps
 * go on until every corrected clip is captioned, without intervention, as the intervention captioned it, so that no more
 * is changed than has to be.
 */
import { CancelledError, decoding, VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../contract.ts'
import { createDecoder, GREEDY, padded } from '../captioner/decoder.ts'
import type { EncodedBatch } from '../captioner/decoder.ts'
import { FeatureReader } from '../captioner/features.ts'
import { encode, interpretiveLoss, meanOverFrames, topicScores } from '../captioner/model.ts'
import { loadModel, saveModel } from '../captioner/model-folder.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { isCorrectable, neuronCount, parameterLeaves } from '../captioner/parameters.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { parametersOf, stack } from '../captioner/step.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { initialState, optimizer, takeSteps } from '../graph/optimizers.ts'
import { compileLoop } from '../graph/runtime.ts'
import { floats, resolveDevice, tensorFor } from '../graph/session.ts'
import type { Tensor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import { applyIntervention, planIntervention } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import { createRandom } from '../random.ts'

const BETA = 1e-2
const GAMMA = 4
const LEARNING_RATE = 5e-4
/** Replayed clips a step. */
const REPLAY = 16
const STEPS_PER_CALL = 5
const MOST_CALLS = 40
/** How corrected clips are captioned. */
const DECODING = decoding.parse({})

const total = (values: readonly Value[]): Value => values.reduce((a, b) => ops.add(a, b))

export async function learn(params: EngineParams<'corrections.learn'>, { signal, progress }: EngineContext): Promise<EngineResult<'corrections.learn'>> {
  const { parentDir, modelDir, interventions, seed } = params
  const started = performance.now()
  const device = resolveDevice(params.device)
  const model = await loadModel(parentDir)
  const map = await readNeuronMap(parentDir)
  const { architecture } = model
  const { settings, frames: n, inputSize } = architecture
  const B = interventions.length
  if (B === 0) throw new VitrineError('BAD_INPUT', 'There is no correction to learn.', 'Choose a topic to add or to drop.')
  const sizes = { B, n, D: neuronCount(architecture) }

  // Where the interventions put the corrected clips, and how they are captioned there.
  const reader = new FeatureReader(n, model.transform)
  const replay = await prepareReplay(params, model, reader, signal)
  const decoder = createDecoder(model, DECODING, device, B)
  const corrected = await reader.batch(interventions.map(({ clip }) => clip))
  const encoded = await decoder.encode(corrected)
  const target = encoded.v.slice()
  interventions.forEach((intervention, b) => {
    applyIntervention(target, corrected.mask, b, sizes, planIntervention(map, intervention), intervention.strength)
  })
  const ids = interventions.map(({ clip }) => clip.id)
  const captions = async (encoded: EncodedBatch) => (await decoder.decode([{ encoded, ids }], signal)).map(({ caption }) => caption)
  const wanted = await captions({ v: target, mask: corrected.mask })

  const leaves = parameterLeaves(architecture)
  const learnt = [...leaves].filter(([name]) => isCorrectable(name))
  const before = learnt.map(([name, leaf]) => input(`before.${name}`, leaf.shape))
  const distance = total(learnt.map(([, leaf], i) => ops.sum(ops.square(ops.subtract(leaf, before[i] ?? leaf)))))
  /** Clips whose v is to come to a target: mean over valid frames of the squared distance, and v itself. */
  const pull = (name: string, clips: number) => {
    const features = input(`${name}.features`, [n, clips, inputSize])
    const mask = input(`${name}.mask`, [n, clips])
    const targets = input(`${name}.target`, [clips, n, sizes.D])
    const v = encode(architecture, leaves, features, mask)
    return { leaves: { features, mask, targets }, v, residual: ops.divide(ops.sum(ops.square(ops.subtract(v, targets))), ops.sum(mask)) }
  }
  const wantedV = pull('corrected', B)
  const keptV = pull('replayed', REPLAY)
  const s = input('replayed.topics', [REPLAY, architecture.topics])
  const scores = topicScores(architecture, leaves, meanOverFrames(keptV.v, keptV.leaves.mask))
  const topicLoss = ops.affine(ops.sum(interpretiveLoss(architecture, scores, s)), (model.kind === 'baseline' ? 0 : settings.lambda) / REPLAY)
  const objective = total([wantedV.residual, ops.affine(distance, BETA), ops.affine(ops.add(keptV.residual, topicLoss), GAMMA)])
  const variables = learnt.map(([, leaf]) => leaf)
  const rule = optimizer(variables, gradients(objective, variables), { kind: 'adam', weightDecay: 0, clipNorm: settings.clipNorm })
  const loop = await compileLoop([{
    state: rule.state,
    perStep: [...Object.values(keptV.leaves), s, ...rule.perStep],
    collect: { residual: wantedV.residual },
  }], device)

  loop.load(initialState(parametersOfModel(model.parameters, learnt.map(([name]) => name))))
  let taken = 0
  const fixed: Record<string, Tensor> = {
    [wantedV.leaves.features.name ?? '']: tensorFor(wantedV.leaves.features, corrected.features),
    [wantedV.leaves.mask.name ?? '']: tensorFor(wantedV.leaves.mask, corrected.mask),
    [wantedV.leaves.targets.name ?? '']: tensorFor(wantedV.leaves.targets, target),
  }
  for (const [name, tensor] of model.parameters) {
    if (isCorrectable(name)) fixed[`before.${name}`] = tensor
  }
  const random = createRandom(seed)
  let residualBefore = NaN
  let residualAfter = NaN
  let reached = false
  let parameters: Parameters = model.parameters
  try {
    for (let call = 0; call < MOST_CALLS; call++) {
      if (signal.aborted) throw new CancelledError()
      const feeds: Record<string, Tensor> = { ...fixed }
      const steps = Array.from({ length: STEPS_PER_CALL }, () => replay[random.below(replay.length)])
      for (const leaf of [...Object.values(keptV.leaves), s]) {
        feeds[leaf.name ?? ''] = stack(leaf, steps.map((step) => step?.get(leaf.name ?? '') ?? new Float32Array(0)))
      }
      const out = await takeSteps(loop, rule, taken, new Array<number>(STEPS_PER_CALL).fill(LEARNING_RATE), feeds)
      taken += STEPS_PER_CALL
      const residuals = floats(out, 'residual')
      if (call === 0) residualBefore = residuals[0] ?? NaN
      residualAfter = residuals.at(-1) ?? NaN
      if (!Number.isFinite(residualAfter)) throw new VitrineError('DIVERGED', `The correction's residual became ${residualAfter} at step ${taken}.`, 'Try a smaller strength.')
      progress({ phase: 'learning', done: taken, total: MOST_CALLS * STEPS_PER_CALL, unit: 'steps' })

      parameters = new Map([...model.parameters, ...parametersOf(await loop.state(), learnt.map(([name]) => name))])
      await decoder.use(parameters)
      const now = await captions(await decoder.encode(corrected))
      reached = now.every((caption, b) => caption === wanted[b])
      if (reached) break
    }
  } finally {
    await Promise.all([loop.release(), decoder.release(), reader.release()])
  }
  await saveModel(modelDir, { ...model, parameters })
  return { steps: taken, seconds: (performance.now() - started) / 1000, residualBefore, residualAfter, reached }
}

/** The replayed clips in batches of REPLAY, with the features that they have now; by leaf name. */
async function prepareReplay({ replay, interventions, device }: EngineParams<'corrections.learn'>, model: CaptionerModel, reader: FeatureReader, signal: AbortSignal): Promise<Map<string, Float32Array>[]> {
  const corrected = new Set(interventions.map(({ clip }) => clip.id))
  const clips = replay.filter(({ id }) => !corrected.has(id))
  if (clips.length === 0) throw new VitrineError('NOT_READY', 'There are no training clips to keep the model steady with.', 'Import a training split and compute its features.')
  const decoder = createDecoder(model, GREEDY, resolveDevice(device), REPLAY)
  const batches: Map<string, Float32Array>[] = []
  try {
    for (let start = 0; start < clips.length; start += REPLAY) {
      if (signal.aborted) throw new CancelledError()
      const chosen = clips.slice(start, start + REPLAY)
      const { features, mask } = await reader.batch(padded(chosen, REPLAY))
      const { v } = await decoder.encode({ features, mask })
      const topics = new Float32Array(REPLAY * model.architecture.topics)
      for (let b = 0; b < REPLAY; b++) {
        for (const topic of (chosen[b] ?? clips[start])?.topics ?? []) topics[b * model.architecture.topics + topic] = 1
      }
      batches.push(new Map([['replayed.features', features], ['replayed.mask', mask], ['replayed.target', v], ['replayed.topics', topics]]))
    }
  } finally {
    await decoder.release()
  }
  return batches
}

const parametersOfModel = (parameters: Parameters, names: readonly string[]): Parameters =>
  new Map([...parameters].filter(([name]) => names.includes(name)))
