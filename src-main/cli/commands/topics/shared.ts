/** How topics are found, by one number of them or several; how they are named, and listed. */
import { topicsRequest } from '#contract'
import type { TopicsRequest } from '#contract'
import { readText } from '../../../formats/text/text-file.ts'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { CommandContext, Option, Result } from '../../command.ts'
import { failures } from '../../failures.ts'
import { fixed, table } from '../../table.ts'

const SOURCES = topicsRequest.shape.from.unwrap().options
const PRIORS = topicsRequest.shape.documentPrior.unwrap().options

/** The options that `findingRequest` reads. */
export const FINDING_OPTIONS: Readonly<Record<string, Option>> = {
  from: {
    value: 'CLIPS',
    help: 'whose captions are read: train; or all, and then scores on validation and test are flattered (train)',
  },
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
export async function findingRequest(args: Arguments): Promise<Omit<TopicsRequest, 'k'>> {
  return {
    from: args.oneOf('from', SOURCES),
    iterations: args.integer('iterations'),
    burnIn: args.integer('burn-in'),
    sampleEvery: args.integer('sample-every'),
    seed: args.integer('seed'),
    documentPrior: args.oneOf('document-prior', PRIORS),
    wordPrior: args.oneOf('word-prior', PRIORS),
    minDocumentFrequency: args.integer('min-documents'),
    maxDocumentShare: args.number('max-share'),
    phraseScore: args.number('phrases'),
    stopWords: await readStopWords(args.text('stop-words')),
    builtInStopWords: !args.flag('keep-function-words'),
    lemmas: args.flag('lemmas'),
    topics: args.list('seeds').map(seededTopic),
  }
}

async function readStopWords(path: string | undefined): Promise<string[] | undefined> {
  if (path === undefined) {
    return undefined
  }
  const text = await readText(path)
  return text
    .replace(/^\uFEFF/, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')
}

/** `LABEL: word, word` or `word, word`. */
function seededTopic(text: string): NonNullable<TopicsRequest['topics']>[number] {
  const colon = text.indexOf(':')
  const label = colon === -1 ? null : text.slice(0, colon).trim()
  const seeds = commaSeparated(text.slice(colon + 1))
  if (seeds.length === 0 || label === '') {
    throw new UsageError(
      `--seeds takes words parted by commas, such as "music: guitar, violin", not "${text}"`,
    )
  }
  return { label, seeds }
}

/** Words, labels or names parted by commas. */
export const commaSeparated = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

/**
 * A topic by id, or by the label of one that is listed. Throws NOT_FOUND, and CONFLICT when several have the
 * label.
 */
export async function findTopic({ client }: CommandContext, labelOrId: string): Promise<number> {
  const { topics } = await client.topics.list()
  const [topic, ...others] = topics.filter(({ label }) => label === labelOrId)
  if (topic !== undefined && others.length > 0) {
    throw failures.topicAmbiguous({
      label: labelOrId,
      topicIds: [topic, ...others].map(({ id }) => id).join(', '),
    })
  }
  if (topic !== undefined) {
    return topic.id
  }
  if (/^\d+$/.test(labelOrId)) {
    return Number(labelOrId)
  }
  throw failures.topicUnknown({ label: labelOrId })
}

/** The project's topics as they are. */
export async function listTopics({ client }: CommandContext): Promise<Result> {
  const { run, rule, wordsEdited, stale, topics } = await client.topics.list()
  const listed = table(
    ['id', 'label', 'state', 'words', 'NPMI', 'clips'],
    topics.map(({ id, label, state, words, npmi, clips }) => [
      String(id),
      label,
      state,
      firstWords(words, 8),
      fixed(npmi),
      clips,
    ]),
  )
  return {
    text: [listed, ...stale].join('\n'),
    json: {
      ...run,
      rule,
      wordsEdited,
      stale,
      topics: topics.map(({ id, label, labelled, state, words, npmi, size, clips, movedClips }) => ({
        id,
        label,
        labelled,
        state,
        words,
        npmi,
        size,
        videos: clips,
        movedVideos: movedClips,
      })),
    },
  }
}

/** The first few words of a topic, as a table shows them. */
export const firstWords = (words: readonly { word: string }[], count: number): string =>
  words
    .slice(0, count)
    .map(({ word }) => word)
    .join(' ')
