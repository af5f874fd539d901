/**
 * Checkpoints of a training run, from which it can go on as if it had never stopped. A checkpoint is a model
 * folder (the parameters as they are now) with the optimizer's slots and the run's progress in it; everything
 * random in a run is a function of its seed and step, so there is no generator's state to keep.
 *
 *     RUN/checkpoint-000000120/   model.json  parameters.safetensors  slots.safetensors  progress.json
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeOneFolder, replaceFolderAtomic, writeFileAtomic } from '../../../formats/atomic.ts'
import { encodeSafetensors, readSafetensors } from '../../../formats/safetensors.ts'
import { CHECKPOINT_NAME } from '../../../engine-host/contract/index.ts'
import type { Tensor } from '../../graph/runtime.ts'
import { failures } from '../failures.ts'
import { loadModel, saveModel, writeModelFiles } from '../model-folder.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { progressRecord } from './progress.ts'
import type { ProgressRecord } from './progress.ts'

/** A checkpoint is written at every validation, and after this many milliseconds. */
const CHECKPOINT_EVERY = 60_000
/** Checkpoints of a run that are kept. */
const KEPT = 2

interface Checkpoint {
  /** The model with the parameters as they were at `progress.step`. */
  model: CaptionerModel
  /** The optimizer's state, by name. */
  slots: Map<string, Tensor>
  progress: ProgressRecord
}

/** Writes a run's checkpoints, and the model of its best validation, while training goes on. */
export class CheckpointWriter {
  readonly #runDir: string
  readonly #modelDir: string
  #writing: Promise<void> = Promise.resolve()
  #lastAt = performance.now()

  constructor({ runDir, modelDir }: { runDir: string; modelDir: string }) {
    this.#runDir = runDir
    this.#modelDir = modelDir
  }

  /** Whether the last checkpoint is old. */
  get isDue(): boolean {
    return performance.now() - this.#lastAt > CHECKPOINT_EVERY
  }

  /** Waits for what is being written. Throws what went wrong with it: DISK_FULL. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /**
   * Begins to write `best`, where the parameters are the best ones since the last checkpoint, and the
   * checkpoint; `settled` before. What goes wrong comes up when the run waits for it.
   */
  write(checkpoint: Checkpoint, best: CaptionerModel | null): void {
    this.#lastAt = performance.now()
    this.#writing = (async () => {
      if (best) {
        await saveModel(this.#modelDir, best, checkpoint.progress.best?.step)
      }
      await saveCheckpoint(this.#runDir, checkpoint)
    })()
    this.#writing.catch(() => undefined)
  }

  async release(): Promise<void> {
    await this.#writing.catch(() => undefined)
  }
}

/**
 * Writes a checkpoint, whole or not at all, and removes all but the last two. Throws DISK_FULL when it does
 * not fit.
 */
async function saveCheckpoint(runDir: string, { model, slots, progress }: Checkpoint): Promise<void> {
  await makeOneFolder(runDir)
  await replaceFolderAtomic(checkpointFolder(runDir, progress.step), async (folder) => {
    await writeModelFiles(folder, model)
    const floats = [...slots].map(([name, { shape, data }]) => {
      if (!(data instanceof Float32Array)) {
        throw new Error(`the slot ${name} is not float32`)
      }
      return [name, { shape, data }] as const
    })
    await writeFileAtomic(join(folder, 'slots.safetensors'), encodeSafetensors(new Map(floats)))
    await writeFileAtomic(join(folder, 'progress.json'), JSON.stringify(progress))
  })
  await removeSteps(runDir, (await checkpointSteps(runDir)).slice(KEPT))
}

/** The last checkpoint that is whole. Throws NOT_FOUND when there is none. */
export async function loadCheckpoint(runDir: string): Promise<Checkpoint> {
  let damage: unknown = null
  for (const step of await checkpointSteps(runDir)) {
    const folder = checkpointFolder(runDir, step)
    try {
      const record: unknown = JSON.parse(await readFile(join(folder, 'progress.json'), 'utf8'))
      const progress = progressRecord.parse(record)
      return {
        model: await loadModel(folder),
        slots: await readSafetensors(join(folder, 'slots.safetensors')),
        progress,
      }
    } catch (error) {
      damage = error
    }
  }
  throw failures.noCheckpoint({ folder: runDir }, { cause: damage })
}

/** Removes the checkpoints of a run that has ended; the logs stay. */
export async function removeCheckpoints(runDir: string): Promise<void> {
  await removeSteps(runDir, await checkpointSteps(runDir))
}

async function removeSteps(runDir: string, steps: readonly number[]): Promise<void> {
  for (const step of steps) {
    await rm(checkpointFolder(runDir, step), { recursive: true, force: true })
  }
}

const checkpointFolder = (runDir: string, step: number): string =>
  join(runDir, `checkpoint-${String(step).padStart(9, '0')}`)

/** The steps of the checkpoints in a folder, latest first; none when there is no such folder. */
async function checkpointSteps(runDir: string): Promise<number[]> {
  const names = await readdir(runDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return []
    }
    throw error
  })
  return names
    .flatMap((name) => CHECKPOINT_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)
}
