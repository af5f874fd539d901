/** Captions without some neurons, beside captions without as many others that are as active. */
import type { Silenced } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { Captioner, OpenProject } from '../../store/index.ts'
import { topicSpotter } from '../review/topic-verdicts.ts'
import type { Input } from '../service.ts'
import { clipsWithFeatures, modelFolder, usableCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

type SilencedCaptions = EngineResult<'neurons.silence'>['captions']

/**
 * What silencing a topic's neurons, or some neurons, does to the captions of a split. Throws NOT_FOUND,
 * NOT_READY, BAD_INPUT.
 */
export async function silenceNeurons(
  workspace: Workspace,
  request: Input<'neurons', 'silence'>,
  options: CallOptions,
): Promise<Silenced> {
  const project = workspace.project()
  const { store } = project
  const model = usableCaptioner(project, request.modelId)
  const column = request.topicId === null ? null : columnOf(model, request.topicId)
  const topicNeurons = column === null ? [] : await neuronsOfTopic(workspace, project, model, column)
  const chosen = new Set([...request.neurons, ...topicNeurons])
  if (chosen.size === 0) {
    throw failures.nothingToSilence()
  }
  const modelDir = modelFolder(project, model)
  const clips = clipsWithFeatures(project, model.featureKey, request.split)
  const silence = async (neurons: number[]): Promise<SilencedCaptions> => {
    const { captions } = await workspace.engine.call(
      'neurons.silence',
      { modelDir, neurons, clips, device: 'auto' },
      options,
    )
    return captions
  }
  const matched = await workspace.engine.call(
    'neurons.matched',
    { modelDir, neurons: [...chosen], seed: request.seed },
    options,
  )
  const silenced = await silence([...chosen])
  const control = await silence(matched.neurons)
  return {
    neurons: [...chosen].sort((a, b) => a - b),
    clips: clips.length,
    changed: silenced.flatMap(({ id, before, after }) =>
      before === after ? [] : [{ clipId: id, clip: store.clips.get(id).name, before, after }],
    ),
    naming: column === null ? null : countNaming(project, model, column, { silenced, control }),
    controlNeurons: matched.neurons.length,
    controlChanged: control.filter(({ before, after }) => before !== after).length,
  }
}

function columnOf(model: Captioner, topicId: number): number {
  const column = model.topics.indexOf(topicId)
  if (column === -1) {
    throw failures.topicUnknown({ modelId: model.id, topicId })
  }
  return column
}

async function neuronsOfTopic(
  workspace: Workspace,
  project: OpenProject,
  model: Captioner,
  column: number,
): Promise<number[]> {
  const { neurons } = await workspace.engine.call('neurons.of-topic', {
    modelDir: modelFolder(project, model),
    topic: column,
  })
  return neurons
}

/** How many captions name a topic. */
function countNaming(
  { store }: OpenProject,
  model: Captioner,
  column: number,
  { silenced, control }: { silenced: SilencedCaptions; control: SilencedCaptions },
): { before: number; after: number; control: number } {
  const topicsIn = topicSpotter(store.topics.getAll(model.topics))
  const count = (captions: readonly string[]): number =>
    captions.filter((caption) => topicsIn(caption)[column]).length
  return {
    before: count(silenced.map(({ before }) => before)),
    after: count(silenced.map(({ after }) => after)),
    control: count(control.map(({ after }) => after)),
  }
}
