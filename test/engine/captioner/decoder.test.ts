/** Decoding with a network: against the training graph, and against itself in other batches. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decoding } from '#contract'
import type { Decoding } from '#contract'
import { captionClips, Decoder, GREEDY } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { encodeClips } from '../../../src-main/engine/captioner/encoded-clips.ts'
import { FeatureReader } from '../../../src-main/engine/captioner/features.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionerModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { initialParameters } from '../../../src-main/engine/captioner/parameters.ts'
import { ValidationLosses } from '../../../src-main/engine/captioner/training/validation-losses.ts'
import type { CaptionedClip, GeneratedCaption } from '../../../src-main/engine-host/contract/index.ts'
import type { DeviceName } from '../../../src-main/engine/graph/runtime.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { trainedCaptioner } from './tiny.ts'

const { signal } = new AbortController()
let folder: string
let clips: CaptionedClip[]
let model: CaptionerModel
let reader: FeatureReader
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-decoder-'))
  // Half trained: hypotheses overtake each other, so that the states of the beam's rows must follow them.
  const trained = await trainedCaptioner(folder, { epochs: 8, projection: 5, keepFeatures: true })
  clips = trained.clips
  model = await loadModel(trained.modelDir)
  reader = new FeatureReader(model.architecture.frames, model.transform)
})
afterAll(() => rm(folder, { recursive: true }))

async function caption(
  options: Partial<Decoding>,
  batchSize: number,
  chosen: readonly CaptionedClip[] = clips,
  device: DeviceName = 'cpu',
): Promise<GeneratedCaption[]> {
  const decoder = new Decoder(model, { decoding: decoding.parse(options), device, batchSize })
  const captions = await captionClips({ decoder, reader }, chosen, { signal })
  await decoder.release()
  return captions
}

it.each<Partial<Decoding>>([
  { beam: 6, nBest: 6 },
  { method: 'sample', nBest: 4 },
])('gives every caption the log-probability that the training objective gives it: %o', async (options) => {
  const { architecture, vocabulary, parameters } = model
  const losses = new ValidationLosses(architecture, {
    size: { clips: 1, captions: 1 },
    buckets: [architecture.settings.maxWords + 1],
    lambda: 0,
    device: 'cpu',
  })
  let compared = 0
  for (const [i, generated] of (await caption(options, 4)).entries()) {
    for (const hypothesis of [generated, ...generated.alternatives]) {
      // A caption cut off at the limit has no end word to count.
      if (hypothesis.words.length === architecture.settings.maxWords || hypothesis.words.length === 0) {
        continue
      }
      const [clip] = encodeClips(
        clips.slice(i, i + 1).map((captioned) => ({ ...captioned, captions: [hypothesis.caption] })),
        vocabulary,
        architecture.settings.maxWords,
      )
      if (!clip) {
        throw new Error('nothing to score')
      }
      const batch = { bucket: 0, entries: [{ clip, captions: [0] }] }
      const { nll } = await losses.measure(parameters, batch, reader)
      expect(hypothesis.logProbability, `"${hypothesis.caption}"`).toBeCloseTo(-nll, 3)
      for (const { attention } of hypothesis.words) {
        expect(attention.reduce((sum, a) => sum + a, 0)).toBeCloseTo(1, 5)
      }
      compared++
    }
  }
  expect(compared).toBeGreaterThan(2 * clips.length)
  await losses.release()
})

const texts = (captions: readonly GeneratedCaption[]) =>
  captions.map((generated) => [generated, ...generated.alternatives].map(({ caption: text }) => text))

describe('a batch', () => {
  // More clips than places, so that clips take the places of others; and places that stay empty.
  it.each<Partial<Decoding>>([{ beam: 5, nBest: 3 }, { method: 'greedy' }, { method: 'sample', nBest: 3 }])(
    'changes no caption: %o',
    async (options) => {
      const expected = await caption(options, 4)
      expect(expected.map(({ id }) => id)).toEqual(clips.map(({ id }) => id))
      expect(texts(await caption(options, 16))).toEqual(texts(expected))
      expect(texts(await caption(options, 4, [...clips].reverse()))).toEqual(texts(expected).reverse())
      expect(texts(await caption(options, 1, clips.slice(5, 7)))).toEqual(texts(expected).slice(5, 7))
    },
  )
})

it.each<Partial<Decoding>>([
  { beam: 3, nBest: 3 },
  { method: 'sample', nBest: 2 },
])('finds the same captions in another runtime: %o', async (options) => {
  expect(texts(await caption(options, 4, clips, 'tfjs-cpu'))).toEqual(texts(await caption(options, 4)))
})

it('is greedy with a beam of one', async () => {
  expect(await caption({ method: 'greedy' }, 4)).toEqual(await caption({ beam: 1 }, 4))
})

it('captions with the parameters that it was last given', async () => {
  const decoder = new Decoder(model, { decoding: GREEDY, device: 'cpu', batchSize: 4 })
  const textsOf = async () =>
    (await captionClips({ decoder, reader }, clips, { signal })).map(({ caption }) => caption)
  const before = await textsOf()
  await decoder.use(initialParameters(model.architecture, createRandom(5)))
  expect(await textsOf()).not.toEqual(before)
  await decoder.use(model.parameters)
  expect(await textsOf()).toEqual(before)
  await decoder.release()
})
