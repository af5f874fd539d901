/** Draws a take, frame by frame. */
import { createRandom } from '../../common/random.ts'
import type { Random } from '../../common/random.ts'
import { drawBackground, drawShape } from './draw.ts'
import type { Pose } from './draw.ts'
import { choreograph } from './motion.ts'
import type { Take } from './scene.ts'

export const FPS = 25

/**
 * Frames at both ends of a clip that may be played backwards in which nobody is there. Frames are chosen with the first of a
 * clip and without its last: with the same picture at both ends, the same ones are chosen whichever way it is played.
 */
const EMPTY_ENDS = 4

/** How many frames a take has, and the poses of its actors at each; none where nobody is there. */
export function stageTake(take: Take, random: Random): { count: number; posesAt: (frame: number) => Pose[] } {
  const count = 2 * FPS + random.below(2 * FPS + 1)
  const choreography = choreograph(take, count / FPS, random)
  if (take.played === undefined) {
    return { count, posesAt: (frame) => choreography(frame / (count - 1)) }
  }
  const last = count - 1 - 2 * EMPTY_ENDS
  return {
    count,
    posesAt: (frame) => {
      const moment = (take.played === 'forwards' ? frame : count - 1 - frame) - EMPTY_ENDS
      return moment < 0 || moment > last ? [] : choreography(moment / last)
    },
  }
}

/** The frames of a take, drawn into one buffer that is used again for each. */
export function* drawTake(take: Take, seed: number): Generator<Uint8Array> {
  const random = createRandom(seed)
  const { count, posesAt } = stageTake(take, random)
  const background = drawBackground(take.background, random)
  const frame = new Uint8Array(background.length)
  for (let i = 0; i < count; i++) {
    frame.set(background)
    const poses = posesAt(i)
    // The subject of the sentence is drawn last, in front.
    for (const [actor, pose] of take.actors
      .map((actor, place) => [actor, poses[place]] as const)
      .toReversed()) {
      if (pose) {
        drawShape(frame, actor.shape, actor.paint, pose)
      }
    }
    yield frame
  }
}
