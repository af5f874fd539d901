import type { Command, CommandContext } from '../../command.ts'
import { failures } from '../../failures.ts'
import { openProject } from '../shared.ts'
import { describeModel } from './shared.ts'

export const keep: Command = {
  summary: 'Makes the best parameters of a training that stopped or failed a model that can be used.',
  operands: ['PROJECT'],
  options: { model: { value: 'ID', help: 'the model (the newest that can be kept)' } },
  json: 'as for `train`.',
  async run(context) {
    const { args, client } = context
    const chosen = args.integer('model')
    await openProject(context)
    const modelId = chosen ?? (await newestKeepable(context))
    await client.training.keep({ modelId })
    return describeModel(context, modelId)
  },
}

async function newestKeepable({ client }: CommandContext): Promise<number> {
  const models = await client.training.models()
  const model = models.find(({ keepable }) => keepable)
  if (model === undefined) {
    throw failures.nothingToKeep()
  }
  return model.id
}
