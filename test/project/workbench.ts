/**
 * Services over the real engine process, ffmpeg and SQLite, in a folder of their own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { compose } from '../../src-main/compose.ts'
import type { Application } from '../../src-main/compose.ts'
import type { Client, Job } from '#contract'
import type { EngineProcess } from '../../src-main/engine-host/client.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { engineEntry } from '../../src-main/paths.ts'
import { createRouter } from '../../src-main/router.ts'
import { prepareHome, prepareProject } from '../prepared.ts'
import type { Prepared, Stage } from '../prepared.ts'

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
  /** Opens a new project `p.vitrine` at a stage of the work, in a folder of its own beside its corpus. */
  openPrepared(stage: Stage): Promise<Prepared>
  /** Ends everything and removes the folder. */
  close(): Promise<void>
}

export async function createWorkbench(): Promise<Workbench> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-project-'))
  const home = join(folder, 'home')
  let engine: EngineProcess | null = null
  const app = compose({
    home,
    startEngine: () => (engine = startNodeEngine(engineEntry)),
    shell: 'command line',
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
    async openPrepared(stage) {
      await prepareHome(home)
      const prepared = await prepareProject(stage, await mkdtemp(join(folder, `${stage}-`)))
      await client.project.open({ path: prepared.project })
      return prepared
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
    async close() {
      await app.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
