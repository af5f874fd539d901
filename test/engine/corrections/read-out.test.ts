/** Teaching the read-out, in the metric of the model's own captions: its Fisher information. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decoding } from '#contract'
import { captionClips, Decoder } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { FeatureReader } from '../../../src-main/engine/captioner/features.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionerModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { captionWords } from '../../../src-main/engine/captioner/encoded-clips.ts'
import { measureCurvature } from '../../../src-main/engine/corrections/read-out-curvature.ts'
import { drawCaptions } from '../../../src-main/engine/corrections/drawn-captions.ts'
import { teachReadOut } from '../../../src-main/engine/corrections/read-out.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { listening, SENTENCES, trainedCaptioner } from '../captioner/tiny.ts'

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
  const measured = await measureCurvature(model, clips, source())
  const saidOtherwise = clips.map((clip) => ({ ...clip, captions: ['the girl plays her piano'] }))
  expect(await measureCurvature(model, saidOtherwise, source())).toEqual(measured)
  expect(await measureCurvature(model, clips.slice(0, 4), source())).not.toEqual(measured)
  const { shape, data } = measured.outputs
  const [size] = shape
  expect(data).toHaveLength(size! ** 2)
  for (let i = 0; i < size!; i++) {
    // An inverse of something positive, no larger than the damping's.
    expect(data[i * size! + i]).toBeGreaterThan(0)
    expect(data[i * size! + i]).toBeLessThanOrEqual(1 / 0.03 + 1e-3)
  }
})

it('says what it was taught, by weights of the read-out alone', async () => {
  const caption = SENTENCES[3]
  const wanted = { clip: clips[0]!, caption }
  const taught = await teachReadOut([wanted], { model, ...source() }, clips, listening())
  expect(taught.steps).toBeGreaterThan(0)
  const decoder = new Decoder(taught.model, { decoding: decoding.parse({}), device: 'cpu' })
  const [generated] = await captionClips({ decoder, reader }, clips.slice(0, 1), source())
  await decoder.release()
  expect(generated!.caption).toBe(caption)
  const changed = [...model.parameters].filter(
    ([name, { data }]) => !isDeepStrictEqual(taught.model.parameters.get(name)!.data, data),
  )
  expect(changed.map(([name]) => name).sort()).toEqual(['output.bias', 'output.context', 'output.hidden'])
})
