/**
 * Runs one command. Results go to standard output, everything else to standard error. Exit codes: 0 done, 1
 * failed, 2 a wrong command line, 130 cancelled by Ctrl-C.
 */
import { ZodError } from 'zod'
import type { Client } from '#contract'
import { CancelledError } from '../common/failures.ts'
import { expectedError } from '../common/files/file-errors.ts'
import { compose } from '../compose.ts'
import type { Application } from '../compose.ts'
import { startNodeEngine } from '../engine-host/process.ts'
import { engineEntry, userFolder } from '../paths.ts'
import { createLocalClient } from '../router.ts'
import { parseArguments } from './parse-arguments.ts'
import { UsageError } from './arguments.ts'
import type { Command, Result } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { commandHelp, overview } from './help.ts'
import { createTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Runs `vitrine ARGV` and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = createTerminal()
  const [name, ...rest] = argv
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    process.stdout.write(`${overview(COMMANDS)}\n`)
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    terminal.say(`vitrine: there is no command "${name}". "vitrine --help" lists them.`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${commandHelp(name, command)}\n`)
    return 0
  }
  return run({ name, command, argv: rest, terminal })
}

interface CommandLine {
  name: string
  command: Command
  /** What follows the command's name. */
  argv: string[]
  terminal: Terminal
}

/** Runs a command to its end, prints its result or what it failed with, and returns the exit code. */
async function run({ name, command, argv, terminal }: CommandLine): Promise<number> {
  const signal = command.handlesSignals ? new AbortController().signal : interruptSignal()
  const program = composedWhenUsed(signal)
  try {
    const args = parseArguments(command, argv)
    const result = await command.run({
      args,
      terminal,
      signal,
      get client() {
        return program.client
      },
      get application() {
        return program.application
      },
    })
    print(result, args.flag('json'))
    return 0
  } catch (error) {
    const { code, line } = explain(error, name)
    terminal.say(line)
    return code
  } finally {
    await program.close()
  }
}

/** Aborts at Ctrl-C; a second one, for when the first does not help, ends the process. */
function interruptSignal(): AbortSignal {
  const interrupt = new AbortController()
  const onInterrupt = (): void => {
    if (interrupt.signal.aborted) {
      process.exit(130)
    }
    interrupt.abort(new CancelledError())
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  return interrupt.signal
}

/** The application and a client of it, composed when a command first needs them. */
function composedWhenUsed(signal: AbortSignal) {
  let application: Application | null = null
  let client: Client | null = null
  return {
    get application() {
      application ??= compose({
        home: userFolder(),
        startEngine: (settings) => startNodeEngine(engineEntry, settings),
        shell: 'command line',
      })
      return application
    },
    get client() {
      client ??= createLocalClient(this.application, signal)
      return client
    },
    async close() {
      await application?.close()
    },
  }
}

function print(result: Result | null, asJson: boolean): void {
  if (result === null) {
    return
  }
  const output = asJson ? JSON.stringify(result.json, null, 1) : result.text
  if (output !== '') {
    process.stdout.write(`${output}\n`)
  }
}

/** What to print for anything thrown, and the exit code. */
function explain(error: unknown, command: string): { code: number; line: string } {
  const help = `"vitrine ${command} --help" tells more.`
  if (error instanceof UsageError) {
    return { code: 2, line: `vitrine: ${error.message}. ${help}` }
  }
  if (error instanceof ZodError) {
    const [issue] = error.issues
    return {
      code: 2,
      line: `vitrine: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}. ${help}`,
    }
  }
  if (error instanceof CancelledError) {
    return { code: 130, line: 'vitrine: cancelled.' }
  }
  const expected = expectedError(error)
  if (expected !== null) {
    const { message, remedy } = expected
    return { code: 1, line: `vitrine: ${message}${remedy === null ? '' : ` ${remedy}`}` }
  }
  return {
    code: 1,
    line: `vitrine: this is a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  }
}
