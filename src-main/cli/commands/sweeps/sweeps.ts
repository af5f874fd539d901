import type { Command } from '../../command.ts'
import { idCell, table } from '../../table.ts'
import { openProject } from '../shared.ts'
import { sweepText } from './shared.ts'

export const sweeps: Command = {
  summary: 'Lists the sweeps, shows one, or deletes one with its models.',
  operands: ['PROJECT'],
  options: {
    show: { value: 'ID', help: 'its runs, as "vitrine sweep" prints them' },
    remove: { value: 'ID', help: 'delete this sweep: it goes to the trash with its models' },
  },
  notes:
    '`--remove` is an edit, which `undo` takes back. A sweep comes back with the first of its models that ' +
    '`vitrine trash PROJECT --restore ID` brings back.',
  json: '`{sweeps: [...]}`, newest first, each as of `vitrine sweep`; with `--show` that one alone.',
  async run(context) {
    const { args, client } = context
    const shown = args.integer('show')
    const removed = args.integer('remove')
    await openProject(context)
    if (shown !== undefined) {
      const sweep = await client.sweeps.get({ sweepId: shown })
      return { text: sweepText(sweep), json: sweep }
    }
    if (removed !== undefined) {
      await client.sweeps.remove({ sweepId: removed })
    }
    const all = await client.sweeps.list()
    return {
      text: table(
        ['sweep', 'begun', 'runs', 'done', 'failed', 'varied', 'state'],
        all.map(({ id, createdAt, runs, varied, ended }) => [
          idCell(id),
          createdAt,
          runs.length,
          runs.filter(({ state }) => state === 'done').length,
          runs.filter(({ state }) => state === 'failed').length,
          varied.join(', '),
          ended ? 'ended' : 'not at its end (sweep --resume)',
        ]),
      ),
      json: { sweeps: all },
    }
  },
}
