/** Transfer to action recognition. */
import type { ActionEvaluation, ActionFeatures } from '#contract'
import type { Handlers } from './call.ts'
import type { ClipFeatures } from './clips.ts'

/** What a clip is classified by; `modelDir` is null for `frames` alone. */
export interface ActionSource {
  of: ActionFeatures['of']
  modelDir: string | null
  /** By feature, the place of the topic that it stands for, of `topics`; -1: of none. Null: features stand for nothing. */
  topicOf: number[] | null
}

export interface ActionMethods {
  /**
   * L2-regularised multinomial logistic regression on fixed features of each source, over the same rounds: a classifier a
   * round, from the clips at its `train` places, asked about those at `test`. Scales and strengths come from the training
   * side alone. `group`: clips that were cut from one video; the strength is chosen, and intervals are drawn, by groups.
   * Sources whose features stand for topics are silenced by topics as well. Pairs are of classes that are told apart by themselves as well. Throws CancelledError.
   */
  'actions.transfer': {
    params: {
      sources: ActionSource[]
      /** How many topics there are. */
      topics: number
      clips: (ClipFeatures & { class: number; group: number })[]
      classes: number
      rounds: { train: number[]; test: number[] }[]
      pairs: [number, number][]
      seed: number
      device: string
    }
    result: ActionEvaluation
  }
  /** v_i of some neurons over the frames of a clip, in the order of the neurons. */
  'actions.courses': {
    params: { modelDir: string; clip: ClipFeatures; neurons: number[]; device: string }
    result: { courses: number[][] }
  }
}

export type ActionHandlers = Handlers<ActionMethods>
