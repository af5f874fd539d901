/**
 * Services over the real engine process, ffmpeg and SQLite, in a folder of their own; and a small rendered
 * corpus.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterAll } from 'vitest'
import { compose } from '../../src-main/compose.ts'
import type { Application } from '../../src-main/compose.ts'
import type { Client, Job } from '#contract'
import type { EngineProcess } from '../../src-main/engine-host/client.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { engineEntry } from '../../src-main/paths.ts'
import { createRouter } from '../../src-main/router.ts'

/** Settings of a captioner that trains in a second or two. */
export const TINY = {
  encoderSize: 8,
  hiddenSize: 16,
  attentionSize: 8,
  embeddingSize: 8,
  topicHiddenSize: 8,
  batchClips: 4,
  captionsPerClip: 2,
}

export interface Workbench {
  folder: string
  app: Application
  /** Calls go through the contract: inputs, outputs and errors are checked against it. */
  client: Client
  finished(started: { jobId: number }): Promise<Extract<Job, { state: 'done' }>>
  /** The sentence that a job failed with. */
  failure(started: { jobId: number }): Promise<string>
  /** Calls `listener` with every new point of a training curve; returns the way to stop. */
  onPoint(listener: (modelId: number, step: number) => void): () => void
  /** Ends the engine process as a native crash would. */
  killEngine(): void
  /**
   * Opens the new project `p.vitrine` with a small rendered corpus, whose features and topics are computed;
   * returns the corpus' folder.
   */
  prepareProject(videos: number): Promise<string>
}

/** Everything is ended and removed after the tests of the file. */
export async function createWorkbench(): Promise<Workbench> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-project-'))
  let engine: EngineProcess | null = null
  const app = compose({
    home: join(folder, 'home'),
    startEngine: () => (engine = startNodeEngine(engineEntry)),
    shell: 'command line',
  })
  afterAll(async () => {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  })
  const client: Client = createRouterClient(createRouter(app))
  const finished: Workbench['finished'] = async ({ jobId }) => {
    const job = await app.jobs.finished(jobId)
    if (job.state !== 'done') {
      throw new Error(`${job.title}: ${job.state} ${job.state === 'failed' ? job.failure.message : ''}`)
    }
    return job
  }
  return {
    folder,
    app,
    client,
    finished,
    async prepareProject(videos) {
      const sample = join(folder, 'sample')
      await finished(await client.corpus.renderSample({ directory: sample, videos, seed: 2 }))
      await client.project.create({ path: join(folder, 'p.vitrine') })
      await finished(
        await client.corpus.import({
          videos: join(sample, 'clips'),
          captions: join(sample, 'captions.tsv'),
          split: join(sample, 'split.tsv'),
        }),
      )
      await finished(await client.corpus.computeFeatures({ frames: 4, grid: 1 }))
      await finished(await client.topics.extract({ k: 6, iterations: 30, seed: 1 }))
      return sample
    },
    async failure({ jobId }) {
      const job = await app.jobs.finished(jobId)
      return job.state === 'failed' ? job.failure.message : `not failed but ${job.state}`
    },
    onPoint(listener) {
      const { store } = app.project()
      const latest = new Map(
        store.models.list().map(({ id }) => [id, store.models.points(id).at(-1)?.step ?? 0]),
      )
      const report = (): void => {
        for (const { id } of store.models.list()) {
          for (const { step } of store.models.points(id)) {
            if (step > (latest.get(id) ?? 0)) {
              latest.set(id, step)
              listener(id, step)
            }
          }
        }
      }
      const stop = app.events.subscribe((event) => {
        if (event.type === 'changed' && event.queries?.includes('training.curve') === true) {
          report()
        }
      })
      return () => {
        stop()
        report()
      }
    },
    killEngine() {
      if (engine?.pid === undefined) {
        throw new Error('no engine runs')
      }
      process.kill(engine.pid, 'SIGKILL')
    },
  }
}
