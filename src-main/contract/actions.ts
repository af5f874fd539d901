import * as z from 'zod'
import { id, ids, path, procedure, seed } from './procedure.ts'
import { jobStarted } from './jobs.ts'
import { modelKind } from './training.ts'

export const className = z.string().trim().min(1, 'A class has a name').max(200)

export const actionsRequest = z.object({
  /**
   * A folder with one folder of clips per class, or a table of `clip<TAB>class` rows of the project's own clips or of
   * videos beside it.
   */
  clips: path,
  /** A folder of split files (UCF101's, HMDB51's) by which to divide the clips, instead of folds. */
  splits: path.nullable().default(null),
  /** Leaves one group of clips out at a time, instead of folds. */
  leaveOneGroupOut: z.boolean().default(false),
  /** The models whose neurons are compared; none: the usual ones (the current, and the newest of each other kind). */
  modelIds: ids.default([]),
  folds: z.number().int().min(2).max(20).default(5),
  /** How often folds are dealt anew, each time with the next seed. */
  repeats: z.number().int().min(1).max(20).default(1),
  seed: seed.default(1),
})
export type ActionsRequest = z.input<typeof actionsRequest>

/**
 * What a clip is classified by: a model's neurons v-bar, its topic scores f(v-bar) alone, the neurons of the same encoder
 * as it was before training, or the mean frame feature.
 */
export const actionFeatures = z.object({
  of: z.enum(['neurons', 'topics', 'untrained', 'frames']),
  modelId: z.number().int().nullable(),
  kind: modelKind.nullable(),
})
export type ActionFeatures = z.infer<typeof actionFeatures>

/** With the bounds of its 95 % interval, by a bootstrap over groups; null: not known. */
export const estimate = z.object({
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})
export type Estimate = z.infer<typeof estimate>

/** How well classes are told by one kind of features, over all answers of all rounds. */
export const actionFigures = z.object({
  /** Of the features. */
  size: z.number().int(),
  /** Share of answers that are right. */
  accuracy: estimate,
  /** The mean F1 of the classes. */
  macroF1: estimate,
  /** Mean -ln p of the true class. */
  logLoss: z.number().nullable(),
  /** By class. */
  perClass: z.array(
    z.object({ clips: z.number().int(), precision: z.number(), recall: z.number(), f1: z.number() }),
  ),
  /** Rows: true class; columns: predicted class; counts of answers. */
  confusion: z.array(z.array(z.number().int())),
  /** Answers by how sure they are, in tenths that hold any: the mean of their probability, and the share that is right. */
  reliability: z.array(z.object({ confidence: z.number(), accuracy: z.number(), answers: z.number().int() })),
  /** Expected calibration error: how far the two lie apart, on average over answers. */
  calibrationError: z.number().nullable(),
  /** For each pair of classes: the share of their clips that goes to the right one of the two. */
  pairs: z.array(estimate),
  /** The strength of regularisation that each round chose: C, as scikit-learn calls it. */
  strengths: z.array(z.number()),
})
export type ActionFigures = z.infer<typeof actionFigures>

export const actionComparison = z.object({
  /** Places of two sources. */
  a: z.number().int(),
  b: z.number().int(),
  /** Accuracy of b less that of a, its interval, and the p of a randomisation test over groups. */
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  p: z.number(),
})

/** How much something adds to the score (the log-odds) of a class when it rises by one deviation. */
const weighted = z.object({
  feature: z.number().int(),
  topicId: z.number().int().nullable(),
  weight: z.number(),
})

/** What the classifier of all clips leans on for a class, the strongest first. */
export const classLeaning = z.object({
  /** Features that speak for it, and that speak against it: neurons, or topics by their ids. */
  toward: z.array(weighted),
  against: z.array(weighted),
  /**
   * Topics by the weight of all their neurons together; and the share of the class's held-out answers that are right, as
   * they are, and with the topic silenced (its neurons at zero; a topic's score at its mean).
   */
  topics: z.array(z.object({ topicId: z.number().int(), weight: z.number(), recallWithout: z.number() })),
  /** Clips that decided what the class is, by 1 or 0 less the probability: above 0 of the class, below 0 of others. */
  clips: z.array(z.object({ clip: z.number().int(), weight: z.number() })),
})
export type ClassLeaning = z.infer<typeof classLeaning>

/** What each source answers of a clip: a class by its place, the probabilities of that and of the true class. */
export const actionAnswer = z.object({
  clip: z.number().int(),
  round: z.number().int(),
  predicted: z.number().int(),
  confidence: z.number(),
  ofTruth: z.number(),
  /** Of a wrong answer: the features that spoke most for it and against the truth. */
  because: z.array(z.object({ feature: z.number().int(), weight: z.number() })),
})
export type ActionAnswer = z.infer<typeof actionAnswer>

/** A trained classifier of a source: features are standardised (x - mean) factor, scores are z weights + bias. */
export interface ActionHead {
  /** [D]. */
  mean: Float32Array
  factor: Float32Array
  /** [D, C], row-major. */
  weights: Float32Array
  /** [C]. */
  bias: Float32Array
  strength: number
}

/** By source, in their order. */
export interface ActionEvaluation {
  /** Of all clips. */
  heads: ActionHead[]
  /** By class, the clips that decided. */
  deciding: ClassLeaning['clips'][][]
  /** By group of features, and by class: held-out answers that are right with the group silenced. */
  rightWithout: number[][][]
  figures: ActionFigures[]
  answers: ActionAnswer[][]
  comparisons: z.infer<typeof actionComparison>[]
}

export const actionsResult = z.object({
  id: z.number().int(),
  /** The folder or table. */
  source: z.string(),
  clips: z.number().int(),
  groups: z.number().int(),
  classes: z.array(z.string()),
  division: z.enum(['folds', 'groups', 'given']),
  /** Classifiers for each source in one going through the clips: folds, groups or splits. */
  folds: z.number().int(),
  repeats: z.number().int(),
  /** Pairs of classes that are told apart by themselves as well. */
  pairs: z.array(z.tuple([z.string(), z.string()])),
  sources: z.array(
    z.object({
      ...actionFeatures.shape,
      ...actionFigures.shape,
      /** By class; null: of frame features, which stand for nothing, and of older comparisons. */
      leaning: z.array(classLeaning).nullable(),
    }),
  ),
  comparisons: z.array(actionComparison),
  createdAt: z.string(),
})
export type ActionsResult = z.infer<typeof actionsResult>

/** A clip of a comparison, and what each source answered of it in the first round that asked. */
export const actionClip = z.object({
  name: z.string(),
  /** As it was compared. */
  class: z.number().int(),
  /** What a person has said since it is; null: nothing else. */
  relabelled: z.string().nullable(),
  group: z.string(),
  /** The clip of the project, also where a video elsewhere shows the same; null: a video elsewhere. */
  clipId: z.number().int().nullable(),
  answers: z.array(actionAnswer.omit({ clip: true, round: true }).nullable()),
})
export type ActionClip = z.infer<typeof actionClip>

/** A neuron that spoke for a wrong answer, the topic that it stands for now (null: none), its activation over the frames of the clip; the second of its peak where frames have times. */
export const activeReason = z.object({
  neuron: z.number().int(),
  topicId: z.number().int().nullable(),
  weight: z.number(),
  activation: z.array(z.number()),
  peakSecond: z.number().nullable(),
})
export type ActiveReason = z.infer<typeof activeReason>

export const actionsProcedures = {
  transfer: procedure.input(actionsRequest).output(jobStarted),
  results: procedure.output(z.array(actionsResult)),
  /** The clips of a comparison. */
  clips: procedure.input(z.object({ id })).output(z.array(actionClip)),
  /** When the neurons that spoke for a source's wrong answer are active in a clip, in the order of what they added. */
  reasons: procedure
    .input(z.object({ id, source: id, name: z.string().max(4096) }))
    .output(z.array(activeReason)),
  /**
   * Says that a clip of a comparison is of another class, or (null) of the one that its corpus says. It counts wherever the same content has the same
   * class, from the next comparison on.
   */
  relabel: procedure.input(z.object({ id, name: z.string().max(4096), class: className.nullable() })),
}
