/**
 * Weights frame by frame, each frame's those of its cells: the main process gives them one after the other, a frame of
 * `cells` rows and columns after the next.
 */
export function weightsByFrame(weights: readonly number[], cells: number): number[][] {
  const size = cells ** 2
  return Array.from({ length: Math.ceil(weights.length / size) }, (_, frame) =>
    weights.slice(frame * size, (frame + 1) * size),
  )
}
