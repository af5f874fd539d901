/** Decoding step by step against the training graph: two ways to the probability of one caption. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { encodeClips, layOut } from '../../../src-main/engine/captioner/batches.ts'
import { FeatureReader } from '../../../src-main/engine/captioner/features.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { batchFeeds, compileLosses } from '../../../src-main/engine/captioner/step.ts'
import { listening, trainedCaptioner } from './tiny.ts'

it('gives every caption the log-probability that the training objective gives it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-decoder-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  // Half trained: hypotheses overtake each other, so that the states of the beam's rows must follow them.
  const { clips, modelDir } = await trainedCaptioner(folder, { epochs: 8, projection: 5, keepFeatures: true })
  const { captions } = await captionerHandlers['captioner.caption']({ modelDir, clips, beam: 6, device: 'cpu' }, listening())

  const { architecture, vocabulary, transform, parameters } = await loadModel(modelDir)
  const shape = { clips: 1, captions: 1, words: architecture.settings.maxWords + 1 }
  const objective = await compileLosses(architecture, shape, 0, 'cpu')
  const reader = new FeatureReader(architecture.frames, transform)
  const said = encodeClips(clips.map((clip, i) => ({ ...clip, captions: [captions[i]?.caption ?? ''] })), vocabulary, architecture.settings.maxWords)
  expect(said.length).toBeGreaterThan(clips.length / 2)
  for (const clip of said) {
    const generated = captions.find(({ id }) => id === clip.id)
    // A caption cut off at the limit has no end word to count.
    if (generated?.words.length === architecture.settings.maxWords) continue
    const batch = layOut([{ clip, captions: clip.words }], shape, architecture.topics)
    const { nll } = await objective.run(parameters, await batchFeeds(objective.batch, batch, reader))
    expect(generated?.logProbability, `"${generated?.caption ?? ''}"`).toBeCloseTo(-nll, 3)
  }
  await objective.release()
})
