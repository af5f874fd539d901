import type { CheckFinding, SalvageReport, StorageReport } from '#contract'
import { byteCount, count } from '../../../common/text.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Result } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

export const check: Command = {
  summary: 'Checks all that a project consists of, and repairs it; says what takes how much on the disk.',
  operands: ['PROJECT'],
  options: {
    repair: { help: 'mend what can be mended, and save what can be read of a damaged database' },
    storage: { help: 'say what takes how much on the disk, instead of checking' },
    free: {
      value: 'PART',
      multiple: true,
      help: 'free a part that can be made again: features, features/KEY, pictures, proxies, leftovers',
    },
  },
  json:
    '`{findings: [{part, key, values, message, mended, remedy}], salvage}`; `salvage` is null, or of a database that was damaged `{keptIn, ' +
    'rows, damaged: [{table, rows, damagedPages, refused, fromBackup}], lostRows, backup}`. With `--storage` or `--free` ' +
    '`{parts: [{part, key, bytes, files, again, freeable, note}], bytes, freeBytes, freed}`. With findings that are not mended ' +
    'the exit code is 1.',
  notes:
    'It looks at the database with SQLite’s own checks, at the checksum of every feature file, at the files of models, at where ' +
    'videos are, at files that killed programs left and that nothing names, and at the backups. `--repair` makes again what can be, ' +
    'features with it, and removes what is left over. Of a damaged database it saves all rows that can be read, takes what is ' +
    'missing from the newest backup, keeps the damaged file, and lists what could not be saved. See [Storage](storage.md#check-and-repair).',
  async run(context) {
    const { args } = context
    const parts = args.list('free')
    if ((args.flag('storage') || parts.length > 0) && args.flag('repair')) {
      throw new UsageError('--repair does not go with --storage and --free')
    }
    return args.flag('storage') || parts.length > 0 ? storage(context, parts) : inspect(context)
  },
}

async function inspect(context: CommandContext): Promise<Result> {
  const { args, client, terminal } = context
  const project = args.operand('PROJECT')
  const problems = await client.storage.inspect({ project })
  if (problems.length > 0 && !args.flag('repair')) {
    return result(problems.map(damage), null)
  }
  const salvage = problems.length > 0 ? await client.storage.salvage({ project }) : null
  if (salvage !== null) {
    terminal.say(describeSalvage(salvage))
  }
  await openProject(context)
  const job = await finish(context, client.storage.check({ repair: args.flag('repair') }))
  const { findings } = resultOf(job, 'check')
  const isForFeatures = findings.some(({ part, mended }) => part === 'features' && mended)
  if (isForFeatures) {
    await finish(context, client.corpus.computeFeatures({}))
  }
  return result(findings, salvage)
}

const damage = (problem: string): CheckFinding => ({
  part: 'database',
  key: 'check.databaseDamaged',
  values: { problem },
  message: `The project file project.sqlite is damaged: ${problem}.`,
  mended: false,
  remedy: '--repair saves what can be read; "vitrine backup PROJECT --restore" brings a backup back.',
})

function result(findings: CheckFinding[], salvage: SalvageReport | null): Result {
  const lines = findings.map(({ message, mended, remedy }) =>
    [message, ...(mended ? ['Mended.'] : []), ...(remedy === null || mended ? [] : [remedy])].join(' '),
  )
  return {
    text: lines.join('\n'),
    json: { findings, salvage },
    code: findings.every(({ mended }) => mended) ? 0 : 1,
  }
}

function describeSalvage({ keptIn, rows, damaged, lostRows, backup }: SalvageReport): string {
  const tables = damaged.map(({ table: name, damagedPages, rows: saved, fromBackup }) => {
    const filled = fromBackup > 0 ? `, ${count(fromBackup, 'row')} from the backup` : ''
    return `  ${name}: ${count(damagedPages, 'page')} unreadable, ${count(saved, 'row')} saved${filled}`
  })
  return [
    `The database was damaged: ${count(rows, 'row')} are in the new one; the old one is in ${keptIn}.`,
    ...tables,
    ...(backup === null ? [] : [`What was missing came from the backup ${backup}, and may be older.`]),
    ...(lostRows === 0
      ? []
      : [`${count(lostRows, 'row')} could be read but not kept: they are in lost-rows.jsonl there.`]),
  ].join('\n')
}

async function storage(context: CommandContext, named: readonly string[]): Promise<Result> {
  const { client } = context
  await openProject(context)
  const before = await client.storage.report()
  const parts = named.flatMap((name) => partsNamed(before, name))
  const { bytes: freed } = parts.length > 0 ? await client.storage.free({ parts }) : { bytes: 0 }
  const report = parts.length > 0 ? await client.storage.report() : before
  return {
    text: [...(parts.length > 0 ? [`Freed ${byteCount(freed)}.`] : []), describeStorage(report)].join('\n'),
    json: { ...report, freed },
  }
}

/** The parts of a report that a person names: `pictures`, `features/KEY`. */
function partsNamed(
  { parts }: StorageReport,
  name: string,
): Pick<StorageReport['parts'][number], 'part' | 'key'>[] {
  const [noun, key] = name.split('/')
  const found = parts.filter((use) => use.part === noun && (key === undefined || use.key === key))
  if (found.length === 0) {
    throw new UsageError(`--free ${name}: the project has none; --storage lists what it has`)
  }
  const madeAgain = found.filter(({ again }) => again)
  if (madeAgain.length === 0) {
    throw new UsageError(`--free ${name}: it can't be made again`)
  }
  return madeAgain.map((use) => ({ part: use.part, key: use.key }))
}

function describeStorage({ parts, bytes, freeBytes }: StorageReport): string {
  const rows = parts.map((use) => [
    use.key === null ? use.part : `${use.part}/${use.key}`,
    use.files,
    { figure: byteCount(use.bytes) },
    use.freeable > 0 ? { figure: byteCount(use.freeable) } : null,
    use.note ?? '',
  ])
  return [
    table(['part', 'files', 'size', 'can be freed', ''], rows),
    `${byteCount(bytes)} in all; ${byteCount(freeBytes)} free on the disk.`,
  ].join('\n')
}
