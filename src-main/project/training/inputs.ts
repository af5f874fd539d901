import { createHash } from 'node:crypto'
import type { VitrineError } from '../../common/failures.ts'
import type { CorpusSize } from '../../common/presets.ts'
import type { CaptionedClip } from '../../engine-host/contract/index.ts'
import { storedPath } from '../../store/index.ts'
import type { OpenProject, TrainingDigests } from '../../store/index.ts'
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
  const changed = changedInputs(before, after)
  if (changed.length === 0) {
    return
  }
  // Other clips bring along other features, captions and topics: that goes without saying.
  const reported = changed.includes('clips') ? [INPUTS.clips] : changed.map((input) => INPUTS[input])
  throw failures.inputsChanged({ modelId, inputs: reported.join(' and ') })
}
