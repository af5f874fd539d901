/** Transfer to action recognition: what frozen encoders are worth to a linear classifier. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { resolvePath } from '../../common/files/paths.ts'
import { count } from '../../common/text.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { FeatureSet, Model, OpenProject } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Input, Service } from '../service.ts'
import { engineOptions, currentFeatures, modelFolder, newestModel, usableCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { readLabelledClips } from './labelled-clips.ts'
import type { LabelledClips } from './labelled-clips.ts'
import { computeFeatures, readLabelledVideos } from './labelled-videos.ts'

type Request = Input<'actions', 'transfer'>

export function createActions(workspace: Workspace) {
  return {
    /**
     * Trains a linear classifier on the frozen encoders of the interpretive model (the one named, else the
     * current, else the newest) and of the newest baseline, and on the frame features alone, over the same
     * folds. The clips' features are kept in the project by content, so a second run is quick.
     */
    transfer(request) {
      const project = workspace.project()
      const folder = resolvePath(request.clips)
      const jobId = workspace.jobs.start(
        'actions',
        `Recognise actions of ${basename(folder)}`,
        { procedure: 'actions.transfer', input: { ...request, clips: folder } },
        (context) => recogniseActions({ workspace, project, folder, request, context }),
      )
      return { jobId }
    },

    /** Newest first. */
    results: reads(['action_result'], () => workspace.project().store.actions.list()),
  } satisfies Service<'actions'>
}

async function recogniseActions({
  workspace,
  project,
  folder,
  request,
  context,
}: {
  workspace: Workspace
  project: OpenProject
  folder: string
  request: Request
  context: JobContext
}): Promise<JobOutcome> {
  const set = currentFeatures(project)
  const { interpretive, baseline } = chooseModels(project, request, set.key)
  const { classes, clips } = (await isFile(folder))
    ? await readLabelledClips(project, folder, set.key, context)
    : await featuresOfFolder({ workspace, project, set, folder, context })
  const result = await workspace.engine.call(
    'actions.transfer',
    {
      models: {
        interpretive: interpretive && modelFolder(project, interpretive),
        baseline: baseline && modelFolder(project, baseline),
      },
      clips,
      classes: classes.length,
      folds: request.folds,
      seed: request.seed,
      device: 'auto',
    },
    engineOptions(context),
  )
  project.store.actions.add({
    clips: clips.length,
    classes,
    folds: request.folds,
    ...result,
    createdAt: new Date().toISOString(),
  })
  return {
    result: { kind: 'actions', clips: clips.length },
    summary: `${count(clips.length, 'clip')} of ${classes.length} classes: ${describe(result)}.`,
  }
}

/** The clips of a folder with their classes, and features as those of the project. */
async function featuresOfFolder({
  workspace,
  project,
  set,
  folder,
  context,
}: {
  workspace: Workspace
  project: OpenProject
  set: FeatureSet
  folder: string
  context: JobContext
}): Promise<LabelledClips> {
  const { classes, videos } = await readLabelledVideos(workspace, folder, set.key, context)
  const features = await computeFeatures({ workspace, project, set, videos, context })
  const clips = videos.flatMap((video, id) => {
    const path = features.get(video.contentHash)
    return path === undefined ? [] : [{ id, features: path, class: video.class }]
  })
  return { classes, clips }
}

/** What is not there is a folder that is missing. */
const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )

/** The interpretive model and the baseline that are compared; null where none is trained. */
function chooseModels(
  project: OpenProject,
  { modelId }: Request,
  featureKey: string,
): { interpretive: Model | null; baseline: Model | null } {
  const baseline = newestModel(project, 'baseline', featureKey)
  if (modelId === null) {
    return { interpretive: currentInterpretive(project, featureKey), baseline }
  }
  const model = usableCaptioner(project, modelId)
  if (model.featureKey !== featureKey) {
    throw failures.otherFeatures({ modelId })
  }
  return model.kind === 'baseline'
    ? { interpretive: newestModel(project, 'interpretive', featureKey), baseline: model }
    : { interpretive: model, baseline }
}

/** The current model where it is an interpretive one with such features, else the newest that is. */
function currentInterpretive(project: OpenProject, featureKey: string): Model | null {
  const { store } = project
  const currentId = store.settings.get('currentModel')
  const current = currentId === null ? null : store.models.get(currentId)
  return current?.kind === 'interpretive' && current.featureKey === featureKey
    ? current
    : newestModel(project, 'interpretive', featureKey)
}

function describe({ accuracy }: EngineResult<'actions.transfer'>): string {
  const percent = (share: number | null) => (share === null ? 'not trained' : `${(100 * share).toFixed(1)}%`)
  return `interpretive ${percent(accuracy.interpretive)}, baseline ${percent(accuracy.baseline)}, frame features ${percent(accuracy.cnn)}`
}
