/**
 * Clips from every part of a neuron's range of activation: those that excite it most say little of what it does for all
 * the others, and flatter it.
 */
import { createRandom } from '../../common/random.ts'

export interface MeasuredClip {
  id: number
  mean: number
}
export interface ActivationRange {
  /** `from` to below `to`; the highest part holds `to` as well. Both 0: clips for which the neuron is silent. */
  from: number
  to: number
  /** All clips in it. */
  ids: number[]
  /** Some of them, each as likely as another, the highest activation first. */
  sampled: number[]
}

/**
 * The range between the smallest and the largest mean activation in `parts` equally wide parts, from the highest down, as
 * Bricken et al., "Towards Monosemanticity" (2023), sample intervals of a feature's activation. A neuron that is never
 * below zero has its zeros in a part of their own, and the others begin above them. One value is one part. At most
 * `sample` clips are drawn from each part, without replacement.
 */
export function activationRanges(
  clips: readonly MeasuredClip[],
  { parts, sample, seed }: { parts: number; sample: number; seed: number },
): ActivationRange[] {
  const isNeverBelow = clips.every(({ mean }) => mean >= 0)
  const silent = isNeverBelow ? clips.filter(({ mean }) => mean === 0) : []
  const active = isNeverBelow ? clips.filter(({ mean }) => mean > 0) : clips
  const high = active.reduce((largest, { mean }) => Math.max(largest, mean), -Infinity)
  const low =
    silent.length > 0 ? 0 : active.reduce((smallest, { mean }) => Math.min(smallest, mean), Infinity)
  const wanted = high > low ? parts : Math.min(active.length, 1)
  const partOf = (mean: number): number =>
    wanted === 1 ? 0 : Math.min(Math.floor((wanted * (mean - low)) / (high - low)), wanted - 1)
  const byPart = Map.groupBy(active, ({ mean }) => partOf(mean))
  const random = createRandom(seed)
  const range = (from: number, to: number, held: readonly MeasuredClip[]): ActivationRange => ({
    from,
    to,
    ids: held.map(({ id }) => id),
    sampled: random
      .shuffle([...held])
      .slice(0, sample)
      .sort((a, b) => b.mean - a.mean || a.id - b.id)
      .map(({ id }) => id),
  })
  const bound = (part: number): number => (part === wanted ? high : low + (part * (high - low)) / wanted)
  return [
    ...Array.from({ length: wanted }, (_, i) => wanted - 1 - i).map((part) =>
      range(bound(part), bound(part + 1), byPart.get(part) ?? []),
    ),
    ...(silent.length > 0 ? [range(0, 0, silent)] : []),
  ]
}
