/** What a command is: what it takes, what is written of it, and what it does. */
import type { Client } from '#contract'
import type { Application } from '../compose.ts'
import type { Arguments } from './arguments.ts'
import type { Terminal } from './terminal.ts'

export interface Option {
  /** What it takes, such as `N`; without it the option is a switch. */
  value?: string
  short?: string
  /** May be given several times. */
  multiple?: boolean
  help: string
}

/** Options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  json: { help: 'print one JSON document instead of a table' },
  help: { short: 'h', help: 'show this help' },
}

export interface CommandContext {
  args: Arguments
  /** The contract, as the window has it; its calls end at Ctrl-C. Built at the first use. */
  client: Client
  /** For what only this process can have: events as they happen. The command's end closes it. */
  application: Application
  terminal: Terminal
  /** Aborts at Ctrl-C. */
  signal: AbortSignal
}

/** What a command says in the end: lines for people, or the one document for `--json`. */
export interface Result {
  text: string
  json: unknown
  /** The exit code, where it is not 0 for a command that did what it was asked to. */
  code?: number
}

export interface Command {
  /** A sentence, for the help and for README.md. */
  summary: string
  /**
   * Positional arguments, such as `PROJECT`; in brackets those that may be missing, and `[TOPIC...]` any
   * number of them at the end.
   */
  operands: readonly string[]
  options: Readonly<Record<string, Option>>
  /** Lines that its help ends with. */
  more?: readonly string[]
  /** What `--json` prints, in Markdown, for docs/command-line.md; null: nothing. */
  json: string | null
  /** What else there is to know, in Markdown, for docs/command-line.md: one paragraph. */
  notes?: string
  /** It ends by itself at SIGINT and SIGTERM, which else abort `signal`. */
  handlesSignals?: boolean
  run(context: CommandContext): Promise<Result | null>
}
