/** Databases that are really damaged: what is saved of them, and that the rest is told. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createProject, openProject } from '../../src-main/store/index.ts'
import { salvageDatabase } from '../../src-main/store/storage/salvage.ts'
import { clip, findTopics, foreverFolder, temporaryFolder, foundBy } from './folder.ts'
import { PAGE, pagesOf, spoil } from './spoil.ts'

const CLIPS = 600

/** A project with enough rows that its tables have pages at several levels; and a backup of its first half. */
let whole: string
beforeAll(async () => {
  whole = join(foreverFolder(), 'whole.vitrine')
  const project = await createProject(whole)
  const { store } = project
  const clips = Array.from({ length: CLIPS }, (_, i) =>
    clip(`clip ${i}`, [`a man walks his dog number ${i} along the river`, `somebody is outdoors, ${i}`]),
  )
  store.clips.add(clips.slice(0, CLIPS / 2))
  await project.backUp({ reason: 'by-hand', label: 'half' })
  store.clips.add(clips.slice(CLIPS / 2))
  findTopics(
    project,
    ['dog', 'river'],
    store.clips.all().map(({ id }) => ({ clipId: id, shares: [0.7, 0.3] })),
  )
  for (let i = 0; i < 50; i++) {
    store.edits.make(`describe ${i}`, {
      kind: 'all',
      changes: [{ kind: 'topic', topicId: 1, set: { description: `${i}` } }],
    })
  }
  project.close()
})

/** A copy of the project; `backups`: with its backup. */
function copyOfProject({ backups }: { backups: boolean }): string {
  const folder = join(temporaryFolder(), 'p.vitrine')
  cpSync(whole, folder, { recursive: true })
  if (!backups) {
    rmSync(join(folder, 'backups'), { recursive: true })
  }
  return folder
}

/** What a project holds that a person could miss. */
function content(folder: string) {
  const project = openProject(folder)
  const { store } = project
  const found = {
    clips: store.clips.all().map(({ name }) => name),
    captions: store.captions.count(),
    edits: store.edits.history(0, 1).total,
    bearing: store.topics.clipCounts(),
    found: store.clips.list(foundBy('dog 17')).total,
  }
  project.close()
  return found
}

const refusal = (folder: string): string => {
  try {
    openProject(folder).close()
    return 'it opens'
  } catch (error) {
    return `${(error as Error).message} ${String((error as { remedy?: string }).remedy)}`
  }
}

describe('a damaged project', () => {
  it.each([
    ['a leaf page', (folder: string) => spoil(folder, pagesOf(folder, 'caption', 'leaf')[3]!)],
    ['an interior page', (folder: string) => spoil(folder, pagesOf(folder, 'caption', 'internal')[0]!)],
    ['the header', (folder: string) => spoil(folder, 1, 0, 100)],
    ['the page of the schema', (folder: string) => spoil(folder, 1)],
    [
      'a cut',
      (folder: string) => {
        const file = join(folder, 'project.sqlite')
        truncateSync(file, Math.floor(statSync(file).size / PAGE / 2) * PAGE)
      },
    ],
    ['an empty file', (folder: string) => truncateSync(join(folder, 'project.sqlite'), 0)],
  ])('names the way out when opened: %s', (_, damage) => {
    const folder = copyOfProject({ backups: true })
    damage(folder)
    expect(refusal(folder)).toMatch(/project\.sqlite is damaged.*vitrine check PROJECT --repair/)
  })

  it('gives back all rows but those of a spoilt leaf page, and the backup those that it has', async () => {
    const alone = copyOfProject({ backups: false })
    const leaf = pagesOf(alone, 'caption', 'leaf')[3]!
    spoil(alone, leaf)
    const salvage = await salvageDatabase(alone)
    expect(salvage.damaged).toMatchObject([{ table: 'caption', damagedPages: 1, fromBackup: 0 }])
    const saved = content(alone)
    expect(saved.captions).toBeGreaterThan(2 * CLIPS - 100)
    expect(saved.captions).toBeLessThan(2 * CLIPS)
    expect({ ...saved, captions: 0 }).toEqual({ ...content(whole), captions: 0 })
    expect(existsSync(join(salvage.keptIn, 'project.sqlite'))).toBe(true)

    const backed = copyOfProject({ backups: true })
    spoil(backed, leaf)
    const filled = await salvageDatabase(backed)
    expect(filled.damaged).toMatchObject([{ table: 'caption', damagedPages: 1 }])
    expect(filled.backup?.label).toBe('half')
    expect(content(backed)).toEqual(content(whole))
  })

  it('finds the rows again that a spoilt interior page led to', async () => {
    const folder = copyOfProject({ backups: false })
    spoil(folder, pagesOf(folder, 'caption', 'internal')[0]!)
    spoil(folder, pagesOf(folder, 'clip_share', 'internal')[0]!)
    const { damaged } = await salvageDatabase(folder)
    expect(damaged.map(({ table }) => table).sort()).toEqual(['caption', 'clip_share'])
    // A table without rowids has some of its rows on such pages.
    const { bearing, ...saved } = content(folder)
    expect({ ...saved, bearing: content(whole).bearing }).toEqual(content(whole))
    expect(Math.min(...bearing.values())).toBeGreaterThan(CLIPS - 10)
  })

  it('is whole again when only its header is spoilt', async () => {
    const folder = copyOfProject({ backups: false })
    spoil(folder, 1, 0, 100)
    expect((await salvageDatabase(folder)).damaged).toEqual([])
    expect(content(folder)).toEqual(content(whole))
  })

  it('gives back what is left without any schema, and more where a backup knows its tables', async () => {
    const folder = copyOfProject({ backups: true })
    spoil(folder, 1)
    await salvageDatabase(folder)
    expect(content(folder)).toEqual(content(whole))
  })

  it('gives back what a cut left, and keeps apart what refers to something lost', async () => {
    const folder = copyOfProject({ backups: false })
    const file = join(folder, 'project.sqlite')
    truncateSync(file, Math.floor((statSync(file).size / PAGE) * 0.6) * PAGE)
    const { damaged, rows, lostRows, keptIn } = await salvageDatabase(folder)
    expect(damaged.length).toBeGreaterThan(0)
    expect(rows).toBeGreaterThan(CLIPS)
    expect(existsSync(join(keptIn, 'lost-rows.jsonl'))).toBe(lostRows > 0)
    content(folder)
  })

  it('gives back what was written last and is only in the log beside it', async () => {
    const folder = copyOfProject({ backups: false })
    const project = openProject(folder)
    project.store.clips.add([clip('the last', ['seen by nobody else'])])
    const copy = join(temporaryFolder(), 'p.vitrine')
    cpSync(folder, copy, { recursive: true })
    project.close()
    expect(statSync(join(copy, 'project.sqlite-wal')).size).toBeGreaterThan(0)
    spoil(copy, pagesOf(whole, 'caption', 'leaf')[3]!)
    spoil(copy, 1, 0, 100)
    await salvageDatabase(copy)
    expect(content(copy).clips).toContain('the last')
    expect(existsSync(join(copy, 'project.sqlite-wal'))).toBe(false)
  })

  it('is as it was before what was in a log that somebody removed', () => {
    const folder = copyOfProject({ backups: false })
    const project = openProject(folder)
    project.store.clips.add([clip('the last', ['in the log alone'])])
    const copy = join(temporaryFolder(), 'p.vitrine')
    cpSync(folder, copy, { recursive: true })
    project.close()
    rmSync(join(copy, 'project.sqlite-wal'))
    expect(content(copy)).toEqual(content(whole))
  })

  it('stays as it is while another program has it open', async () => {
    const folder = copyOfProject({ backups: false })
    const other = openProject(folder)
    await expect(salvageDatabase(folder)).rejects.toMatchObject({ code: 'CONFLICT' })
    other.close()
    expect(content(folder)).toEqual(content(whole))
    expect(existsSync(join(folder, 'locks'))).toBe(false)
  })

  it('stays as it is when nothing of it can be read', async () => {
    const folder = copyOfProject({ backups: false })
    const file = join(folder, 'project.sqlite')
    writeFileSync(file, Buffer.alloc(20 * PAGE, 7))
    const before = readFileSync(file)
    await expect(salvageDatabase(folder)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(readFileSync(file)).toEqual(before)
    copyFileSync(join(whole, 'project.sqlite'), file)
    expect(refusal(folder)).toBe('it opens')
  })
})
