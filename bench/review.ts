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
import { fileURLToPath } from 'node:url'
import { printMachine } from './lib/machine.ts'
import { figure, megabytes, printTable } from './lib/table.ts'
import { timed } from './lib/timing.ts'
import { compose } from '../src-main/compose.ts'
import { captionerSettings, decoding, topicsRequest } from '#contract'
import type { Client } from '#contract'
import { startNodeEngine } from '../src-main/engine-host/process.ts'
import { createRandom } from '../src-main/common/random.ts'
import { createLocalClient } from '../src-main/router.ts'
import { createProject } from '../src-main/store/index.ts'
import type { OpenProject } from '../src-main/store/index.ts'

const CLIPS = Number(process.env['CLIPS'] ?? 10_000)
const [CAPTIONS, CAPTION_WORDS, FRAMES] = [20, 8, 28]
const [K, WORDS_OF_TOPIC, TOPICS_OF_CLIP] = [100, 60, 3]
const ROUNDS = 20
const ENTRY = fileURLToPath(new URL('../src-main/engine/main.ts', import.meta.url))

const random = createRandom(1)
const word = (topic: number, rank: number): string => `t${topic}w${rank}`
const sentence = (topics: readonly number[]): string[] =>
  Array.from({ length: CAPTION_WORDS }, () =>
    word(topics[random.below(topics.length)]!, Math.floor(WORDS_OF_TOPIC * random.next() ** 2)),
  )

/** Fills a project through the store; returns two models that captioned every clip. */
function fill({ store }: OpenProject): number[] {
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
  const topicsOf = Array.from({ length: CLIPS }, () =>
    Array.from({ length: TOPICS_OF_CLIP }, () => random.below(K)),
  )
  store.clips.import(
    topicsOf.map((own, i) => ({
      name: `video${String(i).padStart(6, '0')}`,
      split: 'test',
      captions: Array.from({ length: CAPTIONS }, () => sentence(own).join(' ')),
      ...media,
    })),
  )
  const clips = store.clips.all()
  const tokens = CLIPS * CAPTIONS * CAPTION_WORDS
  const topics = store.transaction(() => {
    const added = store.topics.addRun({
      run: {
        origin: 'found',
        request: { ...topicsRequest.parse({}), k: K },
        documents: CLIPS,
        tokens,
        sweeps: 1,
        seconds: 1,
        tokensPerSecond: tokens,
        npmi: 0.1,
        beta: 0.01,
        phrases: [],
      },
      vocabulary: Array.from({ length: K }, (_, topic) =>
        Array.from({ length: WORDS_OF_TOPIC }, (__, rank) => ({
          word: word(topic, rank),
          tokens: 100,
          documents: 50,
        })),
      ).flat(),
      topics: Array.from({ length: K }, (_, topic) => ({
        label: word(topic, 0),
        labelled: false,
        npmi: 0.1,
        alpha: 0.1,
        words: Array.from({ length: WORDS_OF_TOPIC }, (_, rank) => ({
          word: word(topic, rank),
          count: WORDS_OF_TOPIC - rank,
          mark: null,
        })),
      })),
      assignments: clips.map(({ id }, i) => {
        const shares = new Float64Array(K)
        for (const topic of topicsOf[i]!) {
          shares[topic]! += 1 / TOPICS_OF_CLIP
        }
        return { clipId: id, shares, active: [] }
      }),
    })
    store.edits.make(`find ${K} topics`, { kind: 'all', changes: store.topics.takeover(added) })
    return store.topics.current().map(({ id }) => id)
  })
  return [1, 2].map((seed) => {
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
    store.captions.put(
      id,
      clips.map(({ id: clipId }, i) => {
        const words = sentence([...topicsOf[i]!, random.below(K)])
        const attention = () => Array.from({ length: FRAMES }, () => random.next() / FRAMES)
        return {
          clipId,
          decoding: decoding.parse({}),
          caption: words.join(' '),
          logProbability: -30 * random.next(),
          words: words.map((own) => ({
            word: own,
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
  })
}

async function measure(client: Client, models: readonly number[]): Promise<string[][]> {
  const [modelId = 0, otherModel = 0] = models
  const clipIds = (await client.review.list({ modelId })).map(({ clipId }) => clipId)
  const clip = (round: number): number => clipIds[(round * 997) % clipIds.length]!
  const judge = (round: number) => client.review.judge({ modelId, clipIds: [clip(round)], verdict: 'wrong' })
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
      client.review.note({ clipId: clip(round), note: `note ${round}` }),
    ),
    await timed('a caption added', ROUNDS, (round) =>
      client.corpus.addCaption({ clipId: clip(round), text: `caption ${round}` }),
    ),
    await timed('list after it', 1, () => client.review.list({ modelId })),
    await timed('undo', ROUNDS, () => client.project.undo()),
    await timed('a clip, first', 1, () => client.review.clip({ modelId, clipId: clip(0) })),
    await timed('a clip', ROUNDS, (round) => client.review.clip({ modelId, clipId: clip(round) })),
    await timed('a clip after a verdict', ROUNDS, async (round) => {
      await judge(round)
      await client.review.clip({ modelId, clipId: clip(round) })
    }),
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'vitrine-review-'))
const application = compose({
  home: join(folder, 'home'),
  startEngine: (settings) => startNodeEngine(ENTRY, settings),
  shell: 'command line',
})
try {
  printMachine()
  const path = join(folder, 'p.vitrine')
  const project = await createProject(path)
  const models = fill(project)
  project.close()
  const client: Client = createLocalClient(application)
  await client.project.open({ path })
  console.log(`\n${figure(CLIPS)} captions of a split, ${CAPTIONS} human captions each, ${K} topics\n`)
  printTable(['', 'calls', 'median ms', 'p95 ms'], await measure(client, models))
  console.log(`\nmost memory of this process: ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
} finally {
  await application.close()
  await rm(folder, { recursive: true })
}
