/** Where words stand beside points, so that they cover neither one another nor a mark where that can be helped. */

export interface TaggedPoint {
  left: number
  top: number
  tag: string
}
interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** Of an 11 px text, in pixels, about. */
const LETTER = 6
const LINE = 13
/** Half of the room that a mark takes. */
const MARK = 9
/** Where a tag may stand, from its point: by its left or right edge or its middle, and how far down its base line is. */
const PLACES = [
  { edge: 'left', across: 11, down: -7 },
  { edge: 'left', across: 11, down: 14 },
  { edge: 'right', across: -11, down: -7 },
  { edge: 'right', across: -11, down: 14 },
  { edge: 'middle', across: 0, down: -14 },
  { edge: 'middle', across: 0, down: 23 },
  { edge: 'left', across: 14, down: -20 },
  { edge: 'right', across: -14, down: -20 },
  { edge: 'left', across: 14, down: 27 },
  { edge: 'right', across: -14, down: 27 },
] as const

/** Left edge and base line of each point's tag, in the order of the points. */
export function placeTags(points: readonly TaggedPoint[]): { x: number; y: number }[] {
  const taken: Box[] = points.map(({ left, top }) => ({
    left: left - MARK,
    right: left + MARK,
    top: top - MARK,
    bottom: top + MARK,
  }))
  return points.map((point) => {
    const boxes = point.tag === '' ? [] : PLACES.map((place) => boxAt(point, place))
    const [best = boxAt(point, PLACES[0])] = boxes.toSorted((a, b) => covered(a, taken) - covered(b, taken))
    if (point.tag !== '') {
      taken.push(best)
    }
    return { x: best.left, y: best.bottom - 2 }
  })
}

function boxAt({ left, top, tag }: TaggedPoint, { edge, across, down }: (typeof PLACES)[number]): Box {
  const width = tag.length * LETTER
  const shift = { left: 0, middle: width / 2, right: width }[edge]
  const from = left + across - shift
  const bottom = top + down + 2
  return { left: from, right: from + width, top: bottom - LINE, bottom }
}

/** How much of a box others take, in square pixels. */
const covered = (box: Box, others: readonly Box[]): number =>
  others.reduce((sum, other) => {
    const width = Math.min(box.right, other.right) - Math.max(box.left, other.left)
    const height = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top)
    return sum + (width > 0 && height > 0 ? width * height : 0)
  }, 0)
