import type { Command } from '../../command.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'
import { describeVersion } from './shared.ts'

export const remap: Command = {
  summary: 'Carries a model over to topics that were merged, renamed or left out since: nothing is trained.',
  operands: ['PROJECT'],
  options: { model: MODEL_OPTION },
  json: 'as for `train`.',
  notes: 'It fails where topics are new or split: [stale models](topics.md#stale-models).',
  async run(context) {
    await openProject(context)
    const modelId = await chosenModel(context)
    return describeVersion(context, context.client.training.remap({ modelId }))
  },
}
