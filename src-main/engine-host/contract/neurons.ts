/** Neurons: which topic each stands for, and what they do. Neurons are numbered 0..D-1. */
import type { ClipFeatures, LabelledClip } from './clips.ts'

/** How a neuron's mean activation ranks held-out clips by whether they bear a topic. */
export interface AlignmentFigures {
  /** Average precision, 0 to 1, ties in random order. */
  precision: number
  /** Area under the receiver operating characteristic, 0 to 1. */
  auc: number
  /** Of the average precision, under permutations of the topic over the clips. */
  p: number
  /**
   * p corrected by Benjamini and Hochberg: for a neuron with its topic, which was found on training clips, for the
   * number of neurons; else for all pairs of a neuron and a topic.
   */
  q: number
}

/** Held-out alignment beside the figures of single pairs. */
export interface AlignmentSummary {
  /** Pairs of a neuron and a topic that were tested, and random rankings behind each p. */
  tests: number
  draws: number
  /**
   * By topic column: held-out clips that bear it, and how well a regression on 1, 4 and 16 neurons, fitted on training
   * clips, tells it there; none where it tells no clips apart.
   */
  topics: { bearing: number; probes: { neurons: number[]; precision: number; auc: number }[] }[]
  /**
   * Mean average precision of the probes of one neuron, with its 95% bootstrap interval over the held-out clips, and
   * what rankings at random would have; null: no topic tells the clips apart.
   */
  oneNeuron: { precision: number; low: number; high: number; chance: number; topics: number } | null
}

/** What is there in each frame of a clip, by the numbers of concepts. */
export interface FrameTruth {
  id: number
  frames: number[][]
}

/** Intersection over union of a neuron that is on with a concept that is there, over frames of held-out clips. */
export interface ConceptOverlap {
  neuron: number
  concept: number
  iou: number
  /** That of a neuron which is always on. */
  always: number
}

/**
 * A neuron in the map: `delta` with its topic, `runnerUp` the topic after it, `margin` between the two. Where delta is
 * not above 0 it stands for no topic, whatever column is named.
 */
export interface NeuronScores {
  neuron: number
  part: 'feature' | 'forward' | 'backward' | 'activation'
  topic: number
  delta: number
  runnerUp: number
  margin: number
  /** The largest delta under shuffled topics, mean over the shuffles. */
  shuffled: number
  /** It hardly moves over the clips. */
  dead: boolean
  /** Its runner-up is close to its topic; by a tied head: on held-out clips it answers to another one about as well. */
  polysemantic: boolean
  /** With its topic; null where it has none, there are no held-out clips, or the topic does not tell them apart. */
  alignment: AlignmentFigures | null
}

/** A clip that is shown of a neuron: its mean activation, and its activation over the frames (of each cell, where they are cut). */
interface ShownClip {
  id: number
  mean: number
  activation: number[]
}

export interface NeuronMethods {
  /**
   * Trains a topic head on the mean activations of another system's model, whose activations stand in the place of
   * features, and writes `probe.safetensors` into `modelDir`: with it the methods below that caption nothing read the
   * neurons as they read those of a captioner. `clips`: all that have activations. Throws NOT_READY where none of `train` has.
   */
  'neurons.probe': {
    params: {
      modelDir: string
      /** The most of a clip. */
      frames: number
      topicCount: number
      clips: ClipFeatures[]
      train: LabelledClip[]
      /** Chooses the best state of the head; none: the training clips do. */
      validation: LabelledClip[]
      seed: number
    }
    /** `mAP`: on the validation clips; `scores`: f(v-bar) of `clips`, in their order. */
    result: { neurons: number; mAP: number; scores: { id: number; topics: number[] }[] }
  }
  /**
   * PDM for every neuron, and held-out alignment; writes `neurons.safetensors` into `modelDir` (delta, shuffled,
   * means, alignment), which interventions read: "the map". Throws NOT_READY without clips.
   */
  'neurons.interpret': {
    params: {
      modelDir: string
      /** Clips whose v-bar the map keeps. */
      clips: LabelledClip[]
      /**
       * Training clips: the prediction difference is averaged over them, and the neurons' means over bearing and
       * other clips come from them.
       */
      train: LabelledClip[]
      /** Clips that the model has not learnt from, for the alignment; none: it is not measured. */
      heldOut: LabelledClip[]
      /**
       * What training and held-out clips show over time; null: nobody knows. Throws BAD_INPUT where a clip has
       * another number of frames. Needs 4 bytes a neuron and frame.
       */
      truth: { concepts: number; clips: FrameTruth[] } | null
      reference: 'zero' | 'mean'
      videoSet: 'bearing' | 'all'
      shuffles: number
      seed: number
      device: string
    }
    /** `shuffledBaseline`, `meanDelta`: means over the neurons of `shuffled` and `delta`. */
    result: {
      neurons: NeuronScores[]
      shuffledBaseline: number
      meanDelta: number
      alignment: AlignmentSummary | null
      /** Each neuron with its best concept in training, and each concept with its best neuron. */
      overTime: { frames: number; neurons: ConceptOverlap[]; concepts: ConceptOverlap[] } | null
      seconds: number
    }
  }
  /** delta(j, k) of the stored map, [D, K] row-major. Throws NOT_READY without a map. */
  'neurons.matrix': { params: { modelDir: string }; result: { topics: number; delta: Float32Array } }
  /**
   * delta(j, :) and alignment of one neuron from the stored map, its v-bar over the map's clips as a histogram, the clips
   * from the one that excites it most on (`order`), and its activation over the frames of the first `limit` of
   * them and of some from every part of its range (engine/neurons/ranges.ts). Throws NOT_READY without a map, NOT_FOUND for a neuron that is not there.
   */
  'neurons.neuron': {
    params: { modelDir: string; neuron: number; clips: ClipFeatures[]; limit: number; device: string }
    result: {
      deltas: number[]
      /** By topic; null where it was not measured. */
      alignment: (AlignmentFigures | null)[]
      histogram: { from: number; to: number; counts: number[] }
      order: number[]
      clips: ShownClip[]
      /** From the highest down; `ids`: all clips in it. */
      ranges: { from: number; to: number; ids: number[]; clips: ShownClip[] }[]
    }
  }
  /**
   * Over the frames of one clip: f(v_i)_k, and for each topic the `limit` neurons with the largest prediction
   * difference in this clip (f(v-bar)_k less the same with the neuron at zero), with their activation.
   */
  'neurons.strip': {
    params: { modelDir: string; clip: ClipFeatures; topics: number[]; limit: number; device: string }
    result: {
      topics: {
        topic: number
        values: number[]
        neurons: { neuron: number; difference: number; activation: number[] }[]
      }[]
    }
  }
  /**
   * The model's own greedy captions of those `limit` of the clips that excite the neurons most, word by word:
   * how far ln p falls (mean over its places, at least two) with the neurons at zero. Largest fall first.
   * Throws NOT_READY without a map, NOT_FOUND for a neuron that is not there.
   */
  'neurons.words': {
    params: { modelDir: string; neurons: number[]; clips: ClipFeatures[]; limit: number; device: string }
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
  /**
   * For each of the neurons another learnt one that is about as active: the control of silencing them. Throws
   * NOT_READY without a map.
   */
  'neurons.matched': {
    params: { modelDir: string; neurons: number[]; seed: number }
    result: { neurons: number[] }
  }
  /**
   * Captions of clips as they are and with neurons multiplied by `scale` (0: silent), in the order of `clips`. Throws
   * NOT_FOUND for a neuron that is not there.
   */
  'neurons.silence': {
    params: { modelDir: string; neurons: number[]; scale?: number; clips: ClipFeatures[]; device: string }
    result: { captions: { id: number; before: string; after: string }[] }
  }
  /**
   * By neuron of `modelDir`: see `neuronStability` of the contract. All have maps, of the same clips where
   * they share them. Throws NOT_READY where a map is missing, or shares too few clips.
   */
  'neurons.stability': {
    params: { modelDir: string; others: string[] }
    result: { neurons: { neuron: number; correlation: number; sameTopic: number }[] }
  }
  /**
   * The clips of the map nearest to one of them by the cosine of v-bar (less the mean of all), nearest first,
   * without itself. Throws NOT_READY without a map, NOT_FOUND for a clip that it was not made of.
   */
  'neurons.neighbours': {
    params: { modelDir: string; clipId: number; limit: number }
    result: { clipIds: number[] }
  }
}
