import { device } from '#contract'
import type { Command } from '../../command.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'
import { describeVersion } from './shared.ts'

export const refine: Command = {
  summary:
    'Trains the encoder and topic head of a model for a few epochs on the topics as they are now; its decoder stays.',
  operands: ['PROJECT'],
  options: {
    model: MODEL_OPTION,
    epochs: { value: 'N', help: 'passes over the training clips (3)' },
    seed: { value: 'S', help: 'the same seed refines the same way on the same device (1)' },
    device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
  },
  json: 'as for `train`.',
  async run(context) {
    const { args, client } = context
    const request = {
      epochs: args.integer('epochs'),
      seed: args.integer('seed'),
      device: args.oneOf('device', device.options),
    }
    await openProject(context)
    const modelId = await chosenModel(context)
    return describeVersion(context, client.training.refine({ ...request, modelId }))
  },
}
