/** What all steps go by: the corpus as it is, or as a sample will make it, and the model that they lead to. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Split } from '#contract'
import { resolvePath } from '../../common/files/paths.ts'
import type { CorpusSize } from '../../common/presets.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import type { Input } from '../service.ts'

/** Of so few validation clips little is seen: the training clips are captioned as well. */
const FEW_CLIPS = 20
/** What a rendered sample has of its clips in training and in validation, and captions of each, about. */
const SAMPLE_SHARES = { train: 0.6, val: 0.1, captions: 10 }

export interface Outlook {
  project: OpenProject
  request: Input<'steps', 'run'>
  /** The clips are those of the rendered sample, which has settings of its own. */
  sampled: boolean
  clips: number
  training: CorpusSize
  /** Captioned clips of validation. */
  validation: number
}

export function outlookOf(project: OpenProject, request: Input<'steps', 'run'>): Outlook {
  const { store } = project
  const sampled = request.sample !== null
  const clips = store.clips.count()
  if (sampled && clips === 0) {
    const { videos } = request
    const trained = Math.round(SAMPLE_SHARES.train * videos)
    const captions = Math.round(SAMPLE_SHARES.captions * trained)
    const training = { clips: trained, captions, frames: null }
    const validation = Math.round(SAMPLE_SHARES.val * videos)
    return { project, request, sampled, clips: videos, training, validation }
  }
  const key = store.settings.get('featureSet')
  return {
    project,
    request,
    sampled,
    clips,
    training: {
      ...store.captions.size('train'),
      frames: key === null ? null : store.features.longest(key, 'train'),
    },
    validation: store.captions.size('val').clips,
  }
}

/** The parts of a sample corpus that was rendered into a folder. */
export function sampleParts(sample: string): {
  directory: string
  videos: string
  captions: string
  split: string
} {
  const directory = resolvePath(sample)
  return {
    directory,
    videos: join(directory, 'clips'),
    captions: join(directory, 'captions.tsv'),
    split: join(directory, 'split.tsv'),
  }
}

/** Its split is written last. */
export const isRendered = (sample: string): boolean => existsSync(sampleParts(sample).split)

/** Clips that could have features of the current set and lack them, but for those that can't be read. */
export function clipsWithoutFeatures({ store }: OpenProject): number {
  const key = store.settings.get('featureSet')
  return key === null
    ? store.clips.count()
    : store.features.missing(key).filter((id) => store.clips.get(id).problem === null).length
}

/** The interpretive model that captions and neurons are made of: the current one, else the newest; null: there is none. */
export function interpretiveModel({ store }: OpenProject): Model | null {
  const ready = store.models.list().filter(({ kind, state }) => kind === 'interpretive' && state === 'ready')
  const currentId = store.settings.get('currentModel')
  return ready.find(({ id }) => id === currentId) ?? ready[0] ?? null
}

/** The splits that a model is to caption: validation, and training where that has few clips. Test is left alone. */
export function splitsToCaption({ validation }: Outlook): Split[] {
  if (validation >= FEW_CLIPS) {
    return ['val']
  }
  return validation === 0 ? ['train'] : ['val', 'train']
}
