/** Opening, closing, and what becomes of work and folders meanwhile. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CancelledError } from '../../../src-main/common/failures.ts'
import type { JobTask } from '../../../src-main/jobs/index.ts'
import { prepareProject } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let project: string
beforeAll(async () => {
  bench = await createWorkbench()
  return bench.close
})
beforeEach(async () => {
  ;({ project } = await bench.openPrepared('imported'))
})

/** A job that only ends when it is cancelled. */
const endless: JobTask = ({ signal }) =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new CancelledError()), { once: true }),
  )
const startEndless = (): number =>
  bench.app.jobs.start('train', 'Long work', { procedure: 'corpus.checkCaptions', input: null }, endless)
const addCaption = (text: string) => bench.client.corpus.addCaption({ clipId: 1, text })

describe('a project with a job at work', () => {
  it('is not left in silence: closing it and opening another one say what would be stopped', async () => {
    const jobId = startEndless()
    const other = (await prepareProject('imported', bench.folder, 'other')).project
    const refused = {
      code: 'CONFLICT',
      message: '1 job is not done and would be stopped: Long work.',
      data: { key: 'project.jobsAtWork' },
    }
    await expect(bench.client.project.close()).rejects.toMatchObject(refused)
    await expect(bench.client.project.open({ path: other })).rejects.toMatchObject(refused)
    const created = join(bench.folder, 'created.vitrine')
    await expect(bench.client.project.create({ path: created })).rejects.toMatchObject(refused)
    expect(existsSync(created)).toBe(false)
    expect((await bench.client.project.summary())?.path).toBe(project)
    expect(bench.app.jobs.active()).toMatchObject([{ id: jobId }])

    const ended = bench.app.jobs.finished(jobId)
    expect(await bench.client.project.open({ path: other, stopJobs: true })).toMatchObject({ path: other })
    expect(await ended).toMatchObject({ state: 'cancelled', restartable: true })
  })

  it('is opened again without a question, for nothing is stopped', async () => {
    const jobId = startEndless()
    expect(await bench.client.project.open({ path: project })).toMatchObject({ path: project })
    expect(bench.app.jobs.active()).toMatchObject([{ id: jobId }])
    await bench.client.project.close({ stopJobs: true })
  })
})

it('overlapping openings come one after the other', async () => {
  const { project: other } = await prepareProject('imported', join(bench.folder, 'beside'), 'other')
  const paths = [other, project, other, project, other]
  const opened = await Promise.all(paths.map((path) => bench.client.project.open({ path })))
  expect(opened.map(({ path }) => path)).toEqual(paths)
  expect(bench.app.project().folder).toBe(other)
  await addCaption('after all of them')
  await bench.client.project.close()
  expect([project, other].filter((folder) => existsSync(join(folder, 'project.sqlite-wal')))).toEqual([])
})

describe('a project that is not in its place any more', () => {
  it('refuses edits, ends its jobs with the reason, and leaves no ghost; put back, it goes on', async () => {
    const moved = `${project}.moved`
    const jobId = startEndless()
    renameSync(project, moved)
    const gone = `${project} was deleted, moved or renamed while it was open.`
    await expect(addCaption('lost')).rejects.toMatchObject({ code: 'CONFLICT', message: gone })
    expect(await bench.app.jobs.finished(jobId)).toMatchObject({
      state: 'failed',
      failure: { message: gone },
    })
    await expect(bench.client.corpus.computeFeatures({})).rejects.toMatchObject({ message: gone })
    expect(existsSync(project)).toBe(false)

    renameSync(moved, project)
    await addCaption('kept')
    expect((await bench.client.corpus.clip({ clipId: 1 })).captions.map(({ text }) => text)).toContain('kept')
  })

  it('refuses edits when another one has taken its place, which is opened by opening it again', async () => {
    const { project: other } = await prepareProject('imported', join(bench.folder, 'replacement'))
    renameSync(project, `${project}.moved`)
    renameSync(other, project)
    await expect(addCaption('lost')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `Another project.sqlite has taken the place of the open one in ${project}.`,
    })
    await bench.client.project.open({ path: project })
    await addCaption('kept')
    rmSync(`${project}.moved`, { recursive: true })
  })

  it('can be closed when it was deleted', async () => {
    // The program may be putting down a file there just then.
    rmSync(project, { recursive: true, maxRetries: 5, retryDelay: 50 })
    await expect(addCaption('lost')).rejects.toMatchObject({ code: 'CONFLICT' })
    await bench.client.project.close()
    expect(existsSync(project)).toBe(false)
  })
})
