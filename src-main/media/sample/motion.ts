/**
 * Where the actors of a take are at each moment. A choreography is drawn once a clip, with its own speed,
 * path and size.
 */
import type { Random } from '../../common/random.ts'
import { HEIGHT, WIDTH } from './draw.ts'
import type { Pose } from './draw.ts'
import type { Take } from './scene.ts'
import type { Size } from './vocabulary.ts'

/** The poses of a take's actors, in their order, at `time` from 0 (first frame) to 1 (last frame). */
export type Choreography = (time: number) => Pose[]

const RADIUS: Record<Size, number> = { big: 60, small: 38 }

/**
 * Draws a choreography for a take; `seconds` is the clip's length, so that rates hold in long clips and short
 * ones.
 */
export function choreograph(take: Take, seconds: number, random: Random): Choreography {
  const between = (low: number, high: number): number => low + (high - low) * random.next()
  const [size, otherSize] = [take.actors[0]?.size ?? 'big', take.actors[1]?.size ?? 'small']
  // Two must fit where one has the place to itself.
  const room = take.actors.length > 1 ? 0.85 : 1
  const radius = RADIUS[size] * room * between(0.94, 1.06)
  const otherRadius = RADIUS[otherSize] * room * between(0.94, 1.06)
  const angle = between(-0.3, 0.3)
  const otherAngle = between(-0.3, 0.3)
  const centreX = WIDTH * between(0.42, 0.58)
  const centreY = HEIGHT * between(0.44, 0.56)
  const sway = between(0, 4)
  const swayRate = between(1, 2) * 2 * Math.PI
  const wobble = (time: number): number => sway * Math.sin(swayRate * time)
  const eased = easing(between(0, 0.8))
  const still: Pose = { x: centreX, y: centreY, radius, angle }

  /** From one edge region to the other, along x or y. */
  const travel = (from: number, to: number, time: number): number => from + (to - from) * eased(time)
  const low = between(0.15, 0.21)
  const high = between(0.79, 0.85)

  switch (take.action) {
    case 'left':
      return (time) => [{ ...still, x: WIDTH * travel(high, low, time), y: centreY + wobble(time) }]
    case 'right':
      return (time) => [{ ...still, x: WIDTH * travel(low, high, time), y: centreY + wobble(time) }]
    case 'up':
      return (time) => [{ ...still, y: HEIGHT * travel(high, low, time), x: centreX + wobble(time) }]
    case 'down':
      return (time) => [{ ...still, y: HEIGHT * travel(low, high, time), x: centreX + wobble(time) }]
    case 'bounce': {
      const bounces = Math.max(2, Math.round(seconds * between(1, 1.4)))
      return (time) => [{ ...still, y: HEIGHT * (0.76 - 0.5 * Math.abs(Math.sin(Math.PI * bounces * time))) }]
    }
    case 'spin': {
      const turns = seconds * between(0.6, 0.8) * (random.below(2) === 0 ? 1 : -1)
      return (time) => [{ ...still, angle: angle + 2 * Math.PI * turns * time }]
    }
    case 'grow':
    case 'shrink': {
      const [least, most] = [between(14, 20), between(84, 98)]
      const [from, to] = take.action === 'grow' ? [least, most] : [most, least]
      return (time) => [{ ...still, radius: travel(from, to, time) }]
    }
    case 'blink': {
      const period = between(0.5, 0.7) / seconds
      return (time) => [{ ...still, radius: (time / period) % 1 < 0.5 ? radius : 0 }]
    }
    case 'chase': {
      const [start, end] = random.below(2) === 0 ? [0.05, 0.62] : [0.95, 0.38]
      const gap = Math.sign(end - start) * between(0.3, 0.34)
      return (time) => {
        const x = travel(start, end, time)
        return [
          { ...still, x: WIDTH * x, y: centreY + wobble(time) },
          { x: WIDTH * (x + gap), y: centreY + wobble(time + 0.2), radius: otherRadius, angle: otherAngle },
        ]
      }
    }
    case 'orbit': {
      const turns = seconds * between(0.4, 0.55) * (random.below(2) === 0 ? 1 : -1)
      const phase = between(0, 2 * Math.PI)
      return (time) => {
        const at = phase + 2 * Math.PI * turns * time
        return [
          { ...still, x: centreX + 112 * Math.cos(at), y: centreY + 84 * Math.sin(at), angle },
          { x: centreX, y: centreY, radius: otherRadius, angle: otherAngle },
        ]
      }
    }
    case 'bump': {
      const side = random.below(2) === 0 ? 1 : -1
      const meeting = between(0.5, 0.6)
      // The other is hit at `meeting`, slides off and tumbles, and the first stops.
      const reach = 0.86 * (radius + otherRadius)
      const target = WIDTH / 2 + side * 30
      return (time) => {
        const before = Math.min(1, time / meeting)
        const after = easing(0.8)(Math.max(0, (time - meeting) / (1 - meeting)))
        const stop = target - side * reach
        const start = side > 0 ? -0.02 * WIDTH : 1.02 * WIDTH
        return [
          { ...still, x: start + (stop - start) * before },
          {
            x: target + side * 90 * after,
            y: centreY,
            radius: otherRadius,
            angle: otherAngle + side * 2.5 * after,
          },
        ]
      }
    }
  }
}

/** Time mapped to progress: 0 is even, 1 starts and stops softly. */
function easing(softness: number): (time: number) => number {
  return (time) => (1 - softness) * time + softness * (3 - 2 * time) * time * time
}
