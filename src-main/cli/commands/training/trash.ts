import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { idCell, table } from '../../table.ts'
import { openProject } from '../shared.ts'

export const trash: Command = {
  summary: 'Lists the models in the trash; puts one there, brings one back, or empties it.',
  operands: ['PROJECT'],
  options: {
    put: { value: 'ID', help: 'delete this model: it goes to the trash' },
    restore: { value: 'ID', help: 'bring this model back as it was' },
    empty: { value: 'ID|all', help: 'delete the files of this model in the trash, or of all; needs --yes' },
    yes: { help: 'of --empty: yes, though it can not be undone' },
  },
  notes:
    '`--put` and `--restore` are edits, which `undo` takes back. When the trash is emptied of a model, its verdicts, ' +
    'judgements and corrections stay.',
  json: '`{trash: [{id, parent, kind, origin, seed, series, createdAt, note, trashedAt, bytes}], freed}`; `freed` in bytes.',
  async run(context) {
    const { args, client } = context
    const put = modelId(args, 'put')
    const restore = modelId(args, 'restore')
    const empty = args.text('empty') === 'all' ? 'all' : modelId(args, 'empty')
    if (empty !== undefined && !args.flag('yes')) {
      throw new UsageError("--empty can't be undone: add --yes if that is meant")
    }
    await openProject(context)
    if (put !== undefined) {
      await client.training.remove({ modelId: put })
    }
    if (restore !== undefined) {
      await client.training.restore({ modelId: restore })
    }
    let freed = 0
    if (empty !== undefined) {
      ;({ bytes: freed } = await client.training.emptyTrash({ modelIds: empty === 'all' ? null : [empty] }))
    }
    const models = await client.training.trash()
    return {
      text: table(
        ['model', 'kind', 'from', 'series', 'seed', 'deleted', 'bytes', 'note'],
        models.map((model) => [
          String(model.id),
          model.kind,
          idCell(model.parent),
          idCell(model.series),
          model.seed,
          model.trashedAt,
          model.bytes,
          model.note,
        ]),
      ),
      json: { trash: models, freed },
    }
  },
}

/** The model that an option names: `3`, or `v3` as the window writes it. */
function modelId(args: Arguments, option: string): number | undefined {
  const text = args.text(option)
  if (text === undefined) {
    return undefined
  }
  const [, digits] = /^v?(\d+)$/.exec(text) ?? []
  if (digits === undefined) {
    throw new UsageError(`--${option} takes the id of a model, not "${text}"`)
  }
  return Number(digits)
}
