/**
 * Where the actors of a take are at each moment. A choreography is drawn once a clip, with its own speed,
 * path and size.
 */
import type { Random } from '../../common/random.ts'
import { HEIGHT, WIDTH } from './draw.ts'
import type { Pose } from './draw.ts'
import type { Take } from './scene.ts'
import type { Action, Size } from './vocabulary.ts'

/** The poses of a take's actors, in their order, at `time` from 0 (first frame) to 1 (last frame). */
export type Choreography = (time: number) => Pose[]

const RADIUS: Record<Size, number> = { big: 60, small: 38 }

/** How the actors of a clip stand, and how they travel, before anything moves. */
interface Stage {
  still: Pose
  /** Where the other actor stands, if there is one. */
  otherStill: Pose
  /** Ends of a way across the picture, as shares of its width or height. */
  low: number
  high: number
  /** A small sway to and fro, in pixels. */
  wobble: (time: number) => number
  /** From one value to another over the clip, starting and stopping more or less softly. */
  travel: (from: number, to: number, time: number) => number
}

/**
 * Draws a choreography for a take; `seconds` is the clip's length, so that rates hold in long clips and short
 * ones.
 */
export function choreograph(take: Take, seconds: number, random: Random): Choreography {
  return CHOREOGRAPHERS[take.action](drawStage(take, random), seconds, random)
}

function drawStage(take: Take, random: Random): Stage {
  const [size, otherSize] = [take.actors[0]?.size ?? 'big', take.actors[1]?.size ?? 'small']
  // Two must fit where one has the place to itself.
  const room = take.actors.length > 1 ? 0.85 : 1
  const radius = RADIUS[size] * room * between(0.94, 1.06, random)
  const otherRadius = RADIUS[otherSize] * room * between(0.94, 1.06, random)
  const angle = between(-0.3, 0.3, random)
  const otherAngle = between(-0.3, 0.3, random)
  const x = WIDTH * between(0.42, 0.58, random)
  const y = HEIGHT * between(0.44, 0.56, random)
  const sway = between(0, 4, random)
  const swayRate = between(1, 2, random) * 2 * Math.PI
  const eased = easing(between(0, 0.8, random))
  return {
    still: { x, y, radius, angle },
    otherStill: { x, y, radius: otherRadius, angle: otherAngle },
    wobble: (time) => sway * Math.sin(swayRate * time),
    travel: (from, to, time) => from + (to - from) * eased(time),
    low: between(0.15, 0.21, random),
    high: between(0.79, 0.85, random),
  }
}

const CHOREOGRAPHERS: Readonly<
  Record<Action, (stage: Stage, seconds: number, random: Random) => Choreography>
> = {
  left: ({ still, low, high, travel, wobble }) => {
    return (time) => [{ ...still, x: WIDTH * travel(high, low, time), y: still.y + wobble(time) }]
  },
  right: ({ still, low, high, travel, wobble }) => {
    return (time) => [{ ...still, x: WIDTH * travel(low, high, time), y: still.y + wobble(time) }]
  },
  up: ({ still, low, high, travel, wobble }) => {
    return (time) => [{ ...still, y: HEIGHT * travel(high, low, time), x: still.x + wobble(time) }]
  },
  down: ({ still, low, high, travel, wobble }) => {
    return (time) => [{ ...still, y: HEIGHT * travel(low, high, time), x: still.x + wobble(time) }]
  },
  bounce: ({ still }, seconds, random) => {
    const bounces = Math.max(2, Math.round(seconds * between(1, 1.4, random)))
    return (time) => [{ ...still, y: HEIGHT * (0.76 - 0.5 * Math.abs(Math.sin(Math.PI * bounces * time))) }]
  },
  spin: ({ still }, seconds, random) => {
    const turns = seconds * between(0.6, 0.8, random) * eitherWay(random)
    return (time) => [{ ...still, angle: still.angle + 2 * Math.PI * turns * time }]
  },
  grow: ({ still, travel }, _seconds, random) => {
    const [small, large] = drawRadii(random)
    return (time) => [{ ...still, radius: travel(small, large, time) }]
  },
  shrink: ({ still, travel }, _seconds, random) => {
    const [small, large] = drawRadii(random)
    return (time) => [{ ...still, radius: travel(large, small, time) }]
  },
  blink: ({ still }, seconds, random) => {
    const period = between(0.5, 0.7, random) / seconds
    return (time) => [{ ...still, radius: (time / period) % 1 < 0.5 ? still.radius : 0 }]
  },
  chase: ({ still, otherStill, travel, wobble }, _seconds, random) => {
    const [start, end] = random.below(2) === 0 ? [0.05, 0.62] : [0.95, 0.38]
    const gap = Math.sign(end - start) * between(0.3, 0.34, random)
    return (time) => {
      const x = travel(start, end, time)
      return [
        { ...still, x: WIDTH * x, y: still.y + wobble(time) },
        { ...otherStill, x: WIDTH * (x + gap), y: still.y + wobble(time + 0.2) },
      ]
    }
  },
  orbit: ({ still, otherStill }, seconds, random) => {
    const turns = seconds * between(0.4, 0.55, random) * eitherWay(random)
    const phase = between(0, 2 * Math.PI, random)
    return (time) => {
      const turned = phase + 2 * Math.PI * turns * time
      const [x, y] = [still.x + 112 * Math.cos(turned), still.y + 84 * Math.sin(turned)]
      return [{ ...still, x, y }, otherStill]
    }
  },
  bump: ({ still, otherStill }, _seconds, random) => {
    const side = eitherWay(random)
    const meeting = between(0.5, 0.6, random)
    // The other is hit at `meeting`, slides off and tumbles, and the first stops.
    const reach = 0.86 * (still.radius + otherStill.radius)
    const target = WIDTH / 2 + side * 30
    const stop = target - side * reach
    const start = side > 0 ? -0.02 * WIDTH : 1.02 * WIDTH
    return (time) => {
      const before = Math.min(1, time / meeting)
      const after = easing(0.8)(Math.max(0, (time - meeting) / (1 - meeting)))
      return [
        { ...still, x: start + (stop - start) * before },
        { ...otherStill, x: target + side * 90 * after, angle: otherStill.angle + side * 2.5 * after },
      ]
    }
  },
}

const between = (low: number, high: number, random: Random): number => low + (high - low) * random.next()

const eitherWay = (random: Random): 1 | -1 => (random.below(2) === 0 ? 1 : -1)

/** The smallest and the largest radius of a shape that changes its size, in pixels. */
const drawRadii = (random: Random): [number, number] => [between(14, 20, random), between(84, 98, random)]

/** Time mapped to progress: 0 is even, 1 starts and stops softly. */
function easing(softness: number): (time: number) => number {
  return (time) => (1 - softness) * time + softness * (3 - 2 * time) * time * time
}
