/**
 * The logs of a training run:
 *
 *     RUN/log.jsonl               a line for every step, and for every point of the curves
 *     RUN/events.out.tfevents.*   the same for TensorBoard
 */
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainingPoint } from '#contract'
import { throwFileError } from '../../../common/files/file-errors.ts'
import { makeOneFolder, writeFileAtomic } from '../../../formats/atomic.ts'
import { scalarEvent, startEvent } from '../../../formats/tfevents.ts'
import type { StepLosses } from './step-graph.ts'

export class RunLog {
  readonly #runDir: string
  readonly #linesPath: string
  readonly #eventsPath: string

  private constructor(runDir: string) {
    this.#runDir = runDir
    this.#linesPath = join(runDir, 'log.jsonl')
    // A name of its own for every start, in their order: a log may not be appended to after another has
    // begun.
    this.#eventsPath = join(runDir, `events.out.tfevents.${Date.now()}.vitrine`)
  }

  /**
   * Opens the logs of a run that has taken `step` steps: later lines of an earlier try are cut off, and
   * TensorBoard is told to forget them. Throws DISK_FULL.
   */
  static async open(
    runDir: string,
    { step, points }: { step: number; points: readonly TrainingPoint[] },
  ): Promise<RunLog> {
    const log = new RunLog(runDir)
    // The point of the last step may not be there yet: the run ended in the middle of its validation.
    const lastPoint = points.at(-1)?.step ?? 0
    await makeOneFolder(runDir)
    if (step === 0) {
      await removeEvents(runDir)
      await log.#guarded(writeFile(log.#linesPath, ''))
    } else {
      await cutLines(log.#linesPath, step, lastPoint)
    }
    await log.#guarded(writeFile(log.#eventsPath, startEvent(lastPoint + 1, Date.now() / 1000)))
    return log
  }

  /** Logs the steps of one call; `first` is the number of the first of them, counted from 1. */
  async steps(first: number, losses: readonly StepLosses[], learningRates: readonly number[]): Promise<void> {
    const lines = losses.map(
      (stepLosses, k) =>
        `${JSON.stringify({ step: first + k, ...stepLosses, learningRate: learningRates[k] })}\n`,
    )
    await this.#guarded(appendFile(this.#linesPath, lines.join('')))
  }

  async point(point: TrainingPoint): Promise<void> {
    const { step, epoch } = point
    await this.#guarded(appendFile(this.#linesPath, `${JSON.stringify({ step, epoch, point })}\n`))
    const time = Date.now() / 1000
    const events = Object.entries(scalarsOf(point)).flatMap(([tag, value]) =>
      value === null ? [] : [scalarEvent(tag, value, step, time)],
    )
    await this.#guarded(appendFile(this.#eventsPath, Buffer.concat(events)))
  }

  async #guarded(write: Promise<unknown>): Promise<void> {
    await write.catch(throwFileError(this.#runDir))
  }
}

/** A point's figures by TensorBoard's tags. */
function scalarsOf({
  loss,
  nll,
  topicLoss,
  learningRate,
  validation,
}: TrainingPoint): Record<string, number | null> {
  return {
    'train/loss': loss,
    'train/nll': nll,
    'train/topic_loss': topicLoss,
    'train/learning_rate': learningRate,
    ...(validation && {
      'validation/nll': validation.nll,
      'validation/topic_loss': validation.topicLoss,
      'validation/BLEU_4': validation.bleu4,
      'validation/CIDEr': validation.cider,
      'validation/topic_mAP': validation.topicMap,
    }),
  }
}

async function removeEvents(runDir: string): Promise<void> {
  const names = (await readdir(runDir)).filter((name) => name.startsWith('events.'))
  await Promise.all(names.map((name) => rm(join(runDir, name))))
}

/** Cuts off the lines of steps after `lastStep`, and of points after `lastPoint`. */
async function cutLines(path: string, lastStep: number, lastPoint: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return ''
    }
    throw error
  })
  // The last line may be half a line: the program can have been killed while it was written.
  const lines = text.split('\n').slice(0, -1)
  const kept = lines.filter((line) => {
    const step = Number(/^\{"step":(\d+)/.exec(line)?.[1] ?? Infinity)
    return step <= (line.includes('"point"') ? lastPoint : lastStep)
  })
  await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(''))
}
