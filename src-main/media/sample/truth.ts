/**
 * What a clip of the sample shows at each moment: which shapes, colours and sizes are in the picture, and which
 * action and background, which last as long as the clip. A shape that blinks, or has not come in yet, is not there.
 */
import { createRandom } from '../../common/random.ts'
import { HEIGHT, WIDTH } from './draw.ts'
import type { Pose } from './draw.ts'
import { takeOf } from './scene.ts'
import type { Scene } from './scene.ts'
import { FPS, stageTake } from './take.ts'

/** From when until when a clip shows something, in seconds. */
export interface Interval {
  concept: string
  from: number
  to: number
}

/** `seed`: that the clip was drawn with. By concept, in the order in which they are first shown. */
export function truthOf(scene: Scene, seed: number): Interval[] {
  const { count, posesAt } = stageTake(takeOf(scene), createRandom(seed))
  const actors = scene.other ? [scene.actor, scene.other] : [scene.actor]
  const lasting = [`action ${scene.action}`, `background ${scene.background}`]
  const shown = Array.from({ length: count }, (_, frame) => {
    const poses = posesAt(frame)
    return new Set([
      ...lasting,
      ...actors.flatMap(({ shape, colour, size }, place) =>
        isInPicture(poses[place])
          ? [`shape ${shape}`, `colour ${colour}`, ...(size === null ? [] : [`size ${size}`])]
          : [],
      ),
    ])
  })
  const concepts = [...new Set(shown.flatMap((frame) => [...frame]))]
  return concepts.flatMap((concept) => intervalsOf(concept, shown))
}

const isInPicture = (pose: Pose | undefined): boolean =>
  pose !== undefined &&
  pose.radius > 0 &&
  Math.abs(pose.x - WIDTH / 2) < WIDTH / 2 + pose.radius &&
  Math.abs(pose.y - HEIGHT / 2) < HEIGHT / 2 + pose.radius

/** The runs of frames that show a concept. */
function intervalsOf(concept: string, shown: readonly ReadonlySet<string>[]): Interval[] {
  const intervals: Interval[] = []
  let first: number | null = null
  for (let frame = 0; frame <= shown.length; frame++) {
    const isShown = shown[frame]?.has(concept) === true
    if (isShown) {
      first ??= frame
    } else if (first !== null) {
      intervals.push({ concept, from: first / FPS, to: frame / FPS })
      first = null
    }
  }
  return intervals
}
