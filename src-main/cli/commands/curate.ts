import type { SplitRequest, TopicEdit } from '#contract'
import { UsageError } from '../command.ts'
import type { Command, CommandContext } from '../command.ts'
import { table } from '../table.ts'
import { topicNamed, wordList } from './topics.ts'
import { edited, openProject } from '../jobs.ts'

/** What an action did beside its edit, for `--json`; `text` in place of the edit's own words. */
interface Done {
  text?: string
  json?: Record<string, unknown>
}

interface Action {
  /** What follows its name on the command line. */
  takes: string
  /** Of these options it knows. */
  options?: readonly string[]
  run(context: CommandContext): Promise<Done | undefined> | Done | undefined
}

/**
 * What follows the action: the first few by name, then any number. Throws UsageError unless there are enough.
 */
function words({ args }: CommandContext, least: number, most = Infinity): string[] {
  const [action, given] = [args.operand('ACTION'), [...args.rest]]
  if (given.length < least || given.length > most) {
    throw new UsageError(`${action} takes ${ACTIONS[action]?.takes ?? ''}`)
  }
  return given
}

const topicsOf = ({ client }: CommandContext, names: readonly string[]): number[] =>
  names.map((name) => topicNamed(client, name))
const clipsOf = ({ client }: CommandContext, names: readonly string[]): number[] =>
  names.map((name) => client.corpus.find(name).id)

const edit = (context: CommandContext, edit: TopicEdit): undefined => {
  context.client.topics.edit(edit)
}

const setState = (state: Extract<TopicEdit, { edit: 'setState' }>['state']): Action => ({
  takes: 'TOPIC...',
  run: (context) =>
    edit(context, { edit: 'setState', topicIds: topicsOf(context, words(context, 1)), state }),
})

const markWords = (mark: 'pinned' | 'forbidden' | null): Action => ({
  takes: 'TOPIC WORD...',
  run: (context) => {
    const [topic = '', ...marked] = words(context, 2)
    return edit(context, {
      edit: 'markWords',
      topicId: topicNamed(context.client, topic),
      words: marked,
      mark,
    })
  },
})

const setClips = (verdict: boolean | null): Action => ({
  takes: 'TOPIC CLIP...',
  run: (context) => {
    const [topic = '', ...clips] = words(context, 2)
    return edit(context, {
      edit: 'setClips',
      topicIds: [topicNamed(context.client, topic)],
      clipIds: clipsOf(context, clips),
      verdict,
    })
  },
})

async function split(context: CommandContext): Promise<Done> {
  const { args, client, signal } = context
  const [topic = ''] = words(context, 1, 1)
  const [byWords, byClips] = [args.list('words').map(wordList), args.list('clips').map(wordList)]
  if (byWords.length > 0 && byClips.length > 0) {
    throw new UsageError('--words and --clips exclude each other')
  }
  if (byWords.length === 1 || byClips.length === 1) {
    throw new UsageError(
      `split takes --${byWords.length === 1 ? 'words' : 'clips'} for each part, two at least`,
    )
  }
  const request: SplitRequest = {
    topicId: topicNamed(client, topic),
    labels: args.list('label'),
    how:
      byWords.length > 0
        ? { by: 'words', parts: byWords }
        : byClips.length > 0
          ? { by: 'clips', parts: byClips.map((names) => clipsOf(context, names)) }
          : { by: 'proposal', seed: args.integer('seed') },
  }
  if (args.flag('propose')) {
    const { parts } = await client.topics.proposeSplit(request, signal)
    return {
      text: table(
        ['part', 'words', 'clips'],
        parts.map(({ label, words: own, clips }) => [
          label,
          own
            .slice(0, 10)
            .map(({ word }) => word)
            .join(' '),
          clips,
        ]),
      ),
      json: { parts },
    }
  }
  return { json: await client.topics.split(request, signal) }
}

const ACTIONS: Readonly<Record<string, Action>> = {
  rename: {
    takes: 'TOPIC LABEL',
    run: (context) => {
      const [topic = '', label = ''] = words(context, 2, 2)
      return edit(context, { edit: 'rename', topicId: topicNamed(context.client, topic), label })
    },
  },
  describe: {
    takes: 'TOPIC TEXT',
    run: (context) => {
      const [topic = '', description = ''] = words(context, 2, 2)
      return edit(context, { edit: 'describe', topicId: topicNamed(context.client, topic), description })
    },
  },
  colour: {
    takes: 'TOPIC HUE (0 to 360, or auto)',
    run: (context) => {
      const [topic = '', hue = ''] = words(context, 2, 2)
      if (hue !== 'auto' && (hue.trim() === '' || !Number.isFinite(Number(hue)))) {
        throw new UsageError(`a hue is a number from 0 to 360, or auto, not "${hue}"`)
      }
      return edit(context, {
        edit: 'recolour',
        topicId: topicNamed(context.client, topic),
        hue: hue === 'auto' ? null : Number(hue),
      })
    },
  },
  'accept-label': {
    takes: 'TOPIC...',
    run: (context) => edit(context, { edit: 'acceptLabel', topicIds: topicsOf(context, words(context, 1)) }),
  },
  'reject-label': {
    takes: 'TOPIC',
    run: (context) =>
      edit(context, { edit: 'rejectLabel', topicId: topicsOf(context, words(context, 1, 1))[0] ?? 0 }),
  },
  merge: {
    takes: 'INTO TOPIC...',
    run: (context) => {
      const [into = 0, ...topicIds] = topicsOf(context, words(context, 2))
      return edit(context, { edit: 'merge', into, topicIds })
    },
  },
  split: {
    takes: 'TOPIC [--words A,B --words C,D | --clips A,B --clips C,D] [--label NAME...] [--propose]',
    options: ['words', 'clips', 'label', 'propose', 'seed'],
    run: split,
  },
  delete: setState('deleted'),
  hide: setState('hidden'),
  junk: setState('junk'),
  restore: setState('active'),
  'move-words': {
    takes: 'FROM TO WORD...',
    run: (context) => {
      const [from = '', to = '', ...moved] = words(context, 3)
      return edit(context, {
        edit: 'moveWords',
        from: topicNamed(context.client, from),
        to: topicNamed(context.client, to),
        words: moved,
      })
    },
  },
  pin: markWords('pinned'),
  forbid: markWords('forbidden'),
  unmark: markWords(null),
  set: setClips(true),
  clear: setClips(false),
  unset: setClips(null),
  new: {
    takes: '[LABEL] --words A,B | --clips A,B',
    options: ['words', 'clips'],
    run: async (context) => {
      const { args, client, signal } = context
      const [label = null] = words(context, 0, 1)
      const [byWords, byClips] = [args.list('words').flatMap(wordList), args.list('clips').flatMap(wordList)]
      if (byWords.length > 0 === byClips.length > 0) {
        throw new UsageError('new takes either --words or --clips')
      }
      const from =
        byWords.length > 0
          ? { by: 'words' as const, words: byWords }
          : { by: 'clips' as const, clipIds: clipsOf(context, byClips) }
      return { json: await client.topics.create({ label, from }, signal) }
    },
  },
  rule: {
    takes: '[--per-clip M] [--min-share P]',
    options: ['per-clip', 'min-share'],
    run: (context) => {
      const { args, client } = context
      words(context, 0, 0)
      const [perClip, minShare] = [args.integer('per-clip'), args.number('min-share')]
      if (perClip === undefined && minShare === undefined) {
        throw new UsageError('rule takes --per-clip or --min-share')
      }
      const { rule } = client.topics.list()
      return edit(context, {
        edit: 'setRule',
        rule: { topicsPerClip: perClip ?? rule.topicsPerClip, minShare: minShare ?? rule.minShare },
      })
    },
  },
}

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
  async run(context) {
    const { args } = context
    const name = args.operand('ACTION')
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (action === undefined) {
      throw new UsageError(`there is no action "${name}"; there are ${Object.keys(ACTIONS).join(', ')}`)
    }
    const stranger = Object.keys(OPTIONS).find(
      (option) =>
        (args.text(option) !== undefined || args.flag(option) || args.list(option).length > 0) &&
        action.options?.includes(option) !== true,
    )
    if (stranger !== undefined) {
      throw new UsageError(`--${stranger} does not go with ${name}`)
    }
    await openProject(context)
    let done: Awaited<ReturnType<typeof action.run>>
    const label = await edited(context, async () => {
      done = await action.run(context)
    })
    return { text: done?.text ?? label ?? 'Nothing changed.', json: { edit: label, ...done?.json } }
  },
}
