/** All steps over the real engine: planned, cancelled, gone on with; and a corpus that is hardly one. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CLIPS } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
beforeEach(async () => {
  bench = await createWorkbench()
})
afterEach(() => bench.close())

const doneSteps = async (): Promise<string[]> =>
  (await bench.client.steps.plan({})).steps.filter(({ done }) => done).map(({ kind }) => kind)

/** Resolves when the job has come to a phase. */
const phase = (pattern: RegExp): Promise<void> =>
  new Promise((resolve) => {
    const stop = bench.app.events.subscribe((event) => {
      if (
        event.type === 'job' &&
        event.job.state === 'running' &&
        pattern.test(event.job.progress?.phase ?? '')
      ) {
        stop()
        resolve()
      }
    })
  })

it(
  'says what it will do, keeps what is done when it is cancelled, and goes on from there',
  { timeout: 300_000 },
  async () => {
    await bench.openPrepared('imported')
    const { client, app } = bench
    const { steps, obstacle } = await client.steps.plan({})
    expect(obstacle).toBeNull()
    expect(steps.map(({ kind }) => kind)).toEqual(['features', 'topics', 'train', 'caption', 'neurons'])
    expect(steps.every(({ done, seconds }) => !done && seconds > 0)).toBe(true)
    expect(steps[0]?.detail).toContain(`${CLIPS} clips`)

    const training = phase(/step 3 of 5, training: training/)
    const { jobId } = await client.steps.run({})
    await training
    await client.jobs.cancel({ jobId })
    const cancelled = await app.jobs.finished(jobId)
    expect(cancelled.state).toBe('cancelled')
    expect(await doneSteps()).toEqual(['features', 'topics'])
    const before = await client.topics.list()

    const again = await client.jobs.restart({ jobId })
    const job = await bench.finished(again)
    expect(job.result).toEqual({ kind: 'steps', steps: 3 })
    expect(await doneSteps()).toHaveLength(5)
    expect((await client.topics.list()).topics.map(({ id }) => id)).toEqual(before.topics.map(({ id }) => id))
    const models = await client.training.models()
    expect(models.filter(({ state }) => state === 'ready')).toHaveLength(1)
    expect(
      await client.neurons.map({ modelId: models.find(({ current }) => current)?.id ?? 0 }),
    ).not.toBeNull()
    await expect(client.steps.run({})).rejects.toMatchObject({ message: 'All steps are done.' })
  },
)

it(
  'comes through with eleven clips of one caption each, and says of them what was said',
  { timeout: 300_000 },
  async () => {
    const { sample } = await bench.openPrepared('imported')
    const { client } = bench
    const captions = new Map(
      readFileSync(join(sample, 'captions.tsv'), 'utf8')
        .split('\n')
        .map((line) => line.split('\t'))
        .filter((cells) => cells.length === 2)
        .toReversed()
        .map(([clip = '', text = '']) => [clip, text]),
    )
    const eleven = [...captions].toSorted(([a], [b]) => a.localeCompare(b)).slice(0, 11)
    const file = join(bench.folder, 'eleven.tsv')
    writeFileSync(file, eleven.map(([clip, text]) => `${clip}\t${text}\n`).join(''))
    await client.project.create({ path: join(bench.folder, 'eleven.vitrine') })
    await bench.finished(await client.corpus.import({ videos: join(sample, 'clips'), captions: file }))
    await bench.finished(await client.steps.run({}))

    const modelId = (await client.training.models())[0]?.id ?? 0
    const { rows } = await client.review.list({ modelId, split: 'train' })
    const humanCaptions = new Set(eleven.map(([, text]) => text.toLowerCase().replace(/[.,]/g, '').trim()))
    const learnt = rows.filter(({ caption }) => humanCaptions.has(caption))
    expect(rows.length).toBeGreaterThan(3)
    expect(learnt.length).toBeGreaterThanOrEqual(rows.length - 1)
  },
)

it('makes the finished sample of an empty project', { timeout: 300_000 }, async () => {
  const { client } = bench
  const sample = join(bench.folder, 'corpus')
  await client.project.create({ path: join(bench.folder, 'sample.vitrine') })
  const { jobId } = await client.steps.run({ sample, videos: CLIPS })
  const job = await bench.finished({ jobId })
  expect(job.result).toEqual({ kind: 'steps', steps: 7 })
  const { steps } = await client.steps.plan({ jobId })
  expect(steps.map(({ kind, done }) => (done ? kind : `${kind} is left`))).toEqual([
    'sample',
    'import',
    'features',
    'topics',
    'train',
    'caption',
    'neurons',
  ])
  // Small pictures are made on the way.
  const { rows } = await client.corpus.clips({})
  expect(rows).toHaveLength(CLIPS)
  expect(readdirSync(join(bench.folder, 'sample.vitrine', 'thumbnails'))).toHaveLength(CLIPS)
})

it('does nothing where there is nothing to learn from, and says what to do', async () => {
  const { client } = bench
  await client.project.create({ path: join(bench.folder, 'empty.vitrine') })
  await expect(client.steps.run({})).rejects.toMatchObject({ message: 'This project has no clips.' })
  const captions = join(bench.folder, 'captions.tsv')
  writeFileSync(captions, 'a\tred ball\nb\tblue box\nc\tgreen star\n')
  await bench.finished(await client.corpus.import({ captions }))
  expect((await client.steps.plan({})).obstacle).toMatch(/No clip of this project has a video/)
})
