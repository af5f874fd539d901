/**
 * What a command is, and its arguments: parsed by Node's parseArgs, read through checks that name the option
 * at fault.
 */
import { parseArgs } from 'node:util'
import type { Services } from '../compose.ts'
import type { Terminal } from './terminal.ts'

/** A wrong command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Option {
  /** What it takes, such as `N`; without it the option is a switch. */
  value?: string
  short?: string
  /** May be given several times. */
  multiple?: boolean
  help: string
}

export interface CommandContext {
  args: Arguments
  /** Built at the first use; closed when the command ends. */
  services: Services
  terminal: Terminal
  /** Aborts at Ctrl-C. */
  signal: AbortSignal
}

/** What a command says in the end: lines for people, or the one document for `--json`. */
export interface Result {
  text: string
  json: unknown
}

export interface Command {
  summary: string
  /**
   * Positional arguments, such as `PROJECT`; in brackets those that may be missing, and `[TOPIC...]` any
   * number of them at the end.
   */
  operands: readonly string[]
  options: Readonly<Record<string, Option>>
  /** Lines that its help ends with. */
  more?: readonly string[]
  run(context: CommandContext): Promise<Result | null>
}

const COMMON: Record<string, Option> = {
  json: { help: 'print one JSON document instead of a table' },
  help: { short: 'h', help: 'show this help' },
}

/** Reads options as what they should be; everything wrong is a UsageError. */
export class Arguments {
  readonly #operands: ReadonlyMap<string, string>
  readonly #values: Readonly<Record<string, unknown>>
  /** What was given for an operand of any number. */
  readonly rest: readonly string[]

  constructor(
    operands: ReadonlyMap<string, string>,
    values: Readonly<Record<string, unknown>>,
    rest: readonly string[] = [],
  ) {
    this.#operands = operands
    this.#values = values
    this.rest = rest
  }

  operand(name: string): string {
    const value = this.#operands.get(name)
    if (value === undefined) {
      throw new UsageError(`${name} is missing`)
    }
    return value
  }

  optionalOperand(name: string): string | null {
    return this.#operands.get(name) ?? null
  }

  flag(name: string): boolean {
    return this.#values[name] === true
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  required(name: string): string {
    const value = this.text(name)
    if (value === undefined) {
      throw new UsageError(`--${name} is missing`)
    }
    return value
  }

  list(name: string): string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
  }

  number(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) {
      return undefined
    }
    const number = Number(value)
    if (value.trim() === '' || !Number.isFinite(number)) {
      throw new UsageError(`--${name} takes a number, not "${value}"`)
    }
    return number
  }

  integer(name: string): number | undefined {
    const number = this.number(name)
    if (number !== undefined && !Number.isInteger(number)) {
      throw new UsageError(`--${name} takes a whole number, not ${number}`)
    }
    return number
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name)
    if (value === undefined) {
      return undefined
    }
    const choice = choices.find((each) => each === value)
    if (choice === undefined) {
      throw new UsageError(`--${name} is one of ${choices.join(', ')}, not "${value}"`)
    }
    return choice
  }
}

/** The arguments of a command line after the command's name. */
export function parseArguments(command: Command, argv: string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, ...COMMON }).map(([name, { value, short, multiple }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: multiple ?? false,
        ...(short !== undefined && { short }),
      },
    ]),
  )
  let parsed: { values: Readonly<Record<string, unknown>>; positionals: string[] }
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true, strict: true })
  } catch (error) {
    // Its messages end in hints on how to pass odd values; the first sentence says it.
    throw new UsageError(
      error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error),
    )
  }
  const isOpen = command.operands.at(-1)?.includes('...') ?? false
  const named = isOpen ? command.operands.slice(0, -1) : command.operands
  const rest = parsed.positionals.slice(named.length)
  if (rest[0] !== undefined && !isOpen) {
    throw new UsageError(`"${rest[0]}" is one argument too many`)
  }
  const operands = new Map(
    named.flatMap((operand, i) => {
      const value = parsed.positionals[i]
      return value === undefined ? [] : [[operand.replace(/[[\]]/g, ''), value] as const]
    }),
  )
  return new Arguments(operands, parsed.values, rest)
}

export function commandHelp(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON }).map(
    ([option, { value, short, help }]) => ({
      form: `${short === undefined ? '    ' : `-${short}, `}--${option}${value === undefined ? '' : ` ${value}`}`,
      help,
    }),
  )
  const width = Math.max(...options.map(({ form }) => form.length))
  return [
    `vitrine ${[name, ...command.operands].join(' ')} [options]`,
    '',
    `  ${command.summary}`,
    '',
    ...options.map(({ form, help }) => `  ${form.padEnd(width)}  ${help}`),
    ...(command.more === undefined ? [] : ['', ...command.more.map((line) => `  ${line}`)]),
  ].join('\n')
}
