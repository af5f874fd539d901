/** How long trials will take, before they begin: a training says so after the first step that it times. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderOf, KINDS } from './kinds.ts'
import { trainingParams } from './trial.ts'
import type { TrialSetup } from './trial.ts'
import type { RunPlan } from '../../../src-main/engine-host/contract/index.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'

/** What is measured of a captioner takes about this share of its training. */
const MEASURING = 0.4

export interface Estimate {
  /** Captioners that are still to be trained, and minutes of all of it. */
  captioners: number
  minutes: number
}

/** Of the seeds' trials; null where all captioners are trained. */
export async function estimate(setup: TrialSetup, seeds: readonly number[]): Promise<Estimate | null> {
  const missing = seeds.flatMap((seed) =>
    KINDS.filter((kind) => !existsSync(join(setup.folder, folderOf(kind, seed), 'training.json'))),
  )
  if (missing.length === 0) {
    return null
  }
  const { seconds } = await planOf(setup)
  return { captioners: missing.length, minutes: (missing.length * seconds * (1 + MEASURING)) / 60 }
}

/** The plan of an interpretive captioner's training, which goes no further. */
async function planOf(setup: TrialSetup): Promise<RunPlan> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-estimate-'))
  const planned = new AbortController()
  let plan: RunPlan | undefined
  try {
    await captionerHandlers['captioner.train'](trainingParams({ ...setup, folder }, 'interpretive', 1), {
      ...setup.context,
      signal: planned.signal,
      progress: (progress) => {
        if (progress.plan !== undefined) {
          plan = progress.plan
          planned.abort()
        }
      },
    })
  } catch (error) {
    if (plan === undefined) {
      throw error
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  if (plan === undefined) {
    throw new Error('the training said nothing of its plan')
  }
  return plan
}
