import { readFile } from 'node:fs/promises'
import { keptTopic, topicsRequest, VitrineError } from '#contract'
import type { ExtractRequest, TopicsRequest } from '#contract'
import type { Services } from '../../compose.ts'
import { UsageError } from '../command.ts'
import type { Arguments, Command, CommandContext, Option } from '../command.ts'
import { finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'

const PRIORS = topicsRequest.shape.documentPrior.unwrap().options
const KEPT_AS = keptTopic.shape.as.unwrap().options

/** How topics are found, by one number of them or several. */
const FINDING: Record<string, Option> = {
  iterations: { value: 'N', help: 'sweeps of Gibbs sampling (500)' },
  'burn-in': { value: 'N', help: 'sweeps before the first that counts (four fifths of them)' },
  'sample-every': { value: 'N', help: 'from then on every Nth sweep is a sample of the mean (1)' },
  'document-prior': { value: 'HOW', help: "of a document's topics: fixed, optimised (fixed)" },
  'word-prior': { value: 'HOW', help: "of a topic's words: fixed, optimised (fixed)" },
  seed: { value: 'S', help: 'the same seed finds the same topics (1)' },
  'min-documents': { value: 'N', help: 'a word must occur in the captions of this many clips (3)' },
  'max-share': { value: 'P', help: 'and in at most this share of them (0.5)' },
  'stop-words': { value: 'FILE', help: 'words to leave out, parted by white space or commas' },
  'keep-function-words': { help: "don't leave out English function words" },
  phrases: {
    value: 'SCORE',
    help: 'join neighbours that meet this many times more often than by chance, such as 10',
  },
  lemmas: { help: 'take English words back to their base forms' },
  seeds: {
    value: 'WORDS',
    multiple: true,
    help: 'a topic that is to be about these: "guitar, violin" or "music: guitar, violin"',
  },
}

/** The request that the options make. Throws UsageError, and BAD_INPUT for a file that can't be read. */
async function findingOf(args: Arguments): Promise<Omit<TopicsRequest, 'k'>> {
  return {
    iterations: args.integer('iterations'),
    burnIn: args.integer('burn-in'),
    sampleEvery: args.integer('sample-every'),
    seed: args.integer('seed'),
    documentPrior: args.oneOf('document-prior', PRIORS),
    wordPrior: args.oneOf('word-prior', PRIORS),
    minDocumentFrequency: args.integer('min-documents'),
    maxDocumentShare: args.number('max-share'),
    phraseScore: args.number('phrases'),
    stopWords: await stopWordsOf(args.text('stop-words')),
    builtInStopWords: !args.flag('keep-function-words'),
    lemmas: args.flag('lemmas'),
    topics: args.list('seeds').map(seededTopic),
  }
}

async function stopWordsOf(path: string | undefined): Promise<string[] | undefined> {
  if (path === undefined) {
    return undefined
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VitrineError('BAD_INPUT', `The file of stop words ${path} can't be read.`, 'Check its name.', {
      cause,
    })
  })
  return text
    .replace(/^\uFEFF/, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')
}

/** `LABEL: word, word` or `word, word`. */
function seededTopic(text: string): NonNullable<TopicsRequest['topics']>[number] {
  const at = text.indexOf(':')
  const label = at === -1 ? null : text.slice(0, at).trim()
  const seeds = wordList(text.slice(at + 1))
  if (seeds.length === 0 || label === '') {
    throw new UsageError(
      `--seeds takes words parted by commas, such as "music: guitar, violin", not "${text}"`,
    )
  }
  return { label, seeds }
}

/** Words, labels or names parted by commas. */
export const wordList = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

/** `ID`, `ID:start`, or a label in place of the id. */
function keptTopics(services: Services, args: Arguments): NonNullable<ExtractRequest['keep']> {
  return args.list('keep').map((text) => {
    const as = KEPT_AS.find((how) => text.endsWith(`:${how}`))
    return { topicId: topicNamed(client, as === undefined ? text : text.slice(0, -as.length - 1)), as }
  })
}

/**
 * A topic by id, or by the label of one that is listed. Throws NOT_FOUND, and CONFLICT when several have the
 * label.
 */
export function topicNamed(services: Services, nameOrId: string): number {
  const named = client.topics.list().topics.filter(({ label }) => label === nameOrId)
  if (named.length > 1) {
    throw new VitrineError(
      'CONFLICT',
      `Several topics are called "${nameOrId}": ${named.map(({ id }) => id).join(', ')}.`,
      'Use an id.',
    )
  }
  if (named[0]) {
    return named[0].id
  }
  if (/^\d+$/.test(nameOrId)) {
    return Number(nameOrId)
  }
  throw new VitrineError(
    'NOT_FOUND',
    `This project has no topic called "${nameOrId}".`,
    '"vitrine topics PROJECT --list" lists them.',
  )
}

/** The project's topics as they are. */
export function describeTopics({ client }: CommandContext) {
  const { run, rule, wordsEdited, topics: rows } = client.topics.list()
  return {
    text: table(
      ['id', 'label', 'state', 'words', 'NPMI', 'clips'],
      rows.map(({ id, label, state, words, npmi, clips }) => [
        String(id),
        label,
        state,
        words
          .slice(0, 8)
          .map(({ word }) => word)
          .join(' '),
        fixed(npmi),
        clips,
      ]),
    ),
    json: {
      ...run,
      rule,
      wordsEdited,
      topics: rows.map(({ id, label, labelled, state, words, npmi, size, clips }) => ({
        id,
        label,
        labelled,
        state,
        words,
        npmi,
        size,
        videos: clips,
      })),
    },
  }
}

export const topics: Command = {
  summary:
    'Finds topics in the captions, in place of the current ones; with --list, shows those that there are.',
  operands: ['PROJECT'],
  options: {
    list: { help: 'find nothing, only show the topics' },
    k: { value: 'N', short: 'k', help: 'number of topics (100)' },
    ...FINDING,
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
  async run(context) {
    const { args, client } = context
    if (args.flag('list') && args.flag('reassign')) {
      throw new UsageError('--list and --reassign exclude each other')
    }
    const request = {
      ...(await findingOf(args)),
      k: args.integer('k'),
      topicsPerClip: args.integer('per-clip'),
      minShare: args.number('min-share'),
    }
    await openProject(context)
    if (args.flag('reassign')) {
      await finish(context, client.topics.reassign())
    } else if (!args.flag('list')) {
      await finish(context, client.topics.extract({ ...request, keep: keptTopics(client, args) }))
    }
    return describeTopics(context)
  },
}

export const topicsSweep: Command = {
  summary:
    'Tries several numbers of topics, to choose one: coherence, and how well held-out captions are predicted.',
  operands: ['PROJECT'],
  options: {
    ks: { value: 'K,K,...', help: 'the numbers of topics' },
    'held-out': { value: 'P', help: 'share of the clips that are held out (0.1)' },
    ...FINDING,
  },
  async run(context) {
    const { args, client } = context
    const ks = wordList(args.required('ks')).map(Number)
    if (ks.length === 0 || ks.some((k) => !Number.isInteger(k))) {
      throw new UsageError(
        `--ks takes whole numbers parted by commas, such as 10,20,40, not "${args.required('ks')}"`,
      )
    }
    const request = { ...(await findingOf(args)), ks, heldOutShare: args.number('held-out') }
    await openProject(context)
    await finish(context, client.topics.sweep(request))
    const sweep = client.topics.lastSweep()
    if (sweep === null) {
      throw new Error('the sweep left no figures')
    }
    return {
      text: table(
        ['k', 'NPMI', 'C_V', 'held-out ln p', 'seconds'],
        sweep.points.map(({ k, npmi, cv, heldOut, seconds }) => [
          k,
          fixed(npmi),
          fixed(cv),
          fixed(heldOut),
          fixed(seconds, 1),
        ]),
      ),
      json: sweep,
    }
  },
}

export const importTopics: Command = {
  summary:
    'Takes topic vectors from a file (.csv of an id and K columns, or .npy of [clips, K]), in place of the current topics.',
  operands: ['PROJECT', 'FILE'],
  options: {
    ids: { value: 'FILE', help: 'of a .npy: the clips of its rows, a name a line (all clips by name)' },
    labels: { value: 'FILE', help: 'labels, one a line (the names of the columns)' },
  },
  async run(context) {
    const { args, client } = context
    const request = {
      path: args.operand('FILE'),
      ids: args.text('ids') ?? null,
      labels: args.text('labels') ?? null,
    }
    await openProject(context)
    await finish(context, client.topics.importVectors(request))
    return describeTopics(context)
  },
}
