import * as z from 'zod'

export const neuronsRequest = z.object({
  modelId: z.number().int().nullable().default(null),
  /** What a silenced neuron is set to: zero (the paper) or its mean over the training clips. */
  reference: z.enum(['zero', 'mean']).default('zero'),
  /** Whom the prediction difference is averaged over: clips that bear the topic, or all. */
  videoSet: z.enum(['bearing', 'all']).default('bearing'),
  /** Shuffles of the topic vectors for the honesty baseline. */
  shuffles: z.number().int().min(1).max(100).default(5),
  seed: z.number().int().default(1),
})
export type NeuronsRequest = z.input<typeof neuronsRequest>

/** One neuron (component j of v_i) and the topic it stands for: the one with the largest delta(j,k). */
export const neuronRow = z.object({
  neuron: z.number().int(),
  /** `feature`: a component of the frame feature; `forward`/`backward`: an LSTM unit of that direction. */
  part: z.enum(['feature', 'forward', 'backward']),
  topicId: z.number().int(),
  topicLabel: z.string(),
  delta: z.number(),
  runnerUpId: z.number().int(),
  runnerUpLabel: z.string(),
  /** delta minus the runner-up's delta. */
  margin: z.number(),
  /** The largest delta of this neuron when topic vectors are shuffled over the clips. */
  shuffled: z.number(),
  dead: z.boolean(),
  polysemantic: z.boolean(),
})
export type NeuronRow = z.infer<typeof neuronRow>

export const neuronMap = z.object({
  modelId: z.number().int(),
  request: neuronsRequest,
  /** Mean over neurons of the score under shuffled topics, and of the real score. */
  shuffledBaseline: z.number(),
  meanDelta: z.number(),
  topics: z.array(z.object({ id: z.number().int(), label: z.string() })),
  neurons: z.array(neuronRow),
})
export type NeuronMap = z.infer<typeof neuronMap>

/** delta(j,k) of one neuron over all topics, in the order of NeuronMap.topics. */
export const neuronDetail = z.object({
  neuron: z.number().int(),
  deltas: z.array(z.number()),
  /** Clips (any split) where the neuron's mean activation is largest, and the activation over the frames. */
  clips: z.array(z.object({
    clipId: z.number().int(), name: z.string(), thumbnailUrl: z.string().nullable(), mean: z.number(),
    activation: z.array(z.number()),
  })),
})
export type NeuronDetail = z.infer<typeof neuronDetail>
