/** Features of the clips of a corpus: of the project's own those that there are, of videos elsewhere made where missing. */
import { CancelledError } from '../../common/failures.ts'
import { isAboutOneFile } from '../../common/files/file-errors.ts'
import { someOf } from '../../common/text.ts'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import { hashMedia } from '../../media/hash.ts'
import { wholeOf } from '../../media/source.ts'
import { ownContent, sidecarPath } from '../../store/index.ts'
import type { FeatureSet, OpenProject } from '../../store/index.ts'
import { encodeVideos, prepareEncoder } from '../corpus/features.ts'
import type { VideoToEncode } from '../corpus/decode-ahead.ts'
import { clipsWithFeatures } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { ActionClip } from './action-clip.ts'
import { failures } from './failures.ts'

/** A clip that can be classified. */
export interface ReadyClip extends ActionClip {
  /** What it shows, and the class that its corpus says: what people say of its class is kept by both. */
  content: string
  corpusClass: string
  features: ClipFeatures
}

interface Reading {
  workspace: Workspace
  project: OpenProject
  set: FeatureSet
  context: JobContext
}

/** The clips that have features, in their order; those that can't be read are left out with a notice. */
export async function readyClips(reading: Reading, clips: readonly ActionClip[]): Promise<ReadyClip[]> {
  const ofProject = clipsOfProject(reading, clips)
  const videos = await hashedVideos(reading, clips)
  const paths = await featurePaths(reading, [...videos.values()])
  const known = clipsByContent(reading.project)
  return clips.flatMap((clip, place): ReadyClip[] => {
    if (clip.path === null) {
      const ready = ofProject.get(clip.clipId!)
      return ready === undefined ? [] : [{ ...clip, ...ready, corpusClass: clip.className }]
    }
    const content = videos.get(clip.name)?.contentHash
    const path = content === undefined ? undefined : paths.get(content)
    return content === undefined || path === undefined
      ? []
      : [
          {
            ...clip,
            clipId: known.get(content) ?? null,
            content,
            corpusClass: clip.className,
            features: { id: place, features: path },
          },
        ]
  })
}

/** The project's clips by what they show. */
const clipsByContent = ({ store }: OpenProject): Map<string, number> =>
  new Map(
    store.clips.all().flatMap(({ id, contentHash }) => (contentHash === null ? [] : [[contentHash, id]])),
  )

/** The project's clips that have features. */
function clipsOfProject(
  { project, set, context: { notice } }: Reading,
  clips: readonly ActionClip[],
): Map<number, { content: string; features: ClipFeatures }> {
  const wanted = clips.filter(({ clipId }) => clipId !== null)
  if (wanted.length === 0) {
    return new Map()
  }
  const featuresOf = new Map(clipsWithFeatures(project, set.key, null).map((clip) => [clip.id, clip]))
  const ready = new Map<number, { content: string; features: ClipFeatures }>()
  const without: string[] = []
  for (const { clipId, name } of wanted) {
    const features = featuresOf.get(clipId!)
    if (features === undefined) {
      without.push(name)
      continue
    }
    ready.set(clipId!, {
      content: project.store.clips.get(clipId!).contentHash ?? ownContent(clipId!),
      features,
    })
  }
  if (without.length > 0) {
    notice(
      `Left out: ${without.length} of ${wanted.length} clips have no features, such as ${someOf(without)}.`,
    )
  }
  return ready
}

/** What videos elsewhere show, by the names of their clips. */
async function hashedVideos(
  { workspace, set, context }: Reading,
  clips: readonly ActionClip[],
): Promise<Map<string, VideoToEncode>> {
  const files = clips.filter(({ path }) => path !== null)
  const videos = new Map<string, VideoToEncode>()
  for (const [done, { name, path }] of files.entries()) {
    if (context.signal.aborted) {
      throw new CancelledError()
    }
    context.progress({ phase: 'reading clips', done, total: files.length, unit: 'clips' })
    try {
      videos.set(name, await readVideo(workspace, { name, path: path! }, set.key, context.signal))
    } catch (error) {
      if (!isAboutOneFile(error)) {
        throw error
      }
      context.notice(`Left out: ${error.message}`)
    }
  }
  return videos
}

async function readVideo(
  workspace: Workspace,
  { name, path }: Pick<VideoToEncode, 'name' | 'path'>,
  featureKey: string,
  signal: AbortSignal,
): Promise<VideoToEncode> {
  const contentHash = await hashMedia(path, signal)
  const feature = workspace.project().store.features.get(featureKey, contentHash)
  const frameCount = feature?.frames ?? (await workspace.media.inspect(wholeOf(path), { signal })).frameCount
  return { name, path, start: null, end: null, contentHash, frameCount }
}

/** Paths of the videos' features by content, computing those that are missing. */
async function featurePaths(
  { workspace, project, set, context }: Reading,
  videos: readonly VideoToEncode[],
): Promise<Map<string, string>> {
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
