/**
 * Projects that lack something: whatever is asked of one is done, or refused with a sentence. Nothing ends as a
 * bug with a stack.
 */
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toFailure } from '../../src-main/common/to-failure.ts'
import { createWorkbench, TINY } from './workbench.ts'
import type { Workbench } from './workbench.ts'

let bench: Workbench
beforeEach(async () => {
  bench = await createWorkbench()
})
afterEach(() => bench.close())

const LACKS: [what: string, sql: string][] = [
  ['every clip is a test clip', "UPDATE clip SET split = 'test'"],
  ['no captions', 'DELETE FROM caption'],
  [
    'no captions of training clips',
    "DELETE FROM caption WHERE clip_id IN (SELECT id FROM clip WHERE split = 'train')",
  ],
  ['captions without words', "UPDATE caption SET text = '... ' || substr('!!!!!!!!!!!!!!!!', id % 16)"],
  ['one clip', 'DELETE FROM clip WHERE id <> (SELECT min(id) FROM clip)'],
  ['no clips', 'DELETE FROM clip'],
  ['no topics in force', "UPDATE topic SET state = 'junk'"],
]

/** All that works long or deep, and needs something of the project. */
function calls(client: Workbench['client'], folder: string): [name: string, call: () => Promise<unknown>][] {
  const settings = { ...TINY, epochs: 1 }
  const at = { modelId: 1, clipId: 1 }
  return [
    ['train', () => client.training.train({ settings, device: 'cpu' })],
    ['check captions', () => client.corpus.checkCaptions()],
    ['extract', () => client.topics.extract({ k: 2, iterations: 5 })],
    ['sweep', () => client.topics.sweep({ ks: [2, 3], iterations: 5 })],
    ['map of topics', () => client.topics.map()],
    ['remap', () => client.training.remap({ modelId: 1 })],
    ['caption test', () => client.review.generate({ modelId: 1, split: 'test' })],
    ['caption train', () => client.review.generate({ modelId: 1, split: 'train' })],
    ['interpret', () => client.neurons.interpret({ modelId: 1 })],
    ['review list', () => client.review.list({ modelId: 1, split: 'test' })],
    ['review clip', () => client.review.clip(at)],
    ['strip', () => client.review.strip(at)],
    ['suggest', () => client.corrections.suggest(at)],
    ['export topics', () => client.exports.run({ what: 'topics', to: join(folder, 'topics') })],
    ['export captions', () => client.exports.run({ what: 'captions', to: join(folder, 'captions') })],
    ['compare', () => client.training.compare({ a: 1, b: 1, split: 'test' })],
  ]
}

/** What came of a call, or of the job that it started; null where it was done. */
async function failureOf(call: () => Promise<unknown>): Promise<{ code: string; message: string } | null> {
  try {
    const answer = await call()
    if (typeof answer !== 'object' || answer === null || !('jobId' in answer)) {
      return null
    }
    const job = await bench.app.jobs.finished(Number(answer.jobId))
    return job.state === 'failed' ? job.failure : null
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string }
    return { code: typeof code === 'string' ? code : toFailure(error).code, message }
  }
}

test.each(LACKS)('%s', async (_, sql) => {
  const { project } = await bench.openPrepared('trained')
  await bench.client.project.close()
  const db = new Sqlite(join(project, 'project.sqlite'))
  db.pragma('foreign_keys = ON')
  db.exec(sql)
  db.close()
  await bench.client.project.open({ path: project })
  const bugs: string[] = []
  for (const [name, call] of calls(bench.client, join(project, '..'))) {
    const failure = await failureOf(call)
    if (failure !== null && ['BUG', 'INTERNAL_SERVER_ERROR', 'BAD_REQUEST'].includes(failure.code)) {
      bugs.push(`${name}: ${failure.code} ${failure.message}`)
    }
  }
  expect(bugs).toEqual([])
})

test('training without a training clip says what there is', async () => {
  const { project } = await bench.openPrepared('topics')
  await bench.client.project.close()
  const db = new Sqlite(join(project, 'project.sqlite'))
  db.exec("UPDATE clip SET split = 'test'")
  db.close()
  await bench.client.project.open({ path: project })
  expect(await failureOf(() => bench.client.training.train({ settings: TINY }))).toMatchObject({
    code: 'NOT_READY',
    message:
      'The training split has no clip with both captions and features: of its 0 clips, 0 have captions and 0 have features.',
  })
})
