import { tokenize } from '../../common/tokenize.ts'
import type {
  EngineContext,
  EngineHandlers,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { resolveDevice } from '../graph/session.ts'
import { batchSizeFor } from './decoding/decoder.ts'
import { captionAsCorrected } from './decoding/as-corrected.ts'
import { exportModel } from './exporting/export.ts'
import { takeIn } from './exporting/take-in.ts'
import { optionsFor, withModel } from './loaded-models.ts'
import { remap } from './remap.ts'
import { refine } from './training/refine.ts'
import { train } from './training/train.ts'
import { wordsOutside } from './vocabulary.ts'

type CaptionerMethods = Extract<keyof EngineHandlers, `captioner.${string}`>

export const captionerHandlers: Pick<EngineHandlers, CaptionerMethods> = {
  'captioner.train': train,
  'captioner.caption': caption,
  'captioner.unknownWords': unknownWords,
  'captioner.export': exportModel,
  'captioner.takeIn': takeIn,
  'captioner.remap': remap,
  'captioner.refine': refine,
}

async function caption(
  { modelDir, clips, decoding, device }: EngineParams<'captioner.caption'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'captioner.caption'>> {
  const report = (done: number) => {
    progress({ phase: 'captioning', done, total: clips.length, unit: 'clips' })
  }
  return withModel(modelDir, await optionsFor(clips, { decoding, device }, signal), async (loaded) => ({
    captions: await captionAsCorrected(loaded, clips, { signal, report }),
  }))
}

/** With the decoding of captions to come the model is loaded for them too. */
function unknownWords({
  modelDir,
  text,
  decoding,
  device,
}: EngineParams<'captioner.unknownWords'>): Promise<EngineResult<'captioner.unknownWords'>> {
  const options = { decoding, device: resolveDevice(device), batchSize: batchSizeFor(decoding, 1) }
  return withModel(modelDir, options, ({ model }) =>
    Promise.resolve({ words: wordsOutside(model.vocabulary, tokenize(text)) }),
  )
}
