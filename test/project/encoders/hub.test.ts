/** Models of a hub on this machine, from their name to features, with a real engine. */
import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FetchModelRequest } from '#contract'
import { withDownload } from '../../../src-main/project/encoders/downloads.ts'
import { CLIPS } from '../../prepared.ts'
import { DIMENSION, tinyClipModel, tinyModel, writeModel } from '../../hub/model.ts'
import { REVISION, serveHub } from '../../hub/server.ts'
import type { TestHub } from '../../hub/server.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const REQUEST: FetchModelRequest = { id: 'Xenova/tiny-clip', revision: REVISION, precision: 'fp32' }
const NETWORK = 'onnx/vision_model.onnx'

let bench: Workbench
let server: TestHub
beforeEach(async () => {
  server = await serveHub({ 'openai/tiny-clip': {}, 'Xenova/tiny-clip': tinyModel() })
  vi.stubEnv('HF_ENDPOINT', server.endpoint)
  bench = await createWorkbench()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await bench.close()
  await server.close()
})

const encoderFolders = () => readdirSync(join(bench.folder, 'home', 'encoders')).toSorted()
const downloads = () => join(bench.folder, 'home', 'encoders', '.downloads')
const downloadFolders = () => readdirSync(downloads())

/** Begins to fetch the model, of which only a part comes. */
async function stall(): Promise<{ jobId: number }> {
  server.stallsAfter.set(NETWORK, 100)
  const before = server.requests.length
  const started = await bench.client.encoders.fetchModel(REQUEST)
  const isAsked = () => server.requests.slice(before).some(({ path }) => path.endsWith(NETWORK))
  await vi.waitUntil(isAsked, { timeout: 60_000 })
  return started
}

async function cancelled(started: { jobId: number }): Promise<void> {
  await bench.client.jobs.cancel(started)
  expect(await bench.client.jobs.finished(started)).toMatchObject({ state: 'cancelled' })
}

const added = async () => (await bench.client.encoders.list()).find(({ id }) => id === 'tiny-clip')

describe('a model of the hub', () => {
  it('is looked up, fetched on request, and sees clips without the hub from then on', async () => {
    await bench.openPrepared('imported')
    const found = await bench.client.encoders.findModel({ name: 'openai/tiny-clip' })
    expect(found).toMatchObject({
      name: 'openai/tiny-clip',
      id: 'Xenova/tiny-clip',
      revision: REVISION,
      licence: 'mit',
      precisions: [{ precision: 'fp32' }],
    })
    expect(server.requests.some(({ path }) => path.includes('/resolve/'))).toBe(false)
    expect(await added()).toBeUndefined()

    const job = await bench.finished(await bench.client.encoders.fetchModel(REQUEST))
    expect(job.summary).toBe('Xenova/tiny-clip is the encoder tiny-clip now, under the licence mit.')
    expect(await added()).toMatchObject({
      title: 'Xenova/tiny-clip',
      licence: 'mit',
      source: expect.stringContaining(`Xenova/tiny-clip at ${REVISION}`) as string,
      problem: null,
    })

    const requests = server.requests.length
    await bench.finished(await bench.client.corpus.computeFeatures({ encoder: 'tiny-clip', device: 'cpu' }))
    const { sets } = await bench.client.corpus.featureSets()
    expect(sets.find(({ current }) => current)).toMatchObject({
      title: 'Xenova/tiny-clip',
      clips: CLIPS,
      dimension: DIMENSION,
      frames: 28,
    })
    expect(server.requests.length).toBe(requests)
  })

  it('leaves no encoder where it ends early, and goes on from what came', async () => {
    await cancelled(await stall())
    expect(await added()).toBeUndefined()
    await bench.finished(await bench.client.encoders.fetchModel(REQUEST))
    expect(await added()).toBeDefined()
    expect(encoderFolders()).toContain('tiny-clip')
    expect(downloadFolders()).toEqual([])
  })

  it('that was fetched in part is listed, can be removed, and goes when another is fetched a week later', async () => {
    const { client } = bench
    const started = await stall()
    expect(await client.encoders.downloads()).toEqual([
      expect.objectContaining({ model: REQUEST.id, precision: 'fp32', isFetched: true }),
    ])
    const [{ name } = { name: '' }] = await client.encoders.downloads()
    await expect(client.encoders.removeDownload({ name })).rejects.toThrow('is being fetched already')
    // As another program would, that has the same encoders, and its own jobs.
    const home = join(bench.folder, 'home')
    await expect(withDownload({ home }, REQUEST, () => Promise.resolve())).rejects.toThrow(
      'being fetched already',
    )
    await vi.waitUntil(async () => ((await client.encoders.downloads())[0]?.bytes ?? 0) > 0, {
      timeout: 60_000,
    })
    await client.jobs.cancel(started)
    await client.jobs.finished(started)
    const [left] = await client.encoders.downloads()
    expect(left).toMatchObject({ isFetched: false })
    expect(left?.bytes).toBeGreaterThan(0)
    await expect(client.encoders.removeDownload({ name: '..' })).rejects.toThrow('is called ..')
    await client.encoders.removeDownload({ name })
    expect(downloadFolders()).toEqual([])

    await cancelled(await stall())
    const old = join(downloads(), name)
    const files = readdirSync(old, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
    for (const file of files) {
      utimesSync(join(file.parentPath, file.name), 0, Date.now() / 1000 - 8 * 24 * 3600)
    }
    expect(await client.encoders.downloads()).toHaveLength(1)
    const other = { ...REQUEST, id: 'vitrine/other' }
    await withDownload({ home }, other, () => Promise.resolve())
    expect(downloadFolders()).toEqual([])
  })

  it('is not fetched under a name that is taken', async () => {
    await bench.finished(await bench.client.encoders.fetchModel(REQUEST))
    const requests = server.requests.length
    expect(await bench.failure(await bench.client.encoders.fetchModel(REQUEST))).toBe(
      'There is an encoder called tiny-clip already.',
    )
    expect(server.requests.length).toBe(requests)
  })
})

it('a clip encoder gives features of stacks all over a clip, each with the time of its middle', async () => {
  const { client } = bench
  await bench.openPrepared('imported')
  const folder = join(bench.folder, 'tiny-mae')
  writeModel(folder, tinyClipModel(6))
  await client.encoders.add({ path: folder, id: 'tiny-mae', licence: 'MIT', choices: { stride: 2 } })
  await bench.finished(await client.corpus.computeFeatures({ encoder: 'tiny-mae', device: 'cpu' }))
  const { sets } = await client.corpus.featureSets()
  expect(sets.find(({ current }) => current)).toMatchObject({ clips: CLIPS, dimension: 18, frames: 8 })
  const [clip] = (await client.corpus.clips({ limit: 1 })).rows
  const { frameTimes, duration } = await client.corpus.clip({ clipId: clip?.id ?? 0 })
  expect(frameTimes).toHaveLength(8)
  expect(frameTimes).toEqual(frameTimes.toSorted((a, b) => a - b))
  expect(frameTimes[0]).toBeGreaterThan(0)
  expect(frameTimes.at(-1)).toBeLessThan(duration ?? 0)
})
