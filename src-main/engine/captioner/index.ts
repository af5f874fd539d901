import type { EngineHandlers } from '../contract.ts'
import { resolveDevice } from '../graph/session.ts'
import { captionClips, createDecoder } from './decoder.ts'
import { exportModel } from './export.ts'
import { FeatureReader } from './features.ts'
import { loadModel } from './model-folder.ts'
import { train } from './training.ts'

export const captionerHandlers: Pick<EngineHandlers, 'captioner.train' | 'captioner.caption' | 'captioner.export'> = {
  'captioner.train': train,
  'captioner.export': exportModel,
  async 'captioner.caption'({ modelDir, clips, beam, device }, { signal, progress }) {
    const model = await loadModel(modelDir)
    const decoder = await createDecoder(model, beam, resolveDevice(device))
    try {
      const reader = new FeatureReader(model.architecture.frames, model.transform)
      const report = (done: number) => { progress({ phase: 'captioning', done, total: clips.length, unit: 'clips' }) }
      return { captions: await captionClips(decoder, reader, clips, signal, report) }
    } finally {
      await decoder.release()
    }
  },
}
