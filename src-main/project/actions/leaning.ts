/** What classifiers lean on, in neurons and topics: from their weights, and what was left of their answers without a topic. */
import type { ActionFeatures, ActionHead, ClassLeaning } from '#contract'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { Model, OpenProject } from '../../store/index.ts'

const MOST_FEATURES = 8
const MOST_TOPICS = 6

export interface Source {
  of: ActionFeatures['of']
  model: Model | null
}

/** Which topic each feature of a source stands for. */
interface Standing {
  /** By feature, the place in the list of topics; -1: none. Null: features stand for nothing. */
  topicOf: number[] | null
}

/** The topics of all sources, by id. */
export const topicsOf = (sources: readonly Source[]): number[] => [
  ...new Set(sources.flatMap(({ model }) => model?.topics ?? [])),
]

/** A topic's score stands for the topic; a trained neuron for what its map says, where there is one. */
export function standingOf(
  { store }: OpenProject,
  { of, model }: Source,
  topicIds: readonly number[],
): Standing {
  if (model === null || of === 'untrained' || of === 'frames') {
    return { topicOf: null }
  }
  if (of === 'topics') {
    return { topicOf: model.topics.map((id) => topicIds.indexOf(id)) }
  }
  const map = store.neurons.get(model.id)
  return {
    topicOf: map?.neurons.map(({ topicId }) => (topicId === null ? -1 : topicIds.indexOf(topicId))) ?? null,
  }
}

/** By class, what the classifier of a source leans on; null for features that nobody can follow. */
export function leaningOf(
  { heads, figures, deciding, rightWithout }: EngineResult<'actions.transfer'>,
  source: number,
  { classes, topicIds, topicOf }: Standing & { classes: number; topicIds: readonly number[] },
): ClassLeaning[] | null {
  if (topicOf === null) {
    return null
  }
  const head = heads[source]!
  const { confusion } = figures[source]!
  return Array.from({ length: classes }, (_, k) => {
    const weights = weightsOf(head, k, classes)
    const answers = confusion[k]!.reduce((sum, n) => sum + n, 0)
    const strongest = (sign: 1 | -1): ClassLeaning['toward'] =>
      [...weights.keys()]
        .filter((feature) => sign * weights[feature]! > 0)
        .sort((a, b) => sign * (weights[b]! - weights[a]!))
        .slice(0, MOST_FEATURES)
        .map((feature) => ({
          feature,
          topicId: topicIds[topicOf[feature] ?? -1] ?? null,
          weight: weights[feature]!,
        }))
    return {
      toward: strongest(1),
      against: strongest(-1),
      topics: topicWeights(weights, topicOf, topicIds.length)
        .map((weight, topic) => ({
          topicId: topicIds[topic]!,
          weight,
          recallWithout: (rightWithout[source]![topic]?.[k] ?? 0) / Math.max(1, answers),
        }))
        .filter(({ weight }) => weight !== 0)
        .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
        .slice(0, MOST_TOPICS),
      clips: deciding[source]![k]!,
    }
  })
}

/** What each feature adds to a class's score above the mean of all classes, for a deviation: [D]. */
function weightsOf({ weights, factor }: ActionHead, k: number, classes: number): number[] {
  return Array.from(factor, (scale, feature) => {
    if (scale === 0) {
      return 0
    }
    const row = weights.subarray(feature * classes, (feature + 1) * classes)
    return row[k]! - row.reduce((sum, w) => sum + w, 0) / classes
  })
}

function topicWeights(weights: readonly number[], topicOf: readonly number[], topics: number): number[] {
  const sums = new Array<number>(topics).fill(0)
  weights.forEach((weight, feature) => {
    const topic = topicOf[feature] ?? -1
    if (topic >= 0) {
      sums[topic]! += weight
    }
  })
  return sums
}
