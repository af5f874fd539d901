/**
 * Makes a stage of test/prepared.ts out of the one before it, in the current folder, in a process of its own.
 *
 *   node --import scripts/sql-text.mjs test/prepare-stage.ts STAGE
 */
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import type { Client } from '#contract'
import { compose } from '../src-main/compose.ts'
import { startNodeEngine } from '../src-main/engine-host/process.ts'
import { engineEntry } from '../src-main/paths.ts'
import { createRouter } from '../src-main/router.ts'
import { CLIPS, FRAMES, TOPICS } from './prepared.ts'
import type { Stage } from './prepared.ts'

/** A network that learns in seconds what corrections can then change. */
const SETTINGS = {
  encoderSize: 12,
  hiddenSize: 24,
  attentionSize: 8,
  embeddingSize: 12,
  topicHiddenSize: 12,
  batchClips: 4,
  captionsPerClip: 2,
  learningRate: 0.02,
  projection: 16,
}

const folder = process.cwd()
const project = join(folder, 'p.vitrine')
const sample = join(folder, 'sample')
const app = compose({
  home: join(folder, 'home'),
  startEngine: () => startNodeEngine(engineEntry),
  shell: 'command line',
})
const client: Client = createRouterClient(createRouter(app))

async function finish(started: Promise<{ jobId: number }>): Promise<void> {
  const job = await app.jobs.finished((await started).jobId)
  if (job.state !== 'done') {
    throw new Error(`${job.title}: ${job.state} ${job.state === 'failed' ? job.failure.message : ''}`)
  }
}

const STAGES: Record<Stage, () => Promise<void>> = {
  async imported() {
    await finish(client.corpus.renderSample({ directory: sample, videos: CLIPS, seed: 3 }))
    await client.project.create({ path: project })
    const captions = { captions: join(sample, 'captions.tsv'), split: join(sample, 'split.tsv') }
    await finish(client.corpus.import({ videos: join(sample, 'clips'), ...captions }))
  },
  async topics() {
    await client.project.open({ path: project })
    await finish(client.corpus.computeFeatures({ frames: FRAMES, grid: 1 }))
    // Six training clips are too few to find topics in that a model could learn.
    await finish(client.topics.extract({ from: 'all', k: TOPICS, iterations: 60, seed: 1 }))
  },
  async trained() {
    await client.project.open({ path: project })
    await finish(client.training.train({ settings: { ...SETTINGS, epochs: 12 }, device: 'cpu' }))
    await finish(client.review.generate({ split: 'test' }))
    await finish(client.review.generate({ split: 'val' }))
    await finish(client.neurons.interpret({}))
  },
  async series() {
    await client.project.open({ path: project })
    await finish(client.training.train({ settings: { ...SETTINGS, epochs: 6 }, seeds: 2, device: 'cpu' }))
    for (const modelId of [1, 2]) {
      await finish(client.review.generate({ modelId, split: 'train', method: 'greedy' }))
    }
    await finish(client.neurons.interpret({ modelId: 1 }))
  },
}

await STAGES[process.argv[2] as Stage]()
await app.close()
