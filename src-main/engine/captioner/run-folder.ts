/**
 * What a training run keeps on disk beside its model: checkpoints, from which it can go on as if it had never
 * stopped, and logs. A checkpoint is a model folder (the parameters as they are now) with the optimizer's
 * slots and the state of the run in it; everything random in a run is a function of its seed and step, so
 * there is no generator's state to keep.
 *
 *     RUN/checkpoint-000000120/   model.json  parameters.safetensors  slots.safetensors  progress.json
 *     RUN/log.jsonl               a line for every step, and for every point of the curves
 *     RUN/events.out.tfevents.*   the same for TensorBoard
 */
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { trainingPoint, VitrineError } from '#contract'
import type { TrainingPoint } from '#contract'
import { diskError, replaceFolderAtomic, writeFileAtomic } from '../../formats/atomic.ts'
import { encodeSafetensors, readSafetensors } from '../../formats/safetensors.ts'
import { scalarEvent, startEvent } from '../../formats/tfevents.ts'
import { CHECKPOINT_NAME } from '../../engine-host/contract/index.ts'
import type { Tensor } from '../graph/runtime.ts'
import { loadModel, writeModelFiles } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'
import type { StepLosses } from './step.ts'

const KEPT = 2

/** The validation figures of the best parameters so far. */
const bestFigures = z.object({
  step: z.number().int(),
  nll: z.number(),
  bleu4: z.number(),
  cider: z.number(),
})
export type BestFigures = z.infer<typeof bestFigures>

const runProgress = z.object({
  format: z.literal(1),
  /** Steps taken. */
  step: z.number().int(),
  best: bestFigures.nullable(),
  checksSinceBest: z.number().int(),
  /**
   * Of the plateau schedule: what the learning rate is multiplied by now, and checks without improvement
   * since it changed.
   */
  rateFactor: z.number(),
  checksSinceCut: z.number().int(),
  /** Sums over the steps since the last point, and their number. */
  recent: z.object({ loss: z.number(), nll: z.number(), topicLoss: z.number(), steps: z.number().int() }),
  captions: z.number().int(),
  seconds: z.number(),
  trainingSeconds: z.number(),
  points: z.array(trainingPoint),
})
/** Where a run stands, beside its parameters and slots. */
export type RunProgress = z.infer<typeof runProgress>

export interface Checkpoint {
  /** The model with the parameters as they were at `progress.step`. */
  model: CaptionerModel
  slots: Map<string, Tensor>
  progress: RunProgress
}

/**
 * Writes a checkpoint, whole or not at all, and removes all but the last two. Throws DISK_FULL when it does
 * not fit.
 */
export async function saveCheckpoint(runDir: string, { model, slots, progress }: Checkpoint): Promise<void> {
  await mkdir(runDir, { recursive: true })
  await replaceFolderAtomic(
    join(runDir, `checkpoint-${String(progress.step).padStart(9, '0')}`),
    async (folder) => {
      await writeModelFiles(folder, model)
      const floats = [...slots].map(([name, { shape, data }]) => {
        if (!(data instanceof Float32Array)) {
          throw new Error(`the slot ${name} is not float32`)
        }
        return [name, { shape, data }] as const
      })
      await writeFileAtomic(join(folder, 'slots.safetensors'), encodeSafetensors(new Map(floats)))
      await writeFileAtomic(join(folder, 'progress.json'), JSON.stringify(progress))
    },
  )
  for (const step of (await checkpointSteps(runDir)).slice(KEPT)) {
    await rm(checkpointFolder(runDir, step), { recursive: true, force: true })
  }
}

/** The last checkpoint that is whole. Throws NOT_FOUND when there is none. */
export async function loadCheckpoint(runDir: string): Promise<Checkpoint> {
  let damage: unknown = null
  for (const step of await checkpointSteps(runDir)) {
    const folder = checkpointFolder(runDir, step)
    try {
      const progress = runProgress.parse(JSON.parse(await readFile(join(folder, 'progress.json'), 'utf8')))
      return {
        model: await loadModel(folder),
        slots: await readSafetensors(join(folder, 'slots.safetensors')),
        progress,
      }
    } catch (error) {
      damage = error
    }
  }
  throw new VitrineError(
    'NOT_FOUND',
    `There is no checkpoint to go on from in ${runDir}.`,
    'Train the model anew.',
    { cause: damage },
  )
}

/** Removes the checkpoints of a run that has ended; the logs stay. */
export async function removeCheckpoints(runDir: string): Promise<void> {
  for (const step of await checkpointSteps(runDir)) {
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

export interface RunLog {
  /** Logs steps; `first` is the number of the first of them, counted from 1. */
  steps(first: number, losses: readonly StepLosses[], learningRates: readonly number[]): Promise<void>
  point(point: TrainingPoint): Promise<void>
}

/**
 * Opens the logs of a run that stands at `progress`: later lines of an earlier try are cut off, and
 * TensorBoard is told to forget them. Throws DISK_FULL.
 */
export async function openLog(
  runDir: string,
  { step: taken, points }: Pick<RunProgress, 'step' | 'points'>,
): Promise<RunLog> {
  const path = join(runDir, 'log.jsonl')
  // A name of its own for every start, in their order: a log may not be appended to after another has begun.
  const events = join(runDir, `events.out.tfevents.${Date.now()}.vitrine`)
  // The point of the last step may not be there yet: the run ended in the middle of its validation.
  const lastPoint = points.at(-1)?.step ?? 0
  const guarded = async (write: Promise<void>): Promise<void> => {
    await write.catch((error: unknown) => {
      throw diskError(error, runDir)
    })
  }
  await guarded(mkdir(runDir, { recursive: true }).then(() => undefined))
  if (taken === 0) {
    await Promise.all(
      (await readdir(runDir))
        .filter((name) => name.startsWith('events.'))
        .map((name) => rm(join(runDir, name))),
    )
    await guarded(writeFile(path, ''))
  } else {
    await cutLog(path, taken, lastPoint)
  }
  await guarded(writeFile(events, startEvent(lastPoint + 1, Date.now() / 1000)))
  return {
    async steps(first, losses, learningRates) {
      await guarded(
        appendFile(
          path,
          losses
            .map(
              (own, k) => `${JSON.stringify({ step: first + k, ...own, learningRate: learningRates[k] })}\n`,
            )
            .join(''),
        ),
      )
    },
    async point(point) {
      const { step, epoch, loss, nll, topicLoss, learningRate, validation } = point
      await guarded(appendFile(path, `${JSON.stringify({ step, epoch, point })}\n`))
      const scalars = {
        'train/loss': loss,
        'train/nll': nll,
        'train/topic_loss': topicLoss,
        'train/learning_rate': learningRate,
        ...(validation &&
          Object.fromEntries(
            Object.entries({
              nll: validation.nll,
              topic_loss: validation.topicLoss,
              BLEU_4: validation.bleu4,
              CIDEr: validation.cider,
              topic_mAP: validation.topicMap,
            }).map(([name, value]) => [`validation/${name}`, value]),
          )),
      }
      const time = Date.now() / 1000
      await guarded(
        appendFile(
          events,
          Buffer.concat(
            Object.entries(scalars).flatMap(([tag, value]) =>
              value === null ? [] : [scalarEvent(tag, value, step, time)],
            ),
          ),
        ),
      )
    },
  }
}

/** Cuts off the lines of steps after `taken`, and of points after `lastPoint`. */
async function cutLog(path: string, taken: number, lastPoint: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return ''
    }
    throw error
  })
  // The last line may be half a line: the program can have been killed while it was written.
  const kept = text
    .split('\n')
    .slice(0, -1)
    .filter(
      (line) =>
        Number(/^\{"step":(\d+)/.exec(line)?.[1] ?? Infinity) <=
        (line.includes('"point"') ? lastPoint : taken),
    )
  await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(''))
}
