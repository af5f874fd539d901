/**
 * What the Topics view asks of a project, and what its edits cost, on generated projects of 1,970 videos with
 * 80,000 captions (the size of MSVD) and of 100,000 videos with 2,000,000: median and 95th percentile through
 * the contract, as the window calls it. Captions are made of words of each clip's topics; shares are those
 * that they were made by.
 *
 *   npm run bench -- topic-store            (with VIDEOS=1970 in the environment: the smaller one alone)
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printMachine } from './lib/machine.ts'
import { addTopics, clientOf, clipName, startApplication } from './lib/project.ts'
import { figure, megabytes, printTable } from './lib/table.ts'
import { timed } from './lib/timing.ts'
import type { Client, Split, TopicEdit, TopicRow } from '#contract'
import { createRandom } from '../src-main/common/random.ts'
import { createProject, NO_MEDIA, NO_ORIGIN } from '../src-main/store/index.ts'
import type { ImportedClip, OpenProject } from '../src-main/store/index.ts'

const SIZES = [
  { videos: 1_970, captions: 80_000 },
  { videos: 100_000, captions: 2_000_000 },
]
const [K, WORDS, WORDS_OF_TOPIC] = [100, 8_000, 600]
const CAPTION_WORDS = 8
/** Clips that are imported in one transaction. */
const BATCH = 2_000
/** Calls of each kind; of the slow ones. */
const [ROUNDS, SLOW_ROUNDS] = [40, 5]
/** That are set at once. */
const MANY_CLIPS = 1_000

const random = createRandom(1)
/** Words that look like words, so that a prefix finds some of them. */
const SYLLABLES = ['ba', 'do', 'ki', 'lu', 'me', 'no', 'pa', 'ri', 'su', 'te']
const spell = (word: number): string =>
  [...String(word).padStart(4, '0')].map((digit) => SYLLABLES[Number(digit)]!).join('')
/** A topic's words are spread over the vocabulary, the frequent ones first; topics share some of them. */
const wordOf = (topic: number, rank: number): number => (topic * 79 + rank * rank + rank) % WORDS
const drawWord = (topic: number): number => wordOf(topic, Math.floor(WORDS_OF_TOPIC * random.next() ** 3))

/** A clip's topics with their shares: a few, which sum to 1. */
function drawShares(): TopicShare[] {
  const topics = new Set(Array.from({ length: 3 + random.below(6) }, () => random.below(K)))
  const weights = Array.from(topics, () => random.next() ** 2 + 0.02)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return [...topics].map((topic, i) => ({ topic, share: weights[i]! / total }))
}

interface TopicShare {
  topic: number
  share: number
}

function drawTopic(shares: readonly TopicShare[]): number {
  let left = random.next()
  for (const { topic, share } of shares) {
    if ((left -= share) <= 0) {
      return topic
    }
  }
  return shares[0]!.topic
}

/** Writes a project of the size through the store. */
function fill(project: OpenProject, videos: number, captions: number): void {
  const shares = Array.from({ length: videos }, drawShares)
  importClips(project, shares, captions / videos)
  const tokens = captions * CAPTION_WORDS
  const topics = Array.from({ length: K }, (_, topic) => wordCounts(topic, tokens / K))
  const totals = new Float64Array(WORDS)
  for (const counts of topics) {
    for (const [word, count] of counts) {
      totals[word]! += count
    }
  }
  addTopics(project, {
    tokens,
    sweeps: 500,
    vocabulary: Array.from(totals, (count, word) => ({
      word: spell(word),
      tokens: Math.ceil(count),
      documents: Math.min(videos, Math.ceil(count)),
    })),
    topics: topics.map((counts, topic) => ({
      label: `${spell(wordOf(topic, 0))}, ${spell(wordOf(topic, 1))}`,
      words: [...counts].map(([word, count]) => ({ word: spell(word), count })),
    })),
    shares: shares.map((clip) => {
      const row = new Float64Array(K)
      for (const { topic, share } of clip) {
        row[topic] = share
      }
      return row
    }),
  })
}

function importClips({ store }: OpenProject, shares: readonly TopicShare[][], captionsPerClip: number): void {
  for (let from = 0; from < shares.length; from += BATCH) {
    store.clips.add(
      shares.slice(from, from + BATCH).map((clipShares, i): ImportedClip => {
        const clip = from + i
        const count = Math.floor((clip + 1) * captionsPerClip) - Math.floor(clip * captionsPerClip)
        const text = () =>
          Array.from({ length: CAPTION_WORDS }, () => spell(drawWord(drawTopic(clipShares)))).join(' ')
        return {
          name: clipName(clip),
          split: splitOf(clip),
          captions: Array.from({ length: count }, () => ({ text: text(), origin: NO_ORIGIN })),
          ...NO_MEDIA,
        }
      }),
    )
  }
}

function splitOf(clip: number): Split {
  switch (clip % 10) {
    case 8:
      return 'val'
    case 9:
      return 'test'
    default:
      return 'train'
  }
}

/** A topic's words with their counts, which fall with the rank and sum to `tokens`. */
function wordCounts(topic: number, tokens: number): Map<number, number> {
  const ranks = Array.from({ length: WORDS_OF_TOPIC }, (_, rank) => rank)
  const weight = (rank: number) => 1 / (rank + 2)
  const total = ranks.reduce((sum, rank) => sum + weight(rank), 0)
  const counts = new Map<number, number>()
  for (const rank of ranks) {
    const word = wordOf(topic, rank)
    counts.set(word, (counts.get(word) ?? 0) + (weight(rank) * tokens) / total)
  }
  return counts
}

async function measure(client: Client, path: string): Promise<string[][]> {
  const opening = await timed('open the project and its first list', 1, async () => {
    await client.project.open({ path })
    await client.topics.list()
  })
  const { topics } = await client.topics.list()
  return [
    opening,
    ...(await measureQueries(client, topics)),
    ...(await measureEdits(client, topics)),
    ...(await measureFiles(client, join(path, '..', 'export'))),
  ]
}

const topicOf = (topics: readonly TopicRow[], round: number): number =>
  topics[(round * 37) % topics.length]!.id

async function measureQueries(client: Client, topics: readonly TopicRow[]): Promise<string[][]> {
  const topicId = (round: number): number => topicOf(topics, round)
  const prefix = (round: number): string => spell((round * 997) % WORDS).slice(0, 1 + (round % 6))
  return [
    await timed('list', ROUNDS, () => client.topics.list()),
    await timed('a topic', ROUNDS, (round) => client.topics.detail({ topicId: topicId(round) })),
    await timed('its clips, words marked', ROUNDS, (round) =>
      client.topics.clips({ topicId: topicId(round) }),
    ),
    await timed('its clips, searched', ROUNDS, (round) =>
      client.topics.clips({ topicId: topicId(round), search: prefix(round) }),
    ),
    await timed('clips near it', ROUNDS, (round) =>
      client.topics.clips({ topicId: topicId(round), which: 'near' }),
    ),
    await timed('words by their beginning', ROUNDS, (round) => client.topics.find({ text: prefix(round) })),
    await timed('histogram of a rule, first', 1, () =>
      client.topics.histogram({ topicsPerClip: 3, minShare: 0.05 }),
    ),
    await timed('histogram of a rule', ROUNDS, (round) =>
      client.topics.histogram({ topicsPerClip: 1 + (round % 6), minShare: (round % 20) / 100 }),
    ),
    await timed('map, first', 1, () => client.topics.map()),
    await timed('map', ROUNDS, () => client.topics.map()),
    await timed('corpus, searched', ROUNDS, (round) => client.corpus.clips({ search: prefix(round) })),
    await timed('history', ROUNDS, () => client.project.history({})),
  ]
}

async function measureEdits(client: Client, topics: readonly TopicRow[]): Promise<string[][]> {
  const edit = (change: TopicEdit) => client.topics.edit(change)
  const topicId = (round: number): number => topicOf(topics, round)
  const clipIds = await firstClips(client, topics)
  const undo = (rounds: number) => timed('undo of it', rounds, () => client.project.undo())
  const redo = (rounds: number) => timed('redo of it', rounds, () => client.project.redo())
  return [
    await timed('rename', ROUNDS, (round) =>
      edit({ edit: 'rename', topicId: topicId(round), label: `label ${round}` }),
    ),
    await undo(ROUNDS),
    await timed('set a clip', ROUNDS, (round) =>
      edit({ edit: 'setClips', topicIds: [topicId(round)], clipIds: [clipIds[round]!], verdict: true }),
    ),
    await timed(`set ${figure(clipIds.length)} clips`, SLOW_ROUNDS, (round) =>
      edit({ edit: 'setClips', topicIds: [topicId(round)], clipIds, verdict: true }),
    ),
    await undo(SLOW_ROUNDS),
    await timed('merge two topics', SLOW_ROUNDS, (round) =>
      edit({ edit: 'merge', into: topics[2 * round]!.id, topicIds: [topics[2 * round + 1]!.id] }),
    ),
    await undo(SLOW_ROUNDS),
    await redo(SLOW_ROUNDS),
    await timed('mark as junk', SLOW_ROUNDS, (round) =>
      edit({ edit: 'setState', topicIds: [topics[20 + round]!.id], state: 'junk' }),
    ),
    await timed('list after an edit', ROUNDS, async (round) => {
      await edit({ edit: 'describe', topicId: topics[2 * (round % 5)]!.id, description: `edit ${round}` })
      await client.topics.list()
    }),
    await timed('another rule, for all clips', 2, (round) =>
      edit({ edit: 'setRule', rule: { topicsPerClip: 2 + round, minShare: 0.1 } }),
    ),
    await timed('take a snapshot', 2, (round) => client.topics.takeSnapshot({ name: `snapshot ${round}` })),
  ]
}

/** MANY_CLIPS different clips of the first topics. */
async function firstClips(client: Client, topics: readonly TopicRow[]): Promise<number[]> {
  const ids: number[] = []
  for (let i = 0; ids.length < MANY_CLIPS && i < topics.length; i++) {
    const { rows } = await client.topics.clips({ topicId: topics[i]!.id, limit: 200 })
    ids.push(...rows.map(({ id }) => id))
  }
  return [...new Set(ids)].slice(0, MANY_CLIPS)
}

async function measureFiles(client: Client, to: string): Promise<string[][]> {
  const finished = async ({ jobId }: { jobId: number }) => {
    const job = await client.jobs.finished({ jobId })
    if (job.state !== 'done') {
      throw new Error(`${job.title}: ${job.state}`)
    }
  }
  const rows = [
    await timed('export of topics, all files', 1, async () =>
      finished(await client.exports.run({ what: 'topics', to, overwrite: true })),
    ),
    await timed('import of its vectors.csv', 1, async () =>
      finished(await client.topics.importVectors({ path: join(to, 'vectors.csv') })),
    ),
  ]
  for (const { name, bytes } of (await client.exports.last())?.files ?? []) {
    if (bytes > 2 ** 20) {
      console.log(`${name}: ${megabytes(bytes)}`)
    }
  }
  await rm(to, { recursive: true })
  console.log(
    `most memory of this process, the caches of SQLite included: ${megabytes(process.resourceUsage().maxRSS * 1024)}\n`,
  )
  return rows
}

const folder = await mkdtemp(join(tmpdir(), 'vitrine-topic-store-'))
const application = startApplication(folder)
try {
  printMachine()
  const only = process.env['VIDEOS'] === undefined ? null : Number(process.env['VIDEOS'])
  for (const { videos, captions } of SIZES.filter((size) => only === null || size.videos === only)) {
    const path = join(folder, `${videos}.vitrine`)
    const started = performance.now()
    const project = await createProject(path)
    fill(project, videos, captions)
    project.close()
    const { size } = await stat(join(path, 'project.sqlite'))
    console.log(
      `\n${figure(videos)} videos, ${figure(captions)} captions, ${K} topics: ${megabytes(size)}, written in ${figure((performance.now() - started) / 1000)} s\n`,
    )
    const client = clientOf(application)
    printTable(['', 'calls', 'median ms', 'p95 ms'], await measure(client, path))
    await client.project.close()
  }
} finally {
  await application.close()
  await rm(folder, { recursive: true })
}
