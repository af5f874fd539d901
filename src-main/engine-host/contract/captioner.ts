/** The captioner: training it, captioning with it, carrying it over to other topics, exporting it. */
import type { ActionHead, CaptionerSettings, Decoding, GeneratedWord, CaptionerKind } from '#contract'
import type { CaptionedClip, ClipFeatures } from './clips.ts'
import type { NotExported } from './encoders.ts'

export interface GeneratedCaption {
  id: number
  caption: string
  words: GeneratedWord[]
  /** ln p of the whole caption. */
  logProbability: number
  /** The other captions of the n-best list, in the order of their rank. */
  alternatives: { caption: string; words: GeneratedWord[]; logProbability: number }[]
  /** f(v-bar), [K]. */
  topics: number[]
}

/** Names of the checkpoints in a `runDir` of `captioner.train`, with their step. */
export const CHECKPOINT_NAME = /^checkpoint-(\d{9})$/

export interface CaptionerMethods {
  /**
   * Trains one model into `modelDir`, which always holds the parameters of the best validation so far, once
   * there was one. Progress carries `point`s. Pausable. `runDir` holds the checkpoints (removed at a regular
   * end) and the logs of the run (`log.jsonl`, and event files for TensorBoard); with `resume` training goes
   * on from the last checkpoint there, and first repeats its points. `model.json` names the `step` of the
   * parameters beside it. Throws NOT_READY when no training or no validation clip has a caption, NOT_FOUND
   * when there is no checkpoint to go on from, DIVERGED (naming the step) when a loss is no finite number:
   * the checkpoints stay. Progress carries a `plan` before the first step of a new run; with `minutes` its epochs
   * are as many as fit into that time, whatever the settings say.
   */
  'captioner.train': {
    params: {
      kind: CaptionerKind
      settings: CaptionerSettings
      /** Number of frames n that clips are padded to. */
      frames: number
      topicCount: number
      train: CaptionedClip[]
      validation: CaptionedClip[]
      modelDir: string
      runDir: string
      resume: boolean
      device: string
      seed: number
      minutes?: number | null
    }
    result: {
      device: string
      steps: number
      captionsPerSecond: number
      seconds: number
      /** Number of neurons D. */
      neurons: number
      /** Number of words, the four marks included. */
      vocabulary: number
      /** The best validation. `nll`: nats a caption. */
      best: { step: number; nll: number; bleu4: number; cider: number }
    }
  }
  /**
   * Captions come back in the order of `clips`. Throws NOT_FOUND or BAD_INPUT for a model or features that
   * are missing, damaged or of another shape.
   */
  'captioner.caption': {
    params: { modelDir: string; clips: ClipFeatures[]; decoding: Decoding; device: string }
    result: { captions: GeneratedCaption[] }
  }
  /** Words of a text that the model does not know, each once. Throws as `captioner.caption`. */
  'captioner.unknownWords': {
    params: { modelDir: string; text: string; decoding: Decoding; device: string }
    result: { words: string[] }
  }
  /**
   * Writes the model into `to`: ONNX networks, its vocabulary, programs that run them and a README (resources/export).
   * `frames`: the description of the frame encoder that made its features, and how it was read; with it the network goes
   * from frames on, where that may and can be passed on, and `framesLeftOut` says why not. `classifier`: of its mean activations,
   * to go along; null: none.
   */
  'captioner.export': {
    params: {
      modelDir: string
      to: string
      frames: { descriptor: string; grid: 1 | 2; cells: number } | null
      classifier: ActionHead | null
    }
    result: { files: { name: string; bytes: number }[]; framesLeftOut: NotExported | null }
  }
  /**
   * Reads an exported model and, with `to`, writes it as a model's folder; nothing of it is run. Throws NOT_FOUND or BAD_INPUT,
   * naming the file, for one that is not whole, whose parts do not fit each other, or that holds numbers that are not finite.
   */
  'captioner.takeIn': {
    params: { from: string; to: string | null }
    result: {
      kind: CaptionerKind
      settings: CaptionerSettings
      frames: number
      /** Values of a frame. */
      featureSize: number
      topics: number
      neurons: number
      /** Of its mean activations, where one came along. */
      classifier: Omit<ActionHead, 'strength'> | null
    }
  }
  /**
   * Writes a model whose topic head has the columns `groups`, each some columns of the old one: one is
   * copied; of several, a new column is fitted on `clips` (hidden layer of f held) to what the old ones say
   * together. Nothing else changes. `settings` are those of the new model.
   */
  'captioner.remap': {
    params: { modelDir: string; to: string; groups: number[][]; clips: ClipFeatures[]; device: string }
    result: { seconds: number; settings: CaptionerSettings }
  }
  /**
   * Trains encoder and f for some epochs on the topics as `train` has them; the decoder stays. `columns`: for
   * each of the new head's columns the old one that it starts from, or null. Writes a new model folder. With
   * other columns than the old ones, in their order, a tied head becomes a joint one, as `captioner.remap`
   * makes it: the neurons are dealt out to the topics that it was trained with. Pausable. Throws NOT_READY
   * when no training or no validation clip has a caption, DIVERGED when a loss is no finite number.
   */
  'captioner.refine': {
    params: {
      modelDir: string
      to: string
      columns: (number | null)[]
      train: CaptionedClip[]
      validation: CaptionedClip[]
      epochs: number
      seed: number
      device: string
    }
    /** `topicMap...`: mean average precision of the topic head on validation. */
    result: {
      steps: number
      seconds: number
      settings: CaptionerSettings
      topicMapBefore: number
      topicMapAfter: number
      ciderBefore: number
      ciderAfter: number
    }
  }
}
