import type {
  EngineContext,
  EngineHandlers,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { resolveDevice } from '../graph/session.ts'
import { batchSizeFor, captionClips } from './decoding/decoder.ts'
import { exportModel } from './export.ts'
import { withModel } from './loaded-models.ts'
import { remap } from './remap.ts'
import { refine } from './training/refine.ts'
import { train } from './training/train.ts'

type CaptionerMethods = Extract<keyof EngineHandlers, `captioner.${string}`>

export const captionerHandlers: Pick<EngineHandlers, CaptionerMethods> = {
  'captioner.train': train,
  'captioner.caption': caption,
  'captioner.export': exportModel,
  'captioner.remap': remap,
  'captioner.refine': refine,
}

function caption(
  { modelDir, clips, decoding, device }: EngineParams<'captioner.caption'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'captioner.caption'>> {
  const report = (done: number) => {
    progress({ phase: 'captioning', done, total: clips.length, unit: 'clips' })
  }
  const batchSize = batchSizeFor(decoding, clips.length)
  return withModel(modelDir, { decoding, device: resolveDevice(device), batchSize }, async (loaded) => ({
    captions: await captionClips(loaded, clips, { signal, report }),
  }))
}
