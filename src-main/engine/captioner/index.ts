import type { CaptionerHandlers } from '../../engine-host/contract/captioner.ts'
import { resolveDevice } from '../graph/session.ts'
import { batchSizeFor, captionClips } from './decoder.ts'
import { exportModel } from './export.ts'
import { withModel } from './ready.ts'
import { refine } from './refine.ts'
import { remap } from './remap.ts'
import { train } from './training.ts'

export const captionerHandlers: CaptionerHandlers = {
  'captioner.train': train,
  'captioner.export': exportModel,
  'captioner.remap': remap,
  'captioner.refine': refine,
  async 'captioner.caption'({ modelDir, clips, decoding, device }, { signal, progress }) {
    const report = (done: number) => {
      progress({ phase: 'captioning', done, total: clips.length, unit: 'clips' })
    }
    return withModel(
      modelDir,
      { decoding, device: resolveDevice(device), batchSize: batchSizeFor(decoding, clips.length) },
      async ({ decoder, reader }) => ({
        captions: await captionClips(decoder, reader, clips, { signal, report }),
      }),
    )
  },
}
