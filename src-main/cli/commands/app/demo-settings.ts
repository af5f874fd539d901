import { PRESETS } from '../../../common/presets.ts'

/** Everything that decides how long the demo takes and how good its model gets. */
export const DEMO = {
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
  folds: 5,
  /** Interventions that are tried to find a caption to repair. */
  previews: 40,
} as const
