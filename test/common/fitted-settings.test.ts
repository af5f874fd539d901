import fc from 'fast-check'
import { expect, it } from 'vitest'
import { extractRequest, someSettings } from '#contract'
import { fittedTopicCount, fittedTopics, fittedTraining } from '../../src-main/common/fitted-settings.ts'
import { SAMPLE } from '../../src-main/common/sample-settings.ts'

it('finds no more topics than the clips have, and more in more clips', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 200_000 }), (clips) => {
      const k = fittedTopicCount(clips)
      expect(k).toBeGreaterThanOrEqual(2)
      expect(k).toBeLessThanOrEqual(Math.max(2, clips / 3))
      expect(k).toBeLessThanOrEqual(fittedTopicCount(clips + 1))
      expect(extractRequest.safeParse(fittedTopics(clips)).success).toBe(true)
    }),
  )
  // What was chosen by hand for the sample's training clips, and by the paper for a thousand and more.
  expect(fittedTopicCount(144)).toBe(SAMPLE.topics.k)
  expect(fittedTopicCount(2000)).toBe(100)
})

it('takes enough steps of few clips, and checks them about as often as those of many', () => {
  const corpus = fc.record({
    clips: fc.integer({ min: 1, max: 900 }),
    ofClip: fc.integer({ min: 1, max: 5 }),
    validation: fc.integer({ min: 0, max: 100 }),
  })
  fc.assert(
    fc.property(corpus, ({ clips, ofClip, validation }) => {
      const fitted = fittedTraining({ clips, captions: clips * ofClip, frames: null }, validation)
      expect(fitted.steps).toBeGreaterThanOrEqual(500)
      expect(someSettings.safeParse(fitted.settings).success).toBe(true)
      const { epochs = fitted.epochs, checkEvery = 1 } = fitted.settings
      expect(epochs / checkEvery).toBeLessThanOrEqual(20 + 1)
    }),
  )
})

it('keeps what the last step leaves where validation can say nothing', () => {
  const { settings, epochs } = fittedTraining({ clips: 7, captions: 7, frames: null }, 1)
  expect(settings.checkEvery).toBe(epochs)
})
