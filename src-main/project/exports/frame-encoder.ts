/** The frame encoder that a model's features were made with, as an export passes it on. */
import { VitrineError } from '../../common/failures.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { EngineParams, NotExported } from '../../engine-host/contract/index.ts'
import { fittingTo } from '../../media/frame-size.ts'
import type { Captioner, OpenProject } from '../../store/index.ts'
import { encodersFolder } from '../encoders/folder.ts'
import type { Workspace } from '../workspace.ts'

/** What has to be done with a video before the frame encoder sees it; the content of `preprocessing.json`. */
export interface Preprocessing {
  encoder: { id: string; title: string; fingerprint: string }
  /** Frames of a clip at most: the first one of each of so many equal parts. A clip of fewer frames gives all. */
  frames: number
  /** Rows and columns that a frame is cut into, each of which is a row of features. */
  cells: number
  grid: 1 | 2
  /** Frames as the network gets them, RGB bytes, and FFmpeg's filters that make them. */
  width: number
  height: number
  filters: string
}

export interface ExportedEncoder {
  /** For the engine. */
  frames: EngineParams<'captioner.export'>['frames']
  preprocessing: Preprocessing | null
  /** Why there is none. */
  problem: keyof typeof LEFT_OUT | null
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

/** Has the frame encoder of a model ready, where there is one. */
export async function frameEncoderOf(
  workspace: Workspace,
  { store }: OpenProject,
  model: Captioner,
  options: CallOptions,
): Promise<ExportedEncoder> {
  const without = (problem: ExportedEncoder['problem']) => ({ frames: null, preprocessing: null, problem })
  const { origin } = store.featureSets.get(model.featureKey)
  if (origin.kind !== 'encoder') {
    return without(origin.kind === 'imported' ? 'imported' : 'joined')
  }
  const { encoder, fingerprint, frames, grid, cells } = origin
  const prepared = await workspace.engine
    .call('encoders.prepare', { directory: encodersFolder(workspace), id: encoder }, options)
    .catch((error: unknown) => {
      if (error instanceof VitrineError && error.code === 'NOT_FOUND') {
        return null
      }
      throw error
    })
  if (prepared === null) {
    return without('gone')
  }
  if (!prepared.fingerprint.startsWith(fingerprint)) {
    return without('altered')
  }
  const { descriptor, title, size } = prepared
  return {
    frames: { descriptor, grid, cells },
    preprocessing: {
      encoder: { id: encoder, title, fingerprint },
      frames,
      cells,
      grid,
      width: size.width,
      height: size.height,
      filters: fittingTo(size).filters.join(','),
    },
    problem: null,
  }
}
