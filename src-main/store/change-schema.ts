/**
 * Changes that a person makes and may take back, as data: what the log of edits holds, and what use cases
 * plan. Which object is changed and what it is to be; what it was before is read when the change is made.
 */
import * as z from 'zod'
import {
  storedCorrectionState,
  storedFindingState,
  storedModelState,
  storedNeuronJudgement,
  storedTopicRule,
  storedVerdict,
  storedView,
  topicFields,
} from './stored.ts'

const id = z.number().int()
const ids = z.array(id).default([])
/** ISO 8601 in UTC; null: not known. */
const time = z.string().nullable().default(null)

const placedCaption = z.object({
  clipId: id,
  position: id,
  source: z.enum(['human', 'reviewer']),
  text: z.string(),
  origin: z
    .object({ language: z.string().nullable(), author: z.string().nullable(), source: z.string().nullable() })
    .optional(),
  at: time.optional(),
  removed: z.boolean().optional(),
  absent: z.boolean().optional(),
})

const singleChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('topic'), topicId: id, set: topicFields.partial() }),
  /** Words of a topic as they are to be; null removes one. */
  z.object({
    kind: z.literal('topic.words'),
    topicId: id,
    words: z.array(
      z.object({
        word: z.string(),
        value: z.object({ count: z.number(), mark: z.enum(['pinned', 'forbidden']).nullable() }).nullable(),
      }),
    ),
  }),
  /**
   * What a person says of a topic of clips: those that show it, those that don't, and those left to the rule.
   */
  z.object({
    kind: z.literal('clip.verdicts'),
    topicId: id,
    set: z.array(id).default([]),
    cleared: z.array(id).default([]),
    none: z.array(id).default([]),
  }),
  z.object({ kind: z.literal('topic.rule'), rule: storedTopicRule }),
  z.object({ kind: z.literal('topic.run'), runId: id.nullable() }),
  z.object({ kind: z.literal('topic.wordsEdited'), edited: z.boolean() }),
  /** A caption under its id; null removes it, and `absent` says that there was none. */
  z.object({ kind: z.literal('caption'), captionId: id, value: placedCaption.nullable() }),
  /** The language that the project works in; null: all that there are. */
  z.object({ kind: z.literal('working.language'), language: z.string().nullable() }),
  /** All that came by an import: taken away, or put there. */
  z.object({ kind: z.literal('import'), importId: id, undone: z.boolean() }),
  /** Captions that are removed, and those that are there again. */
  z.object({ kind: z.literal('captions.removed'), removed: ids, present: ids }),
  /** The same of clips. */
  z.object({ kind: z.literal('clips.removed'), removed: ids, present: ids }),
  /** Clips by the split that they are to be in. */
  z.object({ kind: z.literal('clips.split'), train: ids, val: ids, test: ids }),
  /** Filters of a list by a name; null: none. */
  z.object({
    kind: z.literal('saved.view'),
    ...storedView.pick({ list: true, name: true }).shape,
    filter: storedView.shape.filter.nullable(),
  }),
  /** The features that views and training go by; null: none. */
  z.object({ kind: z.literal('features.current'), key: z.string().nullable() }),
  /** A set of features is taken away, or there again. */
  z.object({ kind: z.literal('features.removed'), key: z.string(), removed: z.boolean() }),
  z.object({ kind: z.literal('finding'), findingId: id, state: storedFindingState }),
  z.object({ kind: z.literal('model.current'), modelId: id.nullable() }),
  z.object({ kind: z.literal('model.state'), modelId: id, state: storedModelState }),
  /** `current`: a model that comes out of the trash is the current one, as it was before it went there. */
  z.object({
    kind: z.literal('model.trashed'),
    modelId: id,
    trashed: z.boolean(),
    current: z.boolean().default(false),
  }),
  z.object({ kind: z.literal('model.note'), modelId: id, note: z.string() }),
  /** A sweep is in the trash, its models apart. */
  z.object({ kind: z.literal('sweep.trashed'), sweepId: id, trashed: z.boolean() }),
  z.object({ kind: z.literal('correction.state'), correctionId: id, state: storedCorrectionState }),
  /** Clips that a correction is not carried to. */
  z.object({ kind: z.literal('correction.leftOut'), correctionId: id, clipIds: z.array(id) }),
  /** A person's verdict on what a model said of a clip, and when it was given; null: none. */
  z.object({
    kind: z.literal('caption.verdict'),
    modelId: id,
    clipId: id,
    who: z.string(),
    value: z.object({ caption: z.string(), verdict: storedVerdict, at: time }).nullable(),
  }),
  /** A tag of clips: who put it on each and when, or (null) that it is taken off. */
  z.object({
    kind: z.literal('clip.tag'),
    tag: z.string(),
    clips: z.array(
      z.object({ clipId: id, value: z.object({ who: z.string(), at: time }).nullable().default(null) }),
    ),
  }),
  /** A person's note on a clip; null: none. */
  z.object({
    kind: z.literal('clip.note'),
    clipId: id,
    who: z.string(),
    value: z.object({ note: z.string(), at: time }).nullable(),
  }),
  /** The class that a person gives a clip of actions, where its corpus says `corpusClass`; null: that one. */
  z.object({
    kind: z.literal('action.label'),
    content: z.string(),
    corpusClass: z.string(),
    value: z.object({ class: z.string(), who: z.string(), at: z.string() }).nullable(),
  }),
  z.object({
    kind: z.literal('neuron.judgement'),
    modelId: id,
    neuron: id,
    value: storedNeuronJudgement.nullable(),
  }),
])
export type SingleChange = z.infer<typeof singleChange>

/** One change, or several that belong together, in order. */
export const change = z.union([
  singleChange,
  z.object({ kind: z.literal('all'), changes: z.array(singleChange) }),
])
export type Change = z.infer<typeof change>
