import * as z from 'zod'
import { id, ids, path, procedure, seed } from './procedure.ts'
import { jobStarted } from './jobs.ts'

export const neuronsRequest = z.object({
  modelId: id.nullable().default(null),
  /** What a silenced neuron is set to: zero or its mean over the training clips. */
  reference: z.enum(['zero', 'mean']).default('zero'),
  /** Whom the prediction difference is averaged over: clips that bear the topic, or all. */
  videoSet: z.enum(['bearing', 'all']).default('bearing'),
  /** Shuffles of the topic vectors for the honesty baseline. */
  shuffles: z.number().int().min(1).max(100).default(5),
  seed: seed.default(1),
  /** The clips that alignment is measured on; those of them that the model has learnt from are left out. */
  heldOut: z.enum(['val', 'test']).default('val'),
  /**
   * A file of what clips show and when: lines of clip, concept, from and to (seconds), with tabs between them; null:
   * neurons are not held against it.
   */
  truth: path.nullable().default(null),
})
export type NeuronsRequest = z.input<typeof neuronsRequest>

/** A person's word on what a neuron stands for. */
export const neuronJudgement = z.object({
  verdict: z.enum(['agree', 'disagree']).nullable(),
  label: z.string().trim().max(80),
  note: z.string().trim().max(2000),
})
export type NeuronJudgement = z.infer<typeof neuronJudgement>

/** How a neuron's mean activation ranks held-out clips by whether they bear a topic. */
export const alignmentFigures = z.object({
  /** Average precision, 0 to 1; ties in random order. Its chance level is the share of clips that bear the topic. */
  precision: z.number(),
  /** Area under the receiver operating characteristic, 0 to 1; 0.5 is chance. */
  auc: z.number(),
  /** Of the average precision, under permutations of the topic over the clips. */
  p: z.number(),
  /**
   * p corrected by Benjamini and Hochberg: for a neuron with its topic, which was found on training clips, for the
   * number of neurons; else for all pairs of a neuron and a topic.
   */
  q: z.number(),
})
export type AlignmentFigures = z.infer<typeof alignmentFigures>

/**
 * How well one neuron tells a topic on held-out clips, chosen for each topic on training clips: average precision,
 * mean over the topics that tell the clips apart. The one figure by which captioners of every kind compare.
 */
export const oneNeuron = z.object({
  precision: z.number(),
  /** 95% bootstrap interval over the clips. */
  low: z.number(),
  high: z.number(),
  /** What rankings at random would have. */
  chance: z.number(),
  topics: z.number().int(),
})
export type OneNeuron = z.infer<typeof oneNeuron>

/** Held-out alignment of a map beside that of its neurons. */
export const neuronAlignment = z.object({
  split: z.enum(['val', 'test']),
  clips: z.number().int(),
  /** Pairs of a neuron and a topic that were tested, and random rankings behind each p. */
  tests: z.number().int(),
  draws: z.number().int(),
  topics: z.array(
    z.object({
      topicId: z.number().int(),
      /** Held-out clips that bear it. */
      bearing: z.number().int(),
      /**
       * How well a logistic regression on 1, 4 and 16 neurons tells the topic: neurons chosen and weights fitted
       * on training clips. None where the topic tells no clips apart.
       */
      probes: z.array(
        z.object({ neurons: z.array(z.number().int()), precision: z.number(), auc: z.number() }),
      ),
    }),
  ),
  /** Null: no topic tells the clips apart, or the map is of an older version. */
  oneNeuron: oneNeuron.nullable(),
})
export type NeuronAlignment = z.infer<typeof neuronAlignment>

/** A neuron that is on, held against the frames of held-out clips that show a concept. */
const conceptOverlap = z.object({
  concept: z.string(),
  neuron: z.number().int(),
  /** Intersection over union, and that of a neuron which is always on. */
  iou: z.number(),
  always: z.number(),
})

/** Neurons against what clips are known to show over time; pairs and thresholds were chosen on training frames. */
export const neuronsOverTime = z.object({
  /** Held-out frames. */
  frames: z.number().int(),
  /** Every neuron with the concept that it is most like. */
  neurons: z.array(conceptOverlap),
  /** Every concept with the neuron that is most like it. */
  concepts: z.array(conceptOverlap),
})
export type NeuronsOverTime = z.infer<typeof neuronsOverTime>

/**
 * One neuron (component j of v_i) and the topic it stands for: the one with the largest delta(j,k). Where none is above
 * 0 it stands for none: the id is null, and the label empty.
 */
export const neuronRow = z.object({
  neuron: z.number().int(),
  /**
   * `feature`: a component of the frame feature; `forward`/`backward`: an LSTM unit of that direction; `activation`: a
   * neuron of another system.
   */
  part: z.enum(['feature', 'forward', 'backward', 'activation']),
  topicId: z.number().int().nullable(),
  topicLabel: z.string(),
  delta: z.number(),
  /** Null, and its label empty, where no second delta is above 0. */
  runnerUpId: z.number().int().nullable(),
  runnerUpLabel: z.string(),
  /** delta minus the runner-up's delta. */
  margin: z.number(),
  /** The largest delta of this neuron when topic vectors are shuffled over the clips. */
  shuffled: z.number(),
  dead: z.boolean(),
  polysemantic: z.boolean(),
  /** With its topic on held-out clips; null: not measured, or the topic does not tell them apart. */
  alignment: alignmentFigures.nullable(),
  /** What a person says of it; null: nothing. */
  judged: neuronJudgement.nullable(),
})
export type NeuronRow = z.infer<typeof neuronRow>

export const neuronMap = z.object({
  modelId: z.number().int(),
  request: neuronsRequest,
  createdAt: z.string(),
  /** Training clips that the differences are averaged over; null: clips of all splits, as older versions did. */
  trainingClips: z.number().int().nullable(),
  /** Null: there were no held-out clips, or the map is of an older version. */
  alignment: neuronAlignment.nullable(),
  /** Null: there was no truth over time to hold neurons against. */
  overTime: neuronsOverTime.nullable(),
  /** Mean over neurons of the score under shuffled topics, and of the real score. */
  shuffledBaseline: z.number(),
  meanDelta: z.number(),
  topics: z.array(z.object({ id: z.number().int(), label: z.string() })),
  neurons: z.array(neuronRow),
})
export type NeuronMap = z.infer<typeof neuronMap>

/**
 * delta(j,k) of all neurons: rows in the order of NeuronMap.neurons, columns in that of NeuronMap.topics; to
 * four digits.
 */
export const neuronMatrix = z.object({ deltas: z.array(z.array(z.number())) })

/**
 * A clip of a neuron's page: the neuron's mean activation, its activation over the frames, the second where it peaks (null
 * where the times of its frames are not known), and its activation in the cells of the frame where it does, row by row;
 * none where frames are not cut.
 */
const neuronClip = z.object({
  clipId: z.number().int(),
  name: z.string(),
  thumbnailUrl: z.string().nullable(),
  mean: z.number(),
  activation: z.array(z.number()),
  cells: z.array(z.number()),
  peakSecond: z.number().nullable(),
  /** What the model says of it or, where it was not asked, what one of the people did; null: neither. */
  caption: z.object({ text: z.string(), by: z.enum(['model', 'people']) }).nullable(),
  /** Whether it bears the topic that the neuron stands for; null: it stands for none. */
  bears: z.boolean().nullable(),
})
export type NeuronClip = z.infer<typeof neuronClip>

/** delta(j,k) of one neuron over all topics, in the order of NeuronMap.topics. */
export const neuronDetail = z.object({
  neuron: z.number().int(),
  deltas: z.array(z.number()),
  /** On held-out clips, in the same order; null where it was not measured. */
  alignment: z.array(alignmentFigures.nullable()),
  /** v-bar_j over all clips: how many fall into each of equally wide bins from `from` to `to`. */
  histogram: z.object({ from: z.number(), to: z.number(), counts: z.array(z.number().int()) }),
  /** Clips (any split) where the neuron's mean activation is largest. */
  clips: z.array(neuronClip),
  /**
   * Equally wide parts of its range of mean activation over all clips, from the highest down (`to` belongs to the next
   * one up), and a few clips of each, drawn at random. Both bounds 0: it is silent there.
   */
  ranges: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      count: z.number().int(),
      /** Of these, how many bear the topic that it stands for; null: it stands for none. */
      bearing: z.number().int().nullable(),
      clips: z.array(neuronClip),
    }),
  ),
  /** Of the clips that the model has captioned, the one that excites it most: where Review can try it. */
  captionedClip: z.number().int().nullable(),
})
export type NeuronDetail = z.infer<typeof neuronDetail>

/** How neurons are told to be the same in other runs: by their v-bar over the same clips. */
export const neuronStability = z.object({
  /** The other models of the same series that have a neuron map. */
  models: z.array(z.number().int()),
  /**
   * By neuron: mean over those models of the largest correlation with one of their neurons (0 to 1), and in
   * how many the best match stands for the same topic.
   */
  neurons: z.array(
    z.object({ neuron: z.number().int(), correlation: z.number(), sameTopic: z.number().int() }),
  ),
})
export type NeuronStability = z.infer<typeof neuronStability>

/**
 * Words of the model's own captions whose ln p falls most when neurons are silenced; over the clips that
 * excite them most.
 */
export const silencedWords = z.object({
  clips: z.number().int(),
  words: z.array(z.object({ word: z.string(), fall: z.number(), count: z.number().int() })),
})
export type SilencedWords = z.infer<typeof silencedWords>

export const silenceRequest = z.object({
  modelId: id,
  /**
   * The neurons that an intervention on a topic moves (delta above their figure under shuffled topics, at
   * most a quarter of all), or some neurons.
   */
  topicId: id.nullable().default(null),
  neurons: ids.default([]),
  split: z.enum(['train', 'val', 'test']).default('val'),
  seed: seed.default(1),
})
export type SilenceRequest = z.input<typeof silenceRequest>

/** Captions of a split with neurons silenced, beside as many others that are about as active. */
export const silenced = z.object({
  neurons: z.array(z.number().int()),
  clips: z.number().int(),
  changed: z.array(
    z.object({ clipId: z.number().int(), clip: z.string(), before: z.string(), after: z.string() }),
  ),
  /**
   * Captions with a word of the topic (of `topicId`), before, after, and with the others silenced instead.
   */
  naming: z
    .object({ before: z.number().int(), after: z.number().int(), control: z.number().int() })
    .nullable(),
  /** The others: fewer than the silenced ones where there are not so many. */
  controlNeurons: z.number().int(),
  /** Captions that changed with them silenced. */
  controlChanged: z.number().int(),
})
export type Silenced = z.infer<typeof silenced>

export const neuronsProcedures = {
  interpret: procedure.input(neuronsRequest).output(jobStarted),
  map: procedure.input(z.object({ modelId: id })).output(neuronMap.nullable()),
  matrix: procedure.input(z.object({ modelId: id })).output(neuronMatrix),
  neuron: procedure.input(z.object({ modelId: id, neuron: id })).output(neuronDetail),
  stability: procedure.input(z.object({ modelId: id })).output(neuronStability),
  words: procedure.input(z.object({ modelId: id, neurons: ids.min(1) })).output(silencedWords),
  silence: procedure.input(silenceRequest).output(silenced),
  /** An edit; null takes it back. */
  judge: procedure
    .input(z.object({ modelId: id, neuron: id, judgement: neuronJudgement.nullable() }))
    .output(z.void()),
  /**
   * Writes the map as CLIP-Dissect does, a CSV of layer, unit, description, similarity, with the held-out figures after
   * them. Throws CONFLICT for a file that is there, unless it may be overwritten.
   */
  export: procedure
    .input(z.object({ modelId: id, path, overwrite: z.boolean().default(false) }))
    .output(z.object({ path: z.string() })),
}
