/**
 * One run: the training of one model, from its start or from its last checkpoint, and what it leaves behind.
 * Whatever ends a run early, nothing of it is deleted: `runs/ID` keeps the checkpoints, `models/ID` the best
 * parameters so far.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import type { ModelRow } from '#contract'
import { fileError, systemCode } from '../../common/files/file-errors.ts'
import { count, roughly } from '../../common/text.ts'
import { CHECKPOINT_NAME } from '../../engine-host/contract/index.ts'
import type { EngineResult, RunPlan } from '../../engine-host/contract/index.ts'
import { recoverLeftovers } from '../../formats/atomic.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { Captioner, Model, OpenProject } from '../../store/index.ts'
import { noticeRegressions } from '../corrections/regressions.ts'
import { engineOptions, modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import type { TrainingInputs } from './inputs.ts'
import { makeVersion, runFolder } from '../version.ts'

export interface Run {
  workspace: Workspace
  project: OpenProject
  /** In state `training`. */
  model: Captioner
  inputs: TrainingInputs
  /** Whether it goes on from its last checkpoint. */
  resume: boolean
  /** The time that its epochs are to fit into; null: they are as its settings say. */
  minutes: number | null
  context: JobContext
}

/**
 * Trains a model to its end. It becomes ready, and the current one if there is none or none of its kind. A
 * run that is cancelled is left as stopped, one that fails as failed; both throw.
 */
export async function runTraining(run: Run): Promise<EngineResult<'captioner.train'>> {
  const { workspace, project, model, context } = run
  const { store } = project
  let { steps } = model
  const trained = await makeVersion(project, model, context, {
    compute: (modelDir) =>
      train(run, modelDir, (done) => {
        steps = done
      }),
    save({ vocabulary: _, ...figures }) {
      store.models.finish(model.id, { state: 'ready', ...figures })
      if (becomesCurrent(project, model)) {
        store.settings.set('currentModel', model.id)
      }
    },
    endedEarly: () => ({ steps }),
  })
  await noticeRegressions(workspace, project, store.models.get(model.id), context)
  return trained
}

/** The engine's training: its points go to the model's curve, its steps to `onSteps`. */
async function train(
  { workspace, project, model, inputs, resume, minutes, context }: Run,
  modelDir: string,
  onSteps: (done: number) => void,
): Promise<EngineResult<'captioner.train'>> {
  const runDir = runFolder(project, model)
  await project.presence.makeFolder(runDir)
  await recoverLeftovers(dirname(modelDir), basename(modelDir))
  await recoverLeftovers(runDir)
  const { onProgress, signal } = engineOptions(context)
  return workspace.engine.call(
    'captioner.train',
    {
      kind: model.kind,
      settings: model.settings,
      frames: model.frames,
      topicCount: model.topics.length,
      train: inputs.train,
      validation: inputs.validation,
      modelDir,
      runDir,
      resume,
      device: model.device ?? 'auto',
      seed: model.seed,
      minutes,
    },
    {
      signal,
      onPausable: context.pausable,
      onProgress(progress) {
        const { plan } = progress
        onProgress(plan === undefined ? progress : { ...progress, phase: sizeOf(plan) })
        if (progress.unit === 'steps') {
          onSteps(progress.done)
        }
        if (plan !== undefined) {
          const settings = { ...model.settings, epochs: plan.epochs }
          project.store.models.finish(model.id, { state: 'training', settings })
          context.notice(describePlan(plan, minutes))
        }
        if (progress.point !== undefined) {
          project.store.models.addPoint(model.id, progress.point)
        }
      },
    },
  )
}

const sizeOf = ({ epochs, stepsPerEpoch, seconds }: RunPlan): string =>
  `${count(epochs, 'epoch')} of ${count(stepsPerEpoch, 'step')}, about ${roughly(seconds)}`

function describePlan(plan: RunPlan, minutes: number | null): string {
  const planned = `Planned by the first step: ${sizeOf(plan)}.`
  return minutes !== null && plan.seconds > 60 * minutes
    ? `${planned} Not even one epoch fits into the time that was asked for.`
    : planned
}

/**
 * Whether a model that has become ready is the current one from now on: the first is, and the first
 * interpretive one. Among the models of a sweep a person chooses.
 */
export function becomesCurrent({ store }: OpenProject, model: Model): boolean {
  if (store.sweeps.ofModel(model.id) !== null) {
    return false
  }
  const current = store.settings.get('currentModel')
  return (
    current === null || (model.kind === 'interpretive' && store.models.get(current).kind !== 'interpretive')
  )
}

/** What of a run that ended early can be saved, by what is on the disk. */
export function salvageable(project: OpenProject, model: Model): Pick<ModelRow, 'resumable' | 'keepable'> {
  if (!endedEarly(model)) {
    return { resumable: false, keepable: false }
  }
  const run = runFolder(project, model)
  return {
    resumable: existsSync(run) && readdirSync(run).some((name) => CHECKPOINT_NAME.test(name)),
    keepable: existsSync(parameterFile(project, model)),
  }
}

export const endedEarly = ({ origin, state }: Model): boolean =>
  origin === 'trained' && (state === 'stopped' || state === 'failed')

/**
 * The step of the parameters that are in a model's folder, and their figures (null where the curve has none
 * for it).
 */
export function savedParameters(project: OpenProject, model: Model): { step: number; best: Model['best'] } {
  const { step } = readDescription(parameterFile(project, model))
  const point = project.store.models.points(model.id).find((stored) => stored.step === step)
  const validation = point?.validation
  if (!validation) {
    return { step, best: null }
  }
  const { nll, bleu4, cider } = validation
  return { step, best: { step, nll, bleu4, cider } }
}

function readDescription(path: string): { step: number } {
  try {
    return z.object({ step: z.number() }).parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw systemCode(cause) === null ? failures.modelFileDamaged({ path }, { cause }) : fileError(cause, path)
  }
}

const parameterFile = (project: OpenProject, model: Model): string =>
  join(modelFolder(project, model), 'model.json')
