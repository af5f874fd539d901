/** Backups and repair as people run them. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { CLIPS } from '../prepared.ts'
import { story } from '../story.ts'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'

let program: Program
let project: string
const vitrine: Program['vitrine'] = (...args) => program.vitrine(...args)
const json: Program['json'] = (...args) => program.json(...args)

beforeAll(async () => {
  program = await createProgram()
  project = await program.prepareProject('topics')
  return () => program.remove()
})
const step = story('a project is backed up, restored, checked and repaired')

/** A feature file of the project. */
function featureFile(): string {
  const features = join(project, 'features')
  const [key = ''] = readdirSync(features)
  const [name = ''] = readdirSync(join(features, key))
  return join(features, key, name)
}

step('a backup is made by name, and restored; a dry run only says what would change', async () => {
  expect(await json('backup', project, '--name', 'clean')).toMatchObject({
    reason: 'by-hand',
    label: 'clean',
  })
  await vitrine('add-caption', project, 'something to lose', '--video', '1')
  const { backups } = await json('backup', project, '--list')
  const [{ name }] = backups as [{ name: string }]
  const dry = await json('backup', project, '--restore', name, '--dry-run')
  expect(dry).toMatchObject({ dryRun: true, lostModels: [], modelsWithoutFiles: [] })
  expect(await json('history', project)).toMatchObject({ total: (dry['now'] as { edits: number }).edits })
  expect(await vitrine('backup', project, '--restore', name)).toMatchObject({
    code: 0,
    out: expect.stringContaining('Restored.'),
  })
  expect(await json('history', project)).toMatchObject({ total: (dry['then'] as { edits: number }).edits })
  expect((await json('backup', project, '--list'))['backups']).toMatchObject([
    { reason: 'before-restore' },
    { label: 'clean' },
    ...(backups as object[]).slice(1),
  ])
  expect(await vitrine('backup', project, '--restore', 'nothing')).toMatchObject({
    code: 1,
    err: expect.stringContaining('has no backup nothing'),
  })
})

step('a check finds nothing wrong, then what is missing, and repair makes it again', async () => {
  expect(await vitrine('check', project)).toMatchObject({
    code: 0,
    err: expect.stringContaining('as it should be'),
  })
  rmSync(featureFile())
  expect(await vitrine('check', project)).toMatchObject({
    code: 1,
    out: expect.stringContaining('1 feature file is gone'),
  })
  expect(await vitrine('check', project, '--repair')).toMatchObject({ code: 0 })
  expect(await json('check', project)).toEqual({ findings: [], salvage: null })
})

step('a damaged project says what to do, and is repaired', async () => {
  const file = join(project, 'project.sqlite')
  const bytes = readFileSync(file)
  bytes.fill(0x5a, 0, 100)
  writeFileSync(file, bytes)
  const refused = await vitrine('topics', project, '--list')
  expect(refused.code).toBe(1)
  expect(refused.err.trim().split('\n')).toHaveLength(1)
  expect(refused.err).toContain('vitrine check PROJECT --repair')
  expect(await vitrine('check', project)).toMatchObject({ code: 1, out: expect.stringContaining('damaged') })
  const repaired = await vitrine('check', project, '--repair')
  expect(repaired).toMatchObject({ code: 0, err: expect.stringContaining('The database was damaged') })
  expect(await json('check', project)).toEqual({ findings: [], salvage: null })
})

step('what can be made again is freed, and made again', async () => {
  const report = await json('check', project, '--storage')
  expect(report['parts']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ part: 'database', again: false, freeable: 0 }),
      expect.objectContaining({ part: 'features', files: CLIPS, again: true }),
      expect.objectContaining({ part: 'backups' }),
      expect.objectContaining({ part: 'damaged', freeable: 0 }),
    ]),
  )
  expect(await vitrine('check', project, '--free', 'backups')).toMatchObject({
    code: 2,
    err: expect.stringContaining("it can't be made again"),
  })
  const { freed, parts } = await json('check', project, '--free', 'features')
  expect(freed).toBeGreaterThan(CLIPS * 1000)
  expect(parts).not.toContainEqual(expect.objectContaining({ part: 'features' }))
  const { withFeatures } = await json('features', project)
  expect(withFeatures).toBe(CLIPS)
})
