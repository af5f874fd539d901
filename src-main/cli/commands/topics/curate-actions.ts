/** What `vitrine curate` can do: a row for each action, with what follows it on the command line. */
import type { SplitRequest, TopicEdit } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { CommandContext } from '../../command.ts'
import { table } from '../../table.ts'
import { commaSeparated, findTopic, firstWords } from './shared.ts'

/** What an action did beside its edit, for `--json`; `text` in place of the edit's own words. */
export interface Outcome {
  text?: string
  json?: Record<string, unknown>
}

interface Action {
  /** What follows its name on the command line. */
  takes: string
  /** How many words follow it; no `atMost`: any number. */
  atLeast: number
  atMost?: number
  /** Of the options it knows these. */
  options?: readonly string[]
  run(context: CommandContext, words: readonly string[]): Promise<Outcome | void>
}

export const ACTIONS: Readonly<Record<string, Action>> = {
  rename: {
    takes: 'TOPIC LABEL',
    atLeast: 2,
    atMost: 2,
    async run(context, [topic = '', label = '']) {
      await edit(context, { edit: 'rename', topicId: await findTopic(context, topic), label })
    },
  },
  describe: {
    takes: 'TOPIC TEXT',
    atLeast: 2,
    atMost: 2,
    async run(context, [topic = '', description = '']) {
      await edit(context, { edit: 'describe', topicId: await findTopic(context, topic), description })
    },
  },
  colour: {
    takes: 'TOPIC HUE (0 to 360, or auto)',
    atLeast: 2,
    atMost: 2,
    async run(context, [topic = '', hue = '']) {
      if (hue !== 'auto' && (hue.trim() === '' || !Number.isFinite(Number(hue)))) {
        throw new UsageError(`a hue is a number from 0 to 360, or auto, not "${hue}"`)
      }
      await edit(context, {
        edit: 'recolour',
        topicId: await findTopic(context, topic),
        hue: hue === 'auto' ? null : Number(hue),
      })
    },
  },
  'accept-label': {
    takes: 'TOPIC...',
    atLeast: 1,
    async run(context, topics) {
      await edit(context, { edit: 'acceptLabel', topicIds: await findTopics(context, topics) })
    },
  },
  'reject-label': {
    takes: 'TOPIC',
    atLeast: 1,
    atMost: 1,
    async run(context, [topic = '']) {
      await edit(context, { edit: 'rejectLabel', topicId: await findTopic(context, topic) })
    },
  },
  merge: {
    takes: 'INTO TOPIC...',
    atLeast: 2,
    async run(context, topics) {
      const [into = 0, ...topicIds] = await findTopics(context, topics)
      await edit(context, { edit: 'merge', into, topicIds })
    },
  },
  split: {
    takes: 'TOPIC [--words A,B --words C,D | --clips A,B --clips C,D] [--label NAME...] [--propose]',
    atLeast: 1,
    atMost: 1,
    options: ['words', 'clips', 'label', 'propose', 'seed'],
    run: split,
  },
  delete: setState('deleted'),
  hide: setState('hidden'),
  junk: setState('junk'),
  restore: setState('active'),
  'move-words': {
    takes: 'FROM TO WORD...',
    atLeast: 3,
    async run(context, [from = '', to = '', ...words]) {
      await edit(context, {
        edit: 'moveWords',
        from: await findTopic(context, from),
        to: await findTopic(context, to),
        words,
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
    atLeast: 0,
    atMost: 1,
    options: ['words', 'clips'],
    run: create,
  },
  rule: {
    takes: '[--per-clip M] [--min-share P]',
    atLeast: 0,
    atMost: 0,
    options: ['per-clip', 'min-share'],
    run: setRule,
  },
}

function setState(state: Extract<TopicEdit, { edit: 'setState' }>['state']): Action {
  return {
    takes: 'TOPIC...',
    atLeast: 1,
    async run(context, topics) {
      await edit(context, { edit: 'setState', topicIds: await findTopics(context, topics), state })
    },
  }
}

function markWords(mark: 'pinned' | 'forbidden' | null): Action {
  return {
    takes: 'TOPIC WORD...',
    atLeast: 2,
    async run(context, [topic = '', ...words]) {
      await edit(context, { edit: 'markWords', topicId: await findTopic(context, topic), words, mark })
    },
  }
}

function setClips(verdict: boolean | null): Action {
  return {
    takes: 'TOPIC CLIP...',
    atLeast: 2,
    async run(context, [topic = '', ...clips]) {
      await edit(context, {
        edit: 'setClips',
        topicIds: [await findTopic(context, topic)],
        clipIds: await findClips(context, clips),
        verdict,
      })
    },
  }
}

async function split(context: CommandContext, [topic = '']: readonly string[]): Promise<Outcome> {
  const { args, client } = context
  const byWords = args.list('words').map(commaSeparated)
  const byClips = args.list('clips').map(commaSeparated)
  if (byWords.length > 0 && byClips.length > 0) {
    throw new UsageError('--words and --clips exclude each other')
  }
  if (byWords.length === 1 || byClips.length === 1) {
    throw new UsageError(
      `split takes --${byWords.length === 1 ? 'words' : 'clips'} for each part, two at least`,
    )
  }
  const request: SplitRequest = {
    topicId: await findTopic(context, topic),
    labels: args.list('label'),
    how: await howToSplit(context, byWords, byClips),
  }
  if (!args.flag('propose')) {
    return { json: await client.topics.split(request) }
  }
  const { parts } = await client.topics.proposeSplit(request)
  const rows = parts.map(({ label, words, clips }) => [label, firstWords(words, 10), clips])
  return { text: table(['part', 'words', 'clips'], rows), json: { parts } }
}

async function howToSplit(
  context: CommandContext,
  byWords: string[][],
  byClips: string[][],
): Promise<SplitRequest['how']> {
  if (byWords.length > 0) {
    return { by: 'words', parts: byWords }
  }
  if (byClips.length === 0) {
    return { by: 'proposal', seed: context.args.integer('seed') }
  }
  const parts: number[][] = []
  for (const names of byClips) {
    parts.push(await findClips(context, names))
  }
  return { by: 'clips', parts }
}

async function create(context: CommandContext, [label = null]: readonly (string | null)[]): Promise<Outcome> {
  const { args, client } = context
  const words = args.list('words').flatMap(commaSeparated)
  const clips = args.list('clips').flatMap(commaSeparated)
  if (words.length > 0 === clips.length > 0) {
    throw new UsageError('new takes either --words or --clips')
  }
  const from =
    words.length > 0
      ? { by: 'words' as const, words }
      : { by: 'clips' as const, clipIds: await findClips(context, clips) }
  return { json: await client.topics.create({ label, from }) }
}

async function setRule(context: CommandContext): Promise<void> {
  const { args, client } = context
  const perClip = args.integer('per-clip')
  const minShare = args.number('min-share')
  if (perClip === undefined && minShare === undefined) {
    throw new UsageError('rule takes --per-clip or --min-share')
  }
  const { rule } = await client.topics.list()
  await edit(context, {
    edit: 'setRule',
    rule: { topicsPerClip: perClip ?? rule.topicsPerClip, minShare: minShare ?? rule.minShare },
  })
}

const edit = ({ client }: CommandContext, change: TopicEdit): Promise<void> => client.topics.edit(change)

async function findTopics(context: CommandContext, labelsOrIds: readonly string[]): Promise<number[]> {
  const topicIds: number[] = []
  for (const labelOrId of labelsOrIds) {
    topicIds.push(await findTopic(context, labelOrId))
  }
  return topicIds
}

async function findClips({ client }: CommandContext, names: readonly string[]): Promise<number[]> {
  const clipIds: number[] = []
  for (const name of names) {
    const { clipId } = await client.corpus.find({ clip: name })
    clipIds.push(clipId)
  }
  return clipIds
}
