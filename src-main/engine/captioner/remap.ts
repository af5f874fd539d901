/**
 * Remapping: a trained topic head is carried over to topics that were merged or left out, without training.
 * The head is linear in its hidden layer h = relu(W v-bar + b), so a column that lives on is copied; that of
 * a merged topic is fitted to what the old ones say together (merged-column.ts).
 */
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { resolveDevice } from '../graph/session.ts'
import { batchSizeFor, encodeInBatches, GREEDY } from './decoding/decoder.ts'
import { withModel } from './loaded-models.ts'
import type { LoadedModel } from './loaded-models.ts'
import { mergedColumn } from './merged-column.ts'
import { withColumns } from './gates.ts'
import { saveModel } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'
import { parameterTensor, withJointHead } from './parameters.ts'
import type { Parameters } from './parameters.ts'

/** Writes the remapped model to `to`. `groups` hold old columns, none of them empty. */
export async function remap(
  { modelDir, to, groups, clips, device }: EngineParams<'captioner.remap'>,
  context: EngineContext,
): Promise<EngineResult<'captioner.remap'>> {
  const started = performance.now()
  const options = {
    decoding: GREEDY,
    device: resolveDevice(device),
    batchSize: batchSizeFor(GREEDY, clips.length),
  }
  const settings = await withModel(modelDir, options, async (loaded) => {
    const { model } = loaded
    const merged = groups.some((group) => group.length > 1)
    const hidden = merged ? await hiddenLayers(loaded, clips, context) : []
    const architecture = withJointHead({ ...model.architecture, topics: groups.length })
    await saveModel(to, {
      ...model,
      architecture,
      parameters: withGroups(model, groups, hidden),
      gates: withColumns(model.gates, (column) => groups.findIndex((group) => group.includes(column))),
    })
    return architecture.settings
  })
  return { seconds: (performance.now() - started) / 1000, settings }
}

/** h of each clip, and a 1 for the bias, [N][P + 1]. */
async function hiddenLayers(
  loaded: LoadedModel,
  clips: readonly ClipFeatures[],
  { signal, progress }: EngineContext,
): Promise<Float64Array[]> {
  const hidden: Float64Array[] = []
  for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
    const { means } = await loaded.decoder.topics(encoded)
    batch.forEach((_, b) => hidden.push(hiddenLayer(loaded.model, means[b] ?? new Float32Array(0))))
    progress({ phase: 'reading the head', done: hidden.length, total: clips.length, unit: 'clips' })
  }
  return hidden
}

/** h of a clip's v-bar, and a 1 for the bias, [P + 1]. */
function hiddenLayer({ parameters, architecture }: CaptionerModel, mean: Float32Array): Float64Array {
  const P = architecture.settings.topicHiddenSize
  const { data: weights } = parameterTensor(parameters, 'topics.hidden')
  const { data: biases } = parameterTensor(parameters, 'topics.hidden_bias')
  const h = Float64Array.from({ length: P + 1 }, (_, i) => (i < P ? biases[i]! : 1))
  mean.forEach((value, d) => {
    for (let i = 0; i < P; i++) {
      h[i]! += value * weights[d * P + i]!
    }
  })
  for (let i = 0; i < P; i++) {
    h[i] = Math.max(0, h[i]!)
  }
  return h
}

/** The parameters with a head of a column for each group; `hidden` is needed where columns are merged. */
function withGroups(
  { parameters, architecture }: CaptionerModel,
  groups: readonly (readonly number[])[],
  hidden: readonly Float64Array[],
): Parameters {
  const { topicHiddenSize: P, topicLoss } = architecture.settings
  const [K, G] = [architecture.topics, groups.length]
  const { data: weights } = parameterTensor(parameters, 'topics.output')
  const { data: biases } = parameterTensor(parameters, 'topics.output_bias')
  /** An old column: its weights, and its bias as the last. */
  const columnOf = (k: number): Float64Array =>
    Float64Array.from({ length: P + 1 }, (_, i) => (i < P ? weights[i * K + k] : biases[k]) ?? 0)
  const output = new Float32Array(P * G)
  const bias = new Float32Array(G)
  groups.forEach((group, g) => {
    const columns = group.map(columnOf)
    const column = columns.length === 1 ? columns[0]! : mergedColumn(columns, hidden, topicLoss)
    for (let i = 0; i < P; i++) {
      output[i * G + g] = column[i]!
    }
    bias[g] = column[P]!
  })
  return new Map([
    ...parameters,
    ['topics.output', { shape: [P, G], data: output }],
    ['topics.output_bias', { shape: [G], data: bias }],
  ])
}
