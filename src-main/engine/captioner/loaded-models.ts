/**
 * Models that stay loaded and compiled between calls, so that a preview while a hand is on a slider, or a
 * look at a neuron, waits for the arithmetic alone. The few used last are kept; one in use is never freed.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Decoding } from '#contract'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { resolveDevice } from '../graph/session.ts'
import { batchSizeFor, Decoder } from './decoding/decoder.ts'
import type { DecoderOptions } from './decoding/decoder.ts'
import { checkShapes } from './feature-transform.ts'
import { FeatureReader } from './features.ts'
import { loadModel } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'

const MAX_MODELS = 4
/** Bytes of parameters; the runtime holds about as much again. One model is kept whatever its size. */
const MAX_BYTES = 512 * 2 ** 20

interface LoadOptions extends DecoderOptions {
  /** Frames of the longest clip, where that is known: the model is compiled for no more, and says so itself. */
  frames?: number
}

export interface LoadedModel {
  model: CaptionerModel
  decoder: Decoder
  reader: FeatureReader
}

interface Entry {
  loading: Promise<LoadedModel>
  users: number
  /** Known when it is loaded. */
  bytes: number
}

/** By key, those used last at the end. */
const entries = new Map<string, Entry>()

/**
 * Runs `work` with the model of a folder, compiled for a decoding and `batchSize` clips on a device. Throws
 * as `loadModel`.
 */
export async function withModel<T>(
  modelDir: string,
  options: LoadOptions,
  work: (loaded: LoadedModel) => Promise<T>,
): Promise<T> {
  const { decoding, device, batchSize, frames } = options
  const key = JSON.stringify([modelDir, await writtenAt(modelDir), decoding, device, batchSize, frames])
  const entry = entries.get(key) ?? { loading: load(modelDir, options), users: 0, bytes: 0 }
  // Moves it to the end.
  entries.delete(key)
  entries.set(key, entry)
  entry.users++
  try {
    const loaded = await entry.loading
    entry.bytes = bytesOf(loaded)
    return await work(loaded)
  } catch (error) {
    // What could not be loaded is tried again next time.
    await entry.loading.catch(() => entries.delete(key))
    throw error
  } finally {
    entry.users--
    await freeOldest()
  }
}

/** A folder that was written again is another model. */
const writtenAt = (modelDir: string): Promise<number> =>
  stat(join(modelDir, 'model.json')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )

const bytesOf = ({ model }: LoadedModel): number =>
  [...model.parameters.values()].reduce((sum, { data }) => sum + data.byteLength, 0)

async function load(modelDir: string, options: LoadOptions): Promise<LoadedModel> {
  const model = forFrames(await loadModel(modelDir), options.frames ?? Infinity)
  return {
    model,
    decoder: new Decoder(model, options),
    reader: new FeatureReader(model.architecture.frames, model.transform),
  }
}

/** How a model is loaded to caption some clips: for as many of them, and as long ones, as there are. */
export async function optionsFor(
  clips: readonly ClipFeatures[],
  { decoding, device }: { decoding: Decoding; device: string },
  signal: AbortSignal,
): Promise<LoadOptions> {
  const { longest } = await checkShapes(clips, Infinity, signal)
  return {
    decoding,
    device: resolveDevice(device),
    batchSize: batchSizeFor(decoding, clips.length),
    frames: longest,
  }
}

/** A model that takes clips of so many frames and no more: what is compiled of it pads them to no more. */
export function forFrames(model: CaptionerModel, frames: number): CaptionerModel {
  const { architecture } = model
  return {
    ...model,
    architecture: { ...architecture, frames: Math.min(architecture.frames, Math.max(1, frames)) },
  }
}

async function freeOldest(): Promise<void> {
  let total = [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  for (const [key, { loading, users, bytes }] of entries) {
    if (entries.size <= MAX_MODELS && (total <= MAX_BYTES || entries.size === 1)) {
      return
    }
    if (users > 0) {
      continue
    }
    entries.delete(key)
    total -= bytes
    const { decoder, reader } = await loading
    await Promise.all([decoder.release(), reader.release()])
  }
}
