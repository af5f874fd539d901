import * as z from 'zod'
import { id, ids, offset, procedure } from './procedure.ts'
import { jobStarted } from './jobs.ts'
import { generatedWord } from './review.ts'
import { split } from './corpus.ts'
import { comparison } from './training.ts'

/**
 * How far a topic's neurons are moved: 1, to their mean over clips that bear it; -1, over those that do not;
 * 0: untouched; above 1, past that mean.
 */
export const movedTopic = z.strictObject({ topicId: id, strength: z.number().min(-1).max(2) })
/** A neuron that is set to a value in every frame. */
export const movedNeuron = z.strictObject({ neuron: offset, value: z.number().min(-1e6).max(1e6) })

/** What is moved in the network while it captions, or what is to be said of a clip. */
export const intervention = z.object({
  modelId: id.nullable().default(null),
  topics: z.array(movedTopic).max(1000).default([]),
  neurons: z.array(movedNeuron).max(100_000).default([]),
})
export type Intervention = z.input<typeof intervention>

export const clipIntervention = intervention.extend({ clipId: id })
export type ClipInterventionRequest = z.input<typeof clipIntervention>

/** The caption decoded with neurons moved, before anything is learnt. */
export const preview = z.object({
  before: z.string(),
  after: z.string(),
  words: z.array(generatedWord),
  logProbability: z.number(),
  /** f(v-bar)_k with the neurons moved, in the order of the model's topics. */
  topics: z.array(z.object({ topicId: z.number().int(), before: z.number(), after: z.number() })),
  /**
   * The neurons that were moved, strongest first: mean activation over the frames before and after; `topicId`
   * null: moved by itself.
   */
  neurons: z.array(
    z.object({
      neuron: z.number().int(),
      topicId: z.number().int().nullable(),
      from: z.number(),
      to: z.number(),
    }),
  ),
})
export type Preview = z.infer<typeof preview>

/** One intervention on every clip of a split, or of a list of clips. */
export const batchPreviewRequest = intervention.extend({
  split: split.default('val'),
  clipIds: ids.min(1).nullable().default(null),
})
export type BatchPreviewRequest = z.input<typeof batchPreviewRequest>

/**
 * What people make of a typed caption: topics that it names and the model's caption does not, and the other
 * way round.
 */
export const readCaption = z.object({
  add: z.array(z.number().int()),
  drop: z.array(z.number().int()),
  unknownWords: z.array(z.string()),
})
export type ReadCaption = z.infer<typeof readCaption>

/** A correction that would bring the caption nearer to the human ones, the best first. */
export const suggestion = z.object({
  topics: z.array(movedTopic),
  after: z.string(),
  ciderBefore: z.number(),
  ciderAfter: z.number(),
})
export type Suggestion = z.infer<typeof suggestion>

export const captionChange = z.object({
  clipId: z.number().int(),
  clip: z.string(),
  before: z.string(),
  after: z.string(),
  ciderBefore: z.number().nullable(),
  ciderAfter: z.number().nullable(),
  /** What the caption gained in CIDEr, to the two decimals that are shown; 0 where people said nothing. */
  gain: z.number(),
})
export type CaptionChange = z.infer<typeof captionChange>

export const batchPreview = z.object({ clips: z.number().int(), changed: z.array(captionChange) })
export type BatchPreview = z.infer<typeof batchPreview>

/** A correction that is put in the queue: by topics and neurons, or (`typed`) by the right caption. */
export const correctionRequest = clipIntervention.extend({
  typed: z.string().trim().min(1).max(500).nullable().default(null),
  note: z.string().trim().max(2000).default(''),
  /** Clips that it is not to be carried to. */
  leftOut: ids.default([]),
})
export type CorrectionRequest = z.input<typeof correctionRequest>

/**
 * How well a version has learnt a correction. `lasts`: it says what is wanted, by narrower and wider searches and
 * with frames left out too; `held`: it says so, but not always (or nobody looked); `missed`: it says something
 * else.
 */
export const learntOutcome = z.enum(['lasts', 'held', 'missed'])
export type LearntOutcome = z.infer<typeof learntOutcome>

/**
 * `queued` corrections wait to be learnt; those that were learnt together are one `proposed` model, which is
 * accepted or thrown away as a whole; `undone` ones were taken back after that.
 */
export const correction = z.object({
  id: z.number().int(),
  state: z.enum(['queued', 'proposed', 'accepted', 'undone']),
  /** The version that learnt it (null: none yet), and the one that it corrects. */
  model: z.number().int().nullable(),
  parent: z.number().int(),
  clipId: z.number().int(),
  clip: z.string(),
  topics: z.array(movedTopic.extend({ label: z.string() })),
  neurons: z.array(movedNeuron),
  typed: z.string().nullable(),
  before: z.string(),
  /** What is to be said of the clip without any intervention: as typed, or as the intervention has it. */
  wanted: z.string(),
  /** What the new version says. */
  after: z.string().nullable(),
  /** Null: it is not learnt yet. */
  learnt: learntOutcome.nullable(),
  /** Clips that a person left out of what it carries to. */
  leftOut: z.array(z.object({ clipId: z.number().int(), clip: z.string() })),
  note: z.string(),
  createdAt: z.string(),
})
export type Correction = z.infer<typeof correction>

/** Corrections as they stand, of clips of one model: what they would carry to is asked. */
export const carryRequest = z.object({
  modelId: id.nullable().default(null),
  corrections: z
    .array(
      z.object({
        clipId: id,
        topics: z.array(movedTopic).max(1000).default([]),
        typed: z.string().trim().min(1).max(500).nullable().default(null),
      }),
    )
    .min(1)
    .max(1000),
})
export type CarryRequest = z.input<typeof carryRequest>

/** What corrections would carry to, before anything is learnt. */
export const carried = z.object({
  /** Clips that were looked at: of validation, and of training. */
  clips: z.number().int(),
  /**
   * Topics that the corrections add. `area`: how well a probe tells the topic on validation clips, as the area
   * under its curve (null: no clip tells); `carries`: whether that is well enough to carry.
   */
  topics: z.array(
    z.object({
      topicId: z.number().int(),
      label: z.string(),
      area: z.number().nullable(),
      carries: z.boolean(),
    }),
  ),
  /** Clips whose captions would change, those that gain most CIDEr first, and the topics that come in. */
  touched: z.array(captionChange.extend({ split, topics: z.array(z.number().int()) })),
})
export type Carried = z.infer<typeof carried>

/**
 * What a version changed beside the clips that it corrects; on the split of those clips (validation for
 * training clips).
 */
export const blastRadius = z.object({
  /** Null in projects of older versions, which did not keep the comparison. */
  split: split.nullable(),
  clips: z.number().int(),
  /** Parent (a) against version (b), without the corrected clips. */
  metrics: comparison.shape.metrics,
  /** All captions that differ, those that lost most CIDEr first. */
  changed: z.array(captionChange),
  /**
   * Topics whose prediction (f above 0.5) changed for some clip: for how many it came and went, and average
   * precision.
   */
  topics: z.array(
    z.object({
      topicId: z.number().int(),
      label: z.string(),
      came: z.number().int(),
      went: z.number().int(),
      averagePrecisionBefore: z.number().nullable(),
      averagePrecisionAfter: z.number().nullable(),
    }),
  ),
  /**
   * Of the corrected clips' nearest neighbours (by v-bar) those whose captions had one of the errors that were
   * corrected, a topic missed or named without reason, and whether it is mended; null where no map tells.
   */
  similar: z
    .object({
      clips: z.array(
        z.object({
          clipId: z.number().int(),
          clip: z.string(),
          before: z.string(),
          after: z.string(),
          mended: z.boolean(),
        }),
      ),
    })
    .nullable(),
  /**
   * Clips that a person was shown as touched, and did not leave out: what was said before, what was shown, and what
   * the version says. `isMended`: it says that, or at least names the topics that were shown to come in.
   */
  shown: z.array(
    z.object({
      clipId: z.number().int(),
      clip: z.string(),
      before: z.string(),
      shown: z.string(),
      after: z.string(),
      isMended: z.boolean(),
    }),
  ),
  /**
   * What the neurons of each corrected clip were shifted to say: the topics whose f changed most, that first. None of
   * versions that changed the network's weights.
   */
  shifted: z.array(
    z.object({
      clipId: z.number().int(),
      topics: z.array(
        z.object({ topicId: z.number().int(), label: z.string(), before: z.number(), after: z.number() }),
      ),
    }),
  ),
})
export type BlastRadius = z.infer<typeof blastRadius>

/** A version that learnt corrections, with what else it changed. */
export const correctedModel = z.object({
  modelId: z.number().int(),
  corrections: z.array(correction),
  radius: blastRadius.nullable(),
})
export type CorrectedModel = z.infer<typeof correctedModel>

/**
 * `holds`: the wanted caption; `mended`: other words, but its topics are right; `back`: the error is there
 * again.
 */
export const regressionOutcome = z.enum(['holds', 'mended', 'back'])
export type RegressionOutcome = z.infer<typeof regressionOutcome>

/** Accepted corrections against the models that came after them. */
export const regressions = z.object({
  models: z.array(z.number().int()),
  cases: z.array(
    z.object({
      correction,
      outcomes: z.array(
        z.object({ modelId: z.number().int(), caption: z.string(), outcome: regressionOutcome }),
      ),
    }),
  ),
})
export type Regressions = z.infer<typeof regressions>

/** What a set of corrections came to. */
export const correctionReport = z.object({
  corrections: z.number().int(),
  /** Said as wanted by the version that learnt them, without intervention. */
  held: z.number().int(),
  /** Of those: said by narrower and wider searches and with frames left out, too. */
  lasting: z.number().int(),
  /** Neighbours with the same error, and those of them that were mended too. */
  similar: z.number().int(),
  similarMended: z.number().int(),
  /** Captions of other clips, and those that changed, for the better and for the worse (by CIDEr). */
  elsewhere: z.number().int(),
  changed: z.number().int(),
  better: z.number().int(),
  worse: z.number().int(),
})
export type CorrectionReport = z.infer<typeof correctionReport>

export const correctionsProcedures = {
  preview: procedure.input(clipIntervention).output(preview),
  /** The same intervention on many clips: which captions change. */
  previewAll: procedure.input(batchPreviewRequest).output(batchPreview),
  read: procedure
    .input(z.object({ modelId: id, clipId: id, caption: z.string().max(5000) }))
    .output(readCaption),
  suggest: procedure.input(z.object({ modelId: id, clipId: id })).output(z.array(suggestion)),
  /** Puts a correction in the queue (an edit). */
  enqueue: procedure.input(correctionRequest).output(z.object({ correctionId: id })),
  /** What corrections would carry to: clips that the same topics are missed in, and probes are sure of. */
  carried: procedure.input(carryRequest).output(carried),
  /** Leaves a clip out of what queued corrections carry to, or takes it in again (an edit). */
  leaveOut: procedure
    .input(z.object({ correctionIds: ids.min(1), clipId: id, out: z.boolean() }))
    .output(z.void()),
  /** Takes it out again (an edit). */
  unqueue: procedure.input(z.object({ correctionId: id })).output(z.void()),
  /**
   * Learns queued corrections of one model (null: all) together, as a proposed version with its blast
   * radius.
   */
  learn: procedure.input(z.object({ correctionIds: ids.min(1).nullable().default(null) })).output(jobStarted),
  /** All corrections, newest first. */
  list: procedure.output(z.array(correction)),
  version: procedure.input(z.object({ modelId: id })).output(correctedModel),
  /** Makes the proposed version current (an edit). */
  accept: procedure.input(z.object({ modelId: id })).output(z.void()),
  /** Puts the proposed version in the trash, with its corrections (an edit). */
  discard: procedure.input(z.object({ modelId: id })).output(z.void()),
  /**
   * Takes an accepted version back: its parent becomes current (an edit). With `replay`, a job learns later
   * accepted corrections again on the parent.
   */
  undo: procedure
    .input(z.object({ modelId: id, replay: z.boolean().default(false) }))
    .output(jobStarted.nullable()),
  regressions: procedure.output(regressions),
  /** Captions the clips of all accepted corrections with a model. */
  rerun: procedure.input(z.object({ modelId: id })).output(jobStarted),
  report: procedure
    .input(z.object({ correctionIds: ids.min(1).nullable().default(null) }))
    .output(correctionReport),
}
