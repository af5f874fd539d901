/** Which validation is the best one. */
import { describe, expect, it } from 'vitest'
import { presetSettings } from '../../../src-main/common/presets.ts'
import { firstProgress, TrainingProgress } from '../../../src-main/engine/captioner/training/progress.ts'

const CHECKS = [
  { nll: 5, bleu4: 0.1, cider: 0.1, topicMap: 0.5, topicLoss: 4 },
  // Fewer nats, but so much further from the topics that the cost is higher.
  { nll: 4.8, bleu4: 0.2, cider: 0.1, topicMap: 0.4, topicLoss: 7 },
  { nll: 4.9, bleu4: 0.1, cider: 0.3, topicMap: 0.6, topicLoss: 3 },
]

describe('the best validation', () => {
  it.each([
    { selectBy: 'nll' as const, better: [true, true, false] },
    { selectBy: 'cost' as const, better: [true, false, true] },
    { selectBy: 'bleu4' as const, better: [true, true, false] },
    { selectBy: 'cider' as const, better: [true, true, true] },
  ])('is chosen by $selectBy', ({ selectBy, better }) => {
    const settings = presetSettings('paper', { selectBy })
    const progress = new TrainingProgress(firstProgress())
    expect(CHECKS.map((validation) => progress.addValidation(validation, settings))).toEqual(better)
  })

  it('of a baseline, which has no topics, costs its NLL', () => {
    const settings = presetSettings('paper', { selectBy: 'cost', lambda: 0 })
    const progress = new TrainingProgress(firstProgress())
    const checks = CHECKS.map((validation) => ({ ...validation, topicLoss: null }))
    expect(checks.map((validation) => progress.addValidation(validation, settings))).toEqual([
      true,
      true,
      false,
    ])
  })
})
