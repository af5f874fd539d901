/**
 * What a classifier leans on: which features spoke for a wrong answer, what is left of the answers without those of a topic, and
 * which clips decided.
 */
import type { ActionAnswer, ClassLeaning } from '#contract'
import type { Problem, TrainedHead } from './classifier.ts'
import { probabilitiesOf } from './classifier.ts'

const MOST_REASONS = 6
const MOST_CLIPS = 8

/** The features that spoke most for `predicted` and against `truth` in a clip, by what they add to the difference of the scores. */
export function reasonsFor(
  head: TrainedHead,
  { features, classes }: Problem,
  { clip, predicted, truth }: { clip: number; predicted: number; truth: number },
): ActionAnswer['because'] {
  const row = features[clip]!
  return Array.from(row, (x, feature) => ({
    feature,
    weight:
      standard(head, feature, x) *
      (head.weights[feature * classes + predicted]! - head.weights[feature * classes + truth]!),
  }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_REASONS)
}

const standard = ({ mean, factor }: TrainedHead, feature: number, x: number): number =>
  (x - mean[feature]!) * factor[feature]!

/** How features are silenced: by the topic that each stands for, at zero or at their mean. */
export interface Silencing {
  topicOf: readonly number[]
  topics: number
  at: 'zero' | 'mean'
}

/** The class that a clip is taken for without the features of each topic. */
export function predictedWithout(
  head: TrainedHead,
  { features, classes }: Problem,
  { clip, probabilities }: { clip: number; probabilities: Float64Array },
  { topicOf, topics, at }: Silencing,
): number[] {
  const logits = probabilities.map(Math.log)
  const without = Array.from({ length: topics }, () => logits.slice())
  features[clip]!.forEach((x, feature) => {
    const changed = without[topicOf[feature] ?? -1]
    if (changed === undefined) {
      return
    }
    const gone = standard(head, feature, x) - (at === 'mean' ? 0 : standard(head, feature, 0))
    for (let k = 0; k < classes; k++) {
      changed[k]! -= gone * head.weights[feature * classes + k]!
    }
  })
  return without.map((scores) => scores.indexOf(scores.reduce((a, b) => Math.max(a, b), -Infinity)))
}

/**
 * By class, the clips that decided. The weights of a solved classifier are a sum over its clips, each with its features times
 * (1 for its class, 0 for others, less the probability): the larger that is, the more it pulls.
 */
export function decidingClips(head: TrainedHead, problem: Problem): ClassLeaning['clips'][] {
  const pulls = problem.clips.map(({ class: truth }, clip) =>
    probabilitiesOf(head, problem, clip).map((p, k) => Number(k === truth) - p),
  )
  return Array.from({ length: problem.classes }, (_, k) =>
    pulls
      .map((pull, clip) => ({ clip, weight: pull[k]! }))
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .slice(0, MOST_CLIPS),
  )
}
