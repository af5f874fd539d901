import { createRandom } from '../../common/random.ts'
import { failures } from './failures.ts'

/** Throws BAD_INPUT when a class has fewer clips than there are folds. */
export function requireFullFolds(labels: readonly number[], classes: number, folds: number): void {
  const sizes = Array.from({ length: classes }, (_, k) => labels.filter((label) => label === k).length)
  const smallest = Math.min(...sizes)
  if (smallest < folds) {
    throw failures.tooFewClips({ clips: smallest, folds })
  }
}

/** A fold for every clip: each class is dealt over the folds in turn, in an order drawn from the seed. */
export function dealFolds(labels: readonly number[], classes: number, folds: number, seed: number): number[] {
  const random = createRandom(seed)
  const foldOf = new Array<number>(labels.length).fill(0)
  for (let k = 0; k < classes; k++) {
    const clips = random.shuffle(labels.flatMap((label, i) => (label === k ? [i] : [])))
    clips.forEach((clip, position) => {
      foldOf[clip] = position % folds
    })
  }
  return foldOf
}
