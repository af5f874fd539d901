import { PRESETS } from './presets.ts'

/** What suits the rendered sample corpus, and decides how long it takes and how good its model gets. */
export const SAMPLE = {
  videos: 240,
  features: { frames: 28, grid: 2 },
  // A scene has five to eight concepts, and "background" stands in most of its captions.
  topics: {
    k: 28,
    iterations: 500,
    minDocumentFrequency: 3,
    maxDocumentShare: 0.8,
    topicsPerClip: 8,
    minShare: 0.04,
  },
  training: { preset: 'fast', epochs: PRESETS.fast.epochs },
} as const
