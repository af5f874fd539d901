/**
 * Ways in which a correction may break: other searches, and other frames. `learnt` are those that learning
 * itself looks at; the others say whether the slack carries further.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding } from '#contract'
import type { Decoding } from '#contract'
import { createRandom } from '../../../src-main/common/random.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { readFeatures } from '../../../src-main/engine/captioner/feature-files.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { OMISSIONS, withoutFrames } from '../../../src-main/engine/corrections/views.ts'
import type {
  CaptionedClip,
  ClipFeatures,
  EngineContext,
} from '../../../src-main/engine-host/contract/index.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { BEAM } from './reviewer.ts'

/** Of a feature's deviation over the training clips. */
const NOISE = 0.1

export interface Kind {
  name: string
  decoding: Decoding
  /** Whether learning looks at it. */
  learnt: boolean
  view: 'whole' | 'noise' | ((frame: number, count: number) => boolean)
}

const bySearch = (name: string, options: Partial<Decoding>, learnt: boolean): Kind => ({
  name,
  decoding: decoding.parse(options),
  learnt,
  view: 'whole',
})

export const KINDS: readonly Kind[] = [
  bySearch('greedy', { method: 'greedy' }, true),
  bySearch('beam 3', { beam: 3 }, true),
  bySearch('beam 10', { beam: 10 }, true),
  { name: 'without the first frame', decoding: BEAM, learnt: true, view: OMISSIONS.first },
  { name: 'without the last frame', decoding: BEAM, learnt: true, view: OMISSIONS.last },
  { name: 'without every seventh', decoding: BEAM, learnt: true, view: OMISSIONS.seventh },
  bySearch('beam 20', { beam: 20 }, false),
  { name: 'without every third', decoding: BEAM, learnt: false, view: (frame) => frame % 3 === 2 },
  { name: 'noise of a tenth', decoding: BEAM, learnt: false, view: 'noise' },
]

interface Place {
  cells: number
  /** For features with noise. */
  folder: string
  context: EngineContext
}

/** By kind, whether a clip is captioned so; null where there is no such view of it. */
export async function robustness(
  modelDir: string,
  clip: CaptionedClip,
  caption: string,
  { cells, folder, context }: Place,
): Promise<(boolean | null)[]> {
  const held: (boolean | null)[] = []
  for (const { decoding: search, view } of KINDS) {
    const seen = await viewOf(view, { modelDir, clip, cells, folder })
    if (seen === null) {
      held.push(null)
      continue
    }
    const { captions } = await captionerHandlers['captioner.caption'](
      { modelDir, clips: [seen], decoding: search, device: 'cpu' },
      context,
    )
    held.push(captions[0]!.caption === caption)
  }
  return held
}

async function viewOf(
  view: Kind['view'],
  { modelDir, clip, cells, folder }: { modelDir: string; clip: CaptionedClip; cells: number; folder: string },
): Promise<ClipFeatures | null> {
  if (view === 'whole') {
    return clip
  }
  const { architecture, transform } = await loadModel(modelDir)
  const { rows, size, data } = await readFeatures(clip, architecture.frames)
  if (view !== 'noise') {
    return withoutFrames(clip, { features: rows, cells }, view)
  }
  const random = createRandom(clip.id)
  const noisy = data.map((x, i) => {
    const scale = transform.scale[i % size]!
    return scale === 0 ? x : x + (NOISE * random.normal()) / scale
  })
  await mkdir(folder, { recursive: true })
  const features = join(folder, `noise-${clip.id}.npy`)
  await writeFile(features, encodeNpy([rows, size], noisy))
  return { id: clip.id, features }
}
