/** The report of a project: what it says of one at several stages, against what the window is told. */
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { reportSectionName } from '#contract'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
beforeAll(async () => {
  bench = await createWorkbench()
})
afterAll(async () => {
  await bench.close()
})

const rowsOf = async (report: string, name: string): Promise<Record<string, string>[]> =>
  parse(await readFile(join(report, 'tables', `${name}.csv`), 'utf8'), { columns: true })
const pageOf = (report: string): Promise<string> => readFile(join(report, 'report.html'), 'utf8')

it('says of a project with clips alone what is not measured, and the command that does it', async () => {
  await bench.openPrepared('imported')
  const to = join(bench.folder, 'early')
  await bench.finished(await bench.client.exports.run({ what: 'report', to }))
  const page = await pageOf(to)
  for (const name of reportSectionName.options) {
    expect(page).toContain(`<h2 id="${name}">`)
  }
  for (const command of [
    'features p.vitrine',
    'topics p.vitrine',
    'train p.vitrine',
    'neurons p.vitrine',
    'actions p.vitrine --clips DIR',
  ]) {
    expect(page).toContain(`<code>vitrine ${command}</code>`)
  }
  const [training] = await rowsOf(to, 'data-splits')
  const { splits, captions } = (await bench.client.project.summary())!
  expect(Number(training?.['clips'])).toBe(splits.train)
  const all = (await rowsOf(to, 'data-splits')).at(-1)
  expect(Number(all?.['captions'])).toBe(captions)
})

it('has the figures that the window shows, each table as CSV and LaTeX', async () => {
  await bench.openPrepared('trained')
  const { client } = bench
  const [topic] = (await client.topics.list()).topics
  await client.project.setWho({ name: 'Ada & <Bob>' })
  await client.topics.edit({ edit: 'rename', topicId: topic!.id, label: 'balls & "boxes"' })
  const to = join(bench.folder, 'late')
  await bench.finished(await client.exports.run({ what: 'report', to }))
  const [model] = await client.training.models()

  const [scored] = await rowsOf(to, 'metrics-val')
  const evaluation = model!.evaluations.find(({ split }) => split === 'val')!
  expect(Number(scored?.['CIDEr'])).toBe(evaluation.metrics.CIDEr)
  expect(Number(scored?.['CIDEr low'])).toBe(evaluation.intervals?.['CIDEr']?.low)
  expect(Number(scored?.['mAP'])).toBe(evaluation.topics?.mAP)
  expect(await rowsOf(to, 'metrics-test')).toHaveLength(2)

  const map = (await client.neurons.map({ modelId: model!.id }))!
  const [neurons] = await rowsOf(to, 'neurons-summary')
  expect(Number(neurons?.['mean delta'])).toBe(map.meanDelta)
  expect(Number(neurons?.['neurons'])).toBe(map.neurons.length)

  const named = (await rowsOf(to, 'topics')).filter((row) => row['named by'] !== 'its words')
  expect(named.map((row) => [row['topic'], row['named by']])).toEqual([['balls & "boxes"', 'Ada & <Bob>']])
  const page = await pageOf(to)
  expect(page).toContain('Ada &#38; &#60;Bob&#62;')
  expect(page).not.toMatch(/NaN|undefined|\[object/)

  const names = readdirSync(join(to, 'tables'))
  const csvs = names.filter((name) => name.endsWith('.csv'))
  expect(csvs.length).toBeGreaterThan(12)
  for (const csv of csvs) {
    expect(names).toContain(csv.replace('.csv', '.tex'))
    expect(page).toContain(`tables/${csv}`)
  }
  expect(await client.exports.last()).toMatchObject({ to, page: true })
})

it('has the sections that are wanted, and takes the place of an earlier report whole', async () => {
  const to = join(bench.folder, 'late')
  const { client } = bench
  await expect(client.exports.run({ what: 'report', to })).rejects.toThrow('already')
  await bench.finished(
    await client.exports.run({ what: 'report', sections: ['topics'], to, overwrite: true }),
  )
  expect(await pageOf(to)).toContain('<h2 id="topics">1')
  expect(await pageOf(to)).not.toContain('<h2 id="data">')
  expect(existsSync(join(to, 'tables', 'data-splits.csv'))).toBe(false)
  await expect(client.exports.run({ what: 'report', sections: [], to })).rejects.toThrow()
})

it('changes nothing in the project', async () => {
  const before = await bench.client.project.history({})
  await bench.finished(await bench.client.exports.run({ what: 'report', to: join(bench.folder, 'again') }))
  expect(await bench.client.project.history({})).toEqual(before)
})
