/**
 * Learning corrections: the encoder and the topic head are fine-tuned so that the network itself yields the features that
 * the reviewer's interventions gave, while it stays near what it was:
 *
 *     minimise  mean over corrected clips and their frames of ||E(clip) - target||^2
 *               + beta ||theta - theta_before||^2  +  gamma (training objective on replayed captions)
 *
 * theta are the encoder's and f's parameters; the decoder is held. Steps go on until every corrected clip is captioned,
 * without intervention, as the intervention captioned it, so that no more is changed than has to be.
 */
import { CancelledError, VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../contract.ts'
import { BatchSampler, encodeClips, longestCaption } from '../captioner/batches.ts'
import type { BatchShape } from '../captioner/batches.ts'
import { createDecoder } from '../captioner/decoder.ts'
import { FeatureReader } from '../captioner/features.ts'
import { encode, losses } from '../captioner/model.ts'
import { loadModel, saveModel } from '../captioner/model-folder.ts'
import { isCorrectable, neuronCount, parameterLeaves } from '../captioner/parameters.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { batchFeeds, batchLeaves, initialState, parametersOf, stack } from '../captioner/step.ts'
import { adam, adamSchedule } from '../graph/adam.ts'
import { gradients } from '../graph/gradient.ts'
import { emitLoop } from '../graph/onnx.ts'
import * as ops from '../graph/ops.ts'
import { createSession, floats, resolveDevice, tensorFor } from '../graph/session.ts'
import type { Tensor } from '../graph/session.ts'
import { constant, dim, input } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import { applyIntervention, planIntervention } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import { createRandom } from '../random.ts'

const BETA = 1e-2
const GAMMA = 0.1
const LEARNING_RATE = 1e-3
const STEPS_PER_CALL = 5
const MOST_CALLS = 40
const BEAM = 5

const total = (values: readonly Value[]): Value => values.reduce((a, b) => ops.add(a, b))

export async function learn(params: EngineParams<'corrections.learn'>, { signal, progress }: EngineContext): Promise<EngineResult<'corrections.learn'>> {
  const { parentDir, modelDir, interventions, seed } = params
  const started = performance.now()
  const device = resolveDevice(params.device)
  const model = await loadModel(parentDir)
  const map = await readNeuronMap(parentDir)
  const { architecture, normalisation } = model
  const { settings, frames: n, featureSize } = architecture
  const B = interventions.length
  if (B === 0) throw new VitrineError('BAD_INPUT', 'There is no correction to learn.', 'Choose a topic to add or to drop.')
  const sizes = { B, n, D: neuronCount(architecture) }

  // Where the interventions put the corrected clips, and how they are captioned there.
  const decoder = await createDecoder(model, BEAM, device, B)
  const reader = new FeatureReader(n)
  const corrected = await reader.batch(interventions.map(({ clip }) => clip), normalisation)
  const encoded = await decoder.encode(corrected)
  const target = encoded.v.slice()
  interventions.forEach((intervention, b) => {
    applyIntervention(target, corrected.mask, b, sizes, planIntervention(map, intervention), intervention.strength)
  })
  const wanted = (await decoder.decode({ v: target, mask: corrected.mask }, B, signal)).map(({ caption }) => caption)

  const leaves = parameterLeaves(architecture)
  const learnt = [...leaves].filter(([name]) => isCorrectable(name))
  const features = input('corrected.features', [n, B, featureSize])
  const mask = input('corrected.mask', [n, B])
  const targetLeaf = input('corrected.target', [B, n, sizes.D])
  const residual = ops.affine(ops.divide(ops.sum(ops.square(ops.subtract(encode(architecture, leaves, features, mask), targetLeaf))), ops.sum(mask)), 1)
  const before = learnt.map(([name, leaf]) => input(`before.${name}`, leaf.shape))
  const distance = total(learnt.map(([, leaf], i) => ops.sum(ops.square(ops.subtract(leaf, before[i] ?? leaf)))))

  const replayed = encodeClips(params.replay, model.vocabulary, settings.maxWords)
  const shape: BatchShape = { clips: Math.min(settings.batchClips, replayed.length), captions: settings.captionsPerClip, words: longestCaption(replayed) }
  const batch = replayed.length > 0 ? batchLeaves(architecture, shape) : null
  const lambda = model.kind === 'baseline' ? 0 : settings.lambda
  const replay = batch ? losses(architecture, leaves, batch, null, lambda).total : constant(0)
  const objective = total([residual, ops.affine(distance, BETA), ops.affine(replay, GAMMA)])
  const variables = learnt.map(([, leaf]) => leaf)
  const optimizer = adam(variables, gradients(objective, variables), { weightDecay: 0, clipNorm: settings.clipNorm })
  const session = await createSession(
    emitLoop({
      steps: STEPS_PER_CALL,
      state: optimizer.state,
      perStep: [...(batch ? Object.values(batch) : []), ...optimizer.perStep],
      collect: { residual },
    }),
    device,
  )

  const state = initialState(parametersOfModel(model.parameters, learnt.map(([name]) => name)))
  const fixed: Record<string, Tensor> = {
    [features.name ?? '']: tensorFor(features, corrected.features),
    [mask.name ?? '']: tensorFor(mask, corrected.mask),
    [targetLeaf.name ?? '']: tensorFor(targetLeaf, target),
  }
  for (const [name, tensor] of model.parameters) {
    if (!isCorrectable(name) && batch) fixed[name] = tensor
    if (isCorrectable(name)) fixed[`before.${name}`] = tensor
  }
  const sampler = batch ? new BatchSampler(replayed, shape, architecture.topics, createRandom(seed)) : null
  let residualBefore = NaN
  let residualAfter = NaN
  let parameters: Parameters = model.parameters
  try {
    for (let call = 0; call < MOST_CALLS; call++) {
      if (signal.aborted) throw new CancelledError()
      const schedule = adamSchedule(state.step + 1, new Array<number>(STEPS_PER_CALL).fill(LEARNING_RATE))
      const feeds: Record<string, Tensor> = {
        ...fixed,
        'all.adam.rate': { shape: [STEPS_PER_CALL], data: schedule.rate },
        'all.adam.correction': { shape: [STEPS_PER_CALL], data: schedule.correction },
      }
      if (batch && sampler) {
        const steps = []
        for (let k = 0; k < STEPS_PER_CALL; k++) steps.push(await batchFeeds(batch, sampler.next(), reader, normalisation))
        for (const leaf of Object.values(batch)) {
          feeds[`all.${leaf.name ?? ''}`] = stack(leaf, steps.map((step) => step.get(leaf.name ?? '') ?? new Float32Array(dim(leaf, 0))))
        }
      }
      for (const [name, tensor] of state.tensors) feeds[`first.${name}`] = tensor
      const out = await session.run(feeds)
      for (const name of state.tensors.keys()) {
        const next = out[`next.${name}`]
        if (next) state.tensors.set(name, next)
      }
      state.step += STEPS_PER_CALL
      const residuals = floats(out, 'residual')
      if (call === 0) residualBefore = residuals[0] ?? NaN
      residualAfter = residuals.at(-1) ?? NaN
      if (!Number.isFinite(residualAfter)) throw new VitrineError('DIVERGED', `The correction's residual became ${residualAfter} at step ${state.step}.`, 'Try a smaller strength.')
      progress({ phase: 'learning', done: state.step, total: MOST_CALLS * STEPS_PER_CALL, unit: 'steps' })

      parameters = new Map([...model.parameters, ...parametersOf(state, learnt.map(([name]) => name))])
      decoder.use(parameters)
      const now = await decoder.decode(await decoder.encode(corrected), B, signal)
      if (now.every(({ caption }, b) => caption === wanted[b])) break
    }
  } finally {
    await Promise.all([session.release(), decoder.release()])
  }
  await saveModel(modelDir, { ...model, parameters })
  return { steps: state.step, seconds: (performance.now() - started) / 1000, residualBefore, residualAfter }
}

const parametersOfModel = (parameters: Parameters, names: readonly string[]): Parameters =>
  new Map([...parameters].filter(([name]) => names.includes(name)))
