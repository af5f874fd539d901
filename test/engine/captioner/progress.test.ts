/** Which validation is the best one. */
import { describe, expect, it } from 'vitest'
import { presetSettings } from '../../../src-main/common/presets.ts'
import { Schedule } from '../../../src-main/engine/captioner/training/schedule.ts'
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

describe('the schedule', () => {
  const settings = {
    epochs: 3,
    rewardEpochs: 2,
    checkEvery: 0.5,
    learningRate: 1,
    rewardRate: 0.1,
    schedule: 'constant',
  } as const

  it('has people’s captions first, then the model’s own, each with epochs of its own length', () => {
    const schedule = new Schedule(settings, { likelihood: 10, reward: 4 })
    const steps = Array.from({ length: schedule.totalSteps }, (_, taken) => taken + 1)
    expect(schedule.totalSteps).toBe(38)
    expect(steps.filter((step) => schedule.validatesAfter(step))).toEqual([
      5, 10, 15, 20, 25, 30, 32, 34, 36, 38,
    ])
    expect([0, 5, 30, 31, 34, 38].map((step) => schedule.epochsAt(step))).toEqual([0, 0.5, 3, 3.25, 4, 5])
    expect([29, 30, 34].map((taken) => schedule.learningRate(taken))).toEqual([1, 0.1, 0.05])
    expect(schedule.placeInReward(35)).toEqual({ epoch: 1, batch: 1 })
  })

  it('stops at whatever is to be done, and never beyond', () => {
    const schedule = new Schedule(settings, { likelihood: 60, reward: 7 })
    const stops: number[] = []
    for (let step = 0; step < schedule.totalSteps; step = schedule.nextStop(step)) {
      stops.push(schedule.nextStop(step))
    }
    const due = Array.from({ length: schedule.totalSteps }, (_, taken) => taken + 1).filter(
      (step) => schedule.validatesAfter(step) || schedule.addsPointAfter(step),
    )
    expect(stops).toEqual(due)
  })
})
