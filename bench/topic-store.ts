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
import { fileURLToPath } from 'node:url'
import { printMachine } from './lib/machine.ts'
import { figure, megabytes, printTable } from './lib/table.ts'
import { timed } from './lib/timing.ts'
import { compose } from '../src-main/compose.ts'
import { topicsRequest } from '#contract'
import type { Client, Split, TopicEdit } from '#contract'
import { startNodeEngine } from '../src-main/engine-host/process.ts'
import { createRandom } from '../src-main/common/random.ts'
import { createLocalClient } from '../src-main/router.ts'
import { createProject } from '../src-main/store/index.ts'
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
const [ROUNDS, FEW] = [40, 5]
const MANY_CLIPS = 1_000
const ENTRY = fileURLToPath(new URL('../src-main/engine/main.ts', import.meta.url))

const random = createRandom(1)
/** Words that look like words, so that a prefix finds some of them. */
const SYLLABLES = ['ba', 'do', 'ki', 'lu', 'me', 'no', 'pa', 'ri', 'su', 'te']
const word = (id: number): string =>
  [...String(id).padStart(4, '0')].map((digit) => SYLLABLES[Number(digit)]!).join('')
/** A topic's words are spread over the vocabulary, the frequent ones first; topics share some of them. */
const wordOf = (topic: number, rank: number): number => (topic * 79 + rank * rank + rank) % WORDS
const someWord = (topic: number): number => wordOf(topic, Math.floor(WORDS_OF_TOPIC * random.next() ** 3))

/** A clip's topics with their shares: a few, which sum to 1. */
function someShares(): { topic: number; share: number }[] {
  const topics = new Set(Array.from({ length: 3 + random.below(6) }, () => random.below(K)))
  const weights = Array.from(topics, () => random.next() ** 2 + 0.02)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return [...topics].map((topic, i) => ({ topic, share: weights[i]! / total }))
}

function someTopic(shares: readonly { topic: number; share: number }[]): number {
  let left = random.next()
  for (const { topic, share } of shares) {
    if ((left -= share) <= 0) {
      return topic
    }
  }
  return shares[0]!.topic
}

const media = {
  path: null,
  contentHash: null,
  duration: null,
  fps: null,
  frameCount: null,
  width: null,
  height: null,
  codec: null,
  playable: null,
  problem: null,
}

/** Writes a project of the size through the store. */
function fill({ store }: OpenProject, videos: number, captions: number): void {
  const shares = Array.from({ length: videos }, someShares)
  const perClip = captions / videos
  for (let from = 0; from < videos; from += BATCH) {
    store.clips.import(
      shares.slice(from, from + BATCH).map((own, i): ImportedClip => {
        const clip = from + i
        const split: Split = clip % 10 === 8 ? 'val' : clip % 10 === 9 ? 'test' : 'train'
        const count = Math.floor((clip + 1) * perClip) - Math.floor(clip * perClip)
        const text = () =>
          Array.from({ length: CAPTION_WORDS }, () => word(someWord(someTopic(own)))).join(' ')
        return {
          name: `video${String(clip).padStart(6, '0')}`,
          split,
          captions: Array.from({ length: count }, text),
          ...media,
        }
      }),
    )
  }
  const clips = store.clips.all()
  const tokens = captions * CAPTION_WORDS
  const weight = (rank: number) => 1 / (rank + 2)
  const all = Array.from({ length: WORDS_OF_TOPIC }, (_, rank) => weight(rank)).reduce(
    (sum, own) => sum + own,
    0,
  )
  const words = (topic: number) => {
    const counts = new Map<number, number>()
    for (let rank = 0; rank < WORDS_OF_TOPIC; rank++) {
      counts.set(
        wordOf(topic, rank),
        (counts.get(wordOf(topic, rank)) ?? 0) + (weight(rank) * tokens) / (K * all),
      )
    }
    return counts
  }
  const topics = Array.from({ length: K }, (_, topic) => words(topic))
  const seen = new Float64Array(WORDS)
  for (const counts of topics) {
    for (const [id, count] of counts) {
      seen[id]! += count
    }
  }
  store.transaction(() => {
    const added = store.topics.addRun({
      run: {
        origin: 'found',
        request: { ...topicsRequest.parse({}), k: K },
        documents: videos,
        tokens,
        sweeps: 500,
        seconds: 1,
        tokensPerSecond: tokens,
        npmi: 0.1,
        beta: 0.01,
        phrases: [],
      },
      vocabulary: Array.from(seen, (count, id) => ({
        word: word(id),
        tokens: Math.ceil(count),
        documents: Math.min(videos, Math.ceil(count)),
      })),
      topics: topics.map((counts, topic) => ({
        label: `${word(wordOf(topic, 0))}, ${word(wordOf(topic, 1))}`,
        labelled: false,
        npmi: 0.1,
        alpha: 0.1,
        words: [...counts].map(([id, count]) => ({ word: word(id), count, mark: null })),
      })),
      assignments: clips.map(({ id }, i) => {
        const own = new Float64Array(K)
        for (const { topic, share } of shares[i]!) {
          own[topic] = share
        }
        return { clipId: id, shares: own, active: [] }
      }),
    })
    store.edits.make(`find ${K} topics`, { kind: 'all', changes: store.topics.takeover(added) })
  })
}

async function measure(client: Client, path: string): Promise<string[][]> {
  const rows: string[][] = [
    await timed('open the project and its first list', 1, async () => {
      await client.project.open({ path })
      await client.topics.list()
    }),
  ]
  const { topics } = await client.topics.list()
  const topic = (round: number): number => topics[(round * 37) % topics.length]!.id
  const typed = (round: number): string => word((round * 997) % WORDS).slice(0, 1 + (round % 6))
  const clips = async (topicId: number, limit: number) =>
    (await client.topics.clips({ topicId, limit })).rows.map(({ id }) => id)
  rows.push(
    await timed('list', ROUNDS, () => client.topics.list()),
    await timed('a topic', ROUNDS, (round) => client.topics.detail({ topicId: topic(round) })),
    await timed('its clips, words marked', ROUNDS, (round) => client.topics.clips({ topicId: topic(round) })),
    await timed('its clips, searched', ROUNDS, (round) =>
      client.topics.clips({ topicId: topic(round), search: typed(round) }),
    ),
    await timed('clips near it', ROUNDS, (round) =>
      client.topics.clips({ topicId: topic(round), which: 'near' }),
    ),
    await timed('words by their beginning', ROUNDS, (round) => client.topics.find({ text: typed(round) })),
    await timed('histogram of a rule, first', 1, () =>
      client.topics.histogram({ topicsPerClip: 3, minShare: 0.05 }),
    ),
    await timed('histogram of a rule', ROUNDS, (round) =>
      client.topics.histogram({ topicsPerClip: 1 + (round % 6), minShare: (round % 20) / 100 }),
    ),
    await timed('map, first', 1, () => client.topics.map()),
    await timed('map', ROUNDS, () => client.topics.map()),
    await timed('corpus, searched', ROUNDS, (round) => client.corpus.clips({ search: typed(round) })),
    await timed('history', ROUNDS, () => client.project.history({})),
  )

  const edit = (edit: TopicEdit) => client.topics.edit(edit)
  const ids: number[] = []
  for (let i = 0; ids.length < MANY_CLIPS && i < topics.length; i++) {
    ids.push(...(await clips(topics[i]!.id, 200)))
  }
  const many = [...new Set(ids)].slice(0, MANY_CLIPS)
  const undo = (name: string, rounds: number) => timed(name, rounds, () => client.project.undo())
  const redo = (name: string, rounds: number) => timed(name, rounds, () => client.project.redo())
  rows.push(
    await timed('rename', ROUNDS, (round) =>
      edit({ edit: 'rename', topicId: topic(round), label: `label ${round}` }),
    ),
    await undo('undo of it', ROUNDS),
    await timed('set a clip', ROUNDS, (round) =>
      edit({ edit: 'setClips', topicIds: [topic(round)], clipIds: [many[round]!], verdict: true }),
    ),
    await timed(`set ${figure(many.length)} clips`, FEW, (round) =>
      edit({ edit: 'setClips', topicIds: [topic(round)], clipIds: many, verdict: true }),
    ),
    await undo('undo of it', FEW),
    await timed('merge two topics', FEW, (round) =>
      edit({ edit: 'merge', into: topics[2 * round]!.id, topicIds: [topics[2 * round + 1]!.id] }),
    ),
    await undo('undo of it', FEW),
    await redo('redo of it', FEW),
    await timed('mark as junk', FEW, (round) =>
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
  )
  const to = join(path, '..', 'export')
  const finished = async ({ jobId }: { jobId: number }) => {
    const job = await application.jobs.finished(jobId)
    if (job.state !== 'done') {
      throw new Error(`${job.title}: ${job.state}`)
    }
  }
  rows.push(
    await timed('export of topics, all files', 1, async () =>
      finished(await client.exports.run({ what: 'topics', to })),
    ),
    await timed('import of its vectors.csv', 1, async () =>
      finished(await client.topics.importVectors({ path: join(to, 'vectors.csv') })),
    ),
  )
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
const application = compose({
  home: join(folder, 'home'),
  startEngine: (settings) => startNodeEngine(ENTRY, settings),
  shell: 'command line',
})
const client = createLocalClient(application)
try {
  printMachine()
  const wanted = process.env['VIDEOS'] === undefined ? null : Number(process.env['VIDEOS'])
  for (const { videos, captions } of SIZES.filter((size) => wanted === null || size.videos === wanted)) {
    const path = join(folder, `${videos}.vitrine`)
    const began = performance.now()
    const project = await createProject(path)
    fill(project, videos, captions)
    project.close()
    const { size } = await stat(join(path, 'project.sqlite'))
    console.log(
      `\n${figure(videos)} videos, ${figure(captions)} captions, ${K} topics: ${megabytes(size)}, written in ${figure((performance.now() - began) / 1000)} s\n`,
    )
    printTable(['', 'calls', 'median ms', 'p95 ms'], await measure(client, path))
    await client.project.close()
  }
} finally {
  await application.close()
  await rm(folder, { recursive: true })
}
