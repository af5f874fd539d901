/** A folder of action clips, one folder a class, and the features of its videos. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CancelledError, VitrineError } from '../../common/failures.ts'
import { isAboutOneFile } from '../../common/files/file-errors.ts'
import { readFolder } from '../../formats/files.ts'
import type { JobContext } from '../../jobs/index.ts'
import { hashMedia } from '../../media/hash.ts'
import { wholeOf } from '../../media/source.ts'
import { sidecarPath } from '../../store/index.ts'
import type { FeatureSet, OpenProject } from '../../store/index.ts'
import { encodeVideos, prepareEncoder } from '../corpus/features.ts'
import type { VideoToEncode } from '../corpus/decode-ahead.ts'
import { BY_LOOKS, findVideos } from '../corpus/videos.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

interface VideoFile {
  name: string
  path: string
  /** The place of its class in the list of classes. */
  class: number
}
type LabelledVideo = VideoToEncode & VideoFile

interface LabelledVideos {
  /** By name. */
  classes: string[]
  videos: LabelledVideo[]
}

/** The classes of a folder and their clips; a clip that can't be read is left out with a notice. */
export async function readLabelledVideos(
  workspace: Workspace,
  folder: string,
  featureKey: string,
  context: JobContext,
): Promise<LabelledVideos> {
  const classes = await readClasses(folder)
  const files = await listFiles(folder, classes, context)
  const videos: LabelledVideo[] = []
  for (const [done, file] of files.entries()) {
    if (context.signal.aborted) {
      throw new CancelledError()
    }
    context.progress({ phase: 'reading clips', done, total: files.length, unit: 'clips' })
    try {
      videos.push(await readVideo(workspace, file, featureKey, context.signal))
    } catch (error) {
      if (!isAboutOneFile(error)) {
        throw error
      }
      context.notice(`Left out: ${error.message}`)
    }
  }
  if (videos.length === 0) {
    throw failures.noClips({ folder })
  }
  return { classes, videos }
}

/** The names of the folders in a folder. Throws BAD_INPUT for fewer than two. */
async function readClasses(folder: string): Promise<string[]> {
  const entries = await readFolder(folder).catch((error: unknown) => {
    throw error instanceof VitrineError && error.code === 'NOT_FOUND' ? failures.noFolder({ folder }) : error
  })
  const isClass = await Promise.all(
    // A class may be a link to its folder.
    entries.map(async ({ name }) => {
      const target = await stat(join(folder, name)).catch(() => null)
      return target?.isDirectory() === true && !name.startsWith('.')
    }),
  )
  const classes = entries.flatMap(({ name }, place) => (isClass[place] === true ? [name] : [])).sort()
  if (classes.length < 2) {
    throw failures.tooFewClasses({ folder, folders: classes.length })
  }
  return classes
}

async function listFiles(
  folder: string,
  classes: readonly string[],
  { notice }: JobContext,
): Promise<VideoFile[]> {
  const files: VideoFile[] = []
  for (const [index, className] of classes.entries()) {
    const { videos } = await findVideos(join(folder, className), BY_LOOKS, ({ message }) => {
      notice(`Left out: ${message}`)
    })
    for (const { name, path } of videos) {
      files.push({ class: index, name: `${className}/${name}`, path })
    }
  }
  return files
}

async function readVideo(
  workspace: Workspace,
  file: VideoFile,
  featureKey: string,
  signal: AbortSignal,
): Promise<LabelledVideo> {
  const contentHash = await hashMedia(file.path, signal)
  const feature = workspace.project().store.features.get(featureKey, contentHash)
  const frameCount =
    feature?.frames ?? (await workspace.media.inspect(wholeOf(file.path), { signal })).frameCount
  return { ...file, start: null, end: null, contentHash, frameCount }
}

/** Paths of the videos' features by content, computing those that are missing. */
export async function computeFeatures({
  workspace,
  project,
  set,
  videos,
  context,
}: {
  workspace: Workspace
  project: OpenProject
  set: FeatureSet
  videos: readonly VideoToEncode[]
  context: JobContext
}): Promise<Map<string, string>> {
  const { features } = project.store
  const missing = new Map(
    videos
      .filter(({ contentHash }) => features.get(set.key, contentHash) === null)
      .map((video) => [video.contentHash, video]),
  )
  if (missing.size > 0) {
    if (set.origin.kind !== 'encoder') {
      throw failures.featuresFromElsewhere({ title: set.title })
    }
    const encoder = await prepareEncoder(workspace, set.origin, { device: 'auto', context })
    if (encoder.set.key !== set.key) {
      throw failures.encoderChanged()
    }
    await encodeVideos(workspace, project, {
      encoder,
      videos: [...missing.values()],
      context,
      onFailed: (_, error) => {
        context.notice(`Left out: ${error.message}`)
      },
    })
  }
  return new Map(
    videos.flatMap(({ contentHash }) => {
      const feature = features.get(set.key, contentHash)
      return feature === null ? [] : [[contentHash, sidecarPath(project.folder, feature.path)] as const]
    }),
  )
}
