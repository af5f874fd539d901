import { expect, it } from 'vitest'
import { fittedToCorpus, presetSettings } from '../../src-main/common/presets.ts'

it('fits the preset default to what there is to learn from, and changes of a person to nothing', () => {
  const sample = { clips: 240, captions: 1200, frames: 28 }
  const flickr8k = { clips: 5000, captions: 25_000, frames: 1 }
  const msrvtt = { clips: 700, captions: 14_000, frames: 50 }
  expect(presetSettings('default', {}, sample)).toEqual(presetSettings('default'))
  // Few pictures are pictures, too.
  expect(presetSettings('default', {}, { ...sample, frames: 1 })).toMatchObject({
    deltas: false,
    keepFeatures: true,
    neuronGain: 1,
    epochs: 30,
  })
  expect(presetSettings('default', {}, flickr8k)).toMatchObject({
    projection: 512,
    deltas: false,
    inputDropout: 0.3,
    lambda: 2,
    minWordCount: 0,
    batchCaptions: 64,
    neurons: 'non-negative',
    topicHead: 'tied-learnt',
    keepFeatures: false,
    neuronGain: 5,
  })
  expect(presetSettings('default', {}, msrvtt)).toMatchObject({
    projection: 128,
    deltas: true,
    keepFeatures: false,
    neuronGain: 5,
  })
  expect(presetSettings('default', { projection: 64 }, flickr8k).projection).toBe(64)
  expect(presetSettings('default', { batchClips: 16 }, flickr8k)).toMatchObject({
    batchClips: 16,
    batchCaptions: 0,
  })
  expect(presetSettings('fast', {}, flickr8k)).toEqual(presetSettings('fast'))
  expect(presetSettings('paper', {}, flickr8k)).toEqual(presetSettings('paper'))
})

it('takes the fewer epochs the more captions there are, between bounds', () => {
  const epochs = [6000, 25_000, 50_000, 140_000, 2_000_000].map(
    (captions) => fittedToCorpus({ clips: captions / 5, captions, frames: 28 }).epochs ?? NaN,
  )
  expect(epochs).toEqual([...epochs].sort((a, b) => b - a))
  expect([epochs[0], epochs.at(-1)]).toEqual([30, 5])
})
