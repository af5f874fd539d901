/** Sizes that frames are decoded to, and how they are brought to them. */
import type { FrameFilter, FrameFit } from '#contract'

export interface FrameShape {
  width: number
  height: number
  /** What becomes of a frame of another shape: it is squashed, cut at its longer sides, or set between black bars. */
  fit: FrameFit
  /** How it is scaled; bicubic where it is left out. */
  filter?: FrameFilter | undefined
}

/** In pixels. A number: the side of a square that frames are squashed into, as frame encoders are usually fed. */
export type FrameSize = number | FrameShape

export const shapeOf = (size: FrameSize): FrameShape =>
  typeof size === 'number' ? { width: size, height: size, fit: 'squash' } : size

/** RGB bytes of a frame. */
export const bytesOfShape = ({ width, height }: FrameShape): number => width * height * 3

type Fitting = (shape: FrameShape, scaling: string) => string[]

/**
 * Where a part is taken, sizes and places are rounded down, as the image processors of the models do that are fed so
 * (test/formats/hugging-face holds that against them).
 */
const FITTING: Record<FrameFit, Fitting> = {
  squash: ({ width, height }, scaling) => [`scale=${width}:${height}:${scaling}`],
  crop: ({ width, height }, scaling) => [
    `scale='max(${width},trunc(${height}*iw/ih))':'max(${height},trunc(${width}*ih/iw))':${scaling}`,
    `crop=${width}:${height}:trunc((iw-ow)/2):trunc((ih-oh)/2)`,
  ],
  letterbox: ({ width, height }, scaling) => [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:${scaling}`,
    `pad=${width}:${height}:-1:-1:black`,
  ],
}

/** FFmpeg's filters that bring frames to a size. */
export const fittingFilters = (shape: FrameShape): string[] =>
  FITTING[shape.fit](shape, `flags=${shape.filter ?? 'bicubic'}+accurate_rnd+bitexact`)
