/** The concepts of the sample corpus: what scenes are built from, how each is drawn, and how people put it. */

/** RGB, 0 to 255. */
export type Colour = readonly [number, number, number]

/** A word list: the first word is the usual one, the others are synonyms. */
export type Words = readonly [string, ...string[]]

export const SHAPES = { circle: ['circle', 'ball'], square: ['square', 'box'], triangle: ['triangle'], star: ['star'] } as const satisfies Record<string, Words>
export type Shape = keyof typeof SHAPES
/** Shapes that only the action clips show: no caption names them. */
export type PlainShape = Shape | 'hexagon' | 'cross'

export const COLOURS = {
  red: [226, 40, 38], green: [34, 178, 58], blue: [44, 92, 240], yellow: [250, 214, 30], white: [246, 246, 246],
} as const satisfies Record<string, Colour>
export type ColourName = keyof typeof COLOURS

/** Colours that only the action clips show. */
export const PLAIN_COLOURS: readonly Colour[] = [[244, 130, 30], [232, 90, 190], [60, 205, 215], [150, 150, 150], [140, 84, 220]]

export const SIZES = { big: ['big', 'large'], small: ['small', 'little'] } as const satisfies Record<string, Words>
export type Size = keyof typeof SIZES

export const BACKGROUNDS = {
  plain: ['on a plain background', 'on an empty background'],
  stripes: ['on a striped background', 'over stripes'],
  checks: ['on a checkered background', 'over a checkerboard'],
  dots: ['on a dotted background', 'over dots'],
} as const satisfies Record<string, Words>
export type Background = keyof typeof BACKGROUNDS

/** Ways to say an action, the usual one first: each as a verb (`moves up`) and as a participle (`moving up`). */
export type Phrases = readonly [Phrase, ...Phrase[]]
type Phrase = readonly [verb: string, participle: string]

/** What one shape does. */
export const MOTIONS = {
  left: [['moves to the left', 'moving to the left'], ['slides to the left', 'sliding to the left'], ['moves left', 'moving left']],
  right: [['moves to the right', 'moving to the right'], ['slides to the right', 'sliding to the right'], ['moves right', 'moving right']],
  up: [['moves up', 'moving up'], ['rises to the top', 'rising to the top'], ['floats up', 'floating up']],
  down: [['moves down', 'moving down'], ['falls to the bottom', 'falling to the bottom'], ['sinks down', 'sinking down']],
  bounce: [['bounces up and down', 'bouncing up and down'], ['jumps up and down', 'jumping up and down'], ['bounces', 'bouncing']],
  spin: [['spins around', 'spinning around'], ['rotates in place', 'rotating in place'], ['spins', 'spinning']],
  grow: [['grows bigger', 'growing bigger'], ['gets bigger', 'getting bigger'], ['grows', 'growing']],
  shrink: [['gets smaller', 'getting smaller'], ['shrinks', 'shrinking'], ['shrinks away', 'shrinking away']],
  blink: [['blinks on and off', 'blinking on and off'], ['flashes on and off', 'flashing on and off'], ['blinks', 'blinking']],
} as const satisfies Record<string, Phrases>
export type Motion = keyof typeof MOTIONS

/** What one shape does to another. */
export const RELATIONS = {
  chase: [['chases', 'chasing'], ['follows', 'following'], ['runs after', 'running after']],
  orbit: [['circles around', 'circling around'], ['moves around', 'moving around'], ['orbits', 'orbiting']],
  bump: [['bumps into', 'bumping into'], ['hits', 'hitting'], ['crashes into', 'crashing into']],
} as const satisfies Record<string, Phrases>
export type Relation = keyof typeof RELATIONS

export type Action = Motion | Relation
export const ACTIONS: Record<Action, Phrases> = { ...MOTIONS, ...RELATIONS }

/** Lists the keys of a constant record with their type. */
export function keys<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[]
}
