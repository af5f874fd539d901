/** What the program says of its commands. */
import { COMMON_OPTIONS } from './command.ts'
import type { Command, Option } from './command.ts'

/** A command with what it takes: `import PROJECT`. */
export const commandForm = (name: string, { operands }: Command): string => [name, ...operands].join(' ')

/** All commands, each with its summary. */
export function overview(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).map(([name, command]) => ({
    form: commandForm(name, command),
    help: command.summary,
  }))
  return [
    'vitrine COMMAND [options]',
    '',
    ...columns(rows),
    '',
    '"vitrine COMMAND --help" lists a command\'s options. With --json every command prints one JSON document.',
  ].join('\n')
}

/** A command with all its options. */
export const commandHelp = (name: string, command: Command): string =>
  describeCommand(name, command, { ...command.options, ...COMMON_OPTIONS })

/** A command with some options of it. */
export function describeCommand(
  name: string,
  command: Command,
  options: Readonly<Record<string, Option>>,
): string {
  const rows = Object.entries(options).map(([option, { value, short, help }]) => ({
    form: `${short === undefined ? '    ' : `-${short}, `}--${option}${value === undefined ? '' : ` ${value}`}`,
    help,
  }))
  const blocks = [
    [`vitrine ${commandForm(name, command)} [options]`],
    [`  ${command.summary}`],
    columns(rows),
    (command.more ?? []).map((line) => `  ${line}`),
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function columns(rows: readonly { form: string; help: string }[]): string[] {
  const width = Math.max(...rows.map(({ form }) => form.length))
  return rows.map(({ form, help }) => `  ${form.padEnd(width)}  ${help}`)
}
