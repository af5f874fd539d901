/**
 * The concepts of the sample corpus: what scenes are built from, how each is drawn, and how people put it.
 */

/** RGB, 0 to 255. */
export type Colour = readonly [number, number, number]

/** A word list: the first word is the usual one, the others are synonyms. */
export type Words = readonly [string, ...string[]]

export const SHAPES = {
  circle: ['circle', 'ball'],
  square: ['square', 'box'],
  triangle: ['triangle'],
  star: ['star'],
} as const satisfies Record<string, Words>
export type Shape = keyof typeof SHAPES
/** Shapes that only the action clips show: no caption names them. */
export type DrawnShape = Shape | 'hexagon' | 'cross'

/** How a surface is painted: two tones in a pattern. */
export type Finish = 'solid' | 'stripes' | 'rings' | 'dots'
export interface Paint {
  colour: Colour
  second: Colour
  finish: Finish
}

/**
 * Few colours, far apart in brightness or finish: frame encoders that come from object detectors tell
 * surfaces far better than hues. Of five plain hues the built-in one knew 3 in 10; of these it knows 8 in 10.
 * No captioner can say what its encoder can't see.
 */
export const COLOURS = {
  white: { colour: [246, 246, 246], second: [246, 246, 246], finish: 'solid' },
  black: { colour: [10, 10, 12], second: [10, 10, 12], finish: 'solid' },
  red: { colour: [226, 40, 38], second: [226, 40, 38], finish: 'solid' },
  blue: { colour: [44, 92, 240], second: [235, 240, 255], finish: 'dots' },
} as const satisfies Record<string, Paint>
export type ColourName = keyof typeof COLOURS

/** Paints that only the action clips show. */
export const ACTION_PAINTS: readonly Paint[] = [
  { colour: [250, 150, 30], second: [250, 150, 30], finish: 'solid' },
  { colour: [240, 120, 200], second: [90, 10, 70], finish: 'stripes' },
  { colour: [60, 225, 235], second: [0, 60, 70], finish: 'dots' },
  { colour: [250, 214, 30], second: [40, 32, 0], finish: 'stripes' },
  { colour: [34, 190, 60], second: [8, 60, 16], finish: 'rings' },
]

export const SIZES = { big: ['big', 'large'], small: ['small', 'little'] } as const satisfies Record<
  string,
  Words
>
export type Size = keyof typeof SIZES

export const BACKGROUNDS = {
  plain: ['on a plain background', 'on an empty background'],
  stripes: ['on a striped background', 'over stripes'],
  checks: ['on a checkered background', 'over a checkerboard'],
  dots: ['on a dotted background', 'over dots'],
} as const satisfies Record<string, Words>
export type Background = keyof typeof BACKGROUNDS

/**
 * Ways to say an action, the usual one first: each as a verb (`moves up`) and as a participle (`moving up`).
 */
export type Phrases = readonly [Phrase, ...Phrase[]]
type Phrase = readonly [verb: string, participle: string]

/** What one shape does. */
const MOTIONS = {
  left: [
    ['moves to the left', 'moving to the left'],
    ['slides to the left', 'sliding to the left'],
    ['moves left', 'moving left'],
  ],
  right: [
    ['moves to the right', 'moving to the right'],
    ['slides to the right', 'sliding to the right'],
    ['moves right', 'moving right'],
  ],
  up: [
    ['moves up', 'moving up'],
    ['rises to the top', 'rising to the top'],
    ['floats up', 'floating up'],
  ],
  down: [
    ['moves down', 'moving down'],
    ['falls to the bottom', 'falling to the bottom'],
    ['sinks down', 'sinking down'],
  ],
  bounce: [
    ['bounces up and down', 'bouncing up and down'],
    ['jumps up and down', 'jumping up and down'],
    ['bounces', 'bouncing'],
  ],
  spin: [
    ['spins around', 'spinning around'],
    ['rotates in place', 'rotating in place'],
    ['spins', 'spinning'],
  ],
  grow: [
    ['grows bigger', 'growing bigger'],
    ['gets bigger', 'getting bigger'],
    ['grows', 'growing'],
  ],
  shrink: [
    ['gets smaller', 'getting smaller'],
    ['shrinks', 'shrinking'],
    ['shrinks away', 'shrinking away'],
  ],
  blink: [
    ['blinks on and off', 'blinking on and off'],
    ['flashes on and off', 'flashing on and off'],
    ['blinks', 'blinking'],
  ],
} as const satisfies Record<string, Phrases>
export type Motion = keyof typeof MOTIONS

/** What one shape does to another. */
export const RELATIONS = {
  chase: [
    ['chases', 'chasing'],
    ['follows', 'following'],
    ['runs after', 'running after'],
  ],
  orbit: [
    ['circles around', 'circling around'],
    ['moves around', 'moving around'],
    ['orbits', 'orbiting'],
  ],
  bump: [
    ['bumps into', 'bumping into'],
    ['hits', 'hitting'],
    ['crashes into', 'crashing into'],
  ],
} as const satisfies Record<string, Phrases>
export type Relation = keyof typeof RELATIONS

export type Action = Motion | Relation
export const ACTIONS: Record<Action, Phrases> = { ...MOTIONS, ...RELATIONS }

/** Lists the keys of a constant record with their type. */
export function keys<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[]
}
