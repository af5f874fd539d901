import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { NOTHING_CHANGED, openProject, recordedEdit } from '../shared.ts'
import { ACTIONS } from './curate-actions.ts'

const OPTIONS = {
  words: {
    value: 'A,B',
    multiple: true,
    help: 'of new: its words; of split: the words of a part, once a part',
  },
  clips: { value: 'A,B', multiple: true, help: 'the same by clips' },
  label: { value: 'NAME', multiple: true, help: "of split: a part's label, in the order of the parts" },
  propose: { help: 'of split: only show what it would make' },
  seed: { value: 'S', help: 'of split: of the proposal (1)' },
  'per-clip': { value: 'M', help: 'of rule: a clip bears at most M topics' },
  'min-share': { value: 'P', help: 'of rule: each with at least this share of its words' },
} as const

export const curate: Command = {
  summary: 'Edits topics; topics and clips go by id or name, and every edit can be undone.',
  operands: ['PROJECT', 'ACTION', '[ARGUMENT...]'],
  options: OPTIONS,
  more: ['actions:', ...Object.entries(ACTIONS).map(([name, { takes }]) => `  ${name.padEnd(12)}  ${takes}`)],
  notes:
    'Each is one edit, made when the command returns: [curating](topics.md#curating). A deleted topic comes back by ' +
    '`restore` and its id, or by `undo`.',
  json:
    '`{edit}`, the edit in the words of the history, null when nothing changed; of `split` with `topicIds`, with ' +
    '`--propose` `parts: [{label, words: [{word, count}], clips}]`; of `new` with `topicId`.',
  async run(context) {
    const { args } = context
    const name = args.operand('ACTION')
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (action === undefined) {
      throw new UsageError(`there is no action "${name}"; there are ${Object.keys(ACTIONS).join(', ')}`)
    }
    const { takes, atLeast, atMost = Infinity, options = [] } = action
    const stranger = Object.keys(OPTIONS).find((option) => args.has(option) && !options.includes(option))
    if (stranger !== undefined) {
      throw new UsageError(`--${stranger} does not go with ${name}`)
    }
    await openProject(context)
    if (args.rest.length < atLeast || args.rest.length > atMost) {
      throw new UsageError(`${name} takes ${takes}`)
    }
    const { edit, outcome } = await recordedEdit(context, () => action.run(context, args.rest))
    return { text: outcome?.text ?? edit ?? NOTHING_CHANGED, json: { edit, ...outcome?.json } }
  },
}
