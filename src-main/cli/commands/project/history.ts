import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

export const history: Command = {
  summary:
    'Lists what was edited, when and by whom, the latest first; with --go-to, undoes or redoes up to an edit.',
  operands: ['PROJECT'],
  options: {
    limit: { value: 'N', help: 'edits shown, at most 500 (50)' },
    'go-to': { value: 'ID', help: 'make this edit the latest that holds; 0: none holds' },
    who: { value: 'NAME', help: 'sign edits with this name from now on' },
  },
  json: '`{who, total, edits: [{id, at, who, label, undone}]}`.',
  async run(context) {
    const { args, client } = context
    const limit = args.integer('limit') ?? 50
    const goTo = args.integer('go-to')
    const who = args.text('who')?.trim()
    if (limit < 1 || limit > 500) {
      throw new UsageError(`--limit is 1 to 500, not ${limit}`)
    }
    if (who === '') {
      throw new UsageError('--who takes a name')
    }
    await openProject(context)
    if (who !== undefined) {
      await client.project.setWho({ name: who })
    }
    if (goTo !== undefined) {
      await client.project.goTo({ editId: goTo === 0 ? null : goTo })
    }
    const { total, edits } = await client.project.history({ offset: 0, limit })
    return {
      text: table(
        ['id', 'at', 'who', 'edit', ''],
        edits.map((edit) => [String(edit.id), edit.at, edit.who, edit.label, edit.undone ? 'undone' : '']),
      ),
      json: { who: await client.project.who(), total, edits },
    }
  },
}
