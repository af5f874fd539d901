/**
 * Transfer to action recognition: classes that can be told apart are, and a held-out clip's label is never
 * seen.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crossValidate } from '../../../src-main/engine/actions/classifier.ts'
import { actionHandlers } from '../../../src-main/engine/actions/index.ts'
import { dealFolds } from '../../../src-main/engine/actions/folds.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { listening, SENTENCES, trainedCaptioner } from '../captioner/tiny.ts'

const { signal } = listening()

it('deals every class over the folds as evenly as it goes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2), { maxLength: 40 }),
      fc.integer({ min: 2, max: 5 }),
      fc.nat(),
      (labels, folds, seed) => {
        const fold = dealFolds(labels, 3, folds, seed)
        for (let k = 0; k < 3; k++) {
          const sizes = Array.from(
            { length: folds },
            (_, f) => labels.filter((label, i) => label === k && fold[i] === f).length,
          )
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        }
        expect(fold).toEqual(dealFolds(labels, 3, folds, seed))
      },
    ),
  )
})

describe('cross-validation', () => {
  const random = createRandom(9)
  const labels = Array.from({ length: 30 }, (_, i) => i % 3)
  // Features of very different sizes, and one that never changes.
  const features = labels.map((label) =>
    Float32Array.from([0, 1, 2, 3], (j) =>
      j === 3 ? 5 : 1000 ** j * ((j === label ? 2 : 0) + 0.2 * random.normal()),
    ),
  )
  const fold = dealFolds(labels, 3, 3, 1)

  it('tells classes apart that can be told apart', async () => {
    expect(await crossValidate({ features, labels, foldOf: fold, classes: 3 }, 'cpu', signal)).toEqual(labels)
  })

  it('never sees the labels of the clips it predicts', async () => {
    const noise = labels.map(() => Float32Array.from({ length: 4 }, () => random.normal()))
    const predicted = await crossValidate(
      { features: noise, labels, foldOf: fold, classes: 3 },
      'cpu',
      signal,
    )
    const otherLabels = labels.map((label, i) => (fold[i] === 0 ? (label + 1) % 3 : label))
    const predictedFromOthers = await crossValidate(
      { features: noise, labels: otherLabels, foldOf: fold, classes: 3 },
      'cpu',
      signal,
    )
    const ofFirstFold = (guesses: readonly number[]) => guesses.filter((_, i) => fold[i] === 0)
    expect(ofFirstFold(predicted)).toHaveLength(12)
    expect(ofFirstFold(predictedFromOthers)).toEqual(ofFirstFold(predicted))
  })
})

describe('transfer', () => {
  let folder: string
  let modelDir: string
  let clips: CaptionedClip[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-actions-'))
    ;({ clips, modelDir } = await trainedCaptioner(folder))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const transfer = (folds: number) => {
    const labelled = clips.map(({ id, features }) => ({ id, features, class: id % SENTENCES.length }))
    return actionHandlers['actions.transfer'](
      {
        models: { interpretive: modelDir, baseline: null },
        clips: labelled,
        classes: SENTENCES.length,
        folds,
        seed: 1,
        device: 'cpu',
      },
      listening(),
    )
  }

  it('counts every clip once in the confusion of each encoder that there is', async () => {
    const { accuracy, confusion } = await transfer(3)
    expect(accuracy).toMatchObject({ interpretive: 1, baseline: null })
    expect(confusion.baseline).toBeNull()
    for (const source of ['interpretive', 'cnn'] as const) {
      const counts = confusion[source] ?? []
      expect(counts.map((row) => row.reduce((a, b) => a + b, 0))).toEqual([3, 3, 3, 3])
      expect(accuracy[source]).toBeCloseTo(
        counts.reduce((sum, row, k) => sum + (row[k] ?? 0), 0) / clips.length,
        10,
      )
    }
    expect(accuracy.cnn).toBeGreaterThan(0.5)
  })

  it('refuses more folds than the smallest class has clips', async () => {
    await expect(transfer(4)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('3 clips') as string,
    })
  })
})
