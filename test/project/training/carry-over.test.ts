/** Versions that go over to edited topics: made as a whole, or not at all. */
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EndedJob } from '#contract'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let modelId: number
let folder: string

/** An interpreted model, two of whose topics were merged since. */
beforeAll(async () => {
  bench = await createWorkbench()
  const { client } = bench
  folder = (await bench.openPrepared('trained')).project
  modelId = (await client.project.summary())?.currentModel ?? 0
  const [into, merged] = (await client.topics.list()).topics.map(({ id }) => id)
  await client.topics.edit({ edit: 'merge', into: into!, topicIds: [merged!] })
  return bench.close
}, 120_000)

const versions = {
  remap: () => bench.client.training.remap({ modelId }),
  refine: () => bench.client.training.refine({ modelId, epochs: 3 }),
}

/** All that a version could leave behind. */
const state = async () => ({
  models: await bench.client.training.models(),
  folders: (await readdir(join(folder, 'models'))).sort(),
  history: (await bench.client.project.history({})).edits,
})

/** Starts a job, calls `act` at its first progress and waits for its end. */
async function interrupt(
  start: () => Promise<{ jobId: number }>,
  act: (jobId: number) => void,
): Promise<EndedJob> {
  const stop = bench.app.events.subscribe((event) => {
    if (event.type === 'job' && event.job.state === 'running' && event.job.progress !== null) {
      stop()
      act(event.job.id)
    }
  })
  const { jobId } = await start()
  return bench.app.jobs.finished(jobId)
}

describe.each(Object.entries(versions))('a %s', (_, start) => {
  it('that is cancelled leaves nothing of its version', async () => {
    const before = await state()
    const job = await interrupt(start, (jobId) => {
      bench.app.jobs.cancel(jobId)
    })
    expect(job).toMatchObject({ state: 'cancelled' })
    expect(await state()).toEqual(before)
  })

  it('that fails leaves nothing of its version but the job that says why', async () => {
    const before = await state()
    const job = await interrupt(start, () => {
      bench.killEngine()
    })
    expect(job).toMatchObject({ state: 'failed', failure: { code: 'ENGINE_DIED' } })
    expect(await state()).toEqual(before)
  })

  it('whose neurons cannot be read leaves nothing of what was written already', async () => {
    const { store } = bench.app.project()
    const { featureKey } = store.models.get(modelId)
    const [features] = store.features.paths(featureKey!, 'test')
    const file = join(folder, features!.parts[0]!.path)
    await rename(file, `${file}.away`)
    const before = await state()
    const message = await bench.failure(await start())
    await rename(`${file}.away`, file)
    expect(message).toContain(file)
    expect(await state()).toEqual(before)
  })

  it('that is done takes the place of its parent, its neurons interpreted', async () => {
    const job = await bench.finished(await start())
    const [version] = await bench.client.training.models()
    expect(job.result).toEqual({ kind: 'train', modelIds: [version?.id] })
    expect(version).toMatchObject({ parent: modelId, state: 'ready', current: true, remappable: false })
    expect((await bench.client.neurons.map({ modelId: version?.id ?? 0 }))?.topics).toHaveLength(5)
    await bench.client.project.undo()
    expect((await bench.client.project.summary())?.currentModel).toBe(modelId)
  })
})
