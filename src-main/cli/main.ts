/**
 * Runs one command. Results go to standard output, everything else to standard error. Exit codes: 0 done, 1
 * failed, 2 a wrong command line, 130 cancelled by Ctrl-C.
 */
import { ZodError } from 'zod'
import { compose } from '../compose.ts'
import type { Services } from '../compose.ts'
import { CancelledError, VitrineError } from '#contract'
import { startNodeEngine } from '../engine-host/process.ts'
import { engineEntry, userFolder } from '../paths.ts'
import { commandHelp, parseArguments, UsageError } from './command.ts'
import type { Command } from './command.ts'
import { correct, corrections, regressions } from './commands/corrections.ts'
import { features, importCorpus, newProject, sample } from './commands/corpus.ts'
import { curate } from './commands/curate.ts'
import { checkCaptions } from './commands/hygiene.ts'
import { history, redo, snapshots, undo } from './commands/history.ts'
import { caption, evaluate } from './commands/learning.ts'
import { judgeNeuron, neurons } from './commands/neurons.ts'
import { actions, doctor, exportAll, serve } from './commands/others.ts'
import { addCaption, judge, note, review } from './commands/review.ts'
import { compare, score } from './commands/scoring.ts'
import { importTopics, topics, topicsSweep } from './commands/topics.ts'
import { keep, models, refine, remap, train } from './commands/training.ts'
import { demo } from './demo.ts'
import { createTerminal } from './terminal.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  sample,
  new: newProject,
  import: importCorpus,
  features,
  topics,
  'topics-sweep': topicsSweep,
  'import-topics': importTopics,
  curate,
  'check-captions': checkCaptions,
  snapshots,
  history,
  undo,
  redo,
  train,
  models,
  keep,
  remap,
  refine,
  caption,
  evaluate,
  score,
  compare,
  neurons,
  'judge-neuron': judgeNeuron,
  review,
  judge,
  note,
  'add-caption': addCaption,
  correct,
  corrections,
  regressions,
  actions,
  export: exportAll,
  serve,
  doctor,
  demo,
}

/** Runs `vitrine ARGV` and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = createTerminal()
  const [name, ...rest] = argv
  const command = name === undefined ? undefined : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (name === undefined || command === undefined) {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      process.stdout.write(`${overview()}\n`)
      return name === undefined ? 2 : 0
    }
    terminal.say(`vitrine: there is no command "${name}". "vitrine --help" lists them.`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${commandHelp(name, command)}\n`)
    return 0
  }

  const interrupt = new AbortController()
  let services: Services | null = null
  const onInterrupt = (): void => {
    // The second Ctrl-C is for when the first does not help.
    if (interrupt.signal.aborted) {
      process.exit(130)
    }
    interrupt.abort(new CancelledError())
  }
  // `serve` ends by the signals on its own.
  if (command !== serve) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, onInterrupt)
    }
  }
  try {
    const args = parseArguments(command, rest)
    const result = await command.run({
      args,
      terminal,
      signal: interrupt.signal,
      get services() {
        return (client ??= compose({
          home: userFolder(),
          startEngine: (settings) => startNodeEngine(engineEntry, settings),
          shell: 'command line',
        }))
      },
    })
    if (result !== null) {
      const output = args.flag('json') ? JSON.stringify(result.json, null, 1) : result.text
      if (output !== '') {
        process.stdout.write(`${output}\n`)
      }
    }
    return 0
  } catch (error) {
    const { code, line } = explain(error, name)
    terminal.say(line)
    return code
  } finally {
    await (client as Services | null)?.close()
  }
}

/** What to print for anything thrown, and the exit code. */
function explain(error: unknown, command: string): { code: number; line: string } {
  if (error instanceof UsageError) {
    return { code: 2, line: `vitrine: ${error.message}. "vitrine ${command} --help" tells more.` }
  }
  if (error instanceof ZodError) {
    const [issue] = error.issues
    return {
      code: 2,
      line: `vitrine: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}. "vitrine ${command} --help" tells more.`,
    }
  }
  if (error instanceof CancelledError) {
    return { code: 130, line: 'vitrine: cancelled.' }
  }
  if (error instanceof VitrineError) {
    return { code: 1, line: `vitrine: ${error.message}${error.remedy === null ? '' : ` ${error.remedy}`}` }
  }
  return {
    code: 1,
    line: `vitrine: this is a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  }
}

function overview(): string {
  const width = Math.max(
    ...Object.entries(COMMANDS).map(([name, { operands }]) => [name, ...operands].join(' ').length),
  )
  return [
    'vitrine COMMAND [options]',
    '',
    ...Object.entries(COMMANDS).map(
      ([name, { operands, summary }]) => `  ${[name, ...operands].join(' ').padEnd(width)}  ${summary}`,
    ),
    '',
    '"vitrine COMMAND --help" lists a command\'s options. With --json every command prints one JSON document.',
  ].join('\n')
}
