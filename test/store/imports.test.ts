import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { discardWaste, settleImports } from '../../src-main/project/corpus/import/apply.ts'
import type { KnownClipChange, OpenProject, Table } from '../../src-main/store/index.ts'
import { NO_MEDIA, openProject } from '../../src-main/store/index.ts'
import { clip, findTopics, line, temporaryProject, foundBy } from './folder.ts'

const change = (clipId: number, more: Partial<KnownClipChange>): KnownClipChange => ({
  clipId,
  media: null,
  split: null,
  returns: false,
  returningCaptions: [],
  captions: [],
  ...more,
})

/** How many rows each table of clips has, seen or not. */
function rows({ folder }: OpenProject): Record<string, number> {
  const db = new Sqlite(join(folder, 'project.sqlite'), { readonly: true })
  const tables: (Table | 'clip_search')[] = [
    'clip',
    'caption',
    'import',
    'import_change',
    'import_return',
    'clip_search',
  ]
  const counts = tables.map((table) => [
    table,
    db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!,
  ])
  db.close()
  return Object.fromEntries(counts) as Record<string, number>
}

/** More clips than are settled at once. */
const MANY = 450

describe('an import on its way', () => {
  it('is seen by nobody, told to nobody, and leaves nothing when it ends early', async () => {
    const made = await temporaryProject()
    made.store.clips.add([clip('a', ['a bird'])])
    made.close()
    const announced: string[] = []
    const project = openProject(made.folder, { onCommit: (tables) => void announced.push(...tables) })
    const { store } = project
    const before = rows(project)
    const earlier = store.imports.begin(null, 'earlier')
    store.imports.stageClips(earlier, [clip('b', ['a hen'])])
    store.edits.make('earlier', { kind: 'import', importId: earlier, undone: false })
    store.edits.undo()
    const withEarlier = rows(project)
    const b = store.clips.known(0, 9).find(({ name }) => name === 'b')!.id
    const returning = store.captions
      .known([b])
      .get(b)!
      .map(({ id }) => id)
    announced.length = 0

    const importId = store.imports.begin(null, 'cut off')
    store.imports.stageClips(importId, [clip('c', ['a cat']), clip('d', [])])
    store.imports.stageChanges(importId, [
      change(1, { captions: [line('a cock')], split: { before: 'train', after: 'test' } }),
      change(b, { returns: true, returningCaptions: returning }),
    ])
    const search = (text: string) => store.clips.list(foundBy(text)).total
    expect([store.clips.count(), store.captions.count(), search('a'), search('cock'), announced]).toEqual([
      1,
      1,
      1,
      0,
      [],
    ])
    await discardWaste(store)
    expect(rows(project)).toEqual(withEarlier)
    // What was to come back is the earlier import's again.
    store.edits.redo()
    expect(store.clips.all().map(({ name }) => name)).toEqual(['a', 'b'])
    expect(before['clip']).toBe(1)
    project.close()
  })
})

describe('undo of an import of many clips', () => {
  it('is one short step, after which the rest follows: what clips bear, the search, videos; in a later run too', async () => {
    const project = await temporaryProject()
    const { store } = project
    store.clips.add(Array.from({ length: MANY }, (_, i) => clip(`known ${i}`, ['a bird'])))
    const importId = store.imports.begin(null, 'many')
    store.imports.stageClips(
      importId,
      Array.from({ length: MANY }, (_, i) => clip(`new ${i}`, ['a hen'])),
    )
    store.imports.stageChanges(
      importId,
      store.clips.all().map(({ id }) =>
        change(id, {
          captions: [line('a cock')],
          media: { before: NO_MEDIA, after: { ...NO_MEDIA, path: `${id}.mp4`, contentHash: `hash ${id}` } },
        }),
      ),
    )
    store.edits.make('import', { kind: 'import', importId, undone: false })
    await settleImports(store)
    findTopics(
      project,
      ['x'],
      store.clips.all().map(({ id }) => ({ clipId: id, shares: [1] })),
    )
    const state = (of: OpenProject) => ({
      clips: of.store.clips.count(),
      cocks: of.store.clips.list(foundBy('cock')).total,
      videos: of.store.clips.all().filter(({ path }) => path !== null).length,
      bearing: [...of.store.topics.clipCounts().values()],
      vectors: of.store.topics.vectors(of.store.topics.current().map(({ id }) => id)).size,
    })
    const there = { clips: 2 * MANY, cocks: MANY, videos: MANY, bearing: [2 * MANY], vectors: 2 * MANY }
    const gone = { clips: MANY, cocks: 0, videos: 0, bearing: [MANY], vectors: MANY }
    expect(state(project)).toEqual(there)
    const fingerprints = store.topics.fingerprints([1])

    store.edits.undo()
    // The process ends here, with the rest still to do.
    project.close()
    const later = openProject(project.folder)
    expect(state(later)).not.toEqual(gone)
    await settleImports(later.store)
    expect(state(later)).toEqual(gone)
    later.store.edits.redo()
    await settleImports(later.store)
    await setImmediate()
    expect([state(later), later.store.topics.fingerprints([1])]).toEqual([there, fingerprints])
    later.close()
  })
})

describe('an import that splits known clips', () => {
  it('leaves those where they are that a person moved while it was staged, and so does its undo', async () => {
    const { store } = await temporaryProject()
    store.clips.add([clip('a', []), clip('b', [])])
    const split = { before: 'train', after: 'test' } as const
    const splits = () => store.clips.all().map((each) => each.split)
    const importId = store.imports.begin(null, 'anew')
    store.imports.stageChanges(importId, [change(1, { split }), change(2, { split })])
    store.edits.make('move', { kind: 'clips.split', train: [], val: [1], test: [] })
    store.edits.make('import', { kind: 'import', importId, undone: false })
    expect(splits()).toEqual(['val', 'test'])
    store.edits.undo()
    expect(splits()).toEqual(['val', 'train'])
    store.edits.redo()
    expect(splits()).toEqual(['val', 'test'])
    store.edits.undo()
    store.edits.undo()
    expect(splits()).toEqual(['train', 'train'])
  })
})

describe('undo of an import', () => {
  it('takes a video away that it brought, though the video was found elsewhere since', async () => {
    const { store } = await temporaryProject()
    store.clips.add([clip('a', ['a bird'])])
    const media = (path: string) => ({ ...NO_MEDIA, path, contentHash: 'b'.repeat(64) })
    const attaching = store.imports.begin(null, 'videos')
    store.imports.stageChanges(attaching, [change(1, { media: { before: NO_MEDIA, after: media('a.mp4') } })])
    store.edits.make('videos', { kind: 'import', importId: attaching, undone: false })
    const moving = store.imports.begin(null, 'moved')
    const elsewhere = media('moved/a.mp4')
    store.imports.stageChanges(moving, [change(1, { media: { before: elsewhere, after: elsewhere } })])
    store.imports.keep(moving)
    await settleImports(store)
    expect(store.clips.get(1)).toMatchObject(elsewhere)
    store.edits.undo()
    expect(store.clips.get(1)).toMatchObject(NO_MEDIA)
    store.edits.redo()
    expect(store.clips.get(1)).toMatchObject(elsewhere)
  })
})
