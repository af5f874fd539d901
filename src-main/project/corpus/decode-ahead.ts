/** Frames of clips for an encoder: as many clips are decoded side by side as the machine has cores. */
import { availableParallelism } from 'node:os'
import { CancelledError } from '../../common/failures.ts'
import type { VitrineError } from '../../common/failures.ts'
import { isAboutOneFile } from '../../common/files/file-errors.ts'
import type { DecodedFrames } from '../../media/contract.ts'
import type { FrameSize } from '../../media/frame-size.ts'
import { createFileHashes, hashMedia } from '../../media/hash.ts'
import type { MediaTools } from '../../media/tools.ts'
import { fileHashOf } from '../../store/index.ts'
import { failures } from './failures.ts'
import { chooseFrames } from './frame-stacks.ts'
import type { Stack } from './frame-stacks.ts'

export interface VideoToEncode {
  name: string
  path: string
  /** The part of it; null: all of it. */
  start: number | null
  end: number | null
  contentHash: string
  frameCount: number
}

/** What an encoder takes of a clip: how many features, the size of frames, and how many make one (null: one). */
interface FramesToDecode {
  frames: number
  size: FrameSize
  stack: Stack | null
}

export interface DecodedVideo {
  video: VideoToEncode
  frames: DecodedFrames
  /** The places of the frames that make each feature. */
  stacks: number[][]
}

/** A clip that can't be decoded now, with what is wrong with it alone. */
export interface UndecodedVideo {
  video: VideoToEncode
  error: VitrineError
}

/** Clips that are decoded at a time: one more than there are cores, so that none waits for the next file's bytes. */
const AHEAD = availableParallelism() + 1

/**
 * Decodes videos and gives them in their order, the next ones while the caller works on one. Throws whatever is
 * wrong with more than one video; CancelledError on abort.
 */
export async function* decodeAhead(
  media: MediaTools,
  videos: readonly VideoToEncode[],
  wanted: FramesToDecode,
  signal: AbortSignal,
): AsyncGenerator<DecodedVideo | UndecodedVideo> {
  // When the caller stops in the middle, so does the decoding of later videos.
  const stop = new AbortController()
  const waiting = videos.values()
  const hashOf = createHashes()
  const decoding: Promise<DecodedVideo | { video: VideoToEncode; thrown: unknown }>[] = []
  const beginNext = (): void => {
    const video = waiting.next().value
    if (video === undefined) {
      return
    }
    decoding.push(
      decodeVideo(media, video, { ...wanted, hashOf, signal: AbortSignal.any([signal, stop.signal]) }).then(
        (decoded) => ({ video, ...decoded }),
        (thrown: unknown) => ({ video, thrown }),
      ),
    )
  }
  for (let i = 0; i < AHEAD; i++) {
    beginNext()
  }
  try {
    while (decoding.length > 0) {
      const decoded = await decoding.shift()!
      beginNext()
      yield 'thrown' in decoded
        ? { video: decoded.video, error: failureOf(decoded.video, decoded.thrown, signal) }
        : decoded
    }
  } finally {
    stop.abort()
    await Promise.all(decoding)
  }
}

/** Hashes the file of a clip: one that has many parts is read once for all of them. */
function createHashes(): (video: VideoToEncode, signal: AbortSignal) => Promise<string> {
  const hashOfFile = createFileHashes()
  return ({ path, start, end }, signal) =>
    start === null && end === null ? hashMedia(path, signal) : hashOfFile(path, signal)
}

interface Decoding extends FramesToDecode {
  hashOf: ReturnType<typeof createHashes>
  signal: AbortSignal
}

async function decodeVideo(
  media: MediaTools,
  video: VideoToEncode,
  { frames: features, size, stack, hashOf, signal }: Decoding,
): Promise<Omit<DecodedVideo, 'video'>> {
  const { path, start, end, contentHash, frameCount } = video
  if ((await hashOf(video, signal)) !== fileHashOf(contentHash)) {
    throw failures.videoChanged({ path })
  }
  const { indices, stacks } = chooseFrames(frameCount, features, stack)
  const request = { source: { path, start, end }, indices, size }
  try {
    return { frames: await media.decodeFrames(request, { signal }), stacks }
  } catch (error) {
    // Once more: a process may have died of the machine's state, not of the file.
    if (signal.aborted || !isAboutOneFile(error)) {
      throw error
    }
    return { frames: await media.decodeFrames(request, { signal }), stacks }
  }
}

/** What is wrong with one video, so that the rest can go on. Throws whatever is wrong with more than that. */
function failureOf({ path }: VideoToEncode, error: unknown, signal: AbortSignal): VitrineError {
  if (signal.aborted) {
    throw new CancelledError()
  }
  if (!isAboutOneFile(error)) {
    throw error
  }
  return error.code === 'NOT_FOUND' ? failures.videoGone({ path }, { cause: error }) : error
}
