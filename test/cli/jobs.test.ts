/** Jobs of several command lines on one project, and of ones that were killed. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { createProgram, TINY } from './program.ts'
import type { Program } from './program.ts'

let program: Program
let project: string
beforeEach(async () => {
  program = await createProgram()
  project = await program.prepareProject('topics')
  return () => program.remove()
})

const ENDLESS = [...TINY, '--epochs', '100000', '--set', 'patience=100000']

/** Resolves when the run of model 1 has written a checkpoint. */
async function checkpoint(): Promise<void> {
  const run = join(project, 'runs', '1')
  while (!existsSync(run) || !readdirSync(run).some((name) => name.startsWith('checkpoint'))) {
    await setTimeout(5)
  }
}

test('a job waits for that of another program and says so; reading does not wait', async () => {
  const { start, json } = program
  const training = start('train', project, ...ENDLESS)
  await checkpoint()
  const waiting = start('check-captions', project)
  while (!waiting.ran.err.includes('waiting for another program')) {
    await setTimeout(5)
  }
  expect(waiting.ran.err).toContain(
    'waiting for another program that has the project open: Train the interpretive captioner',
  )
  expect((await json('jobs', project, '--limit', '2'))['jobs']).toMatchObject([
    { kind: 'checks', state: 'queued', elsewhere: true },
    { kind: 'train', state: 'running', elsewhere: true },
  ])
  expect(await json('history', project)).toMatchObject({ total: expect.any(Number) as number })
  training.child.kill('SIGINT')
  expect((await training.ended).code).toBe(130)
  expect((await waiting.ended).code).toBe(0)
})

test('one that was killed is started again with its own settings, and only once', async () => {
  const { start, vitrine, json } = program
  const { child, ended } = start('train', project, ...ENDLESS, '--seed', '7')
  await checkpoint()
  child.kill('SIGKILL')
  await ended
  expect((await vitrine('jobs', project)).out).toMatch(
    /train +interrupted +Train the interpretive captioner +restart/,
  )

  const again = start('restart', project)
  while (!again.ran.err.includes('training')) {
    await setTimeout(5)
  }
  again.child.kill('SIGINT')
  expect((await again.ended).code).toBe(130)
  expect((await json('models', project))['models']).toMatchObject([{ id: 1, seed: 7, state: 'stopped' }])
  const [latest, first] = (await json('jobs', project))['jobs'] as { id: number }[]
  expect([latest, first]).toMatchObject([
    { title: 'Train model 1 on', state: 'cancelled', restartable: true },
    { state: 'interrupted', restartable: false },
  ])
  expect(await vitrine('restart', project, String(first?.id))).toMatchObject({
    code: 1,
    err: expect.stringContaining('was started again already') as string,
  })
})

test('a project without jobs that ended early has none to start again', async () => {
  expect(await program.vitrine('restart', project)).toMatchObject({
    code: 1,
    err: expect.stringContaining('No job of this project ended early') as string,
  })
  expect((await program.vitrine('restart', project, 'x')).code).toBe(2)
})
