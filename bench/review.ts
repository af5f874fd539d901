/**
 * What the Review view asks of a project, on a generated one whose test split has 10,000 captioned clips with
 * 20 human captions each and 100 topics: median and 95th percentile through the contract, as the window calls
 * it.
 *
 *   npm run bench -- review                 (with CLIPS=1000 in the environment: that many)
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printMachine } from './lib/machine.ts'
import { addTopics, clientOf, clipName, startApplication } from './lib/project.ts'
import { figure, megabytes, printTable } from './lib/table.ts'
import { timed } from './lib/timing.ts'
import { captionerSettings, decoding } from '#contract'
import type { Client } from '#contract'
import { createRandom } from '../src-main/common/random.ts'
import { createProject, NO_MEDIA, NO_ORIGIN } from '../src-main/store/index.ts'
import type { OpenProject } from '../src-main/store/index.ts'

const CLIPS = Number(process.env['CLIPS'] ?? 10_000)
const [CAPTIONS, CAPTION_WORDS, FRAMES] = [20, 8, 28]
const [K, WORDS_OF_TOPIC, TOPICS_OF_CLIP] = [100, 60, 3]
const ROUNDS = 20

const random = createRandom(1)
const wordOf = (topic: number, rank: number): string => `t${topic}w${rank}`
const sentence = (topics: readonly number[]): string[] =>
  Array.from({ length: CAPTION_WORDS }, () =>
    wordOf(topics[random.below(topics.length)]!, Math.floor(WORDS_OF_TOPIC * random.next() ** 2)),
  )

/** Fills a project through the store; returns two models that captioned every clip. */
function fill(project: OpenProject): number[] {
  const topicsOf = Array.from({ length: CLIPS }, () =>
    Array.from({ length: TOPICS_OF_CLIP }, () => random.below(K)),
  )
  project.store.clips.add(
    topicsOf.map((topics, i) => ({
      name: clipName(i),
      split: 'test',
      captions: Array.from({ length: CAPTIONS }, () => ({
        text: sentence(topics).join(' '),
        origin: NO_ORIGIN,
      })),
      ...NO_MEDIA,
    })),
  )
  const ranks = Array.from({ length: WORDS_OF_TOPIC }, (_, rank) => rank)
  const columns = Array.from({ length: K }, (_, topic) => topic)
  addTopics(project, {
    tokens: CLIPS * CAPTIONS * CAPTION_WORDS,
    sweeps: 1,
    vocabulary: columns.flatMap((topic) =>
      ranks.map((rank) => ({ word: wordOf(topic, rank), tokens: 100, documents: 50 })),
    ),
    topics: columns.map((topic) => ({
      label: wordOf(topic, 0),
      words: ranks.map((rank) => ({ word: wordOf(topic, rank), count: WORDS_OF_TOPIC - rank })),
    })),
    shares: topicsOf.map((topics) => {
      const shares = new Float64Array(K)
      for (const topic of topics) {
        shares[topic]! += 1 / TOPICS_OF_CLIP
      }
      return shares
    }),
  })
  return [1, 2].map((seed) => addModel(project, seed, topicsOf))
}

/** A model with a caption of every clip. */
function addModel({ store }: OpenProject, seed: number, topicsOf: readonly number[][]): number {
  const topics = store.topics.current().map(({ id }) => id)
  const { id } = store.models.add({
    parent: null,
    jobId: null,
    kind: 'interpretive',
    origin: 'trained',
    settings: captionerSettings.parse({}),
    seed,
    topics,
    fingerprints: store.topics.fingerprints(topics),
    featureKey: 'k',
    frames: FRAMES,
  })
  store.generated.put(
    id,
    store.clips.all().map(({ id: clipId }, i) => {
      const words = sentence([...topicsOf[i]!, random.below(K)])
      const attention = () => Array.from({ length: FRAMES }, () => random.next() / FRAMES)
      return {
        clipId,
        decoding: decoding.parse({}),
        caption: words.join(' '),
        logProbability: -30 * random.next(),
        score: null,
        words: words.map((word) => ({
          word,
          logProbability: -4 * random.next(),
          attention: attention(),
        })),
        alternatives: [],
        cider: 3 * random.next(),
        topics: Array.from({ length: K }, () => random.next() ** 8),
      }
    }),
  )
  return id
}

async function measure(client: Client, models: readonly number[]): Promise<string[][]> {
  const [modelId = 0, otherModel = 0] = models
  const { rows } = await client.review.list({ modelId, limit: CLIPS })
  const clipIds = rows.map(({ clipId }) => clipId)
  const clipOf = (round: number): number => clipIds[(round * 997) % clipIds.length]!
  const judge = (round: number) =>
    client.review.judge({ modelId, clipIds: [clipOf(round)], verdict: 'wrong' })
  await client.project.close()
  const [recent] = await client.project.recent()
  await client.project.open({ path: recent!.path })
  return [
    await timed('list, first', 1, () => client.review.list({ modelId })),
    await timed('list', ROUNDS, () => client.review.list({ modelId })),
    await timed('list by another part, searched', ROUNDS, (round) =>
      client.review.list({ modelId, order: 'topics', search: `w${round} ` }),
    ),
    await timed('list beside another model, first', 1, () => client.review.list({ modelId, otherModel })),
    await timed('list beside another model', ROUNDS, () =>
      client.review.list({ modelId, otherModel, onlyDifferent: true }),
    ),
    await timed('a verdict', ROUNDS, judge),
    await timed('list after a verdict', ROUNDS, async (round) => {
      await judge(ROUNDS + round)
      await client.review.list({ modelId })
    }),
    await timed('a note', ROUNDS, (round) =>
      client.review.note({ clipId: clipOf(round), note: `note ${round}` }),
    ),
    await timed('a caption added', ROUNDS, (round) =>
      client.corpus.addCaption({ clipId: clipOf(round), text: `caption ${round}` }),
    ),
    await timed('list after it', 1, () => client.review.list({ modelId })),
    await timed('undo', ROUNDS, () => client.project.undo()),
    await timed('a clip, first', 1, () => client.review.clip({ modelId, clipId: clipOf(0) })),
    await timed('a clip', ROUNDS, (round) => client.review.clip({ modelId, clipId: clipOf(round) })),
    await timed('a clip after a verdict', ROUNDS, async (round) => {
      await judge(round)
      await client.review.clip({ modelId, clipId: clipOf(round) })
    }),
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'vitrine-review-'))
const application = startApplication(folder)
try {
  printMachine()
  const path = join(folder, 'p.vitrine')
  const project = await createProject(path)
  const models = fill(project)
  project.close()
  const client = clientOf(application)
  await client.project.open({ path })
  console.log(`\n${figure(CLIPS)} captions of a split, ${CAPTIONS} human captions each, ${K} topics\n`)
  printTable(['', 'calls', 'median ms', 'p95 ms'], await measure(client, models))
  console.log(`\nmost memory of this process: ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
} finally {
  await application.close()
  await rm(folder, { recursive: true })
}
