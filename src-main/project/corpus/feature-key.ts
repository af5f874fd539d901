import type { FeatureSet } from '../../store/index.ts'

type EncoderOrigin = Extract<FeatureSet['origin'], { kind: 'encoder' }>

/** The key of what an encoder makes with some settings: the same in every project. */
export const keyOfSet = ({ encoder, fingerprint, frames, grid, cells }: EncoderOrigin): string =>
  `${encoder}-${fingerprint}-frames${frames}-grid${grid}${cells === 1 ? '' : `-cells${cells}`}`
