/**
 * Frame features: clips in, .npy files out, one a video and feature key, under features/KEY/HASH.npy. The key
 * names the encoder by its checksum and the settings, the hash is the video's content, so nothing is computed
 * twice and nothing stale is read. The next clips are decoded while the engine encodes one. The file
 * is written before its database row: work that stops anywhere resumes where it stopped.
 */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EncoderDevice } from '#contract'
import { featuresOfFrame } from '../../common/cells.ts'
import type { VitrineError } from '../../common/failures.ts'
import { count, roughly } from '../../common/text.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { encodeNpy } from '../../formats/npy.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { FrameSize } from '../../media/frame-size.ts'
import { absolutePath, cellsOfOrigin, ownPath } from '../../store/index.ts'
import type { Clip, FeatureSet, OpenProject } from '../../store/index.ts'
import { chooseDevice } from '../encoders/devices.ts'
import { encodersFolder } from '../encoders/folder.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import { requireSpace } from '../space.ts'
import type { Workspace } from '../workspace.ts'
import { decodeAhead } from './decode-ahead.ts'
import type { DecodedVideo, VideoToEncode } from './decode-ahead.ts'
import { failures } from './failures.ts'
import { bytesOfSet, estimateFeatures, featureRequestOf, storedForm } from './feature-settings.ts'
import type { FeatureSettings } from './feature-settings.ts'
import { damagedFeatures, forgetDamaged, signOf } from './feature-files.ts'
import { keyOfSet } from './feature-key.ts'
import { makeCurrent } from './feature-sets.ts'
import { thumbnailsBehind } from './thumbnails.ts'
import { timeOfStack } from './frame-stacks.ts'
import type { Stack } from './frame-stacks.ts'

/** Digits of an encoder's checksum that are a part of a set's key. */
const FINGERPRINT_DIGITS = 12

/** A frame encoder with the settings that it is run with. */
interface Encoder {
  descriptor: string
  /** The set of features that it makes. */
  set: NewFeatureSet
  grid: 1 | 2
  /** Rows and columns that each frame is cut into. */
  cells: number
  /** Of the frames that it takes. */
  size: FrameSize
  /** What it takes at once; null: single frames. */
  stack: Stack | null
  device: string
  /** Milliseconds a frame on that device; null: not measured. */
  frameMs: number | null
}
type NewFeatureSet = Omit<FeatureSet, 'createdAt' | 'removed'>

/**
 * Has a frame encoder ready, and names what it makes with these settings. Throws NOT_FOUND for one that is not there, and
 * what is wrong with it.
 */
export async function prepareEncoder(
  workspace: Workspace,
  settings: FeatureSettings,
  { device, context }: { device: EncoderDevice; context: JobContext },
): Promise<Encoder> {
  const { encoder, frames, grid, cells } = settings
  context.progress({ phase: 'preparing the frame encoder', done: 0, total: null, unit: 'encoders' })
  const prepared = await workspace.engine.call(
    'encoders.prepare',
    { directory: encodersFolder(workspace), id: encoder },
    { signal: context.signal },
  )
  const { descriptor, title, size, stack, grids, cellDimension } = prepared
  const dimension = grids.find((offered) => offered.grid === grid)?.dimension
  if (dimension === undefined) {
    throw failures.gridUnknown({ encoder, grid })
  }
  if (cells > 1 && cellDimension === 0) {
    throw failures.noCells({ encoder })
  }
  const fingerprint = prepared.fingerprint.slice(0, FINGERPRINT_DIGITS)
  const origin = { kind: 'encoder' as const, encoder, fingerprint, frames, grid, cells }
  const set = {
    key: keyOfSet(origin),
    title,
    origin,
    frames,
    dimension: dimension + (cells > 1 ? cellDimension : 0),
  }
  return {
    descriptor,
    set,
    grid,
    cells,
    size,
    stack,
    ...(await chooseDevice(workspace, prepared, { device, context })),
  }
}

interface Encoding {
  encoder: Encoder
  videos: readonly VideoToEncode[]
  context: JobContext
  /** Hears of each video whose features are there now. */
  onEncoded?: (video: VideoToEncode) => void
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
  await project.presence.makeFolder(await ownPath(project.folder, `features/${encoder.set.key}`))
  const report = (done: number) => {
    context.progress({ phase: 'computing features', done, total: videos.length, unit: 'clips' })
  }
  const wanted = { ...encoder, frames: encoder.set.frames }
  let done = 0
  report(done)
  /** The video before is stored while the next one is encoded. */
  let storing: Promise<void> = Promise.resolve()
  try {
    for await (const decoded of decodeAhead(workspace.media, videos, wanted, context.signal)) {
      if ('error' in decoded) {
        await storing
        onFailed(decoded.video, decoded.error)
        report(++done)
        continue
      }
      noteLostFrames(decoded, context)
      const features = await encodeVideo(workspace, encoder, decoded, context.signal)
      await storing
      storing = storeFeatures(project, { encoder, decoded, features }).then(() => {
        onEncoded?.(decoded.video)
        report(++done)
      })
      // It is awaited later; until then what goes wrong is nobody's.
      storing.catch(() => undefined)
    }
  } finally {
    await storing
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

/** The features [features, F] of a video's frames, row-major; those of a frame's cells follow each other. */
async function encodeVideo(
  workspace: Workspace,
  { descriptor, stack, grid, cells, device }: Encoder,
  { frames: { frames, times }, stacks }: DecodedVideo,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { features } = await workspace.engine.call(
    'encoders.encode',
    { descriptor, frames, count: times.length, stacks: stack && stacks, grid, cells, device },
    { signal },
  )
  return features
}

/** Stores the features of a video, file before row. */
async function storeFeatures(
  project: OpenProject,
  {
    encoder: { set },
    decoded,
    features,
  }: { encoder: Encoder; decoded: DecodedVideo; features: Float32Array },
): Promise<void> {
  const {
    video: { contentHash },
    frames: { times },
    stacks,
  } = decoded
  const { dimension } = set
  const rows = stacks.length * featuresOfFrame(cellsOfOrigin(set.origin))
  const bytes = encodeNpy([rows, dimension], storedForm(features, project.store.clips.count()))
  const path = `features/${set.key}/${contentHash}.npy`
  await writeFileAtomic(join(project.folder, path), bytes)
  project.store.features.put({
    key: set.key,
    contentHash,
    path,
    frames: stacks.length,
    dimension,
    frameTimes: stacks.map((places) => timeOfStack(places, times)),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...signOf(await stat(join(project.folder, path))),
  })
}

export function createFeatures(workspace: Workspace) {
  return {
    estimateFeatures: reads(
      ['clip', 'feature', 'feature_set', 'setting'],
      async ({ device: _, ...input }) => {
        const project = workspace.project()
        return estimateFeatures(workspace, project, await featureRequestOf(workspace, project, input))
      },
    ),

    /**
     * Computes the features of every clip that has none of these settings yet, or whose file is gone or not
     * as it was written, and makes them the current features: an edit, where others were.
     */
    async computeFeatures({ device, ...input }, { who }) {
      const project = workspace.project()
      const request = await featureRequestOf(workspace, project, input)
      const jobId = workspace.jobs.start(
        'features',
        'Compute features',
        { procedure: 'corpus.computeFeatures', input: { ...request, device } },
        (context) => computeMissing(workspace, project, { request, device, who, context }),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'corpus'>>
}

interface Computation {
  request: FeatureSettings
  device: EncoderDevice
  who: string
  context: JobContext
}

async function computeMissing(
  workspace: Workspace,
  project: OpenProject,
  { request, device, who, context }: Computation,
): Promise<JobOutcome> {
  const { store } = project
  const encoder = await prepareEncoder(workspace, request, { device, context })
  const { set } = encoder
  const damage = forgetDamaged(
    project,
    await damagedFeatures(project, { key: set.key, thorough: false }, context),
  )
  if (damage !== null) {
    context.notice(`${damage.message} What is missing is computed again.`)
  }
  await requireSpace(project.folder, bytesOfSet(project, set), 'features')
  const missing = store.features.missing(set.key).map((id) => store.clips.get(id))
  if (missing.length === 0 && store.features.count(set.key) === 0) {
    throw failures.noVideos()
  }
  const sayHowLong = estimator(missing.length, context)
  const thumbnails = thumbnailsBehind(workspace.media, project, context.signal)
  let encoded = 0
  let firstFailure: VitrineError | null = null
  await encodeVideos(workspace, project, {
    encoder,
    videos: videosOf(missing, project.folder),
    context,
    onEncoded(video) {
      const { contentHash } = video
      thumbnails.add(video)
      store.clips.setProblem(contentHash, null)
      if (encoded++ === 0) {
        keepSet(workspace, set, who)
      }
      sayHowLong(encoded)
    },
    // It is tried again at the next run: the disk may have been away.
    onFailed({ contentHash }, error) {
      firstFailure ??= error
      context.notice(error.message)
      store.clips.setProblem(contentHash, error.message)
    },
  })
  await thumbnails.done()
  const clips = store.features.count(set.key)
  if (clips === 0) {
    throw firstFailure ?? failures.noFeatures()
  }
  // Since the first clip a person may have gone back to another set, or taken this one away.
  if (encoded === 0) {
    keepSet(workspace, set, who)
  }
  return {
    result: { kind: 'features', clips, computed: encoded },
    summary: `Features of ${count(clips, 'clip')}, ${encoded} new: up to ${count(set.frames, 'frame')} of ${framesOf(set)}, by ${set.title} on ${encoder.device}.`,
  }
}

/** Clips after which it is known how long the rest will take, and how many seconds are worth a word. */
const FIRST_CLIPS = 10
const LONG = 120

/** Says once, when the first clips are done, how long all of them will take, where that is long. */
function estimator(clips: number, { notice }: JobContext): (done: number) => void {
  const started = performance.now()
  return (done) => {
    const seconds = ((performance.now() - started) / 1000 / done) * (clips - done)
    if (done === FIRST_CLIPS && seconds > LONG) {
      const rest = count(clips - done, 'clip')
      notice(`By the first ${FIRST_CLIPS} clips, the other ${rest} will take about ${roughly(seconds)}.`)
    }
  }
}

/** What each frame of a set has: `2416 values each`, `4 cells of 4144 values each`. */
function framesOf({ origin, dimension }: Pick<FeatureSet, 'origin' | 'dimension'>): string {
  const cells = featuresOfFrame(cellsOfOrigin(origin))
  return cells === 1 ? `${dimension} values each` : `${cells} cells of ${dimension} values each`
}

/** Keeps a set of features, and has views go by it: the project's first one without asking, another by an edit. */
function keepSet(workspace: Workspace, set: NewFeatureSet, who: string): void {
  workspace.edit(who, (store, make) => {
    store.featureSets.put(set)
    if (store.settings.get('featureSet') === null) {
      store.settings.set('featureSet', set.key)
    } else {
      makeCurrent(store, make, set.key)
    }
  })
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
