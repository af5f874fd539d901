import type { Backup, Holdings, RestorePreview } from '#contract'
import { byteCount, count } from '../../../common/text.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Result } from '../../command.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

const ACTS = ['list', 'restore', 'remove'] as const

export const backup: Command = {
  summary: 'Backs up a project’s database, lists its backups, or restores one.',
  operands: ['PROJECT'],
  options: {
    name: { value: 'NAME', help: 'what to call the backup' },
    to: { value: 'FILE', help: 'write it into this file instead of into the project' },
    list: { help: 'list the backups' },
    restore: { value: 'BACKUP', help: 'restore this one, by its name in the list or the path of a file' },
    'dry-run': { help: 'with --restore: only say what it would change' },
    remove: { value: 'BACKUP', help: 'remove this one' },
  },
  json:
    'the backup: `{name, path, at, reason, label, bytes}`; with `--list` `{backups: [...]}`; with `--restore` ' +
    '`{backup, now, then, lostEdits: {total, edits: [{at, who, label}]}, lostModels, modelsWithoutFiles, dryRun}`, `now` and ' +
    '`then` being `{clips, captions, topics, edits, verdicts, corrections, models}`; with `--remove` `{removed}`.',
  notes:
    'Backups are made without it, too: before a migration, an import, a restore and a repair, and daily while the project is ' +
    'used; the last seven of these are kept, and those made by hand until they are removed. Restoring backs up what there is ' +
    'first, so it can be taken back. A project that is too damaged to be opened can be restored. See [Storage](storage.md#backups).',
  async run(context) {
    const { args } = context
    const given = ACTS.filter((act) => args.has(act))
    if (given.length > 1) {
      throw new UsageError(`--${given.join(' and --')} exclude each other`)
    }
    if (given.length > 0 && (args.has('name') || args.has('to'))) {
      throw new UsageError(`--name and --to are for a new backup, not for --${given[0] ?? ''}`)
    }
    if (args.flag('dry-run') && !args.has('restore')) {
      throw new UsageError('--dry-run goes with --restore')
    }
    switch (given[0]) {
      case 'restore':
        return restore(context, args.required('restore'))
      case 'list':
        return list(context)
      case 'remove':
        return remove(context, args.required('remove'))
      default:
        return make(context)
    }
  },
}

async function make(context: CommandContext): Promise<Result> {
  const { args, client } = context
  await openProject(context)
  const made = await client.storage.backUp({ label: args.text('name') ?? null, to: args.text('to') ?? null })
  return { text: `Backed up to ${made.path} (${byteCount(made.bytes)}).`, json: made }
}

async function list(context: CommandContext): Promise<Result> {
  const { args, client } = context
  const backups = await client.storage.backups({ project: args.operand('PROJECT') })
  return {
    text: table(
      ['backup', 'made', 'why', 'called', 'size'],
      backups.map((row) => [row.name, row.at, WHY[row.reason], row.label, { figure: byteCount(row.bytes) }]),
    ),
    json: { backups },
  }
}

const WHY: Record<Backup['reason'], string> = {
  'by-hand': 'by hand',
  daily: 'daily',
  'before-migration': 'before a migration',
  'before-import': 'before an import',
  'before-restore': 'before a restore',
  'before-repair': 'before a repair',
}

async function restore({ args, client }: CommandContext, named: string): Promise<Result> {
  const where = { backup: named, project: args.operand('PROJECT') }
  const preview = await client.storage.previewRestore(where)
  const dryRun = args.flag('dry-run')
  if (!dryRun) {
    await client.storage.restore(where)
  }
  return { text: describe(preview, dryRun), json: { ...preview, dryRun } }
}

const NOUNS = ['clips', 'captions', 'topics', 'edits', 'verdicts', 'corrections', 'models'] as const

function describe(
  { backup: made, now, then, lostEdits, ...models }: RestorePreview,
  dryRun: boolean,
): string {
  const row = (name: string, held: Holdings | null) => [name, ...NOUNS.map((noun) => held?.[noun] ?? null)]
  const edits = lostEdits.edits.map(({ at, who, label }) => `  ${at}  ${who}: ${label}`)
  const more = lostEdits.total - edits.length
  return [
    table(['', ...NOUNS], [row('now', now), row(made.name, then)]),
    ...(lostEdits.total > 0
      ? [`${count(lostEdits.total, 'edit')} ${dryRun ? 'would be' : 'are'} gone:`]
      : []),
    ...edits,
    ...(more > 0 ? [`  and ${more.toLocaleString('en')} before them`] : []),
    ...namedModels('Models that are not in it (their files stay)', models.lostModels),
    ...namedModels('Models in it whose files are gone', models.modelsWithoutFiles),
    dryRun
      ? 'Nothing was changed.'
      : 'Restored. What there was is the newest backup of the list; a damaged database is kept in a folder damaged-TIME.',
  ].join('\n')
}

const namedModels = (what: string, ids: readonly number[]): string[] =>
  ids.length > 0 ? [`${what}: ${ids.join(', ')}.`] : []

async function remove(context: CommandContext, name: string): Promise<Result> {
  await openProject(context)
  await context.client.storage.removeBackup({ name })
  return { text: `Removed ${name}.`, json: { removed: name } }
}
