import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Job, JobResult } from '#contract'
import { CancelledError, defineFailures } from '../../src-main/common/failures.ts'
import { createJobs } from '../../src-main/jobs/index.ts'
import type { JobRequest, JobTask } from '../../src-main/jobs/index.ts'
import { rateMeter } from '../../src-main/jobs/rate.ts'
import { temporaryProject } from '../store/folder.ts'

const failures = defineFailures('test', {
  diskFull: { code: 'DISK_FULL', message: 'No space.', remedy: 'Free some.' },
})

/** A task that ends only when it is cancelled. */
const endless: JobTask = ({ signal }) =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new CancelledError()), { once: true }),
  )

const ASKED: JobRequest = { procedure: 'corpus.checkCaptions', input: null }
const RESULT: JobResult = { kind: 'topics', topics: 2 }

describe('jobs', () => {
  it('run one after the other, each through the same states, and are logged', async () => {
    const { store } = await temporaryProject()
    const jobs = createJobs()
    await jobs.use(store.jobs)
    const states: [number, Job['state']][] = []
    jobs.onChange(({ id, state }) => void states.push([id, state]))
    let active = 0
    const task: JobTask = async ({ notice }) => {
      expect(++active).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 5))
      notice('first')
      active--
      return { result: RESULT, summary: 'two found', notices: ['second'] }
    }
    const [one, two] = [
      jobs.start('topics', 'Topics', { procedure: 'topics.extract', input: { k: 2 } }, task),
      jobs.start('train', 'Train', ASKED, task),
    ]
    expect(await jobs.finished(two)).toMatchObject({
      state: 'done',
      summary: 'two found',
      result: RESULT,
      notices: ['first', 'second'],
    })
    expect(states).toEqual([
      [one, 'queued'],
      [two, 'queued'],
      [one, 'running'],
      [one, 'done'],
      [two, 'running'],
      [two, 'done'],
    ])
    expect(jobs.list()).toEqual(store.jobs.list())
    expect(store.jobs.request(one)).toEqual({ procedure: 'topics.extract', input: { k: 2 } })
  })

  it('deliver the last progress, at most ten a second, and none after the end', async () => {
    const jobs = createJobs()
    const seen: Job[] = []
    jobs.onChange((job) => void seen.push(job))
    const started = performance.now()
    await jobs.run('import', 'Import', ASKED, async ({ progress }) => {
      for (let done = 0; done <= 1000; done++) {
        progress({ phase: 'reading', done, total: 1000, unit: 'clips' })
        if (done % 100 === 0) {
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
      return { result: RESULT, summary: '' }
    })
    const reports = seen.flatMap((job) =>
      job.state === 'running' && job.progress ? [job.progress.done] : [],
    )
    expect(reports.at(-1)).toBe(1000)
    // The first and the last beside those of the interval, whose timers may be a millisecond early.
    expect(reports.length).toBeLessThanOrEqual(3 + (performance.now() - started) / 100)
    expect(seen.at(-1)?.state).toBe('done')
  })

  it('fail with the code and remedy of what was thrown, and keep their notices; bugs are reported', async () => {
    const { store } = await temporaryProject()
    const bugs: unknown[] = []
    const jobs = createJobs({ onBug: (error) => void bugs.push(error) })
    await jobs.use(store.jobs)
    const expected = await jobs.run('export', 'Export', ASKED, ({ notice }) => {
      notice('half of it is written')
      return Promise.reject(failures.diskFull())
    })
    expect(expected).toMatchObject({
      state: 'failed',
      failure: { code: 'DISK_FULL', message: 'No space.', remedy: 'Free some.' },
      notices: ['half of it is written'],
    })
    const bug = new Error('broken')
    expect(await jobs.run('export', 'Export', ASKED, () => Promise.reject(bug))).toMatchObject({
      failure: { code: 'BUG', message: 'broken' },
    })
    expect(bugs).toEqual([bug])
    expect(store.jobs.list()).toEqual(jobs.list())
  })

  it('are cancelled while they run and while they wait', async () => {
    const { store } = await temporaryProject()
    const jobs = createJobs()
    await jobs.use(store.jobs)
    const running = jobs.start('train', 'Train', ASKED, endless)
    let ran = false
    const waiting = jobs.start(
      'caption',
      'Caption',
      ASKED,
      async () => ((ran = true), { result: RESULT, summary: '' }),
    )
    await Promise.resolve()
    jobs.cancel(waiting)
    expect(jobs.list().map(({ state }) => state)).toEqual(['cancelled', 'running'])
    jobs.cancel(running)
    expect(jobs.list()[1]).toMatchObject({ state: 'running', cancelling: true })
    expect((await jobs.finished(running)).state).toBe('cancelled')
    jobs.cancel(running)
    expect((await jobs.finished(waiting)).state).toBe('cancelled')
    expect(ran).toBe(false)
    expect(store.jobs.list().map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
    expect(() => jobs.cancel(99)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
  })

  it('are paused only where they can be, go on, and are cancelled while paused', async () => {
    const jobs = createJobs()
    const held: boolean[] = []
    const seen: [boolean, boolean, boolean][] = []
    jobs.onChange((job) => {
      if (job.state === 'running') {
        seen.push([job.pausable, job.paused, job.cancelling])
      }
    })
    const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const id = jobs.start('train', 'Train', ASKED, async (context) => {
      await steps[0].promise
      context.pausable((paused) => void held.push(paused))
      await steps[1].promise
      context.pausable(null)
      return endless(context)
    })
    expect(() => jobs.pause(id)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    jobs.resume(id)
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    await turn()
    expect(() => jobs.pause(id)).toThrow(
      expect.objectContaining({ code: 'CONFLICT', message: '"Train" can\'t be paused now.' }),
    )
    steps[0].resolve()
    await turn()
    jobs.pause(id)
    jobs.pause(id)
    expect(jobs.list()[0]).toMatchObject({ state: 'running', pausable: true, paused: true })
    jobs.resume(id)
    jobs.resume(id)
    expect(held).toEqual([true, false])
    jobs.pause(id)
    steps[1].resolve()
    await turn()
    expect(jobs.list()[0]).toMatchObject({ pausable: false, paused: false })
    jobs.cancel(id)
    expect((await jobs.finished(id)).state).toBe('cancelled')
    jobs.resume(id)
    expect(seen).toEqual([
      [false, false, false],
      [true, false, false],
      [true, true, false],
      [true, false, false],
      [true, true, false],
      [false, false, false],
      [false, false, true],
    ])
  })

  it('of a project stop before it is closed; those of no project go on', async () => {
    const { store } = await temporaryProject()
    const jobs = createJobs()
    const alone = await jobs.run('sample', 'Sample', ASKED, async () => ({
      result: RESULT,
      summary: 'rendered',
    }))
    const going = jobs.start('sample', 'Sample', ASKED, endless)
    await Promise.resolve()
    await jobs.use(store.jobs)
    expect(jobs.active()).toMatchObject([{ id: going, state: 'running' }])
    jobs.cancel(going)
    const id = jobs.start('train', 'Train', ASKED, endless)
    await jobs.finished(going)
    const ended = jobs.finished(id)
    await jobs.use(null)
    expect((await ended).state).toBe('cancelled')
    expect(alone.id).toBeLessThan(0)
    expect(jobs.list()).toMatchObject([{ id: going, state: 'cancelled' }, alone])
  })
})

describe('the rate', () => {
  const total = 1e6
  /** The last progress of work that goes on at a steady pace, reported after each of the waits. */
  const steadyWork = (pace: number, waits: readonly number[]) => {
    let time = 0
    const meter = rateMeter(() => time).progress
    let progress = meter({ phase: 'p', done: 0, total, unit: 'u' })
    expect(progress.rate).toBeNull()
    for (const wait of waits) {
      time += wait
      progress = meter({ phase: 'p', done: (pace * time) / 1000, total, unit: 'u' })
    }
    return progress
  }
  const paces = fc.integer({ min: 1, max: 1000 })
  const sum = (waits: readonly number[]) => waits.reduce((time, wait) => time + wait, 0)

  it('of steady work is its pace, and the time left follows', () => {
    const aSecondOrMore = fc
      .array(fc.integer({ min: 10, max: 3000 }), { minLength: 5, maxLength: 50 })
      .filter((waits) => sum(waits) >= 1000)
    fc.assert(
      fc.property(paces, aSecondOrMore, (pace, waits) => {
        const progress = steadyWork(pace, waits)
        expect(progress.rate).toBeCloseTo(pace, 3)
        expect(progress.secondsLeft).toBeCloseTo((total - progress.done) / pace, 3)
      }),
    )
  })

  it('says no time left within the first second', () => {
    const lessThanASecond = fc
      .array(fc.integer({ min: 10, max: 300 }), { minLength: 5, maxLength: 50 })
      .filter((waits) => sum(waits) < 1000)
    fc.assert(
      fc.property(paces, lessThanASecond, (pace, waits) => {
        expect(steadyWork(pace, waits).secondsLeft).toBeNull()
      }),
    )
  })

  it('follows a change of pace, and starts afresh with a phase', () => {
    let time = 0
    let done = 0
    const meter = rateMeter(() => time).progress
    const run = (pace: number, seconds: number, phase: string) => {
      let progress = meter({ phase, done, total: null, unit: 'u' })
      for (let i = 0; i < seconds; i++) {
        time += 1000
        done += pace
        progress = meter({ phase, done, total: null, unit: 'u' })
      }
      return progress
    }
    expect(run(10, 20, 'one').rate).toBeCloseTo(10)
    expect(run(100, 40, 'one').rate).toBeGreaterThan(95)
    done = 0
    expect(run(1, 3, 'two')).toMatchObject({ secondsLeft: null })
    expect(run(1, 3, 'two').rate).toBeCloseTo(1)
  })

  it('does not count the time that the work was held', () => {
    let time = 0
    const meter = rateMeter(() => time)
    const at = (done: number, after: number) => {
      time += after
      return meter.progress({ phase: 'p', done, total: null, unit: 'u' })
    }
    at(0, 0)
    for (let done = 1; done <= 10; done++) {
      at(done, 1000)
    }
    // The step that was under way when it was held still counts, and its time.
    at(11, 1000)
    time += 60_000
    meter.skip()
    expect(at(12, 1000).rate).toBeCloseTo(1)
  })
})
