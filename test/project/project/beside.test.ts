/** Two programs on one project, in two processes: each sees the other's work, and neither harms it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Job } from '#contract'
import { openProject } from '../../../src-main/store/index.ts'
import { startCompanion } from '../companion.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

/** Long enough for a busy machine; what is waited for comes within half a second. */
const PATIENCE = { timeout: 60_000 }

let bench: Workbench
let project: string
beforeAll(async () => {
  bench = await createWorkbench()
  return bench.close
})
beforeEach(async () => {
  ;({ project } = await bench.openPrepared('topics'))
})

const home = () => join(bench.folder, 'home')
const jobById = async (jobId: number): Promise<Job | undefined> =>
  (await bench.client.jobs.list()).find(({ id }) => id === jobId)
const captionsOf = async (clipId: number): Promise<string[]> =>
  (await bench.client.corpus.clip({ clipId })).captions.map(({ text }) => text)

describe('an edit of another program', () => {
  it('is told to the window, by the queries that it changes, and can be undone there', async () => {
    const companion = await startCompanion(home(), project)
    const changes: (string[] | null)[] = []
    const stop = bench.app.events.subscribe((event) => {
      if (event.type === 'changed') {
        changes.push(event.queries)
      }
    })
    await companion.call('corpus.addCaption', { clipId: 1, text: 'written elsewhere' })
    await expect.poll(() => changes.flat(), PATIENCE).toContain('corpus.clip')
    stop()
    expect(changes.flat()).not.toContain('neurons.map')
    expect(changes).not.toContain(null)
    expect(await captionsOf(1)).toContain('written elsewhere')

    await bench.client.corpus.addCaption({ clipId: 1, text: 'written here' })
    expect(await companion.call('project.edits')).toMatchObject({
      undo: expect.stringContaining('add a caption') as string,
    })
    await companion.call('project.undo')
    await bench.client.project.undo()
    const captions = await captionsOf(1)
    expect(captions).not.toContain('written here')
    expect(captions).not.toContain('written elsewhere')
    await companion.call('project.redo')
    expect(await captionsOf(1)).toContain('written elsewhere')
  })
})

describe('a long write of another program', () => {
  it('holds up edits, which are made after it, but nothing that is only read, nor an opening', async () => {
    const holder = fork(join(import.meta.dirname, '..', 'holder.ts'), [join(project, 'project.sqlite')])
    onTestFinished(() => void holder.kill('SIGKILL'))
    await once(holder, 'message')
    const done: string[] = []
    const note = (what: string) => () => void done.push(what)
    const edit = bench.client.corpus.addCaption({ clipId: 1, text: 'after it' }).then(note('edit'))
    for (let i = 0; i < 20; i++) {
      await bench.client.corpus.clip({ clipId: 1 })
      await setTimeout(5)
    }
    openProject(project).close()
    done.push('twenty reads and an opening')
    holder.send('let go')
    await edit
    expect(done).toEqual(['twenty reads and an opening', 'edit'])
    expect(await captionsOf(1)).toContain('after it')
  })
})

describe('a job of another program', () => {
  it('is shown, waited for, and interrupted when that program is killed', async () => {
    const companion = await startCompanion(home(), project)
    const theirs = await companion.startEndless('Their work')
    await expect.poll(() => jobById(theirs), PATIENCE).toMatchObject({ state: 'running', elsewhere: true })

    await expect(bench.client.jobs.cancel({ jobId: theirs })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: '"Their work" is the work of another program.',
    })
    const { jobId: ours } = await bench.client.corpus.checkCaptions()
    await expect
      .poll(() => jobById(ours), PATIENCE)
      .toMatchObject({ state: 'queued', waitsFor: 'Their work' })
    // Their second one comes after ours, though they are at it already.
    const later = await companion.startEndless('Their later work')
    await companion.call('jobs.cancel', { jobId: theirs })
    expect(await bench.app.jobs.finished(ours)).toMatchObject({ state: 'done' })
    await expect.poll(() => jobById(later), PATIENCE).toMatchObject({ state: 'running' })

    await companion.kill()
    await expect
      .poll(() => jobById(later), PATIENCE)
      .toMatchObject({ state: 'interrupted', restartable: true })
    // Killed and not looked for yet: nobody waits for it either.
    await bench.finished(await bench.client.corpus.checkCaptions())
  })

  it('that was killed is started again with its own settings', async () => {
    const companion = await startCompanion(home(), project)
    const started = (await companion.call('topics.extract', {
      k: 3,
      iterations: 400,
      seed: 7,
      minDocumentFrequency: 1,
    })) as {
      jobId: number
    }
    await companion.kill()
    await bench.client.project.close()
    await bench.client.project.open({ path: project })
    expect(await jobById(started.jobId)).toMatchObject({ state: 'interrupted', restartable: true })

    await bench.finished(await bench.client.jobs.restart({ jobId: started.jobId }))
    expect(bench.app.project().store.topics.run()?.request).toMatchObject({ k: 3, iterations: 400, seed: 7 })
    expect(await jobById(started.jobId)).toMatchObject({ restartable: false })
    await expect(bench.client.jobs.restart({ jobId: started.jobId })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  it('that was killed in training goes on from its checkpoint, as the same model', async () => {
    const companion = await startCompanion(home(), project)
    const settings = { ...TINY, epochs: 100_000, patience: 100_000, schedule: 'constant' }
    const started = (await companion.call('training.train', { settings })) as { jobId: number }
    const checkpoints = () =>
      existsSync(join(project, 'runs', '1'))
        ? readdirSync(join(project, 'runs', '1')).filter((name) => name.startsWith('checkpoint'))
        : []
    await expect.poll(checkpoints, PATIENCE).not.toEqual([])
    await companion.kill()
    await expect.poll(() => jobById(started.jobId), PATIENCE).toMatchObject({ state: 'interrupted' })
    expect(await bench.client.training.models()).toMatchObject([{ id: 1, state: 'stopped', resumable: true }])

    const { jobId } = await bench.client.jobs.restart({ jobId: started.jobId })
    await expect
      .poll(() => bench.client.training.models(), PATIENCE)
      .toMatchObject([{ id: 1, state: 'training', jobId }])
    bench.app.jobs.cancel(jobId)
    await bench.app.jobs.finished(jobId)
    expect(await jobById(started.jobId)).toMatchObject({ restartable: false })
  })
})

it('a version that a killed program was making is gone at the next opening, and is made by starting again', async () => {
  const { project: trained } = await bench.openPrepared('trained')
  const companion = await startCompanion(home(), trained)
  const { topics } = await bench.client.topics.list()
  await bench.client.topics.edit({ edit: 'setState', topicIds: [topics[0]?.id ?? 0], state: 'junk' })
  const started = (await companion.call('training.refine', { modelId: 1, epochs: 100 })) as { jobId: number }
  const models = async () => (await bench.client.training.models()).map(({ id, state }) => [id, state])
  await expect.poll(models, PATIENCE).toEqual([
    [2, 'training'],
    [1, 'ready'],
  ])
  await companion.kill()
  await bench.client.project.close()
  await bench.client.project.open({ path: trained })
  expect(await models()).toEqual([[1, 'ready']])
  expect(readdirSync(join(trained, 'models'))).toEqual(['1'])

  const { jobId } = await bench.client.jobs.restart({ jobId: started.jobId })
  await expect.poll(models, PATIENCE).toContainEqual([3, 'training'])
  bench.app.jobs.cancel(jobId)
  await bench.app.jobs.finished(jobId)
})

it('what killed programs left is removed at the next opening; what living ones write stays', async () => {
  const leftover = (folder: string, kind: 'tmp' | 'old'): string => {
    mkdirSync(join(project, folder), { recursive: true })
    const path = join(project, folder, `.x.${crypto.randomUUID()}.${kind}`)
    writeFileSync(path, '')
    return path
  }
  const killed = await startCompanion(home(), project)
  const theirs = [leftover('features/some', 'tmp'), leftover('models', 'tmp'), leftover('', 'tmp')]
  const movedAside = leftover('runs/7', 'old')
  await killed.kill()
  await setTimeout(50)
  await bench.client.project.close()
  const living = await startCompanion(home(), project)
  expect(theirs.filter(existsSync)).toEqual([])
  expect([existsSync(movedAside), existsSync(join(project, 'runs', '7', 'x'))]).toEqual([false, true])

  const another = await startCompanion(home(), project)
  const written = leftover('features/some', 'tmp')
  await another.kill()
  await bench.client.project.open({ path: project })
  expect(existsSync(written)).toBe(true)
  await living.kill()
  await bench.client.project.close()
  await bench.client.project.open({ path: project })
  expect(existsSync(written)).toBe(false)
  await bench.client.project.close()
  expect(existsSync(join(project, 'locks'))).toBe(false)
})
