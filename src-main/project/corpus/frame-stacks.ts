/** Which frames of a clip an encoder sees: single ones, or stacks of frames that follow each other. */
import { segmentStarts } from '../../media/frames.ts'

/** What a clip encoder takes at once: so many frames, each so many frames of the clip after the one before. */
export interface Stack {
  length: number
  stride: number
}

/**
 * The frames of up to `stacks` stacks, evenly spread from a clip's first frame to its last; they overlap where the clip
 * has too few frames for that many. Frames move closer together in a clip that is shorter than a stack, and repeat in
 * one that has fewer frames than it.
 */
export function frameStacks(frameCount: number, stacks: number, { length, stride }: Stack): number[][] {
  const [last, steps] = [frameCount - 1, length - 1]
  const step = Math.min(stride, Math.floor(last / steps))
  // Less than a frame from one to the next: whole numbers alone, so that the last one is the clip's.
  const offsetOf = (i: number): number => (step < 1 ? Math.floor((i * last) / steps) : i * step)
  const offsets = length === 1 ? [0] : Array.from({ length }, (_, i) => offsetOf(i))
  const room = last - (offsets.at(-1) ?? 0)
  return stackStarts(room, stacks).map((start) => offsets.map((offset) => start + offset))
}

/** Evenly spread from 0 to `last`, both included; one stack lies in the middle. */
function stackStarts(last: number, stacks: number): number[] {
  const n = Math.min(stacks, last + 1)
  return n === 1
    ? [Math.floor(last / 2)]
    : Array.from({ length: n }, (_, i) => Math.floor((i * last) / (n - 1)))
}

export interface ChosenFrames {
  /** Frames of the clip that have to be decoded, ascending, each once. */
  indices: number[]
  /** For each feature the places in `indices` of the frames that it is made of. */
  stacks: number[][]
}

/** What has to be decoded for up to `features` features of a clip; `stack` is null for an encoder of single frames. */
export function chooseFrames(frameCount: number, features: number, stack: Stack | null): ChosenFrames {
  if (stack === null) {
    const indices = segmentStarts(frameCount, features)
    return { indices, stacks: indices.map((_, place) => [place]) }
  }
  const chosen = frameStacks(frameCount, features, stack)
  const indices = [...new Set(chosen.flat())].toSorted((a, b) => a - b)
  const places = new Map(indices.map((index, place) => [index, place]))
  return { indices, stacks: chosen.map((frames) => frames.map((index) => places.get(index) ?? 0)) }
}

/** When a stack is, in seconds: the time of its middle frame. */
export const timeOfStack = (stack: readonly number[], times: readonly number[]): number =>
  times[stack[Math.floor(stack.length / 2)] ?? 0] ?? 0
