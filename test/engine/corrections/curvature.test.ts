/** The curvature that corrections are learnt by: the Fisher information of the model's own captions. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FeatureReader } from '../../../src-main/engine/captioner/features.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionerModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { captionWords } from '../../../src-main/engine/captioner/encoded-clips.ts'
import { measureCurvature } from '../../../src-main/engine/corrections/curvature.ts'
import { drawCaptions } from '../../../src-main/engine/corrections/drawn-captions.ts'
import { ENCODER, READ_OUT } from '../../../src-main/engine/corrections/layers.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { SENTENCES, trainedCaptioner } from '../captioner/tiny.ts'

let folder: string
let clips: CaptionedClip[]
let model: CaptionerModel
let reader: FeatureReader
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-curvature-'))
  // Half trained, so that it says of a clip what it says by chance.
  const trained = await trainedCaptioner(folder, { epochs: 10 })
  clips = trained.clips
  model = await loadModel(trained.modelDir)
  reader = new FeatureReader(model.architecture.frames, model.transform)
})
afterAll(() => rm(folder, { recursive: true }))

const source = () => ({ reader, device: 'cpu' as const, signal: new AbortController().signal })

it('draws other captions of a clip, of words that the model knows, the same ones every time', async () => {
  const [drawn, again] = [
    await drawCaptions(model, clips, 3, source()),
    await drawCaptions(model, clips, 3, source()),
  ]
  expect(drawn).toEqual(again)
  expect(drawn.map(({ id, ends }) => [id, ends.length])).toEqual(clips.map(({ id }) => [id, 3]))
  const draws = drawn.flatMap((clip) => [0, 1, 2].map((c) => captionWords(clip, c).join(' ')))
  expect(new Set(draws).size).toBeGreaterThan(SENTENCES.length)
})

it('is the model’s own: what people say of the clips does not matter, what they show does', async () => {
  const layers = [...ENCODER, ...READ_OUT]
  const measured = await measureCurvature(model, clips, layers, source())
  const saidOtherwise = clips.map((clip) => ({ ...clip, captions: ['the girl plays her piano'] }))
  expect(await measureCurvature(model, saidOtherwise, layers, source())).toEqual(measured)
  expect(await measureCurvature(model, clips.slice(0, 4), layers, source())).not.toEqual(measured)
  for (const layer of layers) {
    const { shape, data } = measured.get(layer)!.outputs
    const [size] = shape
    expect(data).toHaveLength(size! ** 2)
    for (let i = 0; i < size!; i++) {
      // An inverse of something positive, no larger than the damping's.
      expect(data[i * size! + i]).toBeGreaterThan(0)
      expect(data[i * size! + i]).toBeLessThanOrEqual(1 / 0.03 + 1e-3)
    }
  }
})
