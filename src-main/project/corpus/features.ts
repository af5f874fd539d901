/**
 * Frame features: clips in, .npy files out, one a video and feature key, under features/KEY/HASH.npy. The key
 * names the encoder by its checksum and the settings, the hash is the video's content, so nothing is computed
 * twice and nothing stale is read. The next clips are decoded while the engine encodes one. The file
 * is written before its database row: work that stops anywhere resumes where it stopped.
 */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { VitrineError } from '../../common/failures.ts'
import { count } from '../../common/text.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { makeFolder } from '../../formats/files.ts'
import { encodeNpy } from '../../formats/npy.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import { absolutePath, ownPath } from '../../store/index.ts'
import type { Clip, OpenProject } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { requireSpace } from '../storage/space.ts'
import type { Workspace } from '../workspace.ts'
import { decodeAhead } from './decode-ahead.ts'
import type { DecodedVideo, VideoToEncode } from './decode-ahead.ts'
import { failures } from './failures.ts'
import { bytesOfFeatures, featureRequestOf, storedForm } from './feature-settings.ts'
import type { FeatureSettings } from './feature-settings.ts'
import { damagedFeatures, forgetDamaged, signOf } from './feature-files.ts'

interface Encoder {
  descriptor: string
  key: string
  frames: number
  grid: 1 | 2
  /** Side of the frames that it takes, in pixels. */
  size: number
}

/** Builds the frame encoder where it is missing, and names what it makes with these settings. */
export async function prepareEncoder(
  workspace: Workspace,
  settings: FeatureSettings,
  signal: AbortSignal,
): Promise<Encoder> {
  const directory = join(workspace.home, 'encoders')
  await makeFolder(directory)
  const { descriptor, checksum, size } = await workspace.engine.call(
    'encoders.prepare',
    { directory },
    { signal },
  )
  const key = `${settings.encoder}-${checksum.slice(0, 12)}-frames${settings.frames}-grid${settings.grid}`
  return { descriptor, key, frames: settings.frames, grid: settings.grid, size }
}

interface Encoding {
  encoder: Encoder
  videos: readonly VideoToEncode[]
  context: JobContext
  /** Hears the dimension of the features after each video. */
  onEncoded?: (dimension: number, video: VideoToEncode) => void
  /** Hears of a video that can't be decoded now; the rest goes on. */
  onFailed: (video: VideoToEncode, error: VitrineError) => void
}

/**
 * Computes and stores the features of videos in their order. Throws DISK_FULL, ENGINE_DIED; CancelledError on
 * abort.
 */
export async function encodeVideos(
  workspace: Workspace,
  project: OpenProject,
  { encoder, videos, context, onEncoded, onFailed }: Encoding,
): Promise<void> {
  await project.presence.makeFolder(await ownPath(project.folder, `features/${encoder.key}`))
  const report = (done: number) => {
    context.progress({ phase: 'computing features', done, total: videos.length, unit: 'clips' })
  }
  let done = 0
  report(done)
  for await (const decoded of decodeAhead(workspace.media, videos, encoder, context.signal)) {
    if ('error' in decoded) {
      onFailed(decoded.video, decoded.error)
    } else {
      noteLostFrames(decoded, context)
      const dimension = await storeFeatures(workspace, project, { encoder, decoded, signal: context.signal })
      onEncoded?.(dimension, decoded.video)
    }
    report(++done)
  }
}

/** Damage is told, and the clip stays: the frames beside the lost ones stand in for them. */
function noteLostFrames({ video, frames: { lost } }: DecodedVideo, { notice }: JobContext): void {
  if (lost.length > 0) {
    notice(
      `${video.name}: ${lost.length} of its ${count(video.frameCount, 'frame')} can't be decoded; the frames beside them stand in for them.`,
    )
  }
}

/** Encodes frames and stores the features, file before row; returns their dimension. */
async function storeFeatures(
  workspace: Workspace,
  project: OpenProject,
  { encoder, decoded, signal }: { encoder: Encoder; decoded: DecodedVideo; signal: AbortSignal },
): Promise<number> {
  const { frames, times } = decoded.frames
  const { contentHash } = decoded.video
  const { features, dimension } = await workspace.engine.call(
    'encoders.encode',
    { descriptor: encoder.descriptor, frames, count: times.length, grid: encoder.grid },
    { signal },
  )
  const bytes = encodeNpy([times.length, dimension], storedForm(features, project.store.clips.count()))
  const path = `features/${encoder.key}/${contentHash}.npy`
  await writeFileAtomic(join(project.folder, path), bytes)
  project.store.features.put({
    key: encoder.key,
    contentHash,
    path,
    frames: times.length,
    dimension,
    frameTimes: times,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...signOf(await stat(join(project.folder, path))),
  })
  return dimension
}

export function createFeatures(workspace: Workspace) {
  return {
    /**
     * Computes the features of every clip that has none of these settings yet, or whose file is gone or not
     * as it was written, and makes the settings those in force.
     */
    computeFeatures(input) {
      const project = workspace.project()
      const request = featureRequestOf(project, input)
      const jobId = workspace.jobs.start(
        'features',
        'Compute features',
        { procedure: 'corpus.computeFeatures', input: request },
        (context) => computeMissing(workspace, project, request, context),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'corpus'>>
}

async function computeMissing(
  workspace: Workspace,
  project: OpenProject,
  request: FeatureSettings,
  context: JobContext,
): Promise<JobOutcome> {
  const { store } = project
  context.progress({ phase: 'preparing the frame encoder', done: 0, total: null, unit: 'encoders' })
  const encoder = await prepareEncoder(workspace, request, context.signal)
  const damage = forgetDamaged(
    project,
    await damagedFeatures(project, { key: encoder.key, thorough: false }, context),
  )
  if (damage !== null) {
    context.notice(`${damage.message} What is missing is computed again.`)
  }
  await requireSpace(project.folder, bytesOfFeatures(project, request), 'features')
  const missing = store.features.missing(encoder.key).map((id) => store.clips.get(id))
  if (missing.length === 0 && store.features.count(encoder.key) === 0) {
    throw failures.noVideos()
  }
  const makeCurrent = (dimension: number) => {
    store.settings.set('features', { ...request, key: encoder.key, dimension })
  }
  let encoded = 0
  let firstFailure: VitrineError | null = null
  await encodeVideos(workspace, project, {
    encoder,
    videos: videosOf(missing, project.folder),
    context,
    onEncoded(dimension, { contentHash }) {
      store.clips.setProblem(contentHash, null)
      if (encoded++ === 0) {
        makeCurrent(dimension)
      }
    },
    // It is tried again at the next run: the disk may have been away.
    onFailed({ contentHash }, error) {
      firstFailure ??= error
      context.notice(error.message)
      store.clips.setProblem(contentHash, error.message)
    },
  })
  const [first] = store.features.paths(encoder.key)
  if (first === undefined) {
    throw firstFailure ?? failures.noFeatures()
  }
  makeCurrent(first.dimension)
  const clips = store.features.count(encoder.key)
  return {
    result: { kind: 'features', clips, computed: encoded },
    summary: `Features of ${count(clips, 'clip')}, ${encoded} new: up to ${request.frames} frames of ${first.dimension} values each.`,
  }
}

/** The videos of clips, each once; clips without a media file are left out. */
function videosOf(clips: readonly Clip[], folder: string): VideoToEncode[] {
  const videos = new Map<string, VideoToEncode>()
  for (const { name, path, start, end, contentHash, frameCount } of clips) {
    if (path !== null && contentHash !== null && frameCount !== null) {
      videos.set(contentHash, {
        name,
        path: absolutePath(folder, path),
        start,
        end,
        contentHash,
        frameCount,
      })
    }
  }
  return [...videos.values()]
}
