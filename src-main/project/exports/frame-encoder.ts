/** The frame encoder that a model's features were made with, as an export passes it on. */
import { VitrineError } from '../../common/failures.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { EngineParams, NotExported, PreparedEncoder } from '../../engine-host/contract/index.ts'
import { fittingTo } from '../../media/frame-size.ts'
import type { Captioner, FeatureSet, OpenProject } from '../../store/index.ts'
import { encodersFolder } from '../encoders/folder.ts'
import type { Workspace } from '../workspace.ts'

/** What a model reads, and how it is made: the content of `preprocessing.json`. */
export interface Preprocessing {
  /** The set of features that it was trained on. */
  features: Pick<FeatureSet, 'key' | 'title' | 'origin' | 'frames' | 'dimension'>
  /** Null: it is not known, or not to be had. */
  encoder: Pick<PreparedEncoder, 'title' | 'licence' | 'source'> | null
  /** What has to be done with a video before the frame encoder sees it; null where that is not known. */
  video: {
    /** Frames of a clip at most: the first one of each of so many equal parts. A clip of fewer frames gives all. */
    frames: number
    /** Frames as the network gets them, RGB bytes, and FFmpeg's filters that make them. */
    width: number
    height: number
    filters: string
  } | null
}

/** Why an export goes from features on and not from frames. */
export const LEFT_OUT = {
  imported: 'Its features were computed elsewhere: the export takes features, not videos.',
  joined: 'Its features are joined of several sets: the export takes features, not videos.',
  gone: 'The frame encoder that it saw with is not among yours any more: the export takes features, not videos.',
  altered:
    'The frame encoder of that name is another one than it saw with: the export takes features, not videos.',
  licence:
    'The licence of its frame encoder does not say that it may be passed on: the export takes features, not videos.',
  stacks:
    'Its frame encoder takes stacks, or a fixed number, of frames: the export takes features, not videos.',
  'weights beside':
    "The weights of its frame encoder lie beside its network's file: the export takes features, not videos.",
  operators:
    "Its frame encoder has operators beside ONNX's own of version 13 or later: the export takes features, not videos.",
} as const satisfies Record<NotExported | 'imported' | 'joined' | 'gone' | 'altered', string>

export interface ExportedEncoder {
  /** For the engine. */
  frames: EngineParams<'captioner.export'>['frames']
  preprocessing: Preprocessing
  /** Why there are no frames. */
  problem: keyof typeof LEFT_OUT | null
}

/** Has the frame encoder of a model ready, where there is one. */
export async function frameEncoderOf(
  workspace: Workspace,
  { store }: OpenProject,
  model: Captioner,
  options: CallOptions,
): Promise<ExportedEncoder> {
  const { key, title, origin, frames, dimension } = store.featureSets.get(model.featureKey)
  const features = { key, title, origin, frames, dimension }
  const without = (problem: ExportedEncoder['problem']): ExportedEncoder => ({
    frames: null,
    preprocessing: { features, encoder: null, video: null },
    problem,
  })
  if (origin.kind !== 'encoder') {
    return without(origin.kind === 'imported' ? 'imported' : 'joined')
  }
  const prepared = await preparedOrGone(workspace, origin.encoder, options)
  if (prepared === null) {
    return without('gone')
  }
  if (!prepared.fingerprint.startsWith(origin.fingerprint)) {
    return without('altered')
  }
  const { descriptor, licence, source, size } = prepared
  return {
    frames: { descriptor, grid: origin.grid, cells: origin.cells },
    preprocessing: {
      features,
      encoder: { title: prepared.title, licence, source },
      video: {
        frames: origin.frames,
        width: size.width,
        height: size.height,
        filters: fittingTo(size).filters.join(','),
      },
    },
    problem: null,
  }
}

/** Null where it is not among the person's encoders. */
async function preparedOrGone(
  workspace: Workspace,
  id: string,
  options: CallOptions,
): Promise<PreparedEncoder | null> {
  try {
    return await workspace.engine.call(
      'encoders.prepare',
      { directory: encodersFolder(workspace), id },
      options,
    )
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'NOT_FOUND') {
      return null
    }
    throw error
  }
}
