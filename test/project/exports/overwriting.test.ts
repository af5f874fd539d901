/** What is written for people: never over what is there unless that was said, and nothing a spreadsheet computes. */
import { mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let project: string
let folder: string

beforeAll(async () => {
  bench = await createWorkbench()
  project = (await bench.openPrepared('trained')).project
  folder = await mkdtemp(join(bench.folder, 'out-'))
})
afterAll(() => bench.close())

test('a file that is there stays, unless it may be overwritten', async () => {
  const { neurons } = bench.client
  const path = join(folder, 'map.csv')
  await writeFile(path, 'mine')
  await expect(neurons.export({ modelId: 1, path })).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await readFile(path, 'utf8')).toBe('mine')
  await neurons.export({ modelId: 1, path, overwrite: true })
  expect(await readFile(path, 'utf8')).toMatch(/^layer,unit,description,similarity,held_out_precision,/)
  await expect(bench.client.exports.run({ what: 'topics', to: path })).rejects.toMatchObject({
    code: 'CONFLICT',
  })
})

test("the project's own files are never in the way of an export", async () => {
  const { neurons, exports } = bench.client
  const model = join(project, 'models', '1')
  const before = await readFile(join(model, 'model.json'))
  const link = join(folder, 'a-link')
  await symlink(project, link)
  for (const place of [join(model, 'model.json'), join(link, 'models', '1', 'model.json')]) {
    await expect(neurons.export({ modelId: 1, path: place, overwrite: true })).rejects.toThrow(
      /inside the folder of the project/,
    )
  }
  for (const to of [project, model, join(link, 'new', 'folder')]) {
    await expect(exports.run({ what: 'neurons', to, overwrite: true })).rejects.toThrow(
      /inside the folder of the project/,
    )
  }
  expect(await readFile(join(model, 'model.json'))).toEqual(before)
  expect(await readdir(project)).not.toContain('new')
})

test('no cell of a CSV is a formula, and what was written can be read again', async () => {
  const { topics, exports } = bench.client
  const [first, second] = (await topics.list()).topics
  await topics.edit({ edit: 'rename', topicId: first!.id, label: '=HYPERLINK("http://x","y")' })
  await topics.edit({ edit: 'rename', topicId: second!.id, label: '-1+cmd|x!A1' })
  const to = join(folder, 'topics')
  await bench.finished(await exports.run({ what: 'topics', to }))
  const files = (await readdir(to)).filter((name) => name.endsWith('.csv'))
  expect(files.length).toBeGreaterThan(1)
  for (const name of files) {
    expect(await readFile(join(to, name), 'utf8')).not.toMatch(/(^|,)"?(=|-1\+cmd)/m)
  }
  await bench.finished(await topics.importVectors({ path: join(to, 'vectors.csv') }))
  const labels = (await topics.list()).topics.map(({ label }) => label)
  expect(labels).toEqual(expect.arrayContaining(['=HYPERLINK("http://x","y")', '-1+cmd|x!A1']))
})
