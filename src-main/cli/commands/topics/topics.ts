import { keptTopic } from '#contract'
import type { ExtractRequest } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { openProject } from '../shared.ts'
import { FINDING_OPTIONS, findingRequest, findTopic, listTopics } from './shared.ts'

type KeptTopic = NonNullable<ExtractRequest['keep']>[number]
const KEPT_AS = keptTopic.shape.as.unwrap().options

export const topics: Command = {
  summary:
    'Finds topics in the captions of the training clips, in place of the current ones; with --list, shows those that there are.',
  operands: ['PROJECT'],
  options: {
    list: { help: 'find nothing, only show the topics' },
    k: { value: 'N', short: 'k', help: 'number of topics (100)' },
    ...FINDING_OPTIONS,
    keep: {
      value: 'ID[:start]',
      multiple: true,
      help: 'a topic that stays as it is; with :start it only begins so, and may change',
    },
    'per-clip': { value: 'M', help: 'a clip bears at most M topics (3)' },
    'min-share': { value: 'P', help: 'each with at least this share of its words (0.05)' },
    reassign: {
      help: 'find nothing, only give clips their topics anew, under the words as they were edited',
    },
  },
  notes: 'What the options mean: [finding topics](topics.md#finding-topics).',
  json:
    '`{k, documents, tokens, sweeps, seconds, tokensPerSecond, npmi, seed, origin, from, ' +
    'rule: {topicsPerClip, minShare}, wordsEdited, stale, ' +
    'topics: [{id, label, labelled, state, words: [{word, p, lift}], npmi, size, videos, movedVideos}]}`; ' +
    '`documents` and `tokens` are of the clips that topics were found in; `stale` says why they do not rest on the training ' +
    "clips as these are now; `lift` is p over the word's probability in these captions, `size` " +
    "the topic's part of all tokens, `videos` how many bear it, `movedVideos` how many of them it was found in and that " +
    'have left the training split.',
  async run(context) {
    const { args, client } = context
    if (args.flag('list') && args.flag('reassign')) {
      throw new UsageError('--list and --reassign exclude each other')
    }
    const request = {
      ...(await findingRequest(args)),
      k: args.integer('k'),
      topicsPerClip: args.integer('per-clip'),
      minShare: args.number('min-share'),
    }
    await openProject(context)
    if (args.flag('reassign')) {
      await finish(context, client.topics.reassign())
    } else if (!args.flag('list')) {
      const keep = await keptTopics(context)
      await finish(context, client.topics.extract({ ...request, keep }))
    }
    return listTopics(context)
  },
}

/** The topics that `--keep` names, each as `ID`, `ID:start`, or with a label in place of the id. */
async function keptTopics(context: CommandContext): Promise<KeptTopic[]> {
  const kept: KeptTopic[] = []
  for (const text of context.args.list('keep')) {
    const as = KEPT_AS.find((way) => text.endsWith(`:${way}`))
    const labelOrId = as === undefined ? text : text.slice(0, -as.length - 1)
    kept.push({ topicId: await findTopic(context, labelOrId), as })
  }
  return kept
}
