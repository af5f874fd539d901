/**
 * A folder of frames: pictures, each a file that is decoded by itself. One of which not all can be decoded is lost, and
 * the one before it stands in, as a player would go on to show it, or else the next.
 */
import type { Frame } from 'node-av/lib'
import { VitrineError } from '../common/failures.ts'
import { failures } from '../media/failures.ts'
import type { Limits } from '../media/limits.ts'
import { lookAt, wholeOf } from '../media/source.ts'
import { decodeChosen } from './chosen-frames.ts'
import { withVideo } from './video.ts'
import type { Watch } from './watch.ts'

export interface ChosenPictures {
  /** The folder. */
  path: string
  /** Paths of its frames in their order. */
  files: readonly string[]
  /** Places in `files`, ascending without repeats. */
  indices: readonly number[]
  limits: Limits
  watch: Watch
  /** Gets each in its turn: `i` counts `indices`. The frame is good until the next one comes. */
  onFrame: (frame: Frame, i: number) => void
}

/**
 * Returns the places of all frames of the folder that are lost: once a chosen one is, all are looked at. Throws
 * BAD_INPUT where there is none that isn't.
 */
export async function decodePictures(chosen: ChosenPictures): Promise<number[]> {
  const { path, files, indices, onFrame } = chosen
  const lost = new Set<number>()
  const whole = new Set<number>()
  const decode = async (index: number): Promise<Frame | null> => {
    const frame = lost.has(index) ? null : await decodePicture(files[index] ?? '', chosen)
    const found = frame === null ? lost : whole
    found.add(index)
    return frame
  }
  for (const [i, index] of indices.entries()) {
    const frame = await firstOf(standIns(index, files.length), decode)
    if (frame === null) {
      throw failures.noFrame({ path })
    }
    onFrame(frame, i)
    frame.free()
  }
  if (lost.size > 0) {
    for (const index of files.keys()) {
      const frame = whole.has(index) ? null : await decode(index)
      frame?.free()
    }
  }
  return [...lost].sort((a, b) => a - b)
}

/** A frame, and those that may stand for it, the best first. */
function* standIns(index: number, count: number): Generator<number> {
  for (let before = index; before >= 0; before--) {
    yield before
  }
  for (let after = index + 1; after < count; after++) {
    yield after
  }
}

async function firstOf(
  indices: Iterable<number>,
  decode: (index: number) => Promise<Frame | null>,
): Promise<Frame | null> {
  for (const index of indices) {
    const frame = await decode(index)
    if (frame !== null) {
      return frame
    }
  }
  return null
}

/** A picture, which the caller frees; null where not all of it can be decoded. */
async function decodePicture(
  path: string,
  { limits, watch }: Pick<ChosenPictures, 'limits' | 'watch'>,
): Promise<Frame | null> {
  let picture: Frame | null = null
  const onFrame = (frame: Frame): void => {
    picture?.free()
    picture = frame.clone()
  }
  const isLost = await orWhenLost(watch, true, async () => {
    const content = await lookAt(path)
    const demuxer = content.kind === 'picture' ? content.demuxer : null
    const lost = await withVideo(wholeOf(path), { demuxer, limits, watch }, (video) =>
      decodeChosen(video, { places: [video.first], limits, watch, isStrict: true, onFrame }),
    )
    return lost.length > 0
  })
  if (isLost) {
    freeFrame(picture)
    return null
  }
  return picture
}

/** TypeScript takes a variable that callbacks set for what it was at first. */
const freeFrame = (frame: Frame | null): void => frame?.free()

/** Reads a picture, or answers `otherwise` where it is lost. Throws what is wrong with more than the one picture. */
export async function orWhenLost<Result>(
  watch: Watch,
  otherwise: Result,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (watch.isOver || !(error instanceof VitrineError) || !LOST.has(error.code)) {
      throw error
    }
    return otherwise
  }
}

const LOST: ReadonlySet<string> = new Set(['BAD_INPUT', 'NOT_FOUND'])
