/** Corrections: what a captioner says with neurons moved, and teaching it to say so by itself. */
import type { Decoding } from '#contract'
import type { GeneratedCaption } from './captioner.ts'
import type { Handlers } from './call.ts'
import type { ClipFeatures, LabelledClip } from './clips.ts'

/** What is moved in the network while it captions; see `planMoves`. Topics are columns. */
export interface Moves {
  /** -1 (to where clips that do not bear the topic are) to 1 (to where those that do are); above it, beyond. */
  topics: { topic: number; strength: number }[]
  neurons: { neuron: number; value: number }[]
}

/** Moves on one clip. */
export interface ClipIntervention extends Moves {
  clip: ClipFeatures
}

/**
 * What the network is to say of a clip by itself: as a person typed it, or (null) what the moves have it say.
 */
export interface WantedCaption extends ClipIntervention {
  typed: string | null
}

/** Topics whose corrections are to carry to other clips, and the clips that this is learnt and judged on. */
export interface Carry {
  /** A topic's column, and the words that name it in a caption. */
  topics: { topic: number; words: string[] }[]
  train: LabelledClip[]
  validation: LabelledClip[]
}

/** How a topic carries. */
export interface CarriedTopic {
  topic: number
  /** The probe's area under the curve on validation clips; null: they do not tell. */
  area: number | null
  /** Above it the probe counts as sure; null: it is not believed, and nothing carries. */
  threshold: number | null
}

/** A clip that a person was shown as touched, and what has become of it. */
export interface ShownClip {
  id: number
  /** What was said of it, what was shown, and what the version says. */
  before: string
  shown: string
  after: string
  /** Whether the version says what was shown, or at least names the topics that were shown to come in. */
  isMended: boolean
}

export interface CorrectionMethods {
  /**
   * Decodes one clip with topics' neurons moved; nothing is learnt. Throws NOT_READY without a neuron map,
   * NOT_FOUND for a neuron that is not there, BAD_INPUT for one that is a feature of the frame.
   */
  'corrections.preview': {
    params: { modelDir: string; intervention: ClipIntervention; beam: number; device: string }
    result: {
      before: GeneratedCaption
      after: GeneratedCaption
      /**
       * Mean activation over the clip's frames before and after; `topic` is a column, null for a neuron that
       * is moved by itself. Strongest change first.
       */
      neurons: { neuron: number; topic: number | null; from: number; to: number }[]
    }
  }
  /**
   * Decodes clips as they are and with neurons moved, in their order; a clip may come with several moves.
   * Throws as `corrections.preview`.
   */
  'corrections.intervene': {
    params: { modelDir: string; interventions: ClipIntervention[]; beam: number; device: string }
    result: { captions: { before: string; after: string }[] }
  }
  /**
   * Learns how far neurons are shifted near each clip, so that the network itself says what is wanted of it; writes a
   * new model folder, with the same weights. Throws as `corrections.preview`; BAD_INPUT for words that the model does not know, and for two corrections of a clip;
   * NOT_READY when `others` has no clip.
   */
  'corrections.learn': {
    params: {
      parentDir: string
      modelDir: string
      wanted: WantedCaption[]
      /** Rows and columns that frames are cut into; 1: each is one feature. Frames go or stay as a whole. */
      cells: number
      /** What was corrected earlier, oldest first: what is said of these clips now is to be said still. */
      kept: { clip: ClipFeatures; caption: string }[]
      /** Clips that the corrected ones are told from: the nearest says how far a correction reaches. */
      others: ClipFeatures[]
      carry: Carry
      /** Clips that a person left out: nothing is carried to them, nor to those that are corrected. */
      leftOut: ClipFeatures[]
      /**
       * Clips that a person was shown beforehand as `corrections.carry` tells of them. Those that the corrections
       * touch, and nobody left out, are to say what was shown.
       */
      shown: ClipFeatures[]
      device: string
    }
    /**
     * By correction: the caption that was wanted, what is said without intervention, and whether the wanted one
     * lasts: is said by narrower and wider searches too, and with frames left out; and f(v-bar) of the clip before its
     * neurons are shifted, and after, [K]. `before`, `after`: mean ln p of captions that had to be learnt, without
     * the shifts and with them; NaN where none had.
     */
    result: {
      steps: number
      seconds: number
      before: number
      after: number
      captions: {
        wanted: string
        caption: string
        lasts: boolean
        topics: { before: number[]; after: number[] }
      }[]
      /** Earlier corrections, and clips that were left out, that are said as they were. */
      kept: { held: number; of: number }
      leftOut: { held: number; of: number }
      carried: CarriedTopic[]
      shown: ShownClip[]
    }
  }
  /** The captions of those clips that a version may say something else of than the model that it was learnt from. */
  'corrections.changed': {
    params: { parentDir: string; modelDir: string; clips: ClipFeatures[]; decoding: Decoding; device: string }
    result: { captions: GeneratedCaption[] }
  }
  /**
   * Takes what corrections have taught over to a model whose weights have changed since, in its own folder: gates move its
   * neurons as they are now (of a model without a neuron map they go), and of earlier corrections what is not said any more
   * is taught again.
   */
  'corrections.hold': {
    params: {
      modelDir: string
      /** As of `corrections.learn`. */
      cells: number
      kept: { clip: ClipFeatures; caption: string }[]
      leftOut: ClipFeatures[]
      others: ClipFeatures[]
      device: string
    }
    result: { kept: { held: number; of: number } }
  }
  /**
   * What corrections of topics would carry to, before anything is learnt: the clips that would be captioned
   * otherwise, and the columns of the topics that come into their captions. Throws NOT_READY without a neuron
   * map.
   */
  'corrections.carry': {
    params: { modelDir: string; carry: Carry; clips: ClipFeatures[]; exempt: ClipFeatures[]; device: string }
    result: {
      topics: CarriedTopic[]
      touched: { id: number; topics: number[]; before: string; after: string }[]
    }
  }
}

export type CorrectionHandlers = Handlers<CorrectionMethods>
