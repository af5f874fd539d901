/**
 * Changes that a person makes and may take back. A change is data; applying it returns the change that undoes
 * it, taken from what was there before. So an edit needs no code of its own for undo, and the log of edits
 * can be replayed in either direction by a later run of the program. What clips bear follows from changes: it
 * is derived after them.
 */
import * as z from 'zod'
import type { GeneratedCaptionRepository } from '../review.ts'
import type { ClipRepository } from '../corpus/clips.ts'
import type { CorrectionRepository } from '../corrections.ts'
import type { FindingRepository } from '../corpus/findings.ts'
import type { ModelRepository } from '../training.ts'
import type { NeuronRepository } from '../neurons.ts'
import type { SettingRepository } from './settings.ts'
import type { TopicFields, TopicRepository } from '../topics/topics.ts'
import type { Touched } from '../topics/derived.ts'
import {
  storedCorrectionState,
  storedFindingState,
  storedModelState,
  storedNeuronJudgement,
  storedTopicRule,
  storedTopicState,
  storedVerdict,
} from '../stored.ts'

const id = z.number().int()

const topicFields = z.object({
  label: z.string(),
  labelled: z.boolean(),
  description: z.string(),
  hue: z.number().nullable(),
  state: storedTopicState,
  mergedInto: id.nullable(),
  npmi: z.number().nullable(),
  alpha: z.number().nullable(),
}) satisfies z.ZodType<TopicFields>

const storedCaption = z.object({
  clipId: id,
  position: id,
  source: z.enum(['human', 'reviewer']),
  text: z.string(),
})

const single = [
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
  /** A caption under its id; null removes it. */
  z.object({ kind: z.literal('caption'), captionId: id, value: storedCaption.nullable() }),
  z.object({ kind: z.literal('finding'), findingId: id, state: storedFindingState }),
  z.object({ kind: z.literal('model.current'), modelId: id.nullable() }),
  z.object({ kind: z.literal('model.state'), modelId: id, state: storedModelState }),
  z.object({ kind: z.literal('model.note'), modelId: id, note: z.string() }),
  z.object({ kind: z.literal('correction.state'), correctionId: id, state: storedCorrectionState }),
  /** A verdict on what a model said of a clip; null: none. */
  z.object({
    kind: z.literal('caption.verdict'),
    modelId: id,
    clipId: id,
    value: z.object({ caption: z.string(), verdict: storedVerdict }).nullable(),
  }),
  /** Empty: none. */
  z.object({ kind: z.literal('clip.note'), clipId: id, note: z.string() }),
  z.object({
    kind: z.literal('neuron.judgement'),
    modelId: id,
    neuron: id,
    value: storedNeuronJudgement.nullable(),
  }),
] as const

const singleChange = z.discriminatedUnion('kind', single)
export type SingleChange = z.infer<typeof singleChange>

/** One change, or several that belong together, in order. */
export const change = z.union([
  singleChange,
  z.object({ kind: z.literal('all'), changes: z.array(singleChange) }),
])
export type Change = z.infer<typeof change>

export interface ChangeTargets {
  topics: TopicRepository
  clips: ClipRepository
  findings: FindingRepository
  models: ModelRepository
  captions: GeneratedCaptionRepository
  neurons: NeuronRepository
  corrections: CorrectionRepository
  settings: SettingRepository
}

/**
 * Makes `change` and derives what follows from it; returns its inverse. Throws NOT_FOUND when what it names
 * is gone; an edit that is taken back or made `again` passes over models that were deleted since. Call it in
 * a transaction.
 */
export function applyChange(targets: ChangeTargets, change: Change, again = false): Change {
  const touched: Touched = { topics: new Set(), clips: new Set(), all: false }
  const inverses = (change.kind === 'all' ? change.changes : [change]).map((each) =>
    applySingle(targets, each, touched, again),
  )
  targets.topics.derived.follow(touched)
  return change.kind === 'all' ? { kind: 'all', changes: inverses.reverse() } : inverses[0]!
}

function applySingle(
  { topics, clips, findings, models, captions, neurons, corrections, settings }: ChangeTargets,
  change: SingleChange,
  touched: Touched,
  again: boolean,
): SingleChange {
  switch (change.kind) {
    case 'topic': {
      const before = topics.record(change.topicId)
      topics.set(change.topicId, change.set)
      if ('state' in change.set || 'mergedInto' in change.set) {
        touched.topics.add(change.topicId)
      }
      const keys = Object.keys(change.set) as (keyof TopicFields)[]
      return {
        ...change,
        set: topicFields.partial().parse(Object.fromEntries(keys.map((key) => [key, before[key]]))),
      }
    }
    case 'topic.words': {
      const words = change.words.map(({ word, value }) => {
        const before = topics.word(change.topicId, word)
        topics.setWord(change.topicId, word, value)
        return { word, value: before && { count: before.count, mark: before.mark } }
      })
      return { ...change, words: words.reverse() }
    }
    case 'clip.verdicts': {
      topics.record(change.topicId)
      const inverse = { ...change, set: [] as number[], cleared: [] as number[], none: [] as number[] }
      const said = new Set<number>()
      const say = (clipIds: readonly number[], active: boolean | null) => {
        for (const clipId of clipIds) {
          // Named twice: the first one knows what was there before.
          if (said.has(clipId)) {
            continue
          }
          said.add(clipId)
          const before = topics.verdict(change.topicId, clipId)
          inverse[before === null ? 'none' : before ? 'set' : 'cleared'].push(clipId)
          topics.setVerdict(change.topicId, clipId, active)
          touched.clips.add(clipId)
        }
      }
      say(change.set, true)
      say(change.cleared, false)
      say(change.none, null)
      return inverse
    }
    case 'topic.rule': {
      const rule = settings.get('topicRule')
      settings.set('topicRule', change.rule)
      touched.all = true
      return { ...change, rule }
    }
    case 'topic.run': {
      const runId = settings.get('topicRun')
      settings.set('topicRun', change.runId)
      touched.all = true
      return { ...change, runId }
    }
    case 'topic.wordsEdited': {
      const edited = settings.get('wordsEdited')
      settings.set('wordsEdited', change.edited)
      return { ...change, edited }
    }
    case 'caption':
      return { ...change, value: clips.setCaption(change.captionId, change.value) }
    case 'finding':
      return { ...change, state: findings.setState(change.findingId, change.state) ?? change.state }
    case 'model.current': {
      const modelId = settings.get('currentModel')
      const gone = change.modelId !== null && again && !models.has(change.modelId)
      if (change.modelId !== null && !gone) {
        models.get(change.modelId)
      }
      settings.set('currentModel', gone ? modelId : change.modelId)
      return { ...change, modelId }
    }
    case 'model.state': {
      if (again && !models.has(change.modelId)) {
        return change
      }
      const { state } = models.get(change.modelId)
      models.setState(change.modelId, change.state)
      return { ...change, state }
    }
    case 'model.note': {
      if (again && !models.has(change.modelId)) {
        return change
      }
      const { note } = models.get(change.modelId)
      models.setNote(change.modelId, change.note)
      return { ...change, note }
    }
    case 'correction.state': {
      // What was learnt meanwhile does not go back into the queue, nor out of it; a version that was thrown
      // away took its corrections along.
      const queueing = change.state === 'queued' || change.state === 'withdrawn'
      if (
        queueing &&
        corrections.has(change.correctionId) &&
        corrections.get(change.correctionId).model !== null
      ) {
        return change
      }
      return { ...change, state: corrections.setState(change.correctionId, change.state) ?? change.state }
    }
    case 'caption.verdict':
      return { ...change, value: captions.setVerdict(change.modelId, change.clipId, change.value) }
    case 'clip.note':
      return { ...change, note: clips.setNote(change.clipId, change.note) }
    case 'neuron.judgement':
      return { ...change, value: neurons.judge(change.modelId, change.neuron, change.value) }
  }
}
