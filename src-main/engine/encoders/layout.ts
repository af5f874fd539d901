/** How the frames that a network takes lie in its input: where the three colours stand says it. */
import type { EncoderChoices } from '#contract'
import type { FrameInput } from './descriptor.ts'
import { failures } from './failures.ts'
import { CHANNELS } from './input.ts'

type LayoutName = NonNullable<EncoderChoices['layout']>

interface Layout {
  /** The place of the colours in the shape. */
  colours: number
  /** Of the frames of a stack; null: single frames. */
  frames: number | null
  rows: number
  columns: number
  /** Of a frame. */
  layout: FrameInput['layout']
}

/** By the number of dimensions; those that are more usual come first. */
const LAYOUTS: Readonly<Record<number, readonly LayoutName[]>> = {
  4: ['NCHW', 'NHWC'],
  5: ['NTCHW', 'NCTHW', 'NTHWC'],
}

const PLACES: Readonly<Record<LayoutName, Layout>> = {
  NCHW: { colours: 1, frames: null, rows: 2, columns: 3, layout: 'NCHW' },
  NHWC: { colours: 3, frames: null, rows: 1, columns: 2, layout: 'NHWC' },
  NTCHW: { colours: 2, frames: 1, rows: 3, columns: 4, layout: 'NCHW' },
  NCTHW: { colours: 1, frames: 2, rows: 3, columns: 4, layout: 'NCHW' },
  NTHWC: { colours: 4, frames: 1, rows: 2, columns: 3, layout: 'NHWC' },
}

/** Frames of a stack, where neither file nor person says how many. */
const USUAL_STACK = 16

/** A size that the file leaves open is null. */
type Shape = readonly (number | null)[]

/**
 * Where frames are in an input of this shape. Throws BAD_INPUT for a shape without a place for three colours, and for one
 * that has several and says nothing.
 */
export function layoutOf(
  shape: Shape,
  choices: Pick<EncoderChoices, 'layout' | 'stack' | 'stride'>,
  { path, input }: { path: string; input: string },
): Pick<Layout, 'rows' | 'columns' | 'layout'> & { stack: NonNullable<FrameInput['stack']> | null } {
  const text = `[${shape.map((dimension) => dimension ?? '?').join(', ')}]`
  const names = LAYOUTS[shape.length]
  if (names === undefined) {
    throw failures.inputRank({ path, input, shape: text })
  }
  const possible = names.filter((name) => (shape[PLACES[name].colours] ?? CHANNELS) === CHANNELS)
  if (possible.length === 0) {
    throw failures.notThreeColours({ path, input, shape: text })
  }
  const chosen =
    possible.find((name) => name === choices.layout) ?? possible.find((name) => isSaid(shape, name))
  if (chosen === undefined) {
    throw failures.layoutUnknown({ path, input, shape: text, layouts: possible.join(', ') })
  }
  const { frames, rows, columns, layout } = PLACES[chosen]
  return {
    rows,
    columns,
    layout,
    stack: frames === null ? null : stackOf(shape[frames] ?? null, choices, chosen),
  }
}

/** Whether the file itself has the three colours there. */
const isSaid = (shape: Shape, name: LayoutName): boolean => shape[PLACES[name].colours] === CHANNELS

function stackOf(
  fixed: number | null,
  { stack, stride }: Pick<EncoderChoices, 'stack' | 'stride'>,
  layout: LayoutName,
): NonNullable<FrameInput['stack']> {
  return { length: fixed ?? stack ?? USUAL_STACK, stride: stride ?? 1, channelsFirst: layout === 'NCTHW' }
}
