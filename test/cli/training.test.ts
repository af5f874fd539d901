import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import type { Sweep } from '#contract'
import { openProject } from '../../src-main/store/index.ts'
import { createProgram, TINY } from './program.ts'
import type { Program } from './program.ts'

let program: Program
let project: string
beforeEach(async () => {
  program = await createProgram()
  project = await program.prepareProject('topics')
  return () => program.remove()
})

/** Resolves when the run of a model has written a checkpoint. */
async function checkpointOf(model: number): Promise<void> {
  const run = join(project, 'runs', String(model))
  while (!existsSync(run) || !readdirSync(run).some((name) => name.startsWith('checkpoint'))) {
    await setTimeout(5)
  }
}

/** The processes that a process started, where the system tells (Linux). */
function childrenOf({ pid }: ChildProcess): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  return existsSync(path) ? [...readFileSync(path, 'utf8').matchAll(/\d+/g)].map(Number) : []
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test(
  'a training that is killed again and again ends as one that never was, step by step',
  { timeout: 180_000 },
  async () => {
    const { json, start, vitrine } = program
    const args = ['train', project, ...TINY, '--epochs', '40', '--seed', '5']
    expect(await json(...args)).toMatchObject({ model: 1 })
    const first = start(...args)
    await checkpointOf(2)
    const [engine] = childrenOf(first.child)
    first.child.kill('SIGKILL')
    await first.ended
    // The engine goes with the program: else it would write on beside the next one.
    while (engine !== undefined && isAlive(engine)) {
      await setTimeout(10)
    }

    const second = start('train', project, '--resume')
    while (!second.ran.err.includes('training')) {
      await setTimeout(5)
    }
    for (const pid of childrenOf(second.child)) {
      process.kill(pid, 'SIGKILL')
    }
    second.child.kill('SIGKILL')
    await second.ended
    expect((await vitrine('models', project)).out).toMatch(
      /^2 +interpretive +stopped \(--resume, keep\) .* Interrupted before it was done\.$/m,
    )

    expect(await json('train', project, '--resume')).toMatchObject({ model: 2 })
    expect((await json('models', project))['models']).toMatchObject([
      { id: 2 },
      { id: 1, figures: { val: { cider: expect.any(Number) } } },
    ])
    const files = (model: number) =>
      Promise.all(
        [
          ['runs', 'log.jsonl'],
          ['models', 'parameters.safetensors'],
        ].map(([folder = '', file = '']) => readFile(join(project, folder, String(model), file))),
      )
    expect(await files(2)).toEqual(await files(1))
    const { store, close } = openProject(project)
    const stored = (id: number) => ({
      points: store.models.points(id),
      best: store.models.get(id).best,
      steps: store.models.get(id).steps,
    })
    expect(stored(2)).toEqual(stored(1))
    close()
  },
)

test('Ctrl-C stops a training, ends with 130 and says how to go on; its best can be kept', async () => {
  const { json, start, vitrine } = program
  const { child, ended } = start(
    'train',
    project,
    ...TINY,
    '--preset',
    'fast',
    '--epochs',
    '100000',
    '--set',
    'patience=100000',
    '--seed',
    '4',
  )
  await checkpointOf(1)
  child.kill('SIGINT')
  const { code, out, err } = await ended
  expect([code, out, err.trim().split('\n').slice(-3)]).toEqual([
    130,
    '',
    [
      `Model 1 goes on where it stopped with: vitrine train ${project} --resume --model 1`,
      `Its best parameters so far become a model with: vitrine keep ${project} --model 1`,
      'vitrine: cancelled.',
    ],
  ])
  expect((await vitrine('models', project)).out).toMatch(
    /^1 +interpretive +stopped \(--resume, keep\) .* fast \+ 8 .* Cancelled\.$/m,
  )
  expect(await json('keep', project)).toMatchObject({ model: 1, best: { step: expect.any(Number) } })
  expect((await json('models', project))['models']).toMatchObject([
    { id: 1, state: 'ready', seed: 4, note: expect.stringContaining('Kept at step') },
  ])
  expect(await vitrine('train', project, '--resume')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no run that can go on'),
  })
  expect(await vitrine('train', project, '--resume', '--model', '1')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Model 1 is ready'),
  })
})

test('a series has a row a model, and one of mean and deviation', async () => {
  const { json, vitrine } = program
  const args = ['train', project, ...TINY, '--epochs', '2', '--seeds', '2', '--kind', 'baseline']
  const series = await json(...args)
  expect(Object.keys(series)).toEqual(['series', 'models', 'mean', 'deviation'])
  expect(series).toMatchObject({
    series: 1,
    models: [
      { model: 1, seed: 1, figures: { val: { CIDEr: expect.any(Number) } } },
      { model: 2, seed: 2 },
    ],
    mean: { val: { nll: expect.any(Number), CIDEr: expect.any(Number) } },
    deviation: { val: { CIDEr: expect.any(Number) } },
  })
  // Test is looked at when it is asked for.
  expect(Object.keys(series['mean'] as object)).toEqual(['val'])
  const { out } = await vitrine(...args, '--split', 'test')
  expect(out).toContain('test CIDEr')
  expect(out).not.toContain('val CIDEr')
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ +/)[0]),
  ).toEqual(['model', '-----', '3', '4', 'mean'])
  expect(out).toContain('±')
  expect(await vitrine('train', project, '--split', 'test')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--split goes with --seeds') as string,
  })
})

test(
  'a sweep says its length, is stopped by Ctrl-C, goes on where it was, and is deleted and brought back',
  { timeout: 180_000 },
  async () => {
    const { json, start, vitrine } = program
    const options = [...TINY.slice(2), '--set', 'batchClips=4', '--preset', 'fast', '--epochs', '30']
    const args = ['sweep', project, ...options, '--lambda', '0,0.1', '--head', 'joint']
    expect((await vitrine(...args, '--plan')).out).toMatch(/^2 runs, about \d+ seconds? and up to /)
    const twice = await vitrine(...args, '--vary', 'epochs=1,2')
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('epochs is given as one value')])

    const stopped = start(...args)
    await checkpointOf(2)
    stopped.child.kill('SIGINT')
    expect((await stopped.ended).err).toContain(`vitrine sweep ${project} --resume\n`)
    expect((await vitrine('sweeps', project)).out).toMatch(/^ *1 .* 2 +1 +0 +.*not at its end/m)

    const { runs } = (await json('sweep', project, '--resume')) as unknown as Sweep
    expect(runs.map(({ kind, state, modelId }) => [kind, state, modelId])).toEqual([
      ['baseline', 'done', 1],
      ['interpretive', 'done', 2],
    ])
    const shown = await vitrine('sweeps', project, '--show', '1')
    expect(shown.out).toMatch(/^1 +1 +baseline +0 +signed +- +1 +\d\.\d{3}/m)

    const differences = await vitrine('models', project, '--differences', '--models', '1,2')
    expect(differences.out.split('\n')[0]).toMatch(/^model +kind +neurons +lambda +seed +val CIDEr/)

    expect(await json('sweeps', project, '--remove', '1')).toEqual({ sweeps: [] })
    await json('undo', project)
    expect(await json('sweeps', project)).toMatchObject({ sweeps: [{ id: 1, ended: true }] })
  },
)
