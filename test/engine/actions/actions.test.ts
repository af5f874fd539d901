/**
 * Transfer to action recognition: the classifier is scikit-learn's, classes that can be told apart are, and a held-out
 * clip's label is never seen.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Classifier, probabilitiesOf } from '../../../src-main/engine/actions/classifier.ts'
import type { Problem } from '../../../src-main/engine/actions/classifier.ts'
import { compareSources, figuresOf, keptAnswer } from '../../../src-main/engine/actions/figures.ts'
import { actionHandlers } from '../../../src-main/engine/actions/index.ts'
import { minimise } from '../../../src-main/engine/actions/lbfgs.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { listening, SENTENCES, trainedCaptioner } from '../captioner/tiny.ts'

const { signal } = listening()

it('finds the minimum of a badly scaled bowl', async () => {
  const centre = [1, -2, 3]
  const scale = [1, 100, 10_000]
  const found = await minimise(
    (point) =>
      Promise.resolve({
        value: point.reduce((sum, x, i) => sum + (scale[i]! / 2) * (x - centre[i]!) ** 2, 0),
        gradient: point.map((x, i) => scale[i]! * (x - centre[i]!)),
      }),
    new Float64Array(3),
    1e-9,
  )
  found.forEach((x, i) => {
    expect(x).toBeCloseTo(centre[i]!, 8)
  })
})

/** Sixty clips of three classes, with features of very different sizes that tell them apart a little. */
function noisyProblem(): Problem {
  const random = createRandom(11)
  const clips = Array.from({ length: 60 }, (_, i) => ({ class: i % 3, group: String(i) }))
  const features = clips.map((clip) =>
    Float32Array.from([0, 1, 2, 3, 4], (j) => 10 ** (j - 2) * ((j === clip.class ? 1 : 0) + random.normal())),
  )
  return { clips, features, classes: 3, areNeurons: false }
}

describe('the classifier', () => {
  it('has the log-loss of scikit-learn 1.9.1 (LogisticRegression, tol=1e-10) on clips it learnt from and others', async () => {
    const problem = noisyProblem()
    const classifier = await Classifier.compile(problem, 'cpu')
    const places = [...problem.clips.keys()]
    const heads = await classifier.fit(places.slice(0, 40), [0.01, 1, 100], signal)
    const lossOn = (head: (typeof heads)[number], rows: readonly number[]): number =>
      rows.reduce(
        (sum, place) => sum - Math.log(probabilitiesOf(head, problem, place)[problem.clips[place]!.class]!),
        0,
      ) / rows.length
    const losses = heads.map((head) => [lossOn(head, places.slice(0, 40)), lossOn(head, places.slice(40))])
    const reference = [
      [1.0034660129551802, 1.0592126400125823],
      [0.6393788899786849, 1.1264927272663656],
      [0.61887430437609, 1.3427843522985168],
    ]
    losses.flat().forEach((loss, i) => {
      expect(Math.abs(loss - reference.flat()[i]!)).toBeLessThan(1e-4)
    })
    await classifier.release()
  })

  it('chooses a strength, and scales, without a look at clips that it is not trained on', async () => {
    const problem = noisyProblem()
    const places = [...problem.clips.keys()].slice(0, 40)
    const other: Problem = {
      classes: 3,
      areNeurons: false,
      clips: problem.clips.map((clip, i) => (i < 40 ? clip : { ...clip, class: (clip.class + 1) % 3 })),
      features: problem.features.map((row, i) => (i < 40 ? row : row.map((x) => 100 * x + 7))),
    }
    const [a, b] = await Promise.all(
      [problem, other].map(async (given) => {
        const classifier = await Classifier.compile(given, 'cpu')
        const head = await classifier.train(places, 1, signal)
        await classifier.release()
        return head
      }),
    )
    expect(b).toEqual(a)
  })

  it('copes with features that never change, and classes that never mix', async () => {
    const clips = Array.from({ length: 12 }, (_, i) => ({ class: i % 2, group: String(i) }))
    const features = clips.map((clip) => Float32Array.from([5, 1000 * clip.class]))
    const classifier = await Classifier.compile({ clips, features, classes: 2, areNeurons: false }, 'cpu')
    const head = await classifier.train([...clips.keys()], 1, signal)
    await classifier.release()
    for (const [place, clip] of clips.entries()) {
      const probabilities = probabilitiesOf(head, { features, classes: 2 }, place)
      expect(probabilities[clip.class]).toBeGreaterThan(0.9)
      expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 10)
    }
  })
})

describe('neurons that hardly vary', () => {
  /** Nine neurons that know the class a little; the tenth moves by a millionth where it is learnt from, and jumps in one clip. */
  const problemOf = (jump: number): Problem => {
    const random = createRandom(5)
    const clips = Array.from({ length: 40 }, (_, i) => ({ class: i % 2, group: String(i) }))
    const features = clips.map((clip) =>
      Float32Array.from({ length: 10 }, (_, j) =>
        j < 9 ? clip.class + random.normal() : 0.5 + 1e-6 * (clip.class + random.normal()),
      ),
    )
    features.at(-1)![9] = jump
    return { clips, features, classes: 2, areNeurons: true }
  }

  it('say nothing, however far they jump in a clip that is asked about', async () => {
    const answers = await Promise.all(
      [0.5, 3].map(async (jump) => {
        const problem = problemOf(jump)
        const classifier = await Classifier.compile(problem, 'cpu')
        const [head] = await classifier.fit([...Array(39).keys()], [0.1], signal)
        await classifier.release()
        expect([...head!.factor.keys()].filter((j) => head!.factor[j] === 0)).toEqual([9])
        return probabilitiesOf(head!, problem, 39)
      }),
    )
    expect(answers[1]).toEqual(answers[0])
  })
})

describe('figures', () => {
  /** Answers of a source that is right on some clips; group g has the clips of which the place is g modulo 10. */
  const questions = {
    classes: 2,
    pairs: [[0, 1]] as const,
    clips: Array.from({ length: 40 }, (_, i) => ({ class: i % 2, group: i % 10 })),
  }
  const answersOf = (isRight: (clip: number) => boolean) =>
    questions.clips.map((clip, i) => {
      const predicted = isRight(i) ? clip.class : 1 - clip.class
      const probabilities = Float64Array.of(0.2, 0.2)
      probabilities[predicted] = 0.8
      return { clip: i, round: 0, probabilities, because: [] }
    })
  const chance = { seed: 1, signal }

  it('are those of their answers, inside of their intervals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), async (right) => {
        const figures = await figuresOf(
          answersOf((clip) => right[clip]!),
          questions,
          chance,
        )
        const share = right.filter(Boolean).length / 40
        expect(figures.accuracy.value).toBeCloseTo(share, 10)
        expect(figures.pairs[0]!.value).toBeCloseTo(share, 10)
        expect(figures.accuracy.low).toBeLessThanOrEqual(share + 1e-9)
        expect(figures.accuracy.high).toBeGreaterThanOrEqual(share - 1e-9)
        expect(figures.calibrationError).toBeCloseTo(Math.abs(share - 0.8), 6)
        const recall = (k: number) => right.filter((isRight, i) => isRight && i % 2 === k).length / 20
        expect(figures.perClass.map((ofClass) => ofClass.recall)).toEqual([recall(0), recall(1)])
      }),
      { numRuns: 8 },
    )
  })

  it('have wider intervals where groups stand and fall together', async () => {
    const widthOf = async (isRight: (clip: number) => boolean): Promise<number> => {
      const { accuracy } = await figuresOf(answersOf(isRight), questions, chance)
      return accuracy.high! - accuracy.low!
    }
    const byGroups = await widthOf((clip) => clip % 10 < 5)
    const acrossGroups = await widthOf((clip) => Math.floor(clip / 10) % 2 === 0)
    expect(acrossGroups).toBe(0)
    expect(byGroups).toBeGreaterThan(0.4)
  })

  it('tell a difference of sources from chance by groups', async () => {
    const kept = (isRight: (clip: number) => boolean) =>
      answersOf(isRight).map((answer) => keptAnswer(answer, questions))
    const [all, none, half] = [kept(() => true), kept(() => false), kept((clip) => clip % 2 === 0)]
    const [sure, halfLess, halfMore] = await compareSources([none, all, half], questions, chance)
    expect(sure).toMatchObject({ a: 0, b: 1, difference: 1, low: 1, high: 1 })
    // All ten groups on one side: twice in 2^10 by chance.
    expect(sure!.p).toBeLessThan(0.01)
    expect([halfLess!.difference, halfMore!.difference]).toEqual([0.5, -0.5])
    const [same] = await compareSources([all, all], questions, chance)
    expect(same).toMatchObject({ difference: 0, p: 1 })
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

  it('asks every source about the same clips, by neurons, topics, an untrained encoder and frames', async () => {
    const places = [...clips.keys()]
    // The clips of a sentence are four apart: each round holds one of every sentence.
    const rounds = [0, 1, 2].map((round) => ({
      train: places.filter((place) => Math.floor(place / 4) !== round),
      test: places.filter((place) => Math.floor(place / 4) === round),
    }))
    const { figures, answers, comparisons } = await actionHandlers['actions.transfer'](
      {
        sources: [
          { of: 'neurons', modelDir, topicOf: Array.from({ length: 16 }, (_, j) => j % 4) },
          { of: 'topics', modelDir, topicOf: [0, 1, 2, 3] },
          { of: 'untrained', modelDir, topicOf: null },
          { of: 'frames', modelDir: null, topicOf: null },
        ],
        clips: clips.map(({ id, features }) => ({ id, features, class: id % SENTENCES.length, group: id })),
        classes: SENTENCES.length,
        rounds,
        pairs: [],
        topics: 4,
        seed: 1,
        device: 'cpu',
      },
      listening(),
    )
    const [neurons, topics, untrained, frames] = figures
    expect(neurons).toMatchObject({ size: 16, accuracy: { value: 1 }, macroF1: { value: 1 } })
    expect(topics).toMatchObject({ size: 4, accuracy: { value: 1 } })
    expect(untrained!.size).toBe(16)
    expect(frames!.accuracy.value).toBeGreaterThan(0.5)
    expect(figures.map(({ strengths }) => strengths.length)).toEqual([3, 3, 3, 3])
    for (const ofSource of answers) {
      expect(ofSource.map(({ clip }) => clip)).toEqual(places)
    }
    expect(comparisons.map(({ a, b }) => [a, b])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
      [0, 3],
      [1, 3],
      [2, 3],
    ])
  })
})
