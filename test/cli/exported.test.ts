/** An exported model in another project, by the command line: taken in, used, interpreted, trained further and corrected. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { prepareProject } from '../prepared.ts'
import { story } from '../story.ts'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'

let program: Program
let trained: string
let other: string
let exported: string
beforeAll(async () => {
  program = await createProgram()
  trained = await program.prepareProject('trained')
  other = (await prepareProject('topics', join(program.folder, 'elsewhere'), 'other project')).project
  exported = join(program.folder, 'the captioner')
  await program.json('export', trained, '--what', 'model', '--to', exported)
  return () => program.remove()
})

const captions = (project: string) =>
  program.json('caption', project, '--split', 'test').then((document) => document['captions'])
const step = story('a model goes from project to project', { timeout: 300_000 })

step('an export without a file is refused in a line that names it, and the whole one comes in', async () => {
  const { vitrine, json } = program
  const partial = join(program.folder, 'partial')
  await json('export', trained, '--what', 'model', '--to', partial)
  await rm(join(partial, 'topics.json'))
  const refused = await vitrine('import-model', other, partial)
  expect(refused.code).not.toBe(0)
  expect(refused.err).toMatch(/topics\.json/)

  expect(await json('import-model', other, exported)).toMatchObject({
    model: 1,
    kind: 'interpretive',
    topics: 6,
  })
  expect((await vitrine('models', other)).out).toMatch(/^1 \(current\) +interpretive/m)
})

step('it captions as it does where it was trained', async () => {
  expect(await captions(other)).toEqual(await captions(trained))
})

step('its neurons are interpreted', async () => {
  const { neurons } = (await program.json('neurons', other)) as { neurons: { topic: number | null }[] }
  expect(neurons.some(({ topic }) => topic !== null)).toBe(true)
})

step('it is corrected: a version of it learns, and the correction is a case from then on', async () => {
  const { json } = program
  const [first, second] = (await captions(other)) as { video: string; caption: string }[]
  const corrected = await json(
    'correct',
    other,
    '--video',
    first!.video,
    '--caption',
    second!.caption === first!.caption ? 'a red circle moves' : second!.caption,
    '--accept',
  )
  expect(corrected).toMatchObject({ model: 2, parent: 1, video: first!.video })
  expect(await json('regressions', other)).toMatchObject({ cases: [{ video: first!.video }] })
})

step('it is trained further on the captions here', async () => {
  expect(await program.json('refine', other, '--model', '1', '--epochs', '1')).toMatchObject({ model: 3 })
})
