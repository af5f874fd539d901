/**
 * Frames that are cut into cells. A frame of `cells` rows and columns has cells^2 features, row by row of the frame, and a
 * clip those of one frame after the other: attention and activations come in the same order.
 */

/** How many features a frame has. */
export const featuresOfFrame = (cells: number): number => cells ** 2

/** The frame that a feature of a clip is of. */
export const frameOf = (feature: number, cells: number): number =>
  Math.floor(feature / featuresOfFrame(cells))

/** The mean over the cells of each frame. */
export const meanOfFrames = (values: readonly number[], cells: number): number[] =>
  byFrame(values, cells).map((ofFrame) => ofFrame.reduce((sum, value) => sum + value, 0) / ofFrame.length)

/** The values of each frame's cells. */
export function byFrame(values: readonly number[], cells: number): number[][] {
  const size = featuresOfFrame(cells)
  return Array.from({ length: Math.ceil(values.length / size) }, (_, frame) =>
    values.slice(frame * size, (frame + 1) * size),
  )
}
