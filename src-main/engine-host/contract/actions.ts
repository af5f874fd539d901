/** Transfer to action recognition. */
import type { Handlers } from './call.ts'
import type { ClipFeatures } from './clips.ts'

export interface ActionMethods {
  /**
   * Linear softmax on v-bar of each frozen encoder (and on the mean frame feature for `cnn`), k folds. A
   * model that is null has no result. Accuracies are shares of the clips; `confusion` counts clips, true
   * class by predicted class, [C, C]. Throws BAD_INPUT when a class has fewer clips than there are folds.
   */
  'actions.transfer': {
    params: {
      models: { interpretive: string | null; baseline: string | null }
      clips: (ClipFeatures & { class: number })[]
      classes: number
      folds: number
      seed: number
      device: string
    }
    result: {
      accuracy: { interpretive: number | null; baseline: number | null; cnn: number }
      confusion: { interpretive: number[][] | null; baseline: number[][] | null; cnn: number[][] }
    }
  }
}

export type ActionHandlers = Handlers<ActionMethods>
