import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '#contract'
import { clip } from '../../store/folder.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let client: Client
let folder: string

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})
/** A series of two models; the first is the current one. */
beforeEach(async () => {
  folder = (await bench.openPrepared('series')).project
})

const modelIds = async () => (await client.training.models()).map(({ id }) => id)
const trashed = async () => (await client.training.trash()).map(({ id }) => id)
const hasFiles = (modelId: number) => existsSync(join(folder, 'models', String(modelId)))

describe('a model that is deleted', () => {
  it('lies in the trash with its files, and comes back as it was', async () => {
    const [captioned] = (await client.review.list({ modelId: 2, split: 'train' })).rows
    await client.review.judge({ modelId: 2, clipIds: [captioned!.clipId], verdict: 'right' })
    const before = await client.training.model({ modelId: 2 })
    await client.training.remove({ modelId: 2 })
    expect([await modelIds(), await trashed(), hasFiles(2)]).toEqual([[1], [2], true])
    const [row] = await client.training.trash()
    expect(row!.bytes).toBeGreaterThan(1000)
    expect(await client.project.summary()).toMatchObject({ models: 1 })
    expect((await client.training.series({ series: 1 })).models.map(({ id }) => id)).toEqual([1])
    for (const refused of [
      client.training.setCurrent({ modelId: 2 }),
      client.training.remove({ modelId: 2 }),
      client.review.generate({ modelId: 2 }),
    ]) {
      await expect(refused).rejects.toMatchObject({ message: 'Model 2 is in the trash.' })
    }
    await client.project.undo()
    expect(await client.training.model({ modelId: 2 })).toEqual(before)
    await client.project.redo()
    await client.training.restore({ modelId: 2 })
    expect((await client.project.edits()).undo).toMatch(/^restore model 2 \(/)
    expect(await client.training.model({ modelId: 2 })).toEqual(before)
    await expect(client.training.restore({ modelId: 2 })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(client.training.remove({ modelId: 1 })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('is gone when the trash is emptied, and what was said of it is not', async () => {
    const { store } = bench.app.project()
    const [captioned] = (await client.review.list({ modelId: 1, split: 'train' })).rows
    await client.review.judge({ modelId: 1, clipIds: [captioned!.clipId], verdict: 'right' })
    await client.neurons.judge({
      modelId: 1,
      neuron: 0,
      judgement: { verdict: 'agree', label: 'mine', note: '' },
    })
    await client.training.setCurrent({ modelId: 2 })
    await client.training.remove({ modelId: 1 })
    await expect(client.training.emptyTrash({ modelIds: [1, 2] })).rejects.toMatchObject({
      message: 'Model 2 is not in the trash.',
    })
    expect(await trashed()).toEqual([1])
    const { models, bytes } = await client.training.emptyTrash({ modelIds: null })
    expect([models, bytes > 1000, hasFiles(1), await trashed()]).toEqual([1, true, false, []])
    expect([...store.verdicts.ofModel(1)]).toMatchObject([[captioned!.clipId, [{ verdict: 'right' }]]])
    expect(store.neurons.judgements(1).get(0)).toMatchObject({ verdict: 'agree', label: 'mine' })
    await expect(client.training.restore({ modelId: 1 })).rejects.toMatchObject({ code: 'CONFLICT' })
    // Undo has nothing to bring back, and makes nothing current that is gone.
    await client.project.undo()
    await client.project.undo()
    expect([await modelIds(), (await client.project.summary())?.currentModel]).toEqual([[2], 2])
  })
})

describe('a model whose clips went elsewhere since', () => {
  it('says so, how many of them taint a test score, and that it is over when they are back', async () => {
    const { rows } = await client.corpus.clips({ split: 'train' })
    const [first, second, third] = rows.map(({ id }) => id)
    const staleOf = async (modelId: number) => {
      const { stale, staleSplits, tainted } = await client.training.model({ modelId })
      return { reasons: stale.slice(0, staleSplits), tainted }
    }
    expect(await staleOf(2)).toEqual({ reasons: [], tainted: 0 })
    const [latest] = (await client.project.history({ offset: 0, limit: 50 })).edits.filter(
      ({ undone }) => !undone,
    )
    await client.corpus.moveClips({ clipIds: [first!, second!], split: 'test' })
    await client.corpus.removeClips({ clipIds: [third!] })
    expect(await staleOf(2)).toEqual({
      reasons: [
        '2 clips moved from train to test since it was trained.',
        '1 clip of train was removed since it was trained.',
      ],
      tainted: 2,
    })
    await client.corpus.moveClips({ clipIds: [first!], split: 'train' })
    await client.corpus.restoreClips({ clipIds: [third!] })
    expect(await staleOf(2)).toEqual({
      reasons: ['1 clip moved from train to test since it was trained.'],
      tainted: 1,
    })
    await client.project.goTo({ editId: latest!.id })
    expect(await staleOf(2)).toEqual({ reasons: [], tainted: 0 })
    // Clips that came later are none of its own.
    const { store } = bench.app.project()
    store.clips.add([clip('later', ['a late clip'])])
    await client.corpus.moveClips({ clipIds: [store.clips.byName('later')!.id], split: 'test' })
    expect(await staleOf(2)).toEqual({ reasons: [], tainted: 0 })
    // Those of an import that is undone are gone, as if they were removed.
    const db = new Sqlite(join(folder, 'project.sqlite'))
    db.exec(
      `INSERT INTO import (id, at, state) VALUES (99, 'now', 'present'); UPDATE clip SET import_id = 99 WHERE id = ${second!}`,
    )
    db.exec(`UPDATE import SET state = 'undone' WHERE id = 99`)
    expect(await staleOf(2)).toEqual({
      reasons: ['1 clip of train was removed since it was trained.'],
      tainted: 0,
    })
    db.exec(`UPDATE import SET state = 'present' WHERE id = 99`)
    db.close()
    expect(await staleOf(2)).toEqual({ reasons: [], tainted: 0 })
  })
})
