import type { OpenProject } from '../../store/index.ts'
import { neuronCsv, neuronMap } from '../neurons/map.ts'
import { usableModel } from '../workspace.ts'
import { json } from './files.ts'
import type { OutFile } from './files.ts'

/**
 * neurons.csv in the columns of CLIP-Dissect (layer, unit, description, similarity), and neurons.json with every
 * figure.
 */
export function neuronFiles(project: OpenProject, modelId: number | null): OutFile[] {
  const { store } = project
  const model = usableModel(project, modelId)
  const map = neuronMap(store, model.id)
  const labels = store.topics.labels()
  const label = (topicId: number | null): string => (topicId === null ? '' : (labels.get(topicId) ?? ''))
  const judgements = store.neurons.judgements(model.id)
  const neurons = map.neurons.map(({ topicId, runnerUpId, ...neuron }) => ({
    ...neuron,
    topicId,
    topic: label(topicId),
    runnerUpId,
    runnerUp: label(runnerUpId),
    judged: judgements.get(neuron.neuron) ?? null,
  }))
  return [
    { name: 'neurons.csv', pieces: neuronCsv(store, model.id, map) },
    {
      name: 'neurons.json',
      pieces: [
        json({
          model: model.id,
          request: map.request,
          createdAt: map.createdAt,
          trainingClips: map.trainingClips,
          alignment: map.alignment && {
            ...map.alignment,
            topics: map.alignment.topics.map((topic) => ({
              ...topic,
              topic: labels.get(topic.topicId) ?? '',
            })),
          },
          overTime: map.overTime,
          shuffledBaseline: map.shuffledBaseline,
          meanDelta: map.meanDelta,
          neurons,
        }),
      ],
    },
  ]
}
