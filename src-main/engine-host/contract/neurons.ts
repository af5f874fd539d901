/** Neurons: which topic each stands for, and what they do. Neurons are numbered 0..D-1. */
import type { Handlers } from './call.ts'
import type { ClipFeatures, LabelledClip } from './clips.ts'

/** A neuron in the map: `delta` with its topic, `runnerUp` the topic after it, `margin` between the two. */
export interface NeuronScores {
  neuron: number
  part: 'feature' | 'forward' | 'backward'
  topic: number
  delta: number
  runnerUp: number
  margin: number
  /** The largest delta under shuffled topics, mean over the shuffles. */
  shuffled: number
  /** It hardly moves over the clips. */
  dead: boolean
  /** Its runner-up is close to its topic. */
  polysemantic: boolean
}

export interface NeuronMethods {
  /**
   * PDM for every neuron; writes `neurons.safetensors` into `modelDir` (delta, shuffled, means), which
   * interventions read: "the map". Throws NOT_READY without clips.
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
    /** `shuffledBaseline`, `meanDelta`: means over the neurons of `shuffled` and `delta`. */
    result: { neurons: NeuronScores[]; shuffledBaseline: number; meanDelta: number; seconds: number }
  }
  /** delta(j, k) of the stored map, [D, K] row-major. Throws NOT_READY without a map. */
  'neurons.matrix': { params: { modelDir: string }; result: { topics: number; delta: Float32Array } }
  /**
   * delta(j, :) of one neuron from the stored map, its v-bar over the map's clips as a histogram, the clips
   * from the one that excites it most on (`order`), and its activation over the frames of the first `limit` of
   * them. Throws NOT_READY without a map, NOT_FOUND for a neuron that is not there.
   */
  'neurons.neuron': {
    params: { modelDir: string; neuron: number; clips: ClipFeatures[]; limit: number; device: string }
    result: {
      deltas: number[]
      histogram: { from: number; to: number; counts: number[] }
      order: number[]
      clips: { id: number; mean: number; activation: number[] }[]
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

export type NeuronHandlers = Handlers<NeuronMethods>
