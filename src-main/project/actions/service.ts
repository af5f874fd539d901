import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type * as z from 'zod'
import { actionsRequest, CancelledError, VitrineError } from '#contract'
import type { JobContext } from '../../jobs/index.ts'
import { hashFile } from '../../media/hash.ts'
import { probe } from '../../media/probe.ts'
import { absolutePath } from '../../store/index.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { findVideos } from '../corpus/clips.ts'
import { encodeVideos, prepareEncoder } from '../corpus/features.ts'
import type { VideoToEncode } from '../corpus/features.ts'
import { count } from '../../common/text.ts'
import { featureSettings, forward, modelFolder, newestModel, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

export function createActions(workspace: Workspace) {
  return {
    /**
     * Transfer to action recognition: a linear classifier on the frozen encoders of the interpretive model
     * (the one named, else the current, else the newest) and of the newest baseline, and on the frame
     * features alone, over the same folds. The clips' features are kept in the project by content, so a
     * second run is quick.
     */
    transfer(request) {
      const project = workspace.project()
      const folder = resolve(request.clips)
      const jobId = workspace.jobs.start(
        'actions',
        `Recognise actions of ${basename(folder)}`,
        request,
        async (context) => {
          const settings = featureSettings(project)
          const models = chooseModels(project, request, settings.key)
          const { classes, videos } = await readClasses(project, folder, settings.key, context)
          const features = await computeFeatures(workspace, project, settings, videos, context)
          const clips = videos.flatMap((video, id) => {
            const path = features.get(video.contentHash)
            return path === undefined ? [] : [{ id, features: path, class: video.class }]
          })
          const result = await workspace.engine.call(
            'actions.transfer',
            {
              models: {
                interpretive: models.interpretive && modelFolder(project, models.interpretive),
                baseline: models.baseline && modelFolder(project, models.baseline),
              },
              clips,
              classes: classes.length,
              folds: request.folds,
              seed: request.seed,
              device: 'auto',
            },
            forward(context),
          )
          project.store.actions.add({
            clips: clips.length,
            classes,
            folds: request.folds,
            ...result,
            createdAt: new Date().toISOString(),
          })
          const percent = (share: number | null) =>
            share === null ? 'not trained' : `${(100 * share).toFixed(1)}%`
          const { interpretive, baseline, cnn } = result.accuracy
          return {
            result: { kind: 'actions', clips: clips.length },
            summary: `${count(clips.length, 'clip')} of ${classes.length} classes: interpretive ${percent(interpretive)}, baseline ${percent(baseline)}, frame features ${percent(cnn)}.`,
          }
        },
      )
      return { jobId }
    },

    /** Newest first. */
    results: reads(['action_result'], () => workspace.project().store.actions.list()),
  } satisfies Service<'actions'>
}

type Settings = ReturnType<typeof featureSettings>

function chooseModels(
  project: OpenProject,
  { modelId }: z.output<typeof actionsRequest>,
  featureKey: string,
): { interpretive: Model | null; baseline: Model | null } {
  const { store } = project
  const baseline = newestModel(project, 'baseline', featureKey)
  if (modelId !== null) {
    const model = usableModel(project, modelId)
    if (model.featureKey !== featureKey) {
      throw new VitrineError(
        'CONFLICT',
        `Model ${modelId} was trained on other features than those in force.`,
        'Compute features with the settings that it was trained on.',
      )
    }
    return model.kind === 'baseline'
      ? { interpretive: newestModel(project, 'interpretive', featureKey), baseline: model }
      : { interpretive: model, baseline }
  }
  const currentId = store.settings.get('currentModel')
  const current = currentId === null ? null : store.models.get(currentId)
  const fits = current?.kind === 'interpretive' && current.featureKey === featureKey
  return { interpretive: fits ? current : newestModel(project, 'interpretive', featureKey), baseline }
}

/** The classes of a folder by name, and their clips; a clip that can't be read is left out with a notice. */
async function readClasses(
  project: OpenProject,
  folder: string,
  featureKey: string,
  context: JobContext,
): Promise<{ classes: string[]; videos: (VideoToEncode & { class: number })[] }> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) {
    throw new VitrineError(
      'BAD_INPUT',
      `The folder ${folder} does not exist.`,
      'Choose a folder with one folder of clips for each class.',
    )
  }
  const entries = await readdir(folder, { withFileTypes: true })
  const classes = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
  if (classes.length < 2) {
    throw new VitrineError(
      'BAD_INPUT',
      `${folder} holds ${count(classes.length, 'folder')}; at least two classes are needed.`,
      'Put the clips of each class into a folder of its own.',
    )
  }
  const files: { class: number; name: string; path: string }[] = []
  for (const [index, name] of classes.entries()) {
    for (const file of await findVideos(join(folder, name))) {
      files.push({ class: index, name: `${name}/${file.name}`, path: file.path })
    }
  }
  const videos: (VideoToEncode & { class: number })[] = []
  for (const [done, file] of files.entries()) {
    if (context.signal.aborted) {
      throw new CancelledError()
    }
    context.progress({ phase: 'reading clips', done, total: files.length, unit: 'clips' })
    try {
      const contentHash = await hashFile(file.path, context.signal)
      const known = project.store.features.get(featureKey, contentHash)
      videos.push({
        ...file,
        contentHash,
        frameCount: known ? known.frames : (await probe(file.path, context.signal)).frameCount,
      })
    } catch (error) {
      if (!(error instanceof VitrineError) || !['BAD_INPUT', 'NOT_FOUND'].includes(error.code)) {
        throw error
      }
      context.notice(`Left out: ${error.message}`)
    }
  }
  if (videos.length === 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `${folder} holds no clip that can be read.`,
      'Put the clips of each class into a folder of its own.',
    )
  }
  return { classes, videos }
}

/** Paths of the videos' features by content, computing those that are missing. */
async function computeFeatures(
  workspace: Workspace,
  project: OpenProject,
  settings: Settings,
  videos: VideoToEncode[],
  context: JobContext,
): Promise<Map<string, string>> {
  const { features } = project.store
  const missing = new Map(
    videos
      .filter(({ contentHash }) => features.get(settings.key, contentHash) === null)
      .map((video) => [video.contentHash, video]),
  )
  if (missing.size > 0) {
    const encoder = await prepareEncoder(workspace, settings, context.signal)
    if (encoder.key !== settings.key) {
      throw new VitrineError(
        'CONFLICT',
        'The frame encoder has changed since the features were computed.',
        'Compute features again, then train.',
      )
    }
    await encodeVideos(workspace, project, encoder, [...missing.values()], context, {
      onFailed: (_, error) => {
        context.notice(`Left out: ${error.message}`)
      },
    })
  }
  return new Map(
    videos.flatMap(({ contentHash }) => {
      const feature = features.get(settings.key, contentHash)
      return feature === null ? [] : [[contentHash, absolutePath(project.folder, feature.path)] as const]
    }),
  )
}
