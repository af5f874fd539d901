/**
 * What all figures of a report are drawn with: vectors in the page itself, in the colours of its style sheet, so that
 * they are dark where the page is and sharp on paper. Sizes are in units of the drawing; the page scales it.
 */
import type { Axis } from '../../../chart/scale.ts'
import { escapeHtml } from '../../text/html.ts'

/** Of every figure: half of the page, so that two stand side by side. */
export const WIDTH = 380

export interface LegendEntry {
  label: string
  /** A colour of CSS: `series(0)`. */
  colour: string
  dash?: string
  /** A ring or a bar in place of a line. */
  mark?: 'ring' | 'bar'
}

/** Series are told by dashes, too, for those who see no difference of colours. */
const DASHES = ['', '6 3', '2 2', '8 3 2 3']
export const seriesColour = (place: number): string => `var(--series-${(place % 6) + 1})`
export const seriesDash = (place: number): string => DASHES[place % DASHES.length] ?? ''

type Attributes = Readonly<Record<string, string | number | undefined>>

/** An element with what is in it, which is markup already. */
export function element(name: string, attributes: Attributes, inner = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(
      ([key, value]) => ` ${key}="${escapeHtml(typeof value === 'number' ? rounded(value) : String(value))}"`,
    )
    .join('')
  return `<${name}${written}>${inner}</${name}>`
}

const rounded = (value: number): string => String(Number(value.toFixed(2)))

interface TextLook {
  x: number
  y: number
  anchor?: 'start' | 'middle' | 'end'
  soft?: boolean
}
export const textAt = (words: string, { x, y, anchor, soft }: TextLook): string =>
  element(
    'text',
    { x, y, 'text-anchor': anchor, class: soft === true ? 'soft' : undefined },
    escapeHtml(words),
  )

/** A mark that says what it is when it is pointed at. */
export const tip = (words: string): string => element('title', {}, escapeHtml(words))

export const drawing = (
  size: { width: number; height: number },
  label: string,
  parts: readonly string[],
): string =>
  element(
    'svg',
    { viewBox: `0 0 ${size.width} ${size.height}`, role: 'img', 'aria-label': label },
    parts.join(''),
  )

/** The sides of what is plotted. */
export interface Plot {
  left: number
  right: number
  top: number
  bottom: number
}

/** Marks with lines across, and what is counted above. */
export const verticalAxis = (
  { scale, marks }: Axis,
  { left, right, top }: Plot,
  counted: string,
): string[] => [
  textAt(counted, { x: 0, y: top - 8, soft: true }),
  ...marks.flatMap(({ value, label }) => [
    element('line', { x1: left, x2: right, y1: scale(value), y2: scale(value), class: 'grid' }),
    textAt(label, { x: left - 6, y: scale(value) + 3.5, anchor: 'end', soft: true }),
  ]),
]

/** Marks below a line, and what is counted at its end. */
export const horizontalAxis = (
  { scale, marks }: Axis,
  { left, right, top, bottom }: Plot,
  { over, grid }: { over: string; grid: boolean },
): string[] => [
  element('line', { x1: left, x2: right, y1: bottom, y2: bottom, class: 'axis' }),
  ...marks.flatMap(({ value, label }) => [
    element('line', {
      x1: scale(value),
      x2: scale(value),
      y1: grid ? top : bottom,
      y2: bottom + 4,
      class: grid ? 'grid' : 'axis',
    }),
    textAt(label, { x: scale(value), y: bottom + 15, anchor: 'middle', soft: true }),
  ]),
  textAt(over, { x: right, y: bottom + 29, anchor: 'end', soft: true }),
]

/** A text as it fits into about so much room: nothing here measures letters, so they count as they are on average. */
export function fitted(text: string, room: number): string {
  let width = 0
  for (const [place, character] of [...text].entries()) {
    width += character.codePointAt(0)! > 0x2e80 ? LETTER.full : LETTER.usual
    if (width > room) {
      return `${[...text]
        .slice(0, Math.max(place - 1, 1))
        .join('')
        .trimEnd()}…`
    }
  }
  return text
}

/** Widths of letters of 11 units: those of Latin and the like, and those of Chinese and Japanese. */
const LETTER = { usual: 6, full: 11 }
