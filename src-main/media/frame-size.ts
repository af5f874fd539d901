import type { FrameFilter, FrameFit } from '#contract'

/**
 * Pixels of a frame, and what becomes of one of another shape: it is squashed, cut at its longer sides, or set between
 * black bars. A number: the side of a square that it is squashed into, as frame encoders are usually fed.
 */
export type FrameSize =
  number | { width: number; height: number; fit: FrameFit; filter?: FrameFilter | undefined }

const shapeOf = (size: FrameSize): Exclude<FrameSize, number> =>
  typeof size === 'number' ? { width: size, height: size, fit: 'squash' } : size

/** The filters that bring a frame to a size; `by` says how it is scaled. */
const FITTING: Record<FrameFit, (size: { width: number; height: number }, by: string) => string[]> = {
  squash: ({ width, height }, by) => [`scale=${width}:${height}:${by}`],
  // Rounded down, as the image processors of the models do that are fed so.
  crop: ({ width, height }, by) => [
    `scale='max(${width},trunc(${height}*iw/ih))':'max(${height},trunc(${width}*ih/iw))':${by}`,
    `crop=${width}:${height}:trunc((iw-ow)/2):trunc((ih-oh)/2)`,
  ],
  letterbox: ({ width, height }, by) => [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:${by}`,
    `pad=${width}:${height}:-1:-1:black`,
  ],
}

/** FFmpeg's filters that make RGB bytes of a size, and how many bytes those are. */
export function fittingTo(size: FrameSize): { filters: string[]; bytes: number } {
  const shape = shapeOf(size)
  const by = `flags=${shape.filter ?? 'bicubic'}+accurate_rnd+bitexact`
  return {
    filters: [...FITTING[shape.fit](shape, by), 'format=rgb24'],
    bytes: shape.width * shape.height * 3,
  }
}
