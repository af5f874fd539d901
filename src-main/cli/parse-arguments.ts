/** A command line as the arguments of its command, by Node's parseArgs. */
import { parseArgs } from 'node:util'
import { Arguments, UsageError } from './arguments.ts'
import { COMMON_OPTIONS } from './command.ts'
import type { Command } from './command.ts'

/** The arguments of a command line after the command's name. Throws UsageError. */
export function parseArguments(command: Command, argv: string[]): Arguments {
  const { values, positionals } = parseOptions(command, argv)
  const isOpen = command.operands.at(-1)?.includes('...') ?? false
  const single = isOpen ? command.operands.slice(0, -1) : command.operands
  const rest = positionals.slice(single.length)
  if (rest[0] !== undefined && !isOpen) {
    throw new UsageError(`"${rest[0]}" is one argument too many`)
  }
  const operands = new Map(
    single.flatMap((operand, i) => {
      const value = positionals[i]
      return value === undefined ? [] : [[operand.replace(/[[\]]/g, ''), value] as const]
    }),
  )
  return new Arguments({ operands, rest, options: values })
}

function parseOptions(
  command: Command,
  argv: string[],
): { values: Readonly<Record<string, unknown>>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, { value, short, multiple }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: multiple ?? false,
        ...(short !== undefined && { short }),
      },
    ]),
  )
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true })
  } catch (error) {
    // Its messages end in hints on how to pass odd values; the first sentence says it.
    throw new UsageError(
      error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error),
    )
  }
}
