import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { openProject } from '../shared.ts'
import { listTopics } from './shared.ts'

export const importTopics: Command = {
  summary:
    'Takes topic vectors from a file (.csv of an id and K columns, or .npy of [clips, K]), in place of the current topics.',
  operands: ['PROJECT', 'FILE'],
  options: {
    ids: { value: 'FILE', help: 'of a .npy: the clips of its rows, a name a line (all clips by name)' },
    labels: { value: 'FILE', help: 'labels, one a line (the names of the columns)' },
  },
  notes: 'What the files look like: [exchange](topics.md#exchange).',
  json: 'as for `topics`.',
  async run(context) {
    const { args, client } = context
    const request = {
      path: args.operand('FILE'),
      ids: args.text('ids') ?? null,
      labels: args.text('labels') ?? null,
    }
    await openProject(context)
    await finish(context, client.topics.importVectors(request))
    return listTopics(context)
  },
}
