import type { Frame } from 'node-av/lib'
import type { DecodedFrames, FrameRequest } from '../media/contract.ts'
import { failures } from '../media/failures.ts'
import { fittingTo } from '../media/frame-size.ts'
import type { Limits } from '../media/limits.ts'
import { framesBetween, lookAt } from '../media/source.ts'
import type { SourceContent, MediaSource } from '../media/source.ts'
import { decodeChosen } from './chosen-frames.ts'
import { createPictureFilter } from './filter.ts'
import type { FrameFilter } from './filter.ts'
import { decodePictures } from './folder.ts'
import { withVideo } from './video.ts'
import type { Watch } from './watch.ts'

/** Chosen frames as RGB bytes. Throws BAD_INPUT when the source has fewer frames. */
export async function decodeFrames(
  { source, indices, size }: FrameRequest,
  limits: Limits,
  watch: Watch,
): Promise<DecodedFrames> {
  const { filters, bytes } = fittingTo(size)
  const frames = new Uint8Array(indices.length * bytes)
  if (indices.length === 0) {
    return { frames, times: [], lost: [] }
  }
  using scaler = createPictureFilter(filters.join(','), source.path)
  const { times, lost } = await filterChosen(
    { source, indices, limits, watch, filter: scaler },
    (frame, i) => {
      frames.set(frame.toBuffer(), i * bytes)
    },
  )
  return { frames, times, lost }
}

export interface FilterRequest {
  source: MediaSource
  /** Frame indices, ascending without repeats. */
  indices: readonly number[]
  limits: Limits
  watch: Watch
  filter: FrameFilter
}

type OnFiltered = (frame: Frame, i: number) => void

/**
 * Filters chosen frames, whatever the source, by a filter that gives one for each; `i` counts `indices`. Where damage is
 * found, they come once more from the first.
 */
export async function filterChosen(
  request: FilterRequest,
  onFiltered: OnFiltered,
): Promise<Pick<DecodedFrames, 'times' | 'lost'>> {
  const content = await lookAt(request.source.path)
  return content.kind === 'frames'
    ? filterFolder(request, content.files, onFiltered)
    : filterFile(request, content, onFiltered)
}

async function filterFile(
  { source, indices, limits, watch, filter }: FilterRequest,
  content: Exclude<SourceContent, { kind: 'frames' }>,
  onFiltered: OnFiltered,
): Promise<Pick<DecodedFrames, 'times' | 'lost'>> {
  const demuxer = content.kind === 'picture' ? content.demuxer : null
  return withVideo(source, { demuxer, limits, watch }, async (video) => {
    const places = indices.map((index) => video.first + index)
    const frameCount = video.end - video.first
    if ((indices.at(-1) ?? 0) >= frameCount) {
      throw failures.framesMissing({ path: source.path, decoded: frameCount, wanted: indices.length })
    }
    const lost = await decodeChosen(video, {
      places,
      limits,
      watch,
      onFrame(frame, i) {
        for (const filtered of filter.filter(frame)) {
          onFiltered(filtered, i)
        }
      },
    })
    return {
      times: places.map((place) => video.secondsOf(place)),
      lost: lost.map((place) => place - video.first),
    }
  })
}

/** A folder's frames are files, each decoded by itself. */
async function filterFolder(
  { source, indices, limits, watch, filter }: FilterRequest,
  all: readonly string[],
  onFiltered: OnFiltered,
): Promise<Pick<DecodedFrames, 'times' | 'lost'>> {
  const { files, fps } = framesBetween(all, source)
  if ((indices.at(-1) ?? 0) >= files.length) {
    throw failures.framesMissing({ path: source.path, decoded: files.length, wanted: indices.length })
  }
  const lost = await decodePictures({
    path: source.path,
    files,
    indices,
    limits,
    watch,
    onFrame(frame, i) {
      for (const filtered of filter.filter(frame)) {
        onFiltered(filtered, i)
      }
    },
  })
  return { times: indices.map((index) => index / fps), lost }
}
