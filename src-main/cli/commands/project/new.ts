import type { Command } from '../../command.ts'
import { projectResult } from './shared.ts'

export const newProject: Command = {
  summary: 'Creates an empty project.',
  operands: ['PROJECT'],
  options: {},
  json:
    'the project: `{name, path, clips, captions, splits: {train, val, test}, withFeatures, topics, models, ' +
    'currentModel, savedAt}`.',
  async run({ args, client }) {
    return projectResult(await client.project.create({ path: args.operand('PROJECT') }))
  },
}
