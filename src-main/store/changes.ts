/**
 * Changes that a person makes and may take back. A change is data; applying it returns the change that undoes it, taken
 * from what was there before. So an edit needs no code of its own for undo, and the log of edits can be replayed in
 * either direction by a later run of the program.
 */
import * as z from 'zod'
import { correction, modelRow } from '#contract'
import type { CorrectionRepository } from './corrections.ts'
import type { ModelRepository } from './models.ts'
import type { SettingRepository } from './settings.ts'
import type { TopicRepository } from './topics.ts'

const id = z.number().int()

const single = [
  z.object({ kind: z.literal('topic.label'), topicId: id, label: z.string() }),
  /** A clip's entry of a topic; null removes it. */
  z.object({
    kind: z.literal('clip.topic'), clipId: id, topicId: id,
    entry: z.object({ share: z.number(), active: z.boolean(), source: z.enum(['lda', 'curator']) }).nullable(),
  }),
  z.object({ kind: z.literal('model.current'), modelId: id.nullable() }),
  z.object({ kind: z.literal('model.state'), modelId: id, state: modelRow.shape.state }),
  z.object({ kind: z.literal('model.note'), modelId: id, note: z.string() }),
  z.object({ kind: z.literal('correction.state'), correctionId: id, state: correction.shape.state }),
] as const

/** One change, or several that belong together, in order. */
export const change = z.union([
  z.discriminatedUnion('kind', single),
  z.object({ kind: z.literal('all'), changes: z.array(z.discriminatedUnion('kind', single)) }),
])
export type Change = z.infer<typeof change>
type SingleChange = Exclude<Change, { kind: 'all' }>

export interface ChangeTargets {
  topics: TopicRepository
  models: ModelRepository
  corrections: CorrectionRepository
  settings: SettingRepository
}

/** Makes `change` and returns its inverse. Throws NOT_FOUND when what it names is gone. Call it in a transaction. */
export function applyChange(targets: ChangeTargets, change: Change): Change {
  if (change.kind !== 'all') return applySingle(targets, change)
  const inverses = change.changes.map((each) => applySingle(targets, each))
  return { kind: 'all', changes: inverses.reverse() }
}

function applySingle({ topics, models, corrections, settings }: ChangeTargets, change: SingleChange): SingleChange {
  switch (change.kind) {
    case 'topic.label': {
      const { label } = topics.get(change.topicId)
      topics.setLabel(change.topicId, change.label)
      return { ...change, label }
    }
    case 'clip.topic': {
      const before = topics.entry(change.clipId, change.topicId)
      topics.setEntry(change.clipId, change.topicId, change.entry)
      return { ...change, entry: before && { share: before.share, active: before.active, source: before.source } }
    }
    case 'model.current': {
      const modelId = settings.get('currentModel')
      if (change.modelId !== null) models.get(change.modelId)
      settings.set('currentModel', change.modelId)
      return { ...change, modelId }
    }
    case 'model.state': {
      const { state } = models.get(change.modelId)
      models.setState(change.modelId, change.state)
      return { ...change, state }
    }
    case 'model.note': {
      const { note } = models.get(change.modelId)
      models.setNote(change.modelId, change.note)
      return { ...change, note }
    }
    case 'correction.state': {
      const { state } = corrections.get(change.correctionId)
      corrections.setState(change.correctionId, change.state)
      return { ...change, state }
    }
  }
}
