/**
 * One run: the training of one model, from its start or from its last checkpoint, and what it leaves behind.
 * Whatever ends a run early, nothing of it is deleted: `runs/ID` keeps the checkpoints, `models/ID` the best
 * parameters so far.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import type { ModelRow } from '#contract'
import { CHECKPOINT_NAME } from '../../engine-host/contract/index.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import { recoverLeftovers } from '../../formats/atomic.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { rerunCorrections } from '../corrections/regressions.ts'
import type { TrainingInputs } from './inputs.ts'
import { count } from '../../common/text.ts'
import { forward, modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { makeVersion } from './version.ts'

const runFolder = ({ folder }: OpenProject, model: Model): string => join(folder, model.runFolder)

/** What can be done with a run that ended early, by what is on the disk. */
export function leftBehind(project: OpenProject, model: Model): Pick<ModelRow, 'resumable' | 'keepable'> {
  if (model.origin !== 'trained' || (model.state !== 'stopped' && model.state !== 'failed')) {
    return { resumable: false, keepable: false }
  }
  const run = runFolder(project, model)
  return {
    resumable: existsSync(run) && readdirSync(run).some((name) => CHECKPOINT_NAME.test(name)),
    keepable: existsSync(join(modelFolder(project, model), 'model.json')),
  }
}

/**
 * The step of the parameters that are in a model's folder, and their figures (null where the curve has none
 * for it).
 */
export function keptParameters(project: OpenProject, model: Model): { step: number; best: Model['best'] } {
  const { step } = z
    .object({ step: z.number() })
    .parse(JSON.parse(readFileSync(join(modelFolder(project, model), 'model.json'), 'utf8')))
  const check = project.store.models.points(model.id).find((point) => point.step === step)?.validation
  return { step, best: check ? { step, nll: check.nll, bleu4: check.bleu4, cider: check.cider } : null }
}

/**
 * Trains `model`, which is in state `training`, to its end; with `resume` from its last checkpoint. It
 * becomes ready, and the current one if there is none or none of its kind. A run that is cancelled is left as
 * stopped, one that fails as failed; both throw.
 */
export async function runTraining({
  workspace,
  project,
  model,
  inputs,
  resume,
  context,
}: {
  workspace: Workspace
  project: OpenProject
  model: Model
  inputs: TrainingInputs
  resume: boolean
  context: JobContext
}): Promise<EngineResult<'captioner.train'>> {
  const { store } = project
  const { onProgress, signal } = forward(context)
  let steps = model.steps
  const result = await makeVersion(project, model, context, {
    async make(modelDir) {
      const runDir = runFolder(project, model)
      await mkdir(runDir, { recursive: true })
      await recoverLeftovers(dirname(modelDir), basename(modelDir))
      await recoverLeftovers(runDir)
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
        },
        {
          signal,
          onPausable: context.pausable,
          onProgress(progress) {
            onProgress(progress)
            if (progress.unit === 'steps') {
              steps = progress.done
            }
            if (progress.point !== undefined) {
              store.models.addPoint(model.id, progress.point)
            }
          },
        },
      )
    },
    keep({ vocabulary: _, ...facts }) {
      store.models.finish(model.id, { state: 'ready', ...facts })
      if (takesPlace(project, model)) {
        store.settings.set('currentModel', model.id)
      }
    },
    endedEarly: () => ({ steps }),
  })
  const { cases, back } = await rerunCorrections(workspace, project, store.models.get(model.id), { signal })
  if (back > 0) {
    context.notice(
      `Of ${count(cases, 'accepted correction')} ${back} ${back === 1 ? 'is' : 'are'} false again with model ${model.id}.`,
    )
  }
  return result
}

/**
 * Whether a model that has become ready is the current one from now on: the first is, and the first
 * interpretive one.
 */
export function takesPlace({ store }: OpenProject, model: Model): boolean {
  const current = store.settings.get('currentModel')
  return (
    current === null || (model.kind === 'interpretive' && store.models.get(current).kind !== 'interpretive')
  )
}
