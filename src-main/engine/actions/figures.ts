/**
 * Figures of answers, with intervals: a bootstrap (Efron, 1979) that draws groups of clips with replacement, not clips, as
 * clips of a group stand and fall together; and a paired test of two sources that exchanges their answers by groups
 * (approximate randomisation, Noreen, 1989).
 */
import type { ActionAnswer, ActionEvaluation, ActionFigures, Estimate } from '#contract'
import { grouped } from '../../common/grouped.ts'
import { createRandom } from '../../common/random.ts'
import type { Random } from '../../common/random.ts'
import { createPacer } from '../pacer.ts'

const DRAWS = 2000
const BINS = 10
/** Differences as close as this are equal. */
const ROUNDING = 1e-12

/** What is asked: the true class and the group of each clip, and how many classes there are. */
export interface Questions {
  clips: readonly { class: number; group: number }[]
  classes: number
  pairs: readonly (readonly [number, number])[]
}

/** An answer with all that it says: the probabilities of all classes. */
export interface FullAnswer extends Pick<ActionAnswer, 'clip' | 'round' | 'because'> {
  probabilities: Float64Array
}

export const predictedOf = ({ probabilities }: Pick<FullAnswer, 'probabilities'>): number =>
  probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b), 0))

/** An answer as it is kept. */
export function keptAnswer(answer: FullAnswer, { clips }: Questions): ActionAnswer {
  const { clip, round, probabilities, because } = answer
  const predicted = predictedOf(answer)
  return {
    clip,
    round,
    predicted,
    confidence: probabilities[predicted]!,
    ofTruth: probabilities[clips[clip]!.class]!,
    because,
  }
}

/** Figures of one source. Throws CancelledError. */
export async function figuresOf(
  answers: readonly FullAnswer[],
  questions: Questions,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<Omit<ActionFigures, 'size' | 'strengths'>> {
  const { clips, classes, pairs } = questions
  const kept = answers.map((answer) => keptAnswer(answer, questions))
  const outcomes = kept.map(({ clip, predicted }) => ({
    truth: clips[clip]!.class,
    predicted,
    group: clips[clip]!.group,
  }))
  const confusion = confusionOf(outcomes, classes)
  const intervals = await bootstrap(outcomes, classes, { seed, signal })
  const reliability = reliabilityOf(kept, clips)
  return {
    accuracy: { value: accuracyOf(confusion), ...intervals.accuracy },
    macroF1: { value: macroF1Of(confusion), ...intervals.macroF1 },
    logLoss: kept.reduce((sum, { ofTruth }) => sum - Math.log(ofTruth), 0) / Math.max(1, kept.length),
    perClass: Array.from({ length: classes }, (_, k) => ({
      clips: new Set(kept.filter(({ clip }) => clips[clip]!.class === k).map(({ clip }) => clip)).size,
      ...classFigures(confusion, k),
    })),
    confusion: nested(confusion, classes),
    reliability,
    calibrationError:
      reliability.reduce(
        (sum, { confidence, accuracy, answers: count }) => sum + count * Math.abs(confidence - accuracy),
        0,
      ) / Math.max(1, kept.length),
    pairs: await pairFigures(answers, questions, pairs, { seed, signal }),
  }
}

/** Counts of answers, [C, C], true class by predicted class. */
function confusionOf(
  answers: readonly { truth: number; predicted: number }[],
  classes: number,
): Float64Array {
  const counts = new Float64Array(classes * classes)
  for (const { truth, predicted } of answers) {
    counts[truth * classes + predicted]! += 1
  }
  return counts
}

const nested = (confusion: Float64Array, classes: number): number[][] =>
  Array.from({ length: classes }, (_, k) => [...confusion.subarray(k * classes, (k + 1) * classes)])

function accuracyOf(confusion: Float64Array): number {
  const classes = Math.sqrt(confusion.length)
  let [right, total] = [0, 0]
  confusion.forEach((count, at) => {
    total += count
    right += Math.floor(at / classes) === at % classes ? count : 0
  })
  return right / Math.max(1, total)
}

/** The mean F1 of the classes that are there, or are spoken of. */
function macroF1Of(confusion: Float64Array): number {
  const classes = Math.sqrt(confusion.length)
  let [sum, there] = [0, 0]
  for (let k = 0; k < classes; k++) {
    const [right, truths, predictions] = classCounts(confusion, k)
    if (truths + predictions > 0) {
      sum += (2 * right) / (truths + predictions)
      there++
    }
  }
  return sum / Math.max(1, there)
}

/** Right answers of a class, its clips, and how often it is the answer. */
function classCounts(confusion: Float64Array, k: number): [number, number, number] {
  const classes = Math.sqrt(confusion.length)
  let [truths, predictions] = [0, 0]
  for (let other = 0; other < classes; other++) {
    truths += confusion[k * classes + other]!
    predictions += confusion[other * classes + k]!
  }
  return [confusion[k * classes + k]!, truths, predictions]
}

function classFigures(confusion: Float64Array, k: number): { precision: number; recall: number; f1: number } {
  const [right, truths, predictions] = classCounts(confusion, k)
  return {
    precision: right / Math.max(1, predictions),
    recall: right / Math.max(1, truths),
    f1: (2 * right) / Math.max(1, truths + predictions),
  }
}

function reliabilityOf(
  answers: readonly ActionAnswer[],
  clips: Questions['clips'],
): ActionFigures['reliability'] {
  const bins = grouped(
    answers,
    ({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)),
    ({ clip, predicted, confidence }) => ({ confidence, isRight: predicted === clips[clip]!.class }),
  )
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([, inBin]) => ({
      confidence: inBin.reduce((sum, { confidence }) => sum + confidence, 0) / inBin.length,
      accuracy: inBin.filter(({ isRight }) => isRight).length / inBin.length,
      answers: inBin.length,
    }))
}

interface Outcome {
  truth: number
  predicted: number
  group: number
}
type Interval = Pick<Estimate, 'low' | 'high'>
interface Chance {
  seed: number
  signal: AbortSignal
}

async function bootstrap(
  answers: readonly Outcome[],
  classes: number,
  { seed, signal }: Chance,
): Promise<{ accuracy: Interval; macroF1: Interval }> {
  const groups = [
    ...grouped(
      answers,
      ({ group }) => group,
      ({ truth, predicted }) => truth * classes + predicted,
    ).values(),
  ]
  const [accuracies, scores] = [new Float64Array(DRAWS), new Float64Array(DRAWS)]
  const confusion = new Float64Array(classes * classes)
  const random = createRandom(seed)
  const pause = createPacer(signal)
  for (let draw = 0; draw < DRAWS; draw++) {
    if (pause.due()) {
      await pause()
    }
    confusion.fill(0)
    for (let i = 0; i < groups.length; i++) {
      for (const cell of groups[random.below(groups.length)]!) {
        confusion[cell]! += 1
      }
    }
    accuracies[draw] = accuracyOf(confusion)
    scores[draw] = macroF1Of(confusion)
  }
  return { accuracy: interval(accuracies), macroF1: interval(scores) }
}

/** Of the clips of each pair of classes, the share that goes to the right one where only the two are asked for. */
async function pairFigures(
  answers: readonly FullAnswer[],
  { clips }: Questions,
  pairs: Questions['pairs'],
  chance: Chance,
): Promise<Estimate[]> {
  const estimates: Estimate[] = []
  for (const pair of pairs) {
    const outcomes = answers.flatMap(({ clip, probabilities }): Outcome[] => {
      const { class: truth, group } = clips[clip]!
      const place = pair.indexOf(truth)
      return place < 0
        ? []
        : [{ truth: place, predicted: probabilities[pair[0]]! >= probabilities[pair[1]]! ? 0 : 1, group }]
    })
    const { accuracy } = await bootstrap(outcomes, 2, chance)
    estimates.push({ value: accuracyOf(confusionOf(outcomes, 2)), ...accuracy })
  }
  return estimates
}

/** The middle 95% of what was drawn, between order statistics linearly. */
function interval(drawn: Float64Array): { low: number; high: number } {
  const sorted = drawn.toSorted()
  const quantile = (share: number): number => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    const above = Math.min(below + 1, sorted.length - 1)
    return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
  }
  return { low: quantile(0.025), high: quantile(0.975) }
}

/** Every two sources on the same clips, whose answers stand in the same order. Throws CancelledError. */
export async function compareSources(
  answers: readonly (readonly ActionAnswer[])[],
  { clips }: Questions,
  { seed, signal }: Chance,
): Promise<ActionEvaluation['comparisons']> {
  const comparisons: ActionEvaluation['comparisons'] = []
  const pause = createPacer(signal)
  for (const [b, ofB] of answers.entries()) {
    for (const [a, ofA] of answers.slice(0, b).entries()) {
      await pause()
      const gains = ofB.map(({ clip, predicted }, i) => ({
        group: clips[clip]!.group,
        gain: Number(predicted === clips[clip]!.class) - Number(ofA[i]!.predicted === clips[clip]!.class),
      }))
      const groups = [
        ...grouped(
          gains,
          ({ group }) => group,
          ({ gain }) => gain,
        ).values(),
      ].map((values) => ({
        gain: values.reduce((sum, gain) => sum + gain, 0),
        answers: values.length,
      }))
      comparisons.push({ a, b, ...pairedTest(groups, createRandom(seed)) })
    }
  }
  return comparisons
}

function pairedTest(
  groups: readonly { gain: number; answers: number }[],
  random: Random,
): { difference: number; low: number; high: number; p: number } {
  const total = groups.reduce((sum, { answers }) => sum + answers, 0)
  const difference = groups.reduce((sum, { gain }) => sum + gain, 0) / Math.max(1, total)
  const drawn = Float64Array.from({ length: DRAWS }, () => {
    let [gains, answered] = [0, 0]
    for (let i = 0; i < groups.length; i++) {
      const { gain, answers } = groups[random.below(groups.length)]!
      gains += gain
      answered += answers
    }
    return gains / Math.max(1, answered)
  })
  let extreme = 0
  for (let draw = 0; draw < DRAWS; draw++) {
    const exchanged = groups.reduce((sum, { gain }) => sum + (random.below(2) === 0 ? gain : -gain), 0)
    if (Math.abs(exchanged / Math.max(1, total)) >= Math.abs(difference) - ROUNDING) {
      extreme++
    }
  }
  return { difference, ...interval(drawn), p: (extreme + 1) / (DRAWS + 1) }
}
