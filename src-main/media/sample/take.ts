/** Draws a take, frame by frame. */
import { createRandom } from '../../common/random.ts'
import { drawBackground, drawShape } from './draw.ts'
import { choreograph } from './motion.ts'
import type { Take } from './scene.ts'

export const FPS = 25

/** The frames of a take, drawn into one buffer that is used again for each. */
export function* drawTake(take: Take, seed: number): Generator<Uint8Array> {
  const random = createRandom(seed)
  const count = 2 * FPS + random.below(2 * FPS + 1)
  const choreography = choreograph(take, count / FPS, random)
  const background = drawBackground(take.background, random)
  const frame = new Uint8Array(background.length)
  for (let i = 0; i < count; i++) {
    frame.set(background)
    const poses = choreography(i / (count - 1))
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
