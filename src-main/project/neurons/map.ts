import { csv } from '../../formats/text/csv.ts'
import type { OpenProject, StoredNeuronMap } from '../../store/index.ts'
import { failures } from './failures.ts'

const HELD_OUT_FIGURES = ['precision', 'auc', 'p', 'q'] as const

type Store = OpenProject['store']

/** The stored map of a model. Throws NOT_READY before its neurons were interpreted. */
export function neuronMap(store: Store, modelId: number): StoredNeuronMap {
  const map = store.neurons.get(modelId)
  if (map === null) {
    throw failures.notInterpreted({ modelId })
  }
  return map
}

/**
 * The map of a model in the columns of CLIP-Dissect (Oikarinen and Weng, ICLR 2023), in order of the neurons, and
 * the alignment with the neuron's topic on held-out clips after them, empty where it was not measured. The
 * description is the label that a person gave the neuron, else its topic's, else empty; the similarity is delta.
 */
export function neuronCsv(store: Store, modelId: number, { neurons }: StoredNeuronMap): Iterable<string> {
  const labels = store.topics.labels()
  const judgements = store.neurons.judgements(modelId)
  return csv(
    ['layer', 'unit', 'description', 'similarity', ...HELD_OUT_FIGURES.map((figure) => `held_out_${figure}`)],
    neurons.map(({ part, neuron, topicId, delta, alignment }) => [
      `encoder.${part}`,
      neuron,
      judgements.get(neuron)?.label || (topicId === null ? '' : (labels.get(topicId) ?? '')),
      delta,
      ...HELD_OUT_FIGURES.map((figure) => alignment?.[figure] ?? ''),
    ]),
  )
}
