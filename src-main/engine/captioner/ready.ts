/**
 * Models that stay loaded and compiled between calls, so that a preview while a hand is on a slider, or a
 * look at a neuron, waits for the arithmetic alone. The few used last are kept; one in use is never freed.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Decoding } from '#contract'
import type { DeviceName } from '../graph/session.ts'
import { createDecoder } from './decoder.ts'
import type { Decoder } from './decoder.ts'
import { FeatureReader } from './features.ts'
import { loadModel } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'

const MOST_KEPT = 4
/** Bytes of parameters; the runtime holds about as much again. One model is kept whatever its size. */
const MOST_BYTES = 512 * 2 ** 20

export interface ReadyModel {
  model: CaptionerModel
  decoder: Decoder
  reader: FeatureReader
}

interface Entry {
  ready: Promise<ReadyModel>
  users: number
  /** Known when it is ready. */
  bytes: number
}

const kept = new Map<string, Entry>()

/**
 * Runs `work` with the model of a folder, compiled for a decoding and `batchSize` clips on a device. Throws
 * as `loadModel`.
 */
export async function withModel<T>(
  modelDir: string,
  { decoding, device, batchSize }: { decoding: Decoding; device: DeviceName; batchSize?: number },
  work: (ready: ReadyModel) => Promise<T>,
): Promise<T> {
  // A folder that was written again is another model.
  const written = await stat(join(modelDir, 'model.json')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  const key = JSON.stringify([modelDir, written, decoding, device, batchSize])
  const entry = kept.get(key) ?? { ready: load(modelDir, decoding, device, batchSize), users: 0, bytes: 0 }
  kept.delete(key)
  kept.set(key, entry)
  entry.users++
  try {
    const ready = await entry.ready
    entry.bytes = [...ready.model.parameters.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
    return await work(ready)
  } catch (error) {
    // What could not be loaded is tried again next time.
    await entry.ready.catch(() => kept.delete(key))
    throw error
  } finally {
    entry.users--
    await freeOldest()
  }
}

async function load(
  modelDir: string,
  decoding: Decoding,
  device: DeviceName,
  batchSize?: number,
): Promise<ReadyModel> {
  const model = await loadModel(modelDir)
  return {
    model,
    decoder: createDecoder(model, decoding, device, batchSize),
    reader: new FeatureReader(model.architecture.frames, model.transform),
  }
}

async function freeOldest(): Promise<void> {
  let total = [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  for (const [key, { ready, users, bytes }] of kept) {
    if (kept.size <= MOST_KEPT && (total <= MOST_BYTES || kept.size === 1)) {
      return
    }
    if (users > 0) {
      continue
    }
    kept.delete(key)
    total -= bytes
    const { decoder, reader } = await ready
    await Promise.all([decoder.release(), reader.release()])
  }
}
