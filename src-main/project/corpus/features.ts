/**
 * Frame features: clips in, .npy files out, one a video and feature key, under features/KEY/HASH.npy. The key
 * names the encoder by its checksum and the settings, the hash is the video's content, so nothing is computed
 * twice and nothing stale is read. ffmpeg decodes the next two clips while the engine encodes one. The file
 * is written before its database row: work that stops anywhere resumes where it stopped.
 */
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type * as z from 'zod'
import { CancelledError, featureRequest, VitrineError } from '#contract'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { encodeNpy } from '../../formats/npy.ts'
import type { JobContext } from '../../jobs/index.ts'
import { decodeFrames, segmentStarts } from '../../media/frames.ts'
import { hashFile } from '../../media/hash.ts'
import { absolutePath } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { count } from '../../common/text.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'

/** Clips that are decoded ahead of the encoder. */
const AHEAD = 2

export interface Encoder {
  descriptor: string
  key: string
  frames: number
  grid: 1 | 2
  /** Side of the frames that it takes, in pixels. */
  size: number
}

export interface VideoToEncode {
  name: string
  path: string
  contentHash: string
  frameCount: number
}

/** Builds the frame encoder where it is not there yet, and names what it makes with these settings. */
export async function prepareEncoder(
  workspace: Workspace,
  settings: z.output<typeof featureRequest>,
  signal: AbortSignal,
): Promise<Encoder> {
  const directory = join(workspace.home, 'encoders')
  await mkdir(directory, { recursive: true })
  const { descriptor, checksum, size } = await workspace.engine.call(
    'encoders.prepare',
    { directory },
    { signal },
  )
  const key = `${settings.encoder}-${checksum.slice(0, 12)}-frames${settings.frames}-grid${settings.grid}`
  return { descriptor, key, frames: settings.frames, grid: settings.grid, size }
}

/**
 * Computes and stores the features of videos in their order. `onEncoded` hears the dimension after each;
 * `onFailed` hears of a video that can't be decoded any more, and the rest goes on. Throws DISK_FULL,
 * ENGINE_DIED; CancelledError on abort.
 */
export async function encodeVideos(
  workspace: Workspace,
  project: OpenProject,
  encoder: Encoder,
  videos: readonly VideoToEncode[],
  context: JobContext,
  {
    onEncoded,
    onFailed,
  }: {
    onEncoded?: (dimension: number) => void
    onFailed: (video: VideoToEncode, error: VitrineError) => void
  },
): Promise<void> {
  const folder = join(project.folder, 'features', encoder.key)
  await mkdir(folder, { recursive: true })
  // A failure ends the decoding that is under way for later clips too.
  const stop = new AbortController()
  const signal = AbortSignal.any([context.signal, stop.signal])
  const decode = async (video: VideoToEncode) => {
    if ((await hashFile(video.path, signal)) !== video.contentHash) {
      throw new VitrineError(
        'BAD_INPUT',
        `${video.path} has changed since it was imported.`,
        'Import it again.',
      )
    }
    return decodeFrames({
      path: video.path,
      indices: segmentStarts(video.frameCount, encoder.frames),
      size: encoder.size,
      signal,
    })
  }
  const begin = (video: VideoToEncode) =>
    decode(video).then(
      (frames) => ({ video, frames }),
      (error: unknown) => ({ video, error }),
    )
  const decoding = videos.slice(0, AHEAD).map(begin)
  const report = (done: number) => {
    context.progress({ phase: 'computing features', done, total: videos.length, unit: 'clips' })
  }
  report(0)
  try {
    for (let done = 0; done < videos.length; done++) {
      const decoded = await decoding.shift()
      if (decoded === undefined) {
        break
      }
      const following = videos[done + AHEAD]
      if (following !== undefined) {
        decoding.push(begin(following))
      }
      const { video } = decoded
      if ('error' in decoded) {
        if (context.signal.aborted) {
          throw new CancelledError()
        }
        if (!isTrouble(decoded.error)) {
          throw decoded.error
        }
        onFailed(video, toVitrineError(decoded.error, video))
      } else {
        const { frames, times } = decoded.frames
        const { features, dimension } = await workspace.engine.call(
          'encoders.encode',
          { descriptor: encoder.descriptor, frames, count: times.length, grid: encoder.grid },
          { signal },
        )
        const bytes = encodeNpy([times.length, dimension], features)
        await writeFileAtomic(join(folder, `${video.contentHash}.npy`), bytes)
        project.store.features.put({
          key: encoder.key,
          contentHash: video.contentHash,
          path: `features/${encoder.key}/${video.contentHash}.npy`,
          frames: times.length,
          dimension,
          frameTimes: times,
          sha256: createHash('sha256').update(bytes).digest('hex'),
        })
        onEncoded?.(dimension)
      }
      report(done + 1)
    }
  } finally {
    stop.abort()
    await Promise.all(decoding)
  }
}

/** Whether an error is about one video, so that the rest can go on. */
const isTrouble = (error: unknown): boolean =>
  error instanceof VitrineError
    ? error.code === 'BAD_INPUT' || error.code === 'NOT_FOUND'
    : error instanceof Error && 'code' in error && error.code === 'ENOENT'

const toVitrineError = (error: unknown, { path }: VideoToEncode): VitrineError =>
  error instanceof VitrineError
    ? error
    : new VitrineError(
        'NOT_FOUND',
        `${path} does not exist any more.`,
        'Put it back, or import the corpus again.',
        { cause: error },
      )

export function createFeatures(workspace: Workspace) {
  return {
    /**
     * Computes the features of every clip that has none of these settings yet, and makes the settings those
     * in force.
     */
    computeFeatures(request) {
      const project = workspace.project()
      const { store } = project
      const jobId = workspace.jobs.start('features', 'Compute features', request, async (context) => {
        context.progress({ phase: 'preparing the frame encoder', done: 0, total: null, unit: 'encoders' })
        const encoder = await prepareEncoder(workspace, request, context.signal)
        const missing = store.features.missing(encoder.key).map((id) => store.clips.get(id))
        const videos = new Map<string, VideoToEncode>()
        for (const { name, path, contentHash, frameCount } of missing) {
          if (path === null || contentHash === null || frameCount === null) {
            continue
          }
          videos.set(contentHash, { name, path: absolutePath(project.folder, path), contentHash, frameCount })
        }
        if (missing.length === 0 && store.features.count(encoder.key) === 0) {
          throw new VitrineError(
            'NOT_READY',
            'No clip of this project has a video.',
            'Import a folder of videos first.',
          )
        }
        const use = (dimension: number) => {
          store.settings.set('features', { ...request, key: encoder.key, dimension })
        }
        let encoded = 0
        const failed: VitrineError[] = []
        await encodeVideos(workspace, project, encoder, [...videos.values()], context, {
          onEncoded(dimension) {
            if (encoded++ === 0) {
              use(dimension)
            }
          },
          onFailed(video, error) {
            failed.push(error)
            context.notice(error.message)
            for (const clip of missing) {
              if (clip.contentHash === video.contentHash) {
                store.clips.setMedia(clip.id, { ...clip, problem: error.message })
              }
            }
          },
        })
        const [first] = store.features.paths(encoder.key)
        const [firstFailure] = failed
        if (first === undefined) {
          throw (
            firstFailure ??
            new VitrineError('NOT_READY', 'No clip has features.', 'Import a folder of videos first.')
          )
        }
        use(first.dimension)
        return {
          result: { kind: 'features', clips: store.features.count(encoder.key), computed: encoded },
          summary: `Features of ${count(store.features.count(encoder.key), 'clip')}, ${encoded} new: up to ${request.frames} frames of ${first.dimension} values each.`,
        }
      })
      return { jobId }
    },
  } satisfies Partial<Service<'corpus'>>
}
