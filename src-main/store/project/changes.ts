/**
 * Making changes. Applying one returns the change that undoes it, taken from what was there before. So an
 * edit needs no code of its own for undo, and the log of edits can be replayed in either direction by a later
 * run of the program. What clips bear follows from changes: it is derived after them.
 */
import type { Split } from '#contract'
import type { ActionRepository } from '../actions.ts'
import type { CaptionRepository } from '../corpus/captions.ts'
import type { ClipRepository } from '../corpus/clips.ts'
import type { ImportRepository } from '../corpus/imports.ts'
import type { FeatureSetRepository } from '../corpus/feature-sets.ts'
import type { FindingRepository } from '../corpus/findings.ts'
import type { TagRepository } from '../corpus/tags.ts'
import type { SweepRepository } from '../sweeps.ts'
import type { CorrectionRepository } from '../corrections.ts'
import type { NeuronRepository } from '../neurons.ts'
import type { Touched } from '../topics/derived.ts'
import { topicFields } from '../stored.ts'
import type { TopicFields } from '../stored.ts'
import type { TopicRepository } from '../topics/topics.ts'
import type { ModelRepository } from '../training.ts'
import type { Change, SingleChange } from '../change-schema.ts'
import type { SettingRepository } from '../settings.ts'
import type { VerdictRepository } from '../verdicts.ts'

export interface ChangeTargets {
  actions: ActionRepository
  clips: ClipRepository
  topics: TopicRepository
  captions: CaptionRepository
  imports: ImportRepository
  featureSets: FeatureSetRepository
  findings: FindingRepository
  models: ModelRepository
  neurons: NeuronRepository
  corrections: CorrectionRepository
  settings: SettingRepository
  sweeps: SweepRepository
  tags: TagRepository
  verdicts: VerdictRepository
}

const SPLITS: readonly Split[] = ['train', 'val', 'test']

type ChangeOf<Kind extends SingleChange['kind']> = Extract<SingleChange, { kind: Kind }>

/** Making one change or several: what they touch, and whether they were made before. */
interface Application {
  targets: ChangeTargets
  touched: Touched
  again: boolean
}

/**
 * Makes `change` and derives what follows from it; returns its inverse. Throws NOT_FOUND when what it names
 * is gone; an edit that is taken back or made `again` passes over models of which the trash was emptied since.
 * Call it in a transaction.
 */
export function applyChange(targets: ChangeTargets, change: Change, again = false): Change {
  const touched: Touched = { topics: new Set(), clips: new Set(), all: false }
  const changes = change.kind === 'all' ? change.changes : [change]
  const inverses = changes.map((single) => applySingle({ targets, touched, again }, single))
  targets.topics.derived.follow(touched)
  return change.kind === 'all' ? { kind: 'all', changes: inverses.reverse() } : inverses[0]!
}

function applySingle(application: Application, change: SingleChange): SingleChange {
  const {
    actions,
    captions,
    corrections,
    imports,
    featureSets,
    findings,
    neurons,
    settings,
    sweeps,
    tags,
    verdicts,
  } = application.targets
  const { touched } = application
  switch (change.kind) {
    case 'topic':
      return setTopic(application, change)
    case 'topic.words':
      return setWords(application, change)
    case 'clip.verdicts':
      return setVerdicts(application, change)
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
      return { ...change, value: captions.set(change.captionId, change.value) }
    case 'working.language':
      return { ...change, language: captions.setWorkingLanguage(change.language) }
    case 'import':
      return { ...change, undone: imports.setUndone(change.importId, change.undone) }
    case 'captions.removed':
      return setCaptionsRemoved(application, change)
    case 'clips.removed':
      return setClipsRemoved(application, change)
    case 'clips.split':
      return setClipsSplit(application, change)
    case 'features.current': {
      const key = settings.get('featureSet')
      settings.set('featureSet', change.key)
      return { ...change, key }
    }
    case 'features.removed':
      return { ...change, removed: featureSets.setRemoved(change.key, change.removed) }
    case 'caption.verdict':
      return { ...change, value: verdicts.set(change, change.value) }
    case 'clip.tag':
      return { ...change, clips: tags.set(change.tag, change.clips) }
    case 'saved.view':
      return { ...change, filter: settings.setView(change) }
    case 'clip.note':
      return { ...change, value: verdicts.setNote(change.clipId, change.who, change.value) }
    case 'finding':
      return { ...change, state: findings.setState(change.findingId, change.state) ?? change.state }
    case 'model.current':
      return setCurrentModel(application, change)
    case 'model.trashed':
      return setTrashed(application, change)
    case 'model.state':
    case 'model.note':
      return setModel(application, change)
    case 'sweep.trashed':
      return { ...change, trashed: sweeps.setTrashed(change.sweepId, change.trashed) }
    case 'correction.state':
      return setCorrectionState(application, change)
    case 'correction.leftOut':
      return {
        ...change,
        clipIds: corrections.setLeftOut(change.correctionId, change.clipIds) ?? change.clipIds,
      }
    case 'action.label':
      return { ...change, value: actions.setLabel(change, change.value) }
    case 'neuron.judgement':
      return { ...change, value: neurons.judge(change.modelId, change.neuron, change.value) }
  }
}

function setTopic({ targets: { topics }, touched }: Application, change: ChangeOf<'topic'>): SingleChange {
  const before = topics.record(change.topicId)
  topics.set(change.topicId, change.set)
  if ('state' in change.set || 'mergedInto' in change.set) {
    touched.topics.add(change.topicId)
  }
  const fields = Object.keys(change.set) as (keyof TopicFields)[]
  const set = topicFields.partial().parse(Object.fromEntries(fields.map((field) => [field, before[field]])))
  return { ...change, set }
}

function setWords({ targets: { topics } }: Application, change: ChangeOf<'topic.words'>): SingleChange {
  const words = change.words.map(({ word, value }) => {
    const before = topics.word(change.topicId, word)
    topics.setWord(change.topicId, word, value)
    return { word, value: before && { count: before.count, mark: before.mark } }
  })
  return { ...change, words: words.reverse() }
}

function setVerdicts(
  { targets: { topics }, touched }: Application,
  change: ChangeOf<'clip.verdicts'>,
): SingleChange {
  const { topicId } = change
  topics.record(topicId)
  const before: { set: number[]; cleared: number[]; none: number[] } = { set: [], cleared: [], none: [] }
  const judged = new Set<number>()
  const judge = (clipIds: readonly number[], active: boolean | null): void => {
    for (const clipId of clipIds) {
      // Named twice: the first one knows what was there before.
      if (judged.has(clipId)) {
        continue
      }
      judged.add(clipId)
      before[verdictName(topics.verdict(topicId, clipId))].push(clipId)
      topics.setVerdict(topicId, clipId, active)
      touched.clips.add(clipId)
    }
  }
  judge(change.set, true)
  judge(change.cleared, false)
  judge(change.none, null)
  return { ...change, ...before }
}

function verdictName(verdict: boolean | null): 'set' | 'cleared' | 'none' {
  if (verdict === null) {
    return 'none'
  }
  return verdict ? 'set' : 'cleared'
}

function setCaptionsRemoved(
  { targets: { captions } }: Application,
  change: ChangeOf<'captions.removed'>,
): SingleChange {
  const before = [...captions.removals([...change.removed, ...change.present])]
  captions.setRemoved(change.removed, true)
  captions.setRemoved(change.present, false)
  return {
    ...change,
    removed: before.filter(([, removed]) => removed).map(([id]) => id),
    present: before.filter(([, removed]) => !removed).map(([id]) => id),
  }
}

function setClipsRemoved(
  { targets: { clips }, touched }: Application,
  change: ChangeOf<'clips.removed'>,
): SingleChange {
  const before = [...clips.states([...change.removed, ...change.present])]
  clips.setRemoved(change.removed, true)
  clips.setRemoved(change.present, false)
  before.forEach(([clipId]) => touched.clips.add(clipId))
  const idsWhere = (removed: boolean): number[] =>
    before.flatMap(([clipId, state]) => (state.removed === removed ? [clipId] : []))
  return { ...change, removed: idsWhere(true), present: idsWhere(false) }
}

function setClipsSplit({ targets: { clips } }: Application, change: ChangeOf<'clips.split'>): SingleChange {
  const before = [...clips.states(SPLITS.flatMap((split) => change[split]))]
  SPLITS.forEach((split) => {
    clips.setSplit(change[split], split)
  })
  const idsIn = (split: Split): number[] =>
    before.flatMap(([clipId, state]) => (state.split === split ? [clipId] : []))
  return { ...change, train: idsIn('train'), val: idsIn('val'), test: idsIn('test') }
}

function setCurrentModel(
  { targets: { models, settings }, again }: Application,
  change: ChangeOf<'model.current'>,
): SingleChange {
  const before = settings.get('currentModel')
  const isGone = change.modelId !== null && again && models.isGone(change.modelId)
  if (change.modelId !== null && !isGone) {
    models.get(change.modelId)
  }
  settings.set('currentModel', isGone ? before : change.modelId)
  return { ...change, modelId: before }
}

function setModel(
  { targets: { models }, again }: Application,
  change: ChangeOf<'model.state' | 'model.note'>,
): SingleChange {
  if (again && models.isGone(change.modelId)) {
    return change
  }
  const { state, note } = models.get(change.modelId)
  if (change.kind === 'model.state') {
    models.setState(change.modelId, change.state)
    return { ...change, state }
  }
  models.setNote(change.modelId, change.note)
  return { ...change, note }
}

/** The current model that goes to the trash leaves its place to the newest one that is ready. */
function setTrashed(
  { targets: { models, settings }, again }: Application,
  change: ChangeOf<'model.trashed'>,
): SingleChange {
  const { modelId, trashed } = change
  if (again && models.isGone(modelId)) {
    return change
  }
  const wasTrashed = models.get(modelId).trash !== null
  const before = settings.get('currentModel')
  models.setTrashed(modelId, trashed)
  if (change.current) {
    settings.set('currentModel', modelId)
  } else if (trashed && before === modelId) {
    settings.set('currentModel', models.successor())
  }
  return { ...change, trashed: wasTrashed, current: before === modelId }
}

function setCorrectionState(
  { targets: { corrections, models }, again }: Application,
  change: ChangeOf<'correction.state'>,
): SingleChange {
  const { correctionId, state } = change
  // What was learnt meanwhile does not go back into the queue, nor out of it; and what was decided of a version
  // whose files are gone stays so.
  const isQueueing = state === 'queued' || state === 'withdrawn'
  const learntBy = corrections.has(correctionId) ? corrections.get(correctionId).model : null
  if (learntBy !== null && (isQueueing || (again && models.isGone(learntBy)))) {
    return change
  }
  return { ...change, state: corrections.setState(correctionId, state) ?? state }
}
