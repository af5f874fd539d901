/** The arguments of a command, read through checks that name the option at fault. */
import type * as z from 'zod'

/** A wrong command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface ParsedArguments {
  operands: ReadonlyMap<string, string>
  /** What was given for an operand of any number. */
  rest: readonly string[]
  options: Readonly<Record<string, unknown>>
}

/** Reads options as what they should be; everything wrong is a UsageError. */
export class Arguments {
  readonly #operands: ReadonlyMap<string, string>
  readonly #options: Readonly<Record<string, unknown>>
  readonly rest: readonly string[]

  constructor({ operands, rest, options }: ParsedArguments) {
    this.#operands = operands
    this.#options = options
    this.rest = rest
  }

  operand(name: string): string {
    const value = this.#operands.get(name)
    if (value === undefined) {
      throw new UsageError(`${name} is missing`)
    }
    return value
  }

  /** An operand as a schema of the contract has it. */
  operandAs<Value>(name: string, schema: z.ZodType<Value>): Value {
    const { success, data, error } = schema.safeParse(this.operand(name))
    if (success) {
      return data
    }
    throw new UsageError(`${name}: ${error.issues[0]?.message ?? ''}`)
  }

  optionalOperand(name: string): string | null {
    return this.#operands.get(name) ?? null
  }

  has(name: string): boolean {
    return this.#options[name] !== undefined
  }

  flag(name: string): boolean {
    return this.#options[name] === true
  }

  text(name: string): string | undefined {
    const value = this.#options[name]
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
    const values = this.#options[name]
    return Array.isArray(values) ? values.filter((value): value is string => typeof value === 'string') : []
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

  /** The whole numbers of an option that may be given several times. */
  integers(name: string): number[] {
    return this.list(name).map((value) => {
      const number = Number(value)
      if (value.trim() === '' || !Number.isInteger(number)) {
        throw new UsageError(`--${name} takes a whole number, not "${value}"`)
      }
      return number
    })
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name)
    if (value === undefined) {
      return undefined
    }
    const choice = choices.find((candidate) => candidate === value)
    if (choice === undefined) {
      throw new UsageError(`--${name} is one of ${choices.join(', ')}, not "${value}"`)
    }
    return choice
  }
}
