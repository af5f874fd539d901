import { serve as serveProject } from '../../../serve.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'

const LAST_PORT = 65_535

export const serve: Command = {
  summary: 'Serves the interface to a browser on this machine, and opens one where there is a display.',
  operands: ['[PROJECT]'],
  options: {
    port: { value: 'N', help: 'port on the loopback interface (any free one)' },
    'no-open': { help: 'open no browser' },
  },
  notes:
    'It runs until Ctrl-C, or until the window that it opened is closed; it prints no JSON. The printed address ' +
    'carries a token. Without PROJECT it opens the one that was open last.',
  json: null,
  handlesSignals: true,
  async run({ args, terminal }) {
    const port = args.integer('port') ?? 0
    if (port < 0 || port > LAST_PORT) {
      throw new UsageError(`--port takes a number from 0 (any free one) to ${LAST_PORT}, not ${port}`)
    }
    const options = {
      project: args.optionalOperand('PROJECT'),
      port,
      open: !args.flag('no-open'),
    }
    await serveProject(options, (line) => {
      terminal.say(line)
    })
    return null
  },
}
