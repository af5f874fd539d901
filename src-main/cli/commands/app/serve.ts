import { serve as serveProject } from '../../../serve.ts'
import type { Command } from '../../command.ts'

export const serve: Command = {
  summary: 'Serves the interface to a browser on this machine, and opens one where there is a display.',
  operands: ['[PROJECT]'],
  options: {
    port: { value: 'N', help: 'port on the loopback interface (that of last time, else any free one)' },
    'no-open': { help: 'open no browser' },
  },
  notes:
    'It runs until Ctrl-C, or until the window that it opened is closed; it prints no JSON. The printed address ' +
    'carries a token, which lets one window in, once; Enter prints another address. Without PROJECT it opens the one ' +
    'that was open last.',
  json: null,
  handlesSignals: true,
  async run({ args, terminal }) {
    const options = {
      project: args.optionalOperand('PROJECT'),
      port: args.integer('port') ?? null,
      open: !args.flag('no-open'),
    }
    await serveProject(options, (line) => {
      terminal.say(line)
    })
    return null
  },
}
