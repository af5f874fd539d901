import { createHash } from 'node:crypto'
import { featuresOfFrame } from '../../common/cells.ts'
import type { VitrineError } from '../../common/failures.ts'
import type { CorpusSize } from '../../common/presets.ts'
import type { CaptionedClip } from '../../engine-host/contract/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import { storedPath } from '../../store/index.ts'
import type { NewModel, OpenProject, TrainingDigests } from '../../store/index.ts'
import { captionedClips } from '../workspace.ts'
import { failures } from './failures.ts'

/** How much there is to learn from, as presets go by it. */
export function corpusSize({ store }: OpenProject): CorpusSize {
  const key = store.settings.get('featureSet')
  return {
    ...store.captions.size('train'),
    frames: key === null ? null : store.features.longest(key, 'train'),
  }
}

/** What a captioner learns from. */
export interface TrainingInputs {
  train: CaptionedClip[]
  validation: CaptionedClip[]
  /** There is no validation split: the training clips stand in for it. */
  standIn: boolean
  /** Of all that the engine is given: a run may only go on with the same. */
  digests: TrainingDigests
}

/** What a model begins with that is trained on these inputs; `topics` in the order of its columns. */
export function newModelOn(
  { store }: OpenProject,
  { featureKey, topics, inputs }: { featureKey: string; topics: number[]; inputs: TrainingInputs },
  { jobId }: JobContext,
) {
  return {
    parent: null,
    jobId,
    origin: 'trained',
    topics,
    fingerprints: store.topics.fingerprints(topics),
    featureKey,
    frames: store.featureSets.get(featureKey).frames * featuresOfFrame(store.featureSets.cellsOf(featureKey)),
    inputs: inputs.digests,
    corpusState: store.clips.corpusState(),
  } satisfies Partial<NewModel>
}

/** What people are told where training clips stand in for the validation split. */
export const NO_VALIDATION =
  'There is no validation split: the training clips stand in for it, so its scores say nothing about other clips. Move some clips into it, and train again.'

/**
 * The clips of the training and the validation split with what is known of them now; `topics` in the order of
 * the model's columns. Throws NOT_READY where there is nothing to train on.
 */
export function trainingInputs(project: OpenProject, featureKey: string, topics: number[]): TrainingInputs {
  const train = captionedClips(project, featureKey, topics, 'train')
  const validation = captionedClips(project, featureKey, topics, 'val')
  if (train.length === 0) {
    throw noTrainingClips(project, featureKey)
  }
  const standIn = validation.length === 0
  return {
    train,
    validation: standIn ? train : validation,
    standIn,
    digests: digestsOf(project.folder, [train, validation]),
  }
}

function noTrainingClips({ store }: OpenProject, featureKey: string): VitrineError {
  return failures.noTrainingClips({
    clips: store.clips.splitCounts().train,
    captioned: store.captions.textsByClip('train').size,
    withFeatures: store.features.paths(featureKey, 'train').length,
  })
}

function digestsOf(folder: string, splits: CaptionedClip[][]): TrainingDigests {
  const digest = (part: (clip: CaptionedClip) => unknown): string => {
    const hash = createHash('sha256')
    for (const clips of splits) {
      hash.update(`${clips.length} clips\n`)
      for (const clip of clips) {
        hash.update(`${JSON.stringify(part(clip))}\n`)
      }
    }
    return hash.digest('hex')
  }
  return {
    clips: digest(({ id }) => id),
    // The path holds the encoder's key and the content's hash, so it stands for the features; the project may
    // have moved.
    features: digest(({ id, features, joined = [] }) => [
      id,
      storedPath(folder, features),
      ...joined.map((file) => [storedPath(folder, file.features), file.rows]),
    ]),
    captions: digest(({ id, captions }) => [id, captions]),
    topics: digest(({ id, topics }) => [id, topics]),
  }
}

const INPUTS: Record<keyof TrainingDigests, string> = {
  clips: 'the clips of its splits',
  features: "its clips' features",
  captions: "its clips' captions",
  topics: "its clips' topics",
}

/** The parts of what a run began with that are others now. */
export const changedInputs = (
  before: TrainingDigests | null,
  after: TrainingDigests,
): (keyof TrainingDigests)[] =>
  (Object.keys(INPUTS) as (keyof TrainingDigests)[]).filter((input) => before?.[input] !== after[input])

/**
 * Throws CONFLICT, saying what has changed, when a run would go on with something else than it began with.
 */
export function requireUnchanged(
  modelId: number,
  before: TrainingDigests | null,
  after: TrainingDigests,
): void {
  const inputs = describeChanged(before, after)
  if (inputs !== null) {
    throw failures.inputsChanged({ modelId, inputs })
  }
}

/** The same in words, for a sentence; null: nothing has changed. */
export function describeChanged(before: TrainingDigests | null, after: TrainingDigests): string | null {
  const changed = changedInputs(before, after)
  if (changed.length === 0) {
    return null
  }
  // Other clips bring along other features, captions and topics: that goes without saying.
  const reported = changed.includes('clips') ? [INPUTS.clips] : changed.map((input) => INPUTS[input])
  return reported.join(' and ')
}
