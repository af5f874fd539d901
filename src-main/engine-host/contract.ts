/**
 * What main may ask of the engine process. Arrays and file paths go in, arrays and files come out: the engine
 * knows no database and no window. Topics are columns 0..K-1 here; only main knows their ids.
 *
 * Features are .npy files, float32, [n, F]: one row a frame, n at most the run's `frames`; a clip with fewer
 * valid frames has fewer rows, and the engine pads and masks. Model folders are written by `captioner.train`
 * and `corrections.learn` and read by the rest.
 */
import type {
  CaptionerSettings,
  CaptionMetrics,
  Decoding,
  FindingKind,
  GeneratedWord,
  ModelKind,
  SplitBy,
  TopicsSettings,
  TopicSweep,
  TopicSweepSettings,
  TrainingPoint,
} from '#contract'

/** A clip's features: `features` is the path of its .npy file. */
export interface ClipFeatures {
  id: number
  features: string
}

/** `topics`: the columns that are 1 in its topic vector s. */
export interface LabelledClip extends ClipFeatures {
  topics: number[]
}

export interface CaptionedClip extends LabelledClip {
  captions: string[]
}

export interface EngineProgress {
  phase: string
  done: number
  total: number | null
  unit: string
  point?: TrainingPoint
}

export interface GeneratedCaption {
  id: number
  caption: string
  words: GeneratedWord[]
  logProbability: number
  /** The other captions of the n-best list, in the order of their rank. */
  alternatives: { caption: string; words: GeneratedWord[]; logProbability: number }[]
  /** f(v-bar), [K]. */
  topics: number[]
}

export interface Reference {
  id: number
  captions: string[]
}

/** What is moved in the network while it captions; see `planMoves`. Topics are columns. */
export interface Moves {
  /** -1 (to where clips that do not bear the topic are) to 1 (to where those that do are). */
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

export interface NeuronScores {
  neuron: number
  part: 'feature' | 'forward' | 'backward'
  topic: number
  delta: number
  runnerUp: number
  margin: number
  shuffled: number
  dead: boolean
  polysemantic: boolean
}

/** A clip, for its topics. */
export interface TopicDocument {
  id: number
  captions: string[]
}

/** `words`: the likeliest ones with p(word | topic), at most 20; see `TopicModel` for all. */
export interface FittedTopic {
  label: string
  words: { word: string; p: number }[]
  npmi: number | null
}

/** All that is needed to find topics in captions again. Words have numbers: their places in `vocabulary`. */
export interface TopicModel {
  /** Words with how many tokens and how many documents the corpus has of them. A phrase is `red_star`. */
  vocabulary: { word: string; tokens: number; documents: number }[]
  /** Pairs of words that are joined where they meet. */
  phrases: string[]
  /** How captions become words. */
  rule: Pick<TopicsSettings, 'builtInStopWords' | 'stopWords' | 'lemmas'>
  /** Prior of a word in a topic, in tokens. */
  beta: number
  /**
   * By column: the prior of the topic in a document, in tokens, and the tokens of every word that it holds,
   * mean over the samples, the largest first; counts below a half are left out. A fixed topic has the counts
   * that it was given.
   */
  topics: { alpha: number; counts: { word: number; count: number }[] }[]
}

/**
 * A clip's tokens, its share of each topic, [K], and the columns that the binary rule sets. Without tokens
 * the shares are all 0 and no topic is active.
 */
export interface TopicAssignment {
  id: number
  tokens: number
  shares: number[]
  active: number[]
}

/** Method name to what goes in and what comes out. */
export interface EngineMethods {
  /**
   * Trains one model into `modelDir`, which always holds the parameters of the best validation so far, once
   * there was one. Progress carries `point`s. Pausable. `runDir` holds the checkpoints (removed at a regular
   * end) and the logs of the run (`log.jsonl`, and event files for TensorBoard); with `resume` training goes
   * on from the last checkpoint there, and first repeats its points. `model.json` names the `step` of the
   * parameters beside it. Throws NOT_FOUND when there is none, DIVERGED (naming the step) when a loss is no
   * finite number: the checkpoints stay.
   */
  'captioner.train': {
    params: {
      kind: ModelKind
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
    }
    result: {
      device: string
      steps: number
      captionsPerSecond: number
      seconds: number
      neurons: number
      vocabulary: number
      best: { step: number; nll: number; bleu4: number; cider: number }
    }
  }
  /** Captions come back in the order of `clips`. */
  'captioner.caption': {
    params: { modelDir: string; clips: ClipFeatures[]; decoding: Decoding; device: string }
    result: { captions: GeneratedCaption[] }
  }
  /**
   * PDM for every neuron; writes `neurons.safetensors` into `modelDir` (delta, shuffled, means), which
   * interventions read.
   */
  'neurons.interpret': {
    params: {
      modelDir: string
      /** Clips that the prediction difference is averaged over. */
      clips: LabelledClip[]
      /** Training clips: the neurons' means over bearing and other clips come from them. */
      train: LabelledClip[]
      reference: 'zero' | 'mean'
      videoSet: 'bearing' | 'all'
      shuffles: number
      seed: number
      device: string
    }
    result: { neurons: NeuronScores[]; shuffledBaseline: number; meanDelta: number; seconds: number }
  }
  /** delta(j, k) of the stored map, [D, K] row-major. */
  'neurons.matrix': { params: { modelDir: string }; result: { topics: number; delta: Float32Array } }
  /**
   * delta(j, :) of one neuron from the stored map, its v-bar over the map's clips as a histogram, the clips
   * from the one that excites it most on (`order`), and its activation over the frames of the first `most` of
   * them.
   */
  'neurons.neuron': {
    params: { modelDir: string; neuron: number; clips: ClipFeatures[]; most: number; device: string }
    result: {
      deltas: number[]
      histogram: { from: number; to: number; counts: number[] }
      order: number[]
      clips: { id: number; mean: number; activation: number[] }[]
    }
  }
  /**
   * Over the frames of one clip: f(v_i)_k, and for each topic the `most` neurons with the largest prediction
   * difference in this clip (f(v-bar)_k less the same with the neuron at zero), with their activation.
   */
  'neurons.strip': {
    params: { modelDir: string; clip: ClipFeatures; topics: number[]; most: number; device: string }
    result: {
      topics: {
        topic: number
        values: number[]
        neurons: { neuron: number; difference: number; activation: number[] }[]
      }[]
    }
  }
  /**
   * The model's own greedy captions of those `most` of the clips that excite the neurons most, word by word:
   * how far ln p falls (mean over its places, at least two) with the neurons at zero. Largest fall first.
   * Needs the neuron map.
   */
  'neurons.words': {
    params: { modelDir: string; neurons: number[]; clips: ClipFeatures[]; most: number; device: string }
    result: { clips: number; words: { word: string; fall: number; count: number }[] }
  }
  /**
   * The neurons that an intervention on a topic (a column of the model) moves, strongest first. Throws
   * NOT_READY without a map.
   */
  'neurons.of-topic': {
    params: { modelDir: string; topic: number }
    result: { neurons: number[] }
  }
  /** Captions of clips as they are and with neurons at zero. */
  'neurons.silence': {
    params: { modelDir: string; neurons: number[]; clips: ClipFeatures[]; device: string }
    result: { captions: { id: number; before: string; after: string }[] }
  }
  /**
   * By neuron of `modelDir`: see `neuronStability` of the contract. All have maps, of the same clips where
   * they share them.
   */
  'neurons.stability': {
    params: { modelDir: string; others: string[] }
    result: { neurons: { neuron: number; correlation: number; sameTopic: number }[] }
  }
  /**
   * The clips of the map nearest to one of them by the cosine of v-bar (less the mean of all), nearest first,
   * without itself.
   */
  'neurons.neighbours': {
    params: { modelDir: string; clipId: number; most: number }
    result: { clipIds: number[] }
  }
  /** Decodes one clip with topics' neurons moved; nothing is learnt. Needs the neuron map. */
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
   * Needs the neuron map.
   */
  'corrections.intervene': {
    params: { modelDir: string; interventions: ClipIntervention[]; beam: number; device: string }
    result: { captions: { before: string; after: string }[] }
  }
  /**
   * Changes the encoder so that the network itself says of each clip what is wanted of it; writes a new model
   * folder. Throws BAD_INPUT for words that it does not know.
   */
  'corrections.learn': {
    params: {
      parentDir: string
      modelDir: string
      wanted: WantedCaption[]
      /** Clips whose captions are to stay. */
      replay: CaptionedClip[]
      device: string
    }
    /**
     * By correction: the caption that was wanted, and whether the clip is captioned so without intervention.
     * `before`, `after`: mean ln p of the wanted captions at the first and the last step; NaN without steps.
     */
    result: {
      steps: number
      seconds: number
      before: number
      after: number
      captions: { wanted: string; reached: boolean }[]
    }
  }
  /** Linear softmax on v-bar of each frozen encoder (and on the mean frame feature for `cnn`), k folds. */
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
  /**
   * Writes the model as ONNX (encoder and decoder step), vocabulary.json, caption.py, caption.mjs and a
   * README into `to`.
   */
  'captioner.export': {
    params: { modelDir: string; to: string }
    result: { files: { name: string; bytes: number }[] }
  }
  /**
   * LDA by collapsed Gibbs sampling, one document a clip (all its captions). Deterministic under the seed.
   */
  'topics.fit': {
    params: TopicsSettings & { documents: TopicDocument[] }
    result: {
      topics: FittedTopic[]
      model: TopicModel
      assignments: TopicAssignment[]
      documents: number
      tokens: number
      sweeps: number
      seconds: number
      tokensPerSecond: number
      npmi: number | null
    }
  }
  /**
   * The topics of captions that the model was not fitted to. What a document gets does not depend on the
   * others.
   */
  'topics.infer': {
    params: {
      model: TopicModel
      documents: TopicDocument[]
      iterations: number
      seed: number
      topicsPerClip: number
      minShare: number
    }
    result: { assignments: TopicAssignment[] }
  }
  /** Coherence and held-out likelihood for several numbers of topics. Deterministic under the seed. */
  'topics.sweep': {
    params: TopicSweepSettings & { documents: TopicDocument[] }
    result: TopicSweep
  }
  /**
   * Corpus and per-caption scores, as pycocoevalcap and (METEOR) nltk. `words`: Vitrine's own tokenizer;
   * `ptb`: as COCO's tools; `whitespace`: the text is already tokens. `intervals` are 95% bootstrap intervals
   * over the captions.
   */
  'metrics.score': {
    params: {
      hypotheses: { id: string; caption: string }[]
      references: { id: string; captions: string[] }[]
      tokenizer: 'words' | 'ptb' | 'whitespace'
      bootstrap: { samples: number; seed: number } | null
    }
    result: {
      metrics: CaptionMetrics
      intervals: Record<string, { low: number; high: number }> | null
      captions: { id: string; metrics: CaptionMetrics }[]
    }
  }
  /**
   * CIDEr of any captions, each against the references of its id; document frequencies from all references.
   */
  'metrics.cider': {
    params: { hypotheses: { id: number; caption: string }[]; references: Reference[] }
    result: { cider: number[] }
  }
  /** A paired comparison of two systems' captions of the same ids: see `comparison` of the contract. */
  'metrics.compare': {
    params: {
      a: { id: string; caption: string }[]
      b: { id: string; caption: string }[]
      references: { id: string; captions: string[] }[]
      tokenizer: 'words' | 'ptb' | 'whitespace'
      samples: number
      seed: number
    }
    result: {
      metrics: {
        metric: string
        a: number
        b: number
        difference: number
        low: number
        high: number
        p: number
      }[]
    }
  }
  /** Scores a captioned split, finds the best fixed caption among `candidates`, and scores the topic head. */
  'metrics.evaluate': {
    params: {
      captions: { id: number; caption: string; topics: number[] }[]
      references: Reference[]
      /** Training captions to choose the fixed caption from. */
      candidates: string[]
      /** The columns that are 1 of each clip's topic vector; null when the model has no topics. */
      topicTruth: { id: number; topics: number[] }[] | null
    }
    result: {
      metrics: CaptionMetrics
      intervals: Record<string, { low: number; high: number }>
      /** CIDEr of each caption, in the order of `captions`. */
      cider: number[]
      fixedCaption: { caption: string; metrics: CaptionMetrics }
      topics: { mAP: number; chance: number; averagePrecision: (number | null)[] } | null
    }
  }
  /**
   * Divides a topic. `documents`: the clips that have a share of it; `words`: its words with counts (none
   * forbidden). Parts by words or clips come in their order, a proposal's larger part first. `fractions` of
   * the topic's share in each clip sum to 1 and follow the clip's tokens of the topic; parts' counts of a
   * word sum to the topic's. Throws BAD_INPUT when a part would be empty.
   */
  'topics.split': {
    params: {
      documents: TopicDocument[]
      rule: TopicModel['rule']
      phrases: string[]
      words: { word: string; count: number }[]
      how: SplitBy
    }
    result: {
      parts: { label: string; words: { word: string; count: number }[] }[]
      fractions: { id: number; fractions: number[] }[]
    }
  }
  /**
   * A topic from scratch. By words: `shares` is the share of each clip's tokens that are such words; clips
   * without any are left out. By clips: they have the share 1, and the words are those that set their
   * captions apart from the others' (log-likelihood ratio, Dunning 1993), with their counts in these clips.
   * `documents` hold all clips. `label` is proposed. Throws BAD_INPUT for words that no caption has (naming
   * them), or clips without captions.
   */
  'topics.create': {
    params: {
      documents: TopicDocument[]
      rule: TopicModel['rule']
      phrases: string[]
      vocabulary: string[]
      from: { by: 'words'; words: string[] } | { by: 'clips'; clipIds: number[] }
    }
    result: {
      label: string
      words: { word: string; count: number }[]
      shares: { id: number; share: number }[]
    }
  }
  /**
   * Words for topics that are given by their clips alone, as imported vectors are: by each topic those that
   * `topics.create` would find from its clips, and its coherence (null for fewer than two words). A topic
   * without a label has one proposed. `vocabulary` and `phrases` are those that finding topics would begin
   * with. Throws BAD_INPUT when no word is left.
   */
  'topics.describe': {
    params: Pick<
      TopicsSettings,
      | 'builtInStopWords'
      | 'stopWords'
      | 'lemmas'
      | 'minDocumentFrequency'
      | 'maxDocumentShare'
      | 'phraseScore'
    > & {
      documents: TopicDocument[]
      topics: { label: string | null; clipIds: number[] }[]
    }
    result: {
      vocabulary: TopicModel['vocabulary']
      phrases: string[]
      tokens: number
      topics: { label: string; npmi: number | null; words: { word: string; count: number }[] }[]
    }
  }
  /**
   * Topics in the plane: see `topicMap` of the contract. `words`: places in a common vocabulary.
   * Deterministic; a mirrored map is turned to one hand.
   */
  'topics.map': {
    params: { topics: { words: number[]; counts: number[] }[] }
    result: { points: { x: number; y: number }[] }
  }
  /** Where words of a topic stand in texts, as the rule reads them: [from, to) in UTF-16 units, by text. */
  'topics.mark': {
    params: { rule: TopicModel['rule']; phrases: string[]; words: string[]; texts: string[] }
    result: { marks: [number, number][][] }
  }
  /**
   * Looks for faults in captions: see `findingKind` of the contract. `topics`, when there are any: p(word |
   * topic) as counts, for contradictions. A caption has at most one finding of a kind. Deterministic.
   */
  'corpus.check': {
    params: { clips: { id: number; captions: { id: number; text: string }[] }[]; topics: TopicModel | null }
    result: {
      findings: {
        kind: FindingKind
        clipId: number
        captionId: number | null
        reason: string
        suggestion: string | null
        score: number
      }[]
    }
  }
  /**
   * Writes a model whose topic head has the columns `groups`, each some columns of the old one: one is
   * copied; of several, a new column is fitted on `clips` (hidden layer of f held) to what the old ones say
   * together. Nothing else changes.
   */
  'captioner.remap': {
    params: { modelDir: string; to: string; groups: number[][]; clips: ClipFeatures[]; device: string }
    result: { seconds: number; settings: CaptionerSettings }
  }
  /**
   * Trains encoder and f for some epochs on the topics as `train` has them; the decoder stays. `columns`: for
   * each of the new head's columns the old one that it starts from, or null. Writes a new model folder. With
   * other columns than the old ones, in their order, a tied head becomes a joint one, as `captioner.remap`
   * makes it: the neurons are dealt out to the topics that it was trained with.
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
  /** Rebuilds the built-in frame encoder as ONNX into `directory` when it is not there yet. */
  'encoders.prepare': {
    params: { directory: string }
    result: { descriptor: string; checksum: string; size: number }
  }
  /** Frames to features. `frames`: RGB bytes [count, size, size, 3]; returns [count, F] row-major. */
  'encoders.encode': {
    params: { descriptor: string; frames: Uint8Array; count: number; grid: 1 | 2 }
    result: { features: Float32Array; dimension: number }
  }
  /**
   * Takes real training steps of a small captioner on a device for about a second. Ask an engine process of
   * its own: a driver may hang or crash.
   */
  'devices.probe': {
    params: { device: string }
    result: { ok: boolean; reason: string | null; stepMs: number | null }
  }
}

/** Names of the checkpoints in a `runDir` of `captioner.train`, with their step. */
export const CHECKPOINT_NAME = /^checkpoint-(\d{9})$/

export type EngineMethod = keyof EngineMethods
export type EngineParams<M extends EngineMethod> = EngineMethods[M]['params']
export type EngineResult<M extends EngineMethod> = EngineMethods[M]['result']

/**
 * What a method's implementation gets beside its params: cancel and progress. Check `signal` in the innermost
 * loop. `unpaused()` resolves at once, or when a paused call goes on or is cancelled; a pausable method
 * awaits it between steps.
 */
export interface EngineContext {
  signal: AbortSignal
  progress(progress: EngineProgress): void
  unpaused(): Promise<void>
}
export type EngineHandlers = {
  [M in EngineMethod]: (params: EngineParams<M>, context: EngineContext) => Promise<EngineResult<M>>
}

/** Messages between main and the engine process (structured clone on both shells). */
export type ToEngine =
  | { type: 'call'; id: number; method: EngineMethod; params: unknown }
  | { type: 'cancel'; id: number }
  | { type: 'pause'; id: number; paused: boolean }
export type FromEngine =
  | { type: 'progress'; id: number; progress: EngineProgress }
  | { type: 'result'; id: number; result: unknown }
  | {
      type: 'error'
      id: number
      failure: { code: string; message: string; remedy: string | null } | 'cancelled'
    }
