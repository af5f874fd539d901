import type { DecodedFrame } from './decoder.ts'
import type { FrameList } from './packets.ts'

/** The part of decoded frames with other times than listed ones from which the list's times mean nothing. */
const UNLISTED = 0.1

/**
 * Which decoded frame, by its number, stands for each listed one, and which listed ones are lost. `decoded` in the
 * order of decoding, one at least.
 */
export function matchFrames(
  { shownAt, isTimed }: Pick<FrameList, 'shownAt' | 'isTimed'>,
  decoded: readonly Omit<DecodedFrame, 'frame'>[],
): { numberOf: number[]; lost: number[] } {
  const listed = new Set(shownAt)
  const unlisted = decoded.filter((frame) => frame.shownAt === null || !listed.has(frame.shownAt)).length
  const isByTime = isTimed && unlisted <= UNLISTED * decoded.length
  const numbers = new Map(decoded.map((frame, number) => [isByTime ? frame.shownAt : number, number]))
  const firstWhole = Math.max(
    0,
    decoded.findIndex(({ isWhole }) => isWhole),
  )
  const lost: number[] = []
  let before = firstWhole
  const numberOf = shownAt.map((time, place) => {
    const number = numbers.get(isByTime ? time : place)
    if (number === undefined || decoded[number]?.isWhole !== true) {
      lost.push(place)
      return before
    }
    before = number
    return number
  })
  return { numberOf, lost }
}
