import { SAMPLE } from '../../../common/sample-settings.ts'

/** Everything that decides how long the demo takes and how good its model gets. */
export const DEMO = {
  ...SAMPLE,
  folds: 5,
  /** Interventions that are tried to find a caption to repair. */
  previews: 40,
} as const
